//! Taking turns: of the threads that work on dear questions only so many run at a time. Whoever has
//! a turn hands it on after a stride, if others wait, and stands in line for the next.

use super::fair::{Fair, Whose};
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;

/// The turns there are, and the threads that wait for one.
#[derive(Debug)]
pub(crate) struct Turns {
    line: Mutex<Line>,
}

#[derive(Debug)]
struct Line {
    /// Turns that nobody has. There are none while somebody waits.
    free: usize,
    waiting: Fair<Arc<Bell>>,
}

/// By what a thread that waits is called.
#[derive(Debug, Default)]
struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock() = true;
        self.heard.notify_one();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock();
        while !*rung {
            self.heard.wait(&mut rung);
        }
    }
}

impl Turns {
    /// Makes so many turns; one at least.
    pub fn new(at_once: usize) -> Arc<Self> {
        Arc::new(Self {
            line: Mutex::new(Line {
                free: at_once.max(1),
                waiting: Fair::default(),
            }),
        })
    }

    /// Waits for a turn. It is over when it is dropped, also by a panic.
    pub fn take(self: &Arc<Self>, whose: Whose) -> Turn {
        let bell = {
            let mut line = self.line.lock();
            if line.free > 0 {
                line.free -= 1;
                None
            } else {
                Some(line.stand(&whose))
            }
        };
        if let Some(bell) = bell {
            bell.wait();
        }
        Turn {
            turns: Arc::clone(self),
            whose,
        }
    }

    /// Returns how many threads wait for a turn.
    #[cfg(test)]
    pub fn waiting(&self) -> usize {
        self.line.lock().waiting.len()
    }
}

impl Line {
    fn stand(&mut self, whose: &Whose) -> Arc<Bell> {
        let bell = Arc::new(Bell::default());
        self.waiting.push(whose, Arc::clone(&bell));
        bell
    }

    /// Hands a turn on, or lays it down if nobody waits.
    fn hand_on(&mut self) {
        match self.waiting.pop() {
            Some(next) => next.ring(),
            None => self.free += 1,
        }
    }
}

/// A turn that somebody has.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    whose: Whose,
}

impl Turn {
    /// Lets others have their turn, if any wait, and waits for the next of one's own.
    pub fn give_way(&self) {
        let bell = {
            let mut line = self.turns.line.lock();
            if line.waiting.len() == 0 {
                return;
            }
            // First in line, then handed on: alone of its actor it comes behind the others.
            let bell = line.stand(&self.whose);
            line.hand_on();
            bell
        };
        bell.wait();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.line.lock().hand_on();
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::whose;
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread::{self, JoinHandle, yield_now};

    /// Begins threads that each take strides and note whose each was; returns once all of them
    /// stand in line, behind a turn that the test has.
    fn strides(turns: &Arc<Turns>, of: &[(&'static str, u16)], each: usize) -> Strides {
        let noted: Arc<Mutex<Vec<(&'static str, u16)>>> = Arc::default();
        let mut threads = Vec::new();
        for (place, (actor, connection)) in of.iter().copied().enumerate() {
            let (turns_of, noted) = (Arc::clone(turns), Arc::clone(&noted));
            threads.push(thread::spawn(move || {
                let turn = turns_of.take(whose(actor, connection));
                for stride in 0..each {
                    if stride > 0 {
                        turn.give_way();
                    }
                    noted.lock().push((actor, connection));
                }
            }));
            while turns.waiting() <= place {
                yield_now();
            }
        }
        Strides { noted, threads }
    }

    struct Strides {
        noted: Arc<Mutex<Vec<(&'static str, u16)>>>,
        threads: Vec<JoinHandle<()>>,
    }

    impl Strides {
        fn ended(self) -> Vec<(&'static str, u16)> {
            for thread in self.threads {
                thread.join().unwrap();
            }
            self.noted.lock().clone()
        }
    }

    #[test]
    fn one_call_of_one_actor_gets_as_many_strides_as_four_of_another() {
        let turns = Turns::new(1);
        let held = turns.take(whose("test", 0));
        let of = [("a", 1), ("a", 1), ("a", 2), ("a", 3), ("b", 9)];
        let strides = strides(&turns, &of, 4);
        drop(held);
        let order = strides.ended();
        assert_eq!(order.len(), 20);
        // While both have strides to take they alternate, and the connections of the one do too.
        let expected = [
            ("a", 1),
            ("b", 9),
            ("a", 2),
            ("b", 9),
            ("a", 3),
            ("b", 9),
            ("a", 1),
            ("b", 9),
        ];
        assert_eq!(order[..8], expected);
        assert_eq!(turns.waiting(), 0);
        assert_eq!(turns.line.lock().free, 1);
    }

    #[test]
    fn never_more_have_a_turn_than_there_are() {
        for at_once in 1..4 {
            let turns = Turns::new(at_once);
            let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let threads: Vec<JoinHandle<()>> = (0..12u16)
                .map(|n| {
                    let (turns, now, most) =
                        (Arc::clone(&turns), Arc::clone(&now), Arc::clone(&most));
                    thread::spawn(move || {
                        let turn = turns.take(whose("a", n));
                        for _ in 0..50 {
                            let here = now.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(here, Ordering::SeqCst);
                            yield_now();
                            now.fetch_sub(1, Ordering::SeqCst);
                            turn.give_way();
                        }
                    })
                })
                .collect();
            for thread in threads {
                thread.join().unwrap();
            }
            assert!(most.load(Ordering::SeqCst) <= at_once);
            assert_eq!(turns.line.lock().free, at_once);
        }
    }

    #[test]
    fn a_panic_hands_the_turn_on() {
        let turns = Turns::new(1);
        let held = turns.take(whose("test", 0));
        let strides = strides(&turns, &[("a", 1)], 2);
        let outcome = catch_unwind(AssertUnwindSafe(move || {
            let _held = held;
            panic!("a mistake in a question");
        }));
        assert!(outcome.is_err());
        assert_eq!(strides.ended(), [("a", 1), ("a", 1)]);
        assert_eq!(turns.line.lock().free, 1);
    }

    #[test]
    fn alone_nobody_waits_for_anybody() {
        let turns = Turns::new(1);
        let turn = turns.take(whose("a", 1));
        for _ in 0..1_000 {
            turn.give_way();
        }
        drop(turn);
        assert_eq!(turns.line.lock().free, 1);
    }
}
