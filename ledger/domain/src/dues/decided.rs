//! Losses that a decision brought, and how they lift by themselves (rule 30).
//!
//! Stratum (rule 27): losses and endings; reads accounts.

use super::account::Placement;
use super::loss::since;
use crate::dues::case::Case;
use crate::time::day::Day;

impl Case<'_> {
    /// Returns the first day, up to another, on which what was taken by a decision lifts by itself;
    /// none if none does. A decision without a ground lifts at the next moment that may lift it: a
    /// payment more never leaves a right longer suspended.
    #[must_use]
    pub fn lifts(&self, decided: Day, until: Day, placement: Placement) -> Option<Day> {
        let mut healed_since = Some(Day::MIN);
        let eager = placement == Placement::Best;
        let mut points = self.points();
        points.entry(decided).or_default();
        for day in points.into_keys().take_while(|day| *day <= until) {
            since(&mut healed_since, day, self.is_healed_on(day, placement));
            if day >= decided && self.comes(&self.tier.restored_at, day, healed_since, eager) {
                return Some(day);
            }
        }
        None
    }
}
