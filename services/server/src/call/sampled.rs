//! What may come in floods, and is told in the log now and then.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// How long nothing is told after something was.
const REST: Duration = Duration::from_secs(10);

/// Tells the first of many, and some time later how many it passed over.
#[derive(Debug, Default)]
pub(crate) struct Sampled(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    told: Option<Instant>,
    passed_over: u64,
}

impl Sampled {
    /// Tells something, with how often it was not told before; or passes it over.
    pub fn tell(&self, tell: impl FnOnce(u64)) {
        let before = {
            let mut state = self.0.lock();
            if state.told.is_some_and(|told| told.elapsed() < REST) {
                state.passed_over += 1;
                return;
            }
            state.told = Some(Instant::now());
            std::mem::take(&mut state.passed_over)
        };
        tell(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn of_a_flood_the_first_is_told() {
        let sampled = Sampled::default();
        let told = Cell::new(0);
        for _ in 0..1_000 {
            sampled.tell(|before| told.set(told.get() + 1 + before));
        }
        assert_eq!(told.get(), 1);
        sampled.0.lock().told = None;
        sampled.tell(|before| assert_eq!(before, 999));
    }
}
