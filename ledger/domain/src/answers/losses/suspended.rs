//! Rights suspended by decision, and how they come back (rules 17 and 30).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law, accounts.

use super::takings::perhaps;
use super::{Judged, passed};
use crate::answers::view::{Parties, View};
use crate::dues::account::Placement;
use crate::dues::loss::Stage;
use crate::entry::event::dues::Suspension;
use crate::entry::gathered::dues_slot;
use crate::entry::policy::{DuesTier, Restoration};
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, RightId};
use crate::law::taking::{Taking, Way};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;

/// A suspension that may take a right on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    /// The bodies in which; none is every body.
    pub bodies: Vec<BodyId>,
    /// Whether it stands.
    pub stands: Truth,
    /// Its entry.
    pub position: Position,
    /// The article under which it was decided.
    pub article: ArticleRef,
    /// The days of which one is that of the decision.
    pub begun: Window,
}

/// A suspension that may be the last one decided under its article by a day.
struct Decided {
    suspension: Suspension,
    begun: Window,
    position: Position,
    /// Whether its own end has come.
    ended: Truth,
}

/// What makes a suspension end by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ground {
    /// The account: it ends when the policies give back what they take.
    Dues,
    /// Another: it stands until it is lifted.
    Other,
    /// Norms of the article differ, and nobody says which was used.
    Either,
}

