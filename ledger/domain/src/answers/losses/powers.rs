//! What the law lets policies take: the articles that name them as the ground of a suspension
//! (rule 17).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law.

use crate::answers::view::{Parties, View};
use crate::entry::norm::Norm;
use crate::entry::policy::{DuesMode, DuesTier};
use crate::id::{ArticleRef, RightId};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::BTreeSet;

/// What articles let a policy take; nothing where none speaks of it, so that it stands on its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Powers(Vec<Enabling>);

/// Rights that an article lets a policy take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Enabling {
    rights: Vec<RightId>,
    by_decision: bool,
}

/// Rights that a tier takes in one way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Share {
    /// The rights; none is every right.
    pub rights: Vec<RightId>,
    /// Whether they go by decision only, so that the account makes liable and no more.
    pub by_decision: bool,
}

impl Powers {
    /// Returns what a tier takes: what goes by itself and what goes by decision apart.
    pub fn shares(&self, tier: &DuesTier) -> Vec<Share> {
        let Some(rights) = self.rights(tier) else {
            return Vec::new();
        };
        let share = |rights: Vec<RightId>, by_decision| Share {
            rights,
            by_decision,
        };
        if rights.is_empty() {
            let by_decision = tier.mode == DuesMode::ByDecision;
            return vec![share(rights, by_decision)];
        }
        let decided = |right: &RightId| self.is_by_decision(tier, right);
        let (decided, by_itself): (Vec<_>, Vec<_>) = rights.into_iter().partition(decided);
        [(by_itself, false), (decided, true)]
            .into_iter()
            .filter(|(rights, _)| !rights.is_empty())
            .map(|(rights, by_decision)| share(rights, by_decision))
            .collect()
    }

    /// Returns the rights that a tier takes, none for every right; nothing where the law lets it
    /// take none. What the law lists limits what a policy takes (rule 17).
    fn rights(&self, tier: &DuesTier) -> Option<Vec<RightId>> {
        if self.0.is_empty() || tier.ends_membership {
            return Some(tier.rights.clone());
        }
        let listed = self.0.iter().flat_map(|enabling| &enabling.rights);
        let meant = |right: &&RightId| tier.rights.is_empty() || tier.rights.contains(right);
        let rights: BTreeSet<&RightId> = listed.filter(meant).collect();
        (!rights.is_empty()).then(|| rights.into_iter().cloned().collect())
    }

    pub fn takes(&self, tier: &DuesTier, right: &RightId) -> bool {
        let rights = self.rights(tier);
        rights.is_some_and(|rights| rights.is_empty() || rights.contains(right))
    }

    /// Returns whether a tier takes a right without a decision.
    pub fn takes_by_itself(&self, tier: &DuesTier, right: &RightId) -> bool {
        self.takes(tier, right) && !self.is_by_decision(tier, right)
    }

    fn is_by_decision(&self, tier: &DuesTier, right: &RightId) -> bool {
        let of_right = |enabling: &Enabling| {
            !tier.ends_membership && enabling.by_decision && enabling.rights.contains(right)
        };
        tier.mode == DuesMode::ByDecision || self.0.iter().any(of_right)
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns what the law lets a policy take from a party: with every norm that may apply, and,
    /// where that is another answer, with those alone that certainly do.
    pub(super) fn powers(
        &self,
        policy: &ArticleRef,
        record: &PartyRecord,
        day: Day,
    ) -> Vec<Powers> {
        let (mut possible, mut certain) = (Vec::new(), Vec::new());
        let now = self.circumstances(record, day);
        let speaks = |norm: &Norm| norm.rule.suspension().is_some();
        for norm in self.law.in_force_where(day, &speaks) {
            let Some(rule) = norm.norm.rule.suspension() else {
                continue;
            };
            if !rule.is_grounded_in(norm.article, policy) {
                continue;
            }
            let applies = norm.certain.and(now.judge(&norm.norm.condition));
            let enabling = Enabling {
                rights: rule.rights.clone(),
                by_decision: rule.by_decision,
            };
            if applies == Truth::Yes {
                certain.push(enabling.clone());
            }
            if applies != Truth::No {
                possible.push(enabling);
            }
        }
        let (possible, certain) = (Powers(possible), Powers(certain));
        if possible == certain {
            vec![possible]
        } else {
            vec![possible, certain]
        }
    }
}
