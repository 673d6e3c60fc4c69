//! Answers on days without a session, of tiers that wait for one (rule 29).
//!
//! Stratum (rule 27): losses and endings; reads no other.

use super::loss::{Loss, Turn};
use crate::time::day::Day;
use std::ops::Bound;

impl Loss<'_> {
    /// Returns the first turn after a day of what [`Loss::at`] answers. Of tiers that wait for
    /// sessions it is the first day on which it would be another if a session opened.
    #[must_use]
    pub fn next_answer(&self, day: Day) -> Option<Turn> {
        if !self.case.waits_for_sessions() {
            return self.next_turn(day).cloned();
        }
        let stages = |day: Day| {
            let standing = self.at(day);
            (standing.best, standing.worst)
        };
        let before = stages(day);
        let points = self.case.points();
        let mut later = points.range((Bound::Excluded(day), Bound::Unbounded));
        let (turn, causes) = later.find(|(day, _)| stages(**day) != before)?;
        let after = stages(*turn).1;
        Some(Turn {
            day: *turn,
            stage: after,
            cause: self.case.cause(causes, before.1, after, *turn),
        })
    }
}
