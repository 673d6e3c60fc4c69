//! Rights that a party loses by itself: automatic losses, decided suspensions, waivers, and
//! memberships that end by arrears (rules 17, 27, 29, 30).
//!
//! Stratum (rule 27): losses and endings; reads questions, recorded acts, law, accounts.

pub(crate) mod endings;
pub mod open_years;
mod powers;
pub(crate) mod suspended;
mod takings;

use crate::answers::arrears::PolicyInForce;
use crate::answers::losses::open_years::other_readings;
use crate::answers::question::Question;
use crate::answers::view::{Parties, View};
use crate::dues::account::Account;
use crate::dues::case::{Case, Cause, Surroundings};
use crate::dues::loss::{Standing as DuesStanding, Turn};
use crate::dues::remedy::Keep;
use crate::entry::event::Event;
use crate::entry::gathered::dues_slot;
use crate::entry::policy::DuesTier;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ArticleRef, BodyId, RightId, Word};
use crate::record::fact::Fact;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::truth::Truth;
use crate::time::when::Window;
use powers::{Powers, Share};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a policy does to a party on a day, by one of its tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuesGround {
    /// The article that carries the policy.
    pub article: ArticleRef,
    /// How it is cited.
    pub citation: String,
    /// The entry of its version.
    pub position: Position,
    /// The policy's name.
    pub policy: Word,
    /// The reading applied.
    pub reading: Word,
    /// The readings that could be applied instead.
    pub other_readings: Vec<Word>,
    /// The tier, from 0.
    pub tier: usize,
    /// The rights it takes; none is every right.
    pub rights: Vec<RightId>,
    /// The bodies in which; none is every body.
    pub bodies: Vec<BodyId>,
    /// Whether it ends the membership.
    pub ends_membership: bool,
    /// The currency of the account (ISO 4217, lower case); none where it has several, or none.
    pub currency: Option<Word>,
    /// How the account stands under it.
    pub standing: DuesStanding,
    /// Since when it stands so, at worst for the party, and what brought it; none if nothing ever
    /// did.
    pub turn: Option<Turn>,
    /// What comes next by the passage of time alone.
    pub next: Option<Turn>,
    /// The smallest payment, in minor units, that ends the loss or the liability if made on the
    /// day; none if no payment does.
    pub smallest_payment: Option<u64>,
    /// What is to be paid by when to keep the rights; none where nothing lies ahead.
    pub keep: Option<Keep>,
    /// Whether the rights are taken.
    pub taken: Truth,
    /// Whether the law lets them go by decision only, so that the account makes the party liable
    /// and no more.
    pub by_decision: bool,
    /// The entry of the waiver that lets the party keep them; none where none does.
    pub waived_by: Option<Position>,
    /// The bodies in which that waiver does; none is every body.
    pub waived_in: Vec<BodyId>,
}

/// A policy with the account of a party.
struct Judged<'a> {
    policy: PolicyInForce<'a>,
    account: Account,
    surroundings: Surroundings,
    /// The same for tiers that end the membership, which began on a day.
    since_member: Surroundings,
    /// What the law lets it take, in the ways in which that may be: never none.
    powers: Vec<Powers>,
}

impl<'a> Judged<'a> {
    fn case<'j>(&'j self, tier: &'j DuesTier) -> Case<'j> {
        Case {
            policy: self.policy.policy,
            tier,
            account: &self.account,
            surroundings: if tier.ends_membership {
                &self.since_member
            } else {
                &self.surroundings
            },
        }
    }

