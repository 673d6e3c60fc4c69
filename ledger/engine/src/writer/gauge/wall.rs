//! Whether the clock can be trusted. It stands behind what was recorded; or it jumps ahead while
//! the ledger runs, as a clock that is not set tells; or it stands so far ahead of the last entry
//! that recording by it could not be mended, as later entries can never have an earlier record
//! time.
//!
//! A ledger on which nothing is recorded for weeks is in order, so how far the clock is ahead at an
//! opening says nothing short of a year. While the ledger runs, days that begin are announced, and
//! a jump shows against a clock that counts on whatever the time of day is.

use crate::clock::Clock;
use crate::opening::Options;
use jiff::Timestamp;
use standing_domain::time::record_time::RecordTime;

/// Microseconds.
const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;

/// The clock may stand so far behind what was recorded before that is told.
const BEHIND: u64 = SECOND;
/// The clock may jump so far ahead before that is told.
const JUMP: u64 = DAY;
/// The clock may be so far ahead of what was recorded before nothing is recorded by it any more.
const FAR: u64 = 366 * DAY;

/// The clock as seen before.
pub(crate) struct Wall {
    steady: Clock,
    /// A time of day that jumps are told against for a day, and the steady clock at that moment. A
    /// clock that stood behind and is set right does not jump: the last entry counts as the time if
    /// it was later.
    anchor: Option<(RecordTime, u64)>,
    /// Whether an operator says that the clock is right as it stands at the opening.
    accepts: bool,
    /// Up to where it was said to be right.
    accepted: RecordTime,
}

/// What there is to say about the clock.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Doubts {
    /// By how many microseconds it stands behind.
    pub behind: Option<u64>,
    /// By how many it jumped ahead.
    pub jumped: Option<u64>,
    /// By how many it is too far ahead.
    pub far: Option<u64>,
}

impl Wall {
    pub fn new(options: &Options) -> Self {
        Self {
            steady: options.steady.clone(),
            anchor: None,
            accepts: options.accept_clock,
            accepted: RecordTime::ZERO,
        }
    }

    /// Looks at the time of day; `last` is the latest instant by which later entries are
    /// bound, [`RecordTime::ZERO`] if there is none.
    pub fn look(&mut self, now: RecordTime, last: RecordTime) -> Doubts {
        let steady = (self.steady)();
        let (since, at) = *self.anchor.get_or_insert((now.max(last), steady));
        if std::mem::take(&mut self.accepts) {
            self.accepted = now;
        }
        let passed = steady.saturating_sub(at);
        let jumped = now.since(since.after(passed));
        if passed > DAY {
            self.anchor = Some((now.max(last), steady));
        }
        let ahead = now.since(last.max(self.accepted));
        Doubts {
            behind: Some(last.since(now)).filter(|behind| *behind > BEHIND),
            jumped: Some(jumped).filter(|jumped| *jumped > JUMP),
            far: Some(ahead).filter(|ahead| last > RecordTime::ZERO && *ahead > FAR),
        }
    }
}

/// An instant for a person.
pub(crate) struct Instant(pub RecordTime);

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = i64::try_from(self.0.micros() / SECOND).unwrap_or(i64::MAX);
        match Timestamp::from_second(seconds) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{seconds} s after 1970"),
        }
    }
}

/// A span for a person: days, or seconds.
pub(crate) struct Span(pub u64);

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 >= 2 * DAY {
            write!(f, "{} days", self.0 / DAY)
        } else {
            write!(f, "{} s", self.0 / SECOND)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    const START: u64 = 20_000 * DAY;

    fn wall(accept_clock: bool) -> (Wall, Arc<AtomicU64>) {
        let steady = Arc::new(AtomicU64::new(5));
        let told = Arc::clone(&steady);
        let options = Options {
            steady: Arc::new(move || told.load(Ordering::Relaxed)),
            accept_clock,
            ..Options::default()
        };
        (Wall::new(&options), steady)
    }

    /// Looks at the time of day, in microseconds.
    fn look(wall: &mut Wall, now: u64, last: u64) -> Doubts {
        wall.look(RecordTime::from_micros(now), RecordTime::from_micros(last))
    }

    #[test]
    fn an_idle_ledger_is_no_reason_for_doubt() {
        let (mut wall, steady) = wall(false);
        for days in [0, 1, 2, 100, 366] {
            steady.store(5 + days * DAY, Ordering::Relaxed);
            assert_eq!(
                look(&mut wall, START + days * DAY, START),
                Doubts::default()
            );
        }
    }

    #[test]
    fn a_clock_behind_by_more_than_a_second_is_told() {
        let (mut wall, _) = wall(false);
        assert_eq!(look(&mut wall, START - SECOND, START), Doubts::default());
        let behind = look(&mut wall, START - SECOND - 1, START).behind;
        assert_eq!(behind, Some(SECOND + 1));
        assert_eq!(look(&mut wall, START, START), Doubts::default());
    }

    #[test]
    fn a_jump_of_more_than_a_day_is_told_for_a_day_or_until_it_is_taken_back() {
        let (mut wall, steady) = wall(false);
        let after = |wall: &mut Wall, passed: u64, off: u64| {
            steady.store(5 + passed, Ordering::Relaxed);
            look(wall, START + passed + off, START)
        };
        assert_eq!(after(&mut wall, 0, 0), Doubts::default());
        assert_eq!(after(&mut wall, SECOND, DAY), Doubts::default());
        let jumped = after(&mut wall, 2 * SECOND, 3 * DAY);
        assert_eq!(jumped.jumped, Some(3 * DAY));
        assert_eq!(jumped.far, None);
        assert_eq!(after(&mut wall, 3 * SECOND, 0), Doubts::default());
        assert!(after(&mut wall, 4 * SECOND, 3 * DAY).jumped.is_some());
        assert!(after(&mut wall, DAY + SECOND, 3 * DAY).jumped.is_some());
        assert_eq!(
            after(&mut wall, DAY + 2 * SECOND, 3 * DAY),
            Doubts::default()
        );
    }

    #[test]
    fn a_clock_a_year_ahead_is_refused_unless_it_is_accepted_as_it_stands() {
        let (mut wall, _) = self::wall(false);
        assert_eq!(look(&mut wall, START + FAR, START).far, None);
        assert_eq!(look(&mut wall, START + FAR + 1, START).far, Some(FAR + 1));
        assert_eq!(
            look(&mut wall, START + FAR + 1, 0).far,
            None,
            "an empty ledger"
        );

        let (mut wall, _) = self::wall(true);
        assert_eq!(look(&mut wall, START + 2 * FAR, START).far, None);
        assert_eq!(look(&mut wall, START + 3 * FAR, START).far, None);
        assert!(look(&mut wall, START + 3 * FAR + 1, START).far.is_some());
    }
}
