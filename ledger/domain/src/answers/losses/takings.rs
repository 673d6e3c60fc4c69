//! What takes a right from one party, in every way that what is not known allows (rules 17 and 18).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law, accounts.

use super::Judged;
use crate::answers::view::{Parties, View};
use crate::entry::event::ArticleEnacted;
use crate::entry::norm::{Condition, Support};
use crate::entry::policy::DuesTier;
use crate::id::position::Position;
use crate::id::{BodyId, RightId};
use crate::law::ArticleLine;
use crate::law::in_force::InForce;
use crate::law::taking::{Taking, Way, is_taken};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::BTreeSet;

/// The most ways that are told apart; of more, only what is so in all and what is so in some.
const MOST_WAYS: usize = 256;

/// Returns the ways that something takes a right in these bodies, if it does.
pub(super) fn perhaps(truth: Truth, bodies: &[BodyId]) -> Taking {
    let mut ways = Taking::new();
    if truth != Truth::Yes {
        ways.insert(Way::new());
    }
    if truth != Truth::No {
        ways.insert(vec![bodies.to_vec()]);
    }
    ways
}

fn both(a: &Taking, b: &Taking) -> Taking {
    let together: Taking = a
        .iter()
        .flat_map(|x| b.iter().map(move |y| merged(x.iter().chain(y))))
        .collect();
    if together.len() <= MOST_WAYS {
        return together;
    }
    // Each body for itself: taken in every way, or in some.
    let named: BTreeSet<&BodyId> = together.iter().flatten().flatten().collect();
    let certain = |body: Option<&BodyId>| together.iter().all(|way| is_taken(way, body));
    let some = |body: Option<&BodyId>| together.iter().any(|way| is_taken(way, body));
    let of = |test: &dyn Fn(Option<&BodyId>) -> bool| {
        let bodies: Vec<BodyId> = named
            .iter()
            .filter(|body| test(Some(body)))
            .map(|body| (*body).clone())
            .collect();
        match (test(None), bodies.is_empty()) {
            (true, _) => vec![Vec::new()],
            (false, true) => Way::new(),
            (false, false) => vec![bodies],
        }
    };
    Taking::from([of(&certain), of(&some)])
}

