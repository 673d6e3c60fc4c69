//! Rights suspended by decision, and how they come back (rules 17 and 30).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law, accounts.

use super::takings::perhaps;
use super::{Judged, passed};
use crate::answers::view::{Parties, View};
use crate::dues::account::Placement;
use crate::entry::event::dues::Suspension;
use crate::entry::gathered::dues_slot;
use crate::entry::policy::{DuesTier, Restoration};
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ArticleRef, RightId};
use crate::law::taking::{Taking, Way};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;

/// A suspension that may be the last one decided under its article by a day.
struct Decided {
    suspension: Suspension,
    begun: Window,
    position: Position,
    /// Whether it stands, if it is the last one.
    stands: Truth,
}

impl<P: Parties> View<'_, P> {
    /// Returns the suspensions that may stand on a day, with whether they do and their entries.
    #[must_use]
    pub fn suspensions(
        &self,
        record: &PartyRecord,
        day: Day,
    ) -> Vec<(Suspension, Truth, Position)> {
        let mut found = Vec::new();
        for last in self.decided(record, day) {
            let certain = match last.len() {
                1 => Truth::Yes,
                _ => Truth::Unknown,
            };
            let possible = last.into_iter().flatten();
            let possible = possible.filter(|decided| decided.stands != Truth::No);
            found.extend(possible.map(|decided| {
                let truth = certain.and(decided.stands);
                (decided.suspension, truth, decided.position)
            }));
        }
        found
    }

    /// Returns how suspensions take a right on a day, article by article.
    pub(super) fn taken_by_decisions(
        &self,
        record: &PartyRecord,
        right: &RightId,
        day: Day,
    ) -> Vec<Taking> {
        let decided = self.decided(record, day).into_iter();
        decided
            .map(|last| {
                let ways = last.iter().map(|decided| match decided {
                    Some(decided) if decided.suspension.rights.contains(right) => {
                        perhaps(decided.stands, &decided.suspension.bodies)
                    }
                    _ => Taking::from([Way::new()]),
                });
                ways.flatten().collect()
            })
            .collect()
    }

    /// Returns, article by article, what may be the last that was decided by a day; none where that
    /// is a lifting, or nothing.
    fn decided(&self, record: &PartyRecord, day: Day) -> Vec<Vec<Option<Decided>>> {
        let facts = self.known_dues(record);
        let slots: BTreeSet<DuesSlot> = facts
            .filter_map(|fact| dues_slot(&fact.value))
            .filter(|slot| matches!(slot, DuesSlot::Suspension(_)))
            .collect();
        let lines = slots.iter().filter_map(|slot| self.dues_line(record, slot));
        lines
            .map(|line| {
                let last = line.last_steps(day).map(|step| {
                    let (event, position) = line.value_after(step)?;
                    let suspension = event.suspension()?;
                    let begun = line.steps().iter().find(|step| step.position == position)?;
                    let begun = begun.window;
                    let until = suspension.until.as_ref().and_then(|until| self.when(until));
                    let ended = until.map_or(Truth::No, |until| passed(until, day));
                    let restored = self.restored(record, suspension, begun, day);
                    Some(Decided {
                        suspension: suspension.clone(),
                        begun,
                        position,
                        stands: !ended.or(restored),
                    })
                });
                last.collect()
            })
            .collect()
    }

    /// Returns whether a suspension ended by the restoration of the policy of the day of its
    /// decision (rule 30).
    fn restored(
        &self,
        record: &PartyRecord,
        suspension: &Suspension,
        begun: Window,
        day: Day,
    ) -> Truth {
        let placements = [Placement::Best, Placement::Worst];
        Truth::agreed(placements.map(|placement| {
            let restored = self.restored_on(record, suspension, begun, placement);
            Truth::known(restored.is_some_and(|restored| restored <= day))
        }))
    }

    /// Returns the day on which the policies of the day of a decision give back what it took; none
    /// if they do not, or none is its ground.
    fn restored_on(
        &self,
        record: &PartyRecord,
        suspension: &Suspension,
        begun: Window,
        placement: Placement,
    ) -> Option<Day> {
        let decided = placement.burden(begun);
        let judged = self.judged(record, decided);
        let meant = judged
            .iter()
            .filter(|judged| self.is_policy_of(&suspension.article, judged.article(), decided));
        let meant: Vec<(&Judged<'_>, &DuesTier)> = meant
            .flat_map(|judged| {
                let tiers = judged.policy.reading.tiers.iter();
                tiers.map(move |tier| (judged, tier))
            })
            .filter(|(judged, tier)| {
                let mut rights = suspension.rights.iter();
                !tier.ends_membership && rights.any(|right| judged.takes(tier, right))
            })
            .collect();
        let lifted = meant.iter().map(|(judged, tier)| {
            if tier.restored_by == Restoration::Decision {
                return None;
            }
            judged.case(tier).lifts(decided, Day::MAX, placement)
        });
        let lifted: Option<Vec<Day>> = lifted.collect();
        lifted?.into_iter().max()
    }

    /// Returns whether a policy is the one whose power an article is: itself, or one of the
    /// instrument that sets its ground.
    fn is_policy_of(&self, power: &ArticleRef, policy: &ArticleRef, day: Day) -> bool {
        power == policy
            || self.law.in_force(day).iter().any(|norm| {
                norm.article == power
                    && norm
                        .norm
                        .rule
                        .suspension()
                        .is_some_and(|rule| rule.ground == policy.instrument)
            })
    }

    /// Returns the days after one on which suspensions that stand are lifted by the policies of
    /// their days, with their entries.
    pub(super) fn liftings(&self, record: &PartyRecord, day: Day) -> Vec<(Day, Position)> {
        let decided = self.decided(record, day);
        let standing = decided.into_iter().flatten().flatten();
        standing
            .filter(|decided| decided.stands != Truth::No)
            .flat_map(|decided| {
                let placements = [Placement::Best, Placement::Worst];
                placements.map(|placement| {
                    let of = &decided.suspension;
                    let on = self.restored_on(record, of, decided.begun, placement)?;
                    Some((on, decided.position))
                })
            })
            .flatten()
            .collect()
    }
}
