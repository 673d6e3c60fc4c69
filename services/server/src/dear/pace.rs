//! How a dear question is worked on: in strides, between which others have their turn and somebody
//! asks whether anybody still waits for the answer.

use super::turns::Turn;
use crate::call::errors::Problem;
use standing_domain::stop::Stopped;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tonic::Code;

/// The reason of a problem that only says that the work was given up. Why, whoever gave it up
/// knows.
pub(crate) const GIVEN_UP: &str = "GIVEN_UP";

/// After how many seconds whoever is refused for the server's own limits may come back.
pub(super) const COME_BACK: u16 = 5;

/// Tells the work that nobody waits for it any more, once it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Waits(Arc<AtomicBool>);

impl Waits {
    /// Returns what turns true when nobody waits any more.
    pub fn gone(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What bounds the work on one question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How long a stride is.
    pub stride: Duration,
    /// How long the question may work, the turns of others not counted.
    pub longest: Duration,
    /// From when on a bulk answers what it has, so that its caller gets that in time.
    pub enough: Option<Instant>,
}

/// Why work was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Nobody waits for it.
    Gone,
    /// It took longer than the server lets it.
    TooLong,
}

/// The pace of one question, on the thread that works on it.
pub(crate) struct Pace {
    turn: Turn,
    gone: Arc<AtomicBool>,
    bounds: Bounds,
    clock: fn() -> Instant,
    /// When the stride began.
    since: Cell<Instant>,
    /// What was worked in the strides before.
    worked: Cell<Duration>,
    given_up: Cell<Option<Why>>,
}

impl Pace {
    /// Begins the first stride.
    pub(super) fn new(
        turn: Turn,
        gone: Arc<AtomicBool>,
        bounds: Bounds,
        clock: fn() -> Instant,
    ) -> Self {
        Self {
            turn,
            gone,
            bounds,
            clock,
            since: Cell::new(clock()),
            worked: Cell::new(Duration::ZERO),
            given_up: Cell::new(None),
        }
    }

    /// Asks whether to go on. After a stride others have their turn first, so nobody may be made to
    /// wait for what is held here.
    pub fn check(&self) -> Result<(), Stopped> {
        self.ask_on()?;
        let stride = (self.clock)().saturating_duration_since(self.since.get());
        if stride < self.bounds.stride {
            return Ok(());
        }
        let worked = self.worked.get() + stride;
        self.worked.set(worked);
        if worked >= self.bounds.longest {
            return self.give_up(Why::TooLong);
        }
        self.turn.give_way();
        self.since.set((self.clock)());
        self.ask_on()
    }

    fn ask_on(&self) -> Result<(), Stopped> {
        if self.gone.load(Ordering::Relaxed) {
            return self.give_up(Why::Gone);
        }
        self.given_up.get().map_or(Ok(()), |_| Err(Stopped))
    }

    fn give_up(&self, why: Why) -> Result<(), Stopped> {
        self.given_up.set(Some(why));
        Err(Stopped)
    }

    /// Returns whether a bulk is to answer what it has: its caller's time, or its own, is nearly
    /// over.
    pub fn is_late(&self) -> bool {
        let now = (self.clock)();
        let worked = self.worked.get() + now.saturating_duration_since(self.since.get());
        self.bounds.enough.is_some_and(|enough| enough <= now)
            || worked >= self.bounds.longest.mul_f64(0.9)
    }

    /// Says why there is no answer, if the work was given up.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        match self.given_up.get() {
            Some(Why::TooLong) if problem.reason == GIVEN_UP => {
                let longest = self.bounds.longest;
                let message = format!(
                    "the answer would take this server longer than the {longest:?} it works on one question: ask for less"
                );
                Problem::new(Code::ResourceExhausted, "TOOK_TOO_LONG", message)
                    .with("seconds", longest.as_secs())
                    .come_back_after(COME_BACK)
            }
            _ => problem,
        }
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace")
            .field("bounds", &self.bounds)
            .field("worked", &self.worked)
            .field("given_up", &self.given_up)
            .finish_non_exhaustive()
    }
}

impl From<Stopped> for Problem {
    fn from(stopped: Stopped) -> Self {
        Self::new(Code::Cancelled, GIVEN_UP, stopped.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::whose;
    use super::super::turns::Turns;
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        static NOW: RefCell<Instant> = RefCell::new(Instant::now());
    }

    fn now() -> Instant {
        NOW.with_borrow(|now| *now)
    }

    fn pass(time: Duration) {
        NOW.with_borrow_mut(|now| *now += time);
    }

    fn pace(turns: &Arc<Turns>, waits: &Waits, enough: Option<Instant>) -> Pace {
        let bounds = Bounds {
            stride: Duration::from_millis(1),
            longest: Duration::from_millis(100),
            enough,
        };
        Pace::new(turns.take(whose("a", 1)), waits.gone(), bounds, now)
    }

    const PART: Duration = Duration::from_micros(400);

    #[test]
    fn work_ends_at_the_next_test_when_nobody_waits() {
        let (turns, waits) = (Turns::new(1), Waits::default());
        let pace = pace(&turns, &waits, None);
        for _ in 0..10 {
            pass(PART);
            assert_eq!(pace.check(), Ok(()));
        }
        drop(waits);
        assert_eq!(pace.check(), Err(Stopped));
        // Whoever asks again gets the same.
        assert_eq!(pace.check(), Err(Stopped));
        let problem = pace.explain(Stopped.into());
        assert_eq!((problem.code, problem.reason), (Code::Cancelled, GIVEN_UP));
    }

    #[test]
    fn a_stride_lasts_a_millisecond_and_the_turns_of_others_are_not_counted() {
        let (turns, waits) = (Turns::new(1), Waits::default());
        let pace = pace(&turns, &waits, None);
        let others = std::thread::spawn({
            let turns = Arc::clone(&turns);
            move || drop(turns.take(whose("b", 2)))
        });
        while turns.waiting() == 0 {
            std::thread::yield_now();
        }
        pass(PART * 2);
        assert_eq!(pace.check(), Ok(()));
        assert_eq!(
            turns.waiting(),
            1,
            "within the stride nobody else has a turn"
        );
        pass(PART);
        assert_eq!(pace.check(), Ok(()));
        others.join().unwrap();
        assert_eq!(pace.worked.get(), PART * 3);
        assert_eq!(pace.since.get(), now());
    }

    #[test]
    fn a_question_that_takes_too_long_is_refused_with_a_time_to_come_back() {
        let (turns, waits) = (Turns::new(1), Waits::default());
        let pace = pace(&turns, &waits, None);
        let mut steps = 0;
        while pace.check().is_ok() {
            assert_eq!(pace.is_late(), steps >= 90, "{steps}");
            pass(Duration::from_millis(1));
            steps += 1;
        }
        assert_eq!(steps, 100);
        let problem = pace.explain(Stopped.into());
        assert_eq!(
            (problem.code, problem.reason),
            (Code::ResourceExhausted, "TOOK_TOO_LONG")
        );
        // What went wrong before that stays what it is.
        let other = pace.explain(Problem::new(Code::NotFound, "UNKNOWN_PARTY", ""));
        assert_eq!(other.reason, "UNKNOWN_PARTY");
    }

    #[test]
    fn a_bulk_answers_what_it_has_before_its_caller_gives_it_up() {
        let (turns, waits) = (Turns::new(1), Waits::default());
        let pace = pace(&turns, &waits, Some(now() + PART));
        assert!(!pace.is_late());
        pass(PART);
        assert!(pace.is_late());
        assert_eq!(pace.check(), Ok(()));
    }
}
