//! Whether it pays to decide the next group while one is on its way to the disk.
//!
//! Whoever is answered asks again, so deciding meanwhile makes two groups of one, and each costs a
//! transaction. That pays where the deciding that is then done meanwhile takes longer than what a
//! transaction costs whatever is in it: many callers on a quick disk, and whoever hands in much at
//! a time; not a few callers, and not a slow disk.

use crate::opening::Meanwhile;
use std::time::Duration;

/// What has been measured of late.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    chosen: Meanwhile,
    /// The shortest transaction, which a later one that is longer makes a little longer.
    shortest: Option<Duration>,
    /// How long the group that is being decided has taken.
    deciding: Duration,
    /// How long the one before it took.
    before: Duration,
}

impl Pace {
    pub fn new(chosen: Meanwhile) -> Self {
        Self {
            chosen,
            ..Self::default()
        }
    }

    /// Takes note of time spent on deciding the group.
    pub fn decided(&mut self, took: Duration) {
        self.deciding += took;
    }

    /// The next group begins.
    pub fn turn(&mut self) {
        self.before = std::mem::take(&mut self.deciding);
    }

    /// Nothing came of it that is to be made durable.
    pub fn forget(&mut self) {
        self.deciding = Duration::ZERO;
    }

    /// Takes note of how long a transaction took.
    pub fn synced(&mut self, took: Duration) {
        let shortest = self
            .shortest
            .map_or(took, |shortest| shortest + shortest / 64);
        self.shortest = Some(shortest.min(took));
    }

    /// Returns whether it pays.
    pub fn pays(&self) -> bool {
        let two = self.before + self.deciding;
        match self.chosen {
            Meanwhile::AsItPays => self.shortest.is_some_and(|shortest| two > shortest),
            Meanwhile::Always => true,
            Meanwhile::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn micros(micros: u64) -> Duration {
        Duration::from_micros(micros)
    }

    /// Groups that take so long to decide and to make durable, one after the other.
    fn paced(groups: &[(u64, u64)]) -> Pace {
        let mut pace = Pace::default();
        for (deciding, syncing) in groups {
            pace.turn();
            pace.decided(micros(*deciding));
            pace.synced(micros(*syncing));
        }
        pace
    }

    #[test]
    fn many_callers_on_a_quick_disk_are_decided_meanwhile() {
        assert!(paced(&[(300, 450), (300, 450)]).pays());
    }

    #[test]
    fn few_callers_or_a_slow_disk_share_a_transaction() {
        assert!(!Pace::default().pays(), "nothing is known");
        assert!(!paced(&[(15, 200), (15, 200)]).pays());
        assert!(!paced(&[(600, 4_000), (600, 4_000)]).pays());
    }

    #[test]
    fn what_is_refused_makes_nothing_pay() {
        let mut pace = paced(&[(15, 200), (15, 200)]);
        for _ in 0..100 {
            pace.decided(micros(15));
            pace.forget();
        }
        assert!(!pace.pays());
    }

    #[test]
    fn a_disk_that_has_become_slow_is_noticed() {
        let mut pace = paced(&[(300, 200), (300, 200)]);
        assert!(pace.pays());
        (0..150).for_each(|_| pace.synced(micros(4_000)));
        assert!(!pace.pays());
    }
}