impl<P: Parties> View<'_, P> {
    /// Returns the suspensions that may take a right on a day.
    #[must_use]
    pub fn suspensions(&self, record: &PartyRecord, right: &RightId, day: Day) -> Vec<Suspended> {
        let mut found = Vec::new();
        for last in self.decided(record, day) {
            let certain = match last.len() {
                1 => Truth::Yes,
                _ => Truth::Unknown,
            };
            for decided in last.into_iter().flatten() {
                let stands = self.stands(record, &decided, right, day);
                if stands != Truth::No {
                    found.push(Suspended {
                        bodies: decided.suspension.bodies,
                        stands: certain.and(stands),
                        position: decided.position,
                        article: decided.suspension.article,
                        begun: decided.begun,
                    });
                }
            }
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
                    Some(decided) => {
                        let stands = self.stands(record, decided, right, day);
                        perhaps(stands, &decided.suspension.bodies)
                    }
                    None => Taking::from([Way::new()]),
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
                    let until = suspension.until.as_ref().and_then(|until| self.when(until));
                    Some(Decided {
                        suspension: suspension.clone(),
                        begun: begun.window,
                        position,
                        ended: until.map_or(Truth::No, |until| passed(until, day)),
                    })
                });
                last.collect()
            })
            .collect()
    }

    /// Returns whether a suspension takes a right on a day, if it is the last one.
    fn stands(&self, record: &PartyRecord, of: &Decided, right: &RightId, day: Day) -> Truth {
        if !of.suspension.rights.contains(right) || of.ended == Truth::Yes {
            return Truth::No;
        }
        !of.ended.or(self.restored(record, of, right, day))
    }

    /// Returns whether a right came back by the restoration of the policies of the day of the
    /// decision (rule 30).
    fn restored(&self, record: &PartyRecord, of: &Decided, right: &RightId, day: Day) -> Truth {
        let placements = [Placement::Best, Placement::Worst];
        Truth::agreed(placements.map(|placement| {
            let lifted = self.lifted_on(record, of, right, placement);
            match lifted {
                Some((lifted, Ground::Dues)) => Truth::known(lifted <= day),
                Some((lifted, Ground::Either)) if lifted <= day => Truth::Unknown,
                Some((_, Ground::Either | Ground::Other)) | None => Truth::No,
            }
        }))
    }

    /// Returns the day on which the policies of the day of a decision give a right back, and
    /// whether they were its ground; none if they do not, or none is its ground.
    fn lifted_on(
        &self,
        record: &PartyRecord,
        of: &Decided,
        right: &RightId,
        placement: Placement,
    ) -> Option<(Day, Ground)> {
        let decided = placement.burden(of.begun);
        let ground = self.ground_of(record, &of.suspension, right, decided);
        if ground == Ground::Other {
            return None;
        }
        let together = self.lifted_together(record, &of.suspension, ground, decided);
        let judged = self.judged(record, decided);
        let meant = self.meant(&judged, &of.suspension, &together, decided);
        let lifted = meant.iter().map(|(judged, tier)| {
            if tier.restored_by == Restoration::Decision {
                return None;
            }
            judged.case(tier).lifts(decided, Day::MAX, placement)
        });
        let lifted: Option<Vec<Day>> = lifted.collect();
        Some((lifted?.into_iter().max()?, ground))
    }

    /// Returns the rights of a suspension that have a ground: they come back together.
    fn lifted_together(
        &self,
        record: &PartyRecord,
        of: &Suspension,
        ground: Ground,
        decided: Day,
    ) -> Vec<RightId> {
        let same = |right: &&RightId| self.ground_of(record, of, right, decided) == ground;
        of.rights.iter().filter(same).cloned().collect()
    }

    /// Returns on what ground an article in force on a day lets a right be suspended (rule 17).
    /// Where its norms differ it was not the account if that met no test.
    fn ground_of(
        &self,
        record: &PartyRecord,
        of: &Suspension,
        right: &RightId,
        decided: Day,
    ) -> Ground {
        if !self.may_have_another_ground(&of.article, right, decided) {
            return Ground::Dues;
        }
        let judged = self.judged(record, decided);
        let right = std::slice::from_ref(right);
        let mut meant = self.meant(&judged, of, right, decided).into_iter();
        let liable = |(judged, tier): (&Judged<'_>, &DuesTier)| {
            judged.case(tier).lay().at(decided).worst != Stage::Clear
        };
        if meant.any(liable) {
            Ground::Either
        } else {
            Ground::Other
        }
    }

    /// Returns whether an article lets, or may let, a right be suspended on a day for something
    /// else than dues.
    pub(crate) fn may_have_another_ground(
        &self,
        power: &ArticleRef,
        right: &RightId,
        day: Day,
    ) -> bool {
        self.law.in_force(day).iter().any(|norm| {
            let rule = norm.norm.rule.suspension();
            norm.article == power
                && rule.is_some_and(|rule| rule.rights.contains(right) && !rule.has_ground(power))
        })
    }

    /// Returns the tiers of policies that take one of these rights and are the ground of a
    /// suspension of them.
    fn meant<'j>(
        &self,
        judged: &'j [Judged<'j>],
        of: &Suspension,
        rights: &[RightId],
        decided: Day,
    ) -> Vec<(&'j Judged<'j>, &'j DuesTier)> {
        let meant = judged
            .iter()
            .filter(|judged| self.is_policy_of(&of.article, judged.article(), rights, decided));
        let tiers = meant.flat_map(|judged| {
            let tiers = judged.policy.reading.tiers.iter();
            tiers.map(move |tier| (judged, tier))
        });
        tiers
            .filter(|(judged, tier)| !tier.ends_membership && judged.may_take(tier, rights))
            .collect()
    }

    /// Returns whether a policy is the ground on which an article lets one of these rights be
    /// suspended: the article's own, or one that it names (rule 17).
    pub(crate) fn is_policy_of(
        &self,
        power: &ArticleRef,
        policy: &ArticleRef,
        rights: &[RightId],
        day: Day,
    ) -> bool {
        power == policy
            || self.law.in_force(day).iter().any(|norm| {
                let rule = norm.norm.rule.suspension();
                norm.article == power
                    && rule.is_some_and(|rule| {
                        rule.is_grounded_in(power, policy)
                            && rule.rights.iter().any(|right| rights.contains(right))
                    })
            })
    }

    /// Returns the days after one on which suspensions that stand are lifted by the policies of
    /// their days, with their entries.
    pub(super) fn liftings(&self, record: &PartyRecord, day: Day) -> Vec<(Day, Position)> {
        let decided = self.decided(record, day);
        let standing = decided.into_iter().flatten().flatten();
        let standing = standing.filter(|decided| decided.ended != Truth::Yes);
        let mut found = Vec::new();
        for decided in standing {
            for right in &decided.suspension.rights {
                if self.stands(record, &decided, right, day) == Truth::No {
                    continue;
                }
                for placement in [Placement::Best, Placement::Worst] {
                    let lifted = self.lifted_on(record, &decided, right, placement);
                    found.extend(lifted.map(|(day, _)| (day, decided.position)));
                }
            }
        }
        found
    }
}

impl Judged<'_> {
    /// Returns whether a tier may take one of these rights.
    fn may_take(&self, tier: &DuesTier, rights: &[RightId]) -> bool {
        let mut powers = self.powers.iter();
        powers.any(|powers| rights.iter().any(|right| powers.takes(tier, right)))
    }
}