/// Returns what takes a right in the bodies of each of these: once, whatever takes it.
fn merged<'a>(bodies: impl Iterator<Item = &'a Vec<BodyId>>) -> Way {
    let mut all: BTreeSet<&BodyId> = BTreeSet::new();
    for of in bodies {
        if of.is_empty() {
            return vec![Vec::new()];
        }
        all.extend(of);
    }
    let all: Vec<BodyId> = all.into_iter().cloned().collect();
    if all.is_empty() {
        Way::new()
    } else {
        vec![all]
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns what takes a right from a party on a day, besides the law for its class.
    pub(crate) fn takings(&self, record: &PartyRecord, right: &RightId, day: Day) -> Vec<Taking> {
        let has_money = record.kin().is_some() || self.has_money_by(record, day);
        if record.dues_facts().is_empty() || !has_money {
            return Vec::new();
        }
        let record = &*self.as_member(record, day);
        let articles = self.law.articles().iter();
        let policies = articles.filter(|article| article.concerns_dues());
        let mut takings: Vec<Taking> = policies
            .map(|article| self.taken_under(article, record, right, day))
            .collect();
        takings.extend(self.taken_by_decisions(record, right, day));
        takings.retain(|ways| ways.iter().any(|way| !way.is_empty()));
        takings
    }

    /// Returns whether anything that is recorded of a party's money may have taken effect by a day:
    /// else nothing is owed, and nothing was decided for what is.
    fn has_money_by(&self, record: &PartyRecord, day: Day) -> bool {
        record.dues_facts().iter().any(|fact| {
            let window = self.book.window(fact.at, self.known_at);
            window.is_none_or(|window| window.earliest <= day)
        })
    }

    /// Each version of an article that may be in force takes the right in its own ways.
    fn taken_under(
        &self,
        article: &ArticleLine,
        record: &PartyRecord,
        right: &RightId,
        day: Day,
    ) -> Taking {
        let mut ways = Taking::new();
        for version in article.versions(day) {
            let mut of_version = Taking::from([Way::new()]);
            for judged in self.judged_in(article, version, record, day) {
                for tier in &judged.policy.reading.tiers {
                    let tier = self.taken_by_tier(&judged, tier, record, right, day);
                    of_version = both(&of_version, &tier);
                }
            }
            ways.extend(of_version);
        }
        ways
    }

    /// Returns the policies of one version of an article, taken to be in force.
    fn judged_in<'a>(
        &'a self,
        article: &'a ArticleLine,
        version: Option<(&'a ArticleEnacted, Position)>,
        record: &PartyRecord,
        day: Day,
    ) -> Vec<Judged<'a>> {
        let now = self.circumstances(record, day);
        let norms = version.into_iter().flat_map(|(version, position)| {
            version.norms.iter().map(move |norm| InForce {
                article: &article.article,
                version,
                position,
                norm,
                certain: match norm.support {
                    Support::Unknown => Truth::Unknown,
                    Support::Text | Support::Attested | Support::Presumed => Truth::Yes,
                },
            })
        });
        let policies = norms.filter_map(|norm| self.policy(norm, &now));
        policies
            .map(|policy| self.judged_under(policy, record, None, day))
            .collect()
    }

    fn taken_by_tier(
        &self,
        judged: &Judged<'_>,
        tier: &DuesTier,
        record: &PartyRecord,
        right: &RightId,
        day: Day,
    ) -> Taking {
        let ways = judged.powers.iter().map(|powers| {
            if tier.ends_membership || !powers.takes_by_itself(tier, right) {
                return Taking::from([Way::new()]);
            }
            self.taken_by_itself(judged, tier, record, day)
        });
        ways.flatten().collect()
    }

    fn taken_by_itself(
        &self,
        judged: &Judged<'_>,
        tier: &DuesTier,
        record: &PartyRecord,
        day: Day,
    ) -> Taking {
        let applies = judged.policy.applies;
        let parent = applies.and(self.taken_by_parent(judged, tier, record, day));
        let parent = perhaps(parent, &tier.bodies);
        let case = judged.case(tier);
        let lost = if case.may_be_lost(day) {
            applies.and(case.lay().at(day).lost)
        } else {
            Truth::No
        };
        let unwaived = perhaps(lost, &tier.bodies);
        let waiver = self
            .waiver(record, judged.article(), day)
            .filter(|_| lost != Truth::No);
        let own = match waiver {
            None => unwaived,
            Some(waiver) => {
                let rest = self.rest(&tier.bodies, &waiver.bodies);
                let still = if rest.is_empty() { Truth::No } else { lost };
                let mut ways = perhaps(still, &rest);
                if waiver.truth == Truth::Unknown {
                    ways.extend(unwaived);
                }
                ways
            }
        };
        both(&own, &parent)
    }

    /// Returns the bodies in which a waiver for some leaves the loss; none where it leaves none.
    fn rest(&self, lost: &[BodyId], waived: &[BodyId]) -> Vec<BodyId> {
        if waived.is_empty() {
            return Vec::new();
        }
        let all: Vec<&BodyId> = if lost.is_empty() {
            self.law.bodies().collect()
        } else {
            lost.iter().collect()
        };
        let rest = all.into_iter().filter(|body| !waived.contains(body));
        rest.cloned().collect()
    }

    /// Returns whether a suspension in the parent organisation that a policy names takes what its
    /// tier takes by itself.
    pub(super) fn taken_by_parent(
        &self,
        judged: &Judged<'_>,
        tier: &DuesTier,
        record: &PartyRecord,
        day: Day,
    ) -> Truth {
        let parent = judged.policy.policy.parent.as_ref();
        let Some(parent) = parent.filter(|_| !tier.ends_membership) else {
            return Truth::No;
        };
        let now = self.circumstances(record, day);
        now.judge(&Condition::ParentSuspended(parent.clone()))
    }
}