    fn article(&self) -> &'a ArticleRef {
        self.policy.norm.article
    }

    /// Returns what a tier may take, apart for what goes by itself and what goes by decision, with
    /// whether the law certainly lets it take just that.
    fn shares(&self, tier: &DuesTier) -> Vec<(Share, Truth)> {
        let mut shares: BTreeMap<Share, usize> = BTreeMap::new();
        for powers in &self.powers {
            for share in powers.shares(tier) {
                *shares.entry(share).or_default() += 1;
            }
        }
        let certain = |ways: usize| {
            if ways == self.powers.len() {
                Truth::Yes
            } else {
                Truth::Unknown
            }
        };
        let shares = shares.into_iter();
        shares.map(|(share, ways)| (share, certain(ways))).collect()
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns what the policies in force on a day do to a party, by article, reading and tier.
    #[must_use]
    pub fn dues_grounds(&self, record: &PartyRecord, day: Day) -> Vec<DuesGround> {
        let mut grounds = Vec::new();
        let record = &*self.as_member(record, day);
        for judged in self.judged(record, day) {
            for (place, tier) in judged.policy.reading.tiers.iter().enumerate() {
                for (share, certain) in judged.shares(tier) {
                    let tier = (place, tier);
                    grounds.push(self.dues_ground(&judged, tier, share, certain, record, day));
                }
            }
        }
        let standings = self.classes(record, day);
        if !grounds.is_empty() && standings.iter().all(|standing| standing.class.is_none()) {
            // A membership that has ended does not come back by a payment, nor do its rights,
            // whether arrears ended it, under whichever policy, or an act.
            for ground in &mut grounds {
                ground.smallest_payment = None;
                ground.keep = None;
            }
        }
        grounds
    }

    fn judged(&self, record: &PartyRecord, day: Day) -> Vec<Judged<'_>> {
        if !self.has_dues(record) {
            return Vec::new();
        }
        let since = self.member_since(record, day);
        let policies = self.policies(record, day).into_iter();
        policies
            .map(|policy| self.judged_under(policy, record, since, day))
            .collect()
    }

    fn judged_under<'a>(
        &'a self,
        policy: PolicyInForce<'a>,
        record: &PartyRecord,
        member_since: Option<Window>,
        day: Day,
    ) -> Judged<'a> {
        let account = self.account(record);
        let surroundings = Surroundings {
            open: self.open_years(&policy, &account, record, day),
            ..self.surroundings(record, &policy)
        };
        Judged {
            account,
            since_member: Surroundings {
                member_since,
                ..surroundings.clone()
            },
            surroundings,
            powers: self.powers(policy.norm.article, record, day),
            policy,
        }
    }

    fn dues_ground(
        &self,
        judged: &Judged<'_>,
        (place, tier): (usize, &DuesTier),
        share: Share,
        certain: Truth,
        record: &PartyRecord,
        day: Day,
    ) -> DuesGround {
        let PolicyInForce {
            norm,
            policy,
            reading,
            ..
        } = judged.policy;
        let loss = judged.case(tier).lay();
        let standing = loss.at(day);
        let waiver = self.waiver(record, judged.article(), day);
        let by_itself = if share.by_decision {
            Truth::No
        } else {
            standing.lost
        };
        // A waiver for some bodies leaves the loss in the others.
        let everywhere = waiver.as_ref().filter(|waiver| waiver.bodies.is_empty());
        let kept = everywhere.map_or(Truth::No, |waiver| waiver.truth);
        let parent = if share.by_decision {
            Truth::No
        } else {
            self.taken_by_parent(judged, tier, record, day)
        };
        let since = judged.since_member.member_since;
        let taken = if let Some(since) = since.filter(|_| tier.ends_membership) {
            self.ended_by_arrears(record, since, day)
        } else {
            let applies = judged.policy.applies.and(certain);
            applies.and(by_itself.and(!kept).or(parent))
        };
        DuesGround {
            article: norm.article.clone(),
            citation: norm.version.citation.clone(),
            position: norm.position,
            policy: policy.name.clone(),
            reading: reading.name.clone(),
            other_readings: other_readings(policy, reading, &standing),
            tier: place,
            bodies: tier.bodies.clone(),
            ends_membership: tier.ends_membership,
            currency: self.currency_of(&judged.account),
            turn: loss.worst.turn_at(day).cloned(),
            next: loss.next_turn(day).cloned(),
            smallest_payment: loss.smallest_payment(day),
            keep: loss.keep_by(day),
            taken,
            by_decision: share.by_decision,
            rights: share.rights,
            waived_by: waiver.as_ref().map(|waiver| waiver.position),
            waived_in: waiver.map(|waiver| waiver.bodies).unwrap_or_default(),
            standing,
        }
    }

    /// Returns the entries that record, or may record, a party as suspended in the parent
    /// organisations of policies.
    pub(crate) fn parent_entries(
        &self,
        grounds: &[DuesGround],
        record: &PartyRecord,
        day: Day,
    ) -> Vec<Position> {
        let articles: BTreeSet<&ArticleRef> =
            grounds.iter().map(|ground| &ground.article).collect();
        let policies = self.policies(record, day).into_iter();
        let parents: BTreeSet<&Word> = policies
            .filter(|policy| articles.contains(policy.norm.article))
            .filter_map(|policy| policy.policy.parent.as_ref())
            .collect();
        let mut entries = Vec::new();
        for parent in parents {
            let slot = DuesSlot::Parent(parent.clone());
            let Some(line) = self.dues_line(record, &slot) else {
                continue;
            };
            let possible = line.possible(day).flatten();
            entries.extend(possible.filter_map(|(event, position)| {
                let suspended = event.suspended_by_parent() == Some(true);
                suspended.then_some(position)
            }));
        }
        entries
    }

    /// Returns the waiver of a policy that may stand on a day.
    fn waiver(&self, record: &PartyRecord, article: &ArticleRef, day: Day) -> Option<Waived> {
        let slot = DuesSlot::Waiver(article.clone());
        let line = self.dues_line(record, &slot)?;
        let mut found = None;
        let truths: Vec<Truth> = line
            .possible(day)
            .map(|value| {
                let Some((event, position)) = value else {
                    return Truth::No;
                };
                let Some(waiver) = event.waiver() else {
                    return Truth::No;
                };
                let until = waiver.until.as_ref().and_then(|until| self.when(until));
                let stands = until.map_or(Truth::Yes, |until| !passed(until, day));
                if stands != Truth::No {
                    found = Some((waiver.bodies.clone(), position));
                }
                stands
            })
            .collect();
        let (bodies, position) = found?;
        Some(Waived {
            truth: Truth::agreed(truths),
            bodies,
            position,
        })
    }

    fn dues_line(&self, record: &PartyRecord, slot: &DuesSlot) -> Option<Timeline<Arc<Event>>> {
        let of = |fact: &&Fact<Arc<Event>>| dues_slot(&fact.value).as_ref() == Some(slot);
        let facts: Vec<_> = record.dues_facts().iter().filter(of).cloned().collect();
        if facts.is_empty() {
            return None;
        }
        self.book
            .lay_without(&facts, self.known_at, self.without)
            .ok()
    }

    /// Returns the first day after one on which what is recorded of a party's money, or time alone,
    /// may move a right, with the policy and what happens then; without a policy, with the entry.
    #[must_use]
    pub fn next_dues_turn(
        &self,
        question: &Question,
        record: &PartyRecord,
        day: Day,
    ) -> Option<(Day, DuesTurn)> {
        let record = &*self.as_member(record, day);
        let (right, body) = (&question.right, question.body.as_ref());
        let in_body = |tier: &DuesTier| {
            tier.bodies.is_empty() || body.is_none_or(|body| tier.bodies.contains(body))
        };
        let mut turns: Vec<(Day, DuesTurn)> = Vec::new();
        for judged in self.judged(record, day) {
            let moves = |tier: &&DuesTier| {
                let mut powers = judged.powers.iter();
                let takes = powers.any(|powers| powers.takes_by_itself(tier, right));
                tier.ends_membership || (takes && in_body(tier))
            };
            for tier in judged.policy.reading.tiers.iter().filter(moves) {
                if let Some(turn) = judged.case(tier).lay().next_answer(day) {
                    let cause = DuesTurn::Policy(judged.article().clone(), turn.cause.clone());
                    turns.push((turn.day, cause));
                }
            }
        }
        let bounds = self.dues_bounds(record);
        turns.extend(bounds.map(|(day, position)| (day, DuesTurn::Entry(position))));
        let lifts = self.liftings(record, day).into_iter();
        turns.extend(lifts.map(|(day, entry)| (day, DuesTurn::Entry(entry))));
        turns.retain(|(turn, _)| *turn > day);
        turns.into_iter().min_by_key(|(day, _)| *day)
    }

    /// Returns the days on which entries about a party's money take effect, or end by their own
    /// terms.
    fn dues_bounds<'r>(
        &'r self,
        record: &'r PartyRecord,
    ) -> impl Iterator<Item = (Day, Position)> + use<'r, P> {
        self.known_dues(record).flat_map(|fact| {
            let on = self.book.window(fact.at, self.known_at);
            let until = fact.value.takes_or_spares_until();
            let until = until.and_then(|until| self.when(until));
            let windows = [on, until].into_iter().flatten();
            let days = windows.flat_map(|window| [window.earliest, window.latest]);
            let annulled: Vec<Day> = self.annulled(fact).days().collect();
            days.chain(annulled).map(|day| (day, fact.position))
        })
    }

    /// Returns every day on which what a party loses by its money may be another than the day
    /// before. `years` are the days on which conditions about years turn.
    #[must_use]
    pub fn dues_days(&self, record: &PartyRecord, years: &BTreeSet<Day>) -> BTreeSet<Day> {
        let mut days = self.dues_days_of(record, years);
        if record.kin().is_none() {
            return days;
        }
        // A membership that passed has the clocks it had.
        let line = self.class_line(record);
        for step in line.iter().flat_map(Timeline::steps) {
            if let Cow::Owned(member) = self.as_member(record, step.window.latest) {
                days.extend(self.dues_days_of(&member, years));
            }
        }
        days
    }

    fn dues_days_of(&self, record: &PartyRecord, years: &BTreeSet<Day>) -> BTreeSet<Day> {
        let mut days: BTreeSet<Day> = self.dues_bounds(record).map(|(day, _)| day).collect();
        // What waits for a session after a notice is answered, on the day after it, as if one
        // opened.
        let notices = self
            .known_dues(record)
            .filter(|fact| fact.value.notice().is_some());
        let given = notices.filter_map(|fact| self.book.window(fact.at, self.known_at));
        days.extend(given.flat_map(|on| [on.earliest.next(), on.latest.next()]));
        for day in days.clone() {
            days.extend(self.liftings(record, day).into_iter().map(|(day, _)| day));
        }
        // Which policies judge, and since when the party is a member for them, changes on these
        // days only.
        let mut others = self.law.policy_bounds();
        if self.law.has_conditional_policies() {
            others.extend(years.union(&days));
        }
        others.insert(Day::MIN);
        let line = self.class_line(record);
        let steps = line.iter().flat_map(Timeline::steps);
        others.extend(steps.flat_map(|step| [step.window.earliest, step.window.latest]));
        for day in others {
            for judged in self.judged(record, day) {
                for tier in &judged.policy.reading.tiers {
                    let loss = judged.case(tier).lay();
                    let turns = loss.best.turns().iter().chain(loss.worst.turns());
                    days.extend(turns.map(|turn| turn.day));
                }
            }
        }
        days
    }
}

/// What moves a right that hangs on money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DuesTurn {
    /// The policy of an article, and what happens to the account.
    Policy(ArticleRef, Cause),
    /// An entry takes effect, or ends by its own terms.
    Entry(Position),
}

struct Waived {
    truth: Truth,
    bodies: Vec<BodyId>,
    position: Position,
}

/// Returns whether the end of something, its first day without, has come by a day.
fn passed(until: Window, day: Day) -> Truth {
    if until.latest <= day {
        Truth::Yes
    } else if until.earliest <= day {
        Truth::Unknown
    } else {
        Truth::No
    }
}

impl DuesGround {
    /// Returns what is not known where it is open whether the policy had taken the right by a day.
    pub(crate) fn missing(&self, day: Day) -> String {
        let whether = format!("whether {} had taken the right by {day}", self.article);
        if !self.standing.hangs_on_open_years() {
            return whether;
        }
        let years = self.standing.measured_worst.open_years.iter();
        let years: Vec<String> = years.map(ToString::to_string).collect();
        format!(
            "{whether}; what is assessed for {} is not recorded",
            years.join(" and ")
        )
    }
}
