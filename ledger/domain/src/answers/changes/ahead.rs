//! What lies ahead of a party if nothing more is recorded: rights that turn, what is to be paid by
//! when, and what ends by its own terms.
//!
//! Stratum (rule 27): rights; reads recorded acts, law, accounts, losses and endings.

use crate::answers::changes::RightChange;
use crate::answers::view::{Parties, View};
use crate::dues::account::{NEVER, Obligation, Placement, Plan, Revision};
use crate::entry::event::Event;
use crate::entry::gathered::dues_slot;
use crate::entry::norm::OfficeRule;
use crate::entry::policy::DuesPolicy;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ArticleRef, FundId, OfficeId, PartyId, Word};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::when::{When, Window};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// An amount that is to be paid, and by when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// The fund; none of a plan for all.
    pub fund: Option<FundId>,
    /// The year for which; none of a part of a plan.
    pub year: Option<i16>,
    /// How much, in minor units, at worst for the party.
    pub amount: u64,
    /// The last day to pay it.
    pub due: Window,
    /// The entry that says so.
    pub position: Position,
}

/// What must be paid so that a right is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// The article that carries the policy.
    pub article: ArticleRef,
    /// How much, in minor units.
    pub amount: u64,
    /// The currency; none where the account has several.
    pub currency: Option<Word>,
    /// The last day to pay it.
    pub by: Day,
    /// The version of the article.
    pub position: Position,
}

/// A waiver, a plan or a suspension that ends by its own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The article that it stands under; none of a plan.
    pub article: Option<ArticleRef>,
    /// The fund of a plan.
    pub fund: Option<FundId>,
    /// The first day without it.
    pub until: Window,
    /// Its entry.
    pub position: Position,
}

/// What lies ahead of a party.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ahead {
    /// Rights that are answered otherwise from a day on than the day before, by day.
    pub rights: Vec<RightChange>,
    /// What is to be paid.
    pub payable: Vec<Payable>,
    /// What must be paid to keep rights.
    pub keeping: Vec<Keeping>,
    /// What ends by its own terms.
    pub endings: Vec<Ending>,
}

/// What is wanted of that which lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Rights that turn.
    pub rights: bool,
    /// What is to be paid, and what ends.
    pub money: bool,
    /// What [`View::law_turns`] says of the days.
    pub law_turns: bool,
}

/// Returns whether something may happen on one of some days.
#[must_use]
pub fn may_be_on(window: Window, days: &RangeInclusive<Day>) -> bool {
    window.earliest <= *days.end() && *days.start() <= window.latest
}

impl<P: Parties> View<'_, P> {
    /// Returns whether law, or what hangs on law alone, may be another on one of some days than the
    /// day before, for anybody.
    #[must_use]
    pub fn law_turns(&self, days: &RangeInclusive<Day>) -> bool {
        let new_year = Day::first_of_year(days.end().year());
        let turns = self.law.change_days().range(days.clone()).next().is_some();
        turns || (self.law.has_conditional_rights() && days.contains(&new_year))
    }

    /// Returns what lies ahead of a registered party on some days, the first of which is the one
    /// after the day on which it is asked.
    #[must_use]
    pub fn ahead(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        days: &RangeInclusive<Day>,
        wanted: Wanted,
    ) -> Ahead {
        let has_money = !record.dues_facts().is_empty();
        let mut ahead = Ahead::default();
        let turns = has_money || wanted.law_turns || self.class_turns(record, days);
        if wanted.rights && turns {
            let laid = self.lay_rights(record);
            let turns = laid.days();
            let turns = turns.range(days.clone());
            ahead.rights = turns
                .flat_map(|day| laid.at_start_of(*day, party))
                .collect();
        }
        if has_money && wanted.money {
            let today = days.start().previous();
            ahead.payable = self.payable(record, today, days);
            ahead.keeping = self.keeping(record, today, days);
            ahead.endings = self.endings_ahead(record, today, days);
        }
        ahead
    }

    /// Returns whether the class of a party, or whether it is born, may be another on one of some
    /// days than the day before by what is recorded of it.
    fn class_turns(&self, record: &PartyRecord, days: &RangeInclusive<Day>) -> bool {
        let line = self.class_line(record);
        let mut steps = line.iter().flat_map(Timeline::steps);
        // A succession brings the class of another, whose own line may move it.
        record.kin().is_some()
            || self.law.ends_memberships()
            || steps.any(|step| may_be_on(step.window, days))
            || may_be_on(self.birth(record), days)
    }

    /// Returns what is to be paid: what will be unpaid of each assessment on its last day, and of
    /// parts of plans.
    fn payable(
        &self,
        record: &PartyRecord,
        today: Day,
        days: &RangeInclusive<Day>,
    ) -> Vec<Payable> {
        let account = self.account(record);
        let policies = self.policies(record, today);
        let plain = DuesPolicy::plain();
        let unpaid = |fund: &FundId, day: Day| {
            let mut covering = policies.iter().map(|of| of.policy);
            let policy = covering.find(|policy| policy.covers(fund));
            let policy = policy.or(plain.as_ref())?;
            Some(account.at(policy, day, Placement::Worst).lines)
        };
        let mut payable = Vec::new();
        let is_ahead =
            |revision: &&Revision| revision.due.earliest < NEVER && may_be_on(revision.due, days);
        for Obligation {
            fund,
            year,
            name,
            revisions,
            ..
        } in &account.obligations
        {
            for revision in revisions.iter().filter(is_ahead) {
                let lines = unpaid(fund, revision.due.latest).unwrap_or_default();
                let mut of_it = lines.iter().filter(|line| {
                    // The revision that counts on that day.
                    line.position == revision.position
                        && (&line.fund, line.year, line.name) == (fund, *year, *name)
                });
                if let Some(line) = of_it.next().filter(|line| line.unpaid > 0) {
                    payable.push(Payable {
                        fund: Some(fund.clone()),
                        year: Some(*year),
                        amount: line.unpaid,
                        due: revision.due,
                        position: revision.position,
                    });
                }
            }
        }
        let plans = account.plans.iter().filter(|plan| {
            let until = plan.until.map_or(Day::MAX, |until| until.latest);
            plan.agreed.earliest <= *days.end() && today < until
        });
        for plan in plans {
            let left_on = |day: Day| {
                let fund = plan.fund.as_ref()?;
                let lines = unpaid(fund, day)?;
                let of_fund = lines.iter().filter(|line| line.fund == *fund);
                Some(of_fund.map(|line| line.unpaid).sum::<u64>())
            };
            payable.extend(parts(plan, days, &left_on));
        }
        payable
    }

    fn keeping(
        &self,
        record: &PartyRecord,
        today: Day,
        days: &RangeInclusive<Day>,
    ) -> Vec<Keeping> {
        let grounds = self.dues_grounds(record, today).into_iter();
        let mut found: Vec<Keeping> = Vec::new();
        for ground in grounds {
            let Some(keep) = ground.keep.filter(|keep| days.contains(&keep.by)) else {
                continue;
            };
            let keeping = Keeping {
                article: ground.article,
                amount: keep.amount,
                currency: ground.currency,
                by: keep.by,
                position: ground.position,
            };
            if !found.contains(&keeping) {
                found.push(keeping);
            }
        }
        found
    }

    /// Returns the waivers, plans and suspensions that end by their own terms on one of some days,
    /// before anything else that is recorded ends them.
    fn endings_ahead(
        &self,
        record: &PartyRecord,
        today: Day,
        days: &RangeInclusive<Day>,
    ) -> Vec<Ending> {
        // What was granted or taken goes with the membership.
        let member = self.as_member(record, today);
        let facts = member.dues_facts().iter();
        let ending = facts.filter(|fact| ends(&fact.value).is_some());
        let slots: BTreeSet<DuesSlot> = ending.filter_map(|fact| dues_slot(&fact.value)).collect();
        let mut found = Vec::new();
        for slot in slots {
            let line = member.dues_line(self.book, self.known_at, &slot, self.without);
            let Ok(line) = line else { continue };
            let stands = |place: usize| line.value_after(Some(place));
            for place in 0..line.steps().len() {
                let Some((event, position)) = stands(place) else {
                    continue;
                };
                let is_same = |of: usize| stands(of).is_some_and(|(_, other)| other == position);
                if place.checked_sub(1).is_some_and(is_same) {
                    continue;
                }
                let Some((article, of_fund, until)) = ends(event) else {
                    continue;
                };
                let mut later = place + 1..line.steps().len();
                let next = later.find(|of| !is_same(*of));
                let next = next.map(|next| line.steps()[next].window);
                let Some(until) = self.when(until) else {
                    continue;
                };
                let is_first = next.is_none_or(|next| until.latest <= next.earliest);
                if is_first && may_be_on(until, days) && self.may_belong(&member, until) {
                    found.push(Ending {
                        article: article.cloned(),
                        fund: of_fund.cloned(),
                        until,
                        position,
                    });
                }
            }
        }
        found
    }

    /// Returns whether a party may have a class on the day before something ends: else it ended
    /// with its membership, or passed on.
    fn may_belong(&self, record: &PartyRecord, until: Window) -> bool {
        let standings = self.classes(record, until.earliest.previous());
        standings.iter().any(|standing| standing.class.is_some())
    }

    /// Returns when the term of a holder ends by what was recorded with it, else by law; none where
    /// neither says.
    #[must_use]
    pub fn term_ends(&self, office: &OfficeId, event: &Event, begun: Window) -> Option<Window> {
        if let Some(until) = event.holding()?.term_until {
            // Until an edge of a session that was called off: it does not end by itself.
            return self.when(until);
        }
        let norms = self.law.in_force(begun.latest);
        let mut rules = norms.iter().filter_map(|norm| norm.norm.rule.office());
        let rule = rules.find(|rule| rule.office == *office)?;
        self.term_by_law(rule, begun)
    }

    /// Returns the end of a term as the law fixes it: the close of the next session of a series, or
    /// a number of years.
    pub(crate) fn term_by_law(&self, rule: &OfficeRule, begun: Window) -> Option<Window> {
        if let Some(series) = &rule.term_ends_at_close_of {
            let sessions = self.book.sessions(Some(series));
            let days = sessions.filter_map(|of| self.book.session_days(of, self.known_at));
            let later = days.filter(|days| days.opening.earliest > begun.latest);
            return later.map(|days| days.closing).min();
        }
        let months = i32::try_from(rule.term_years).ok()?.checked_mul(12)?;
        (months > 0).then(|| Window {
            earliest: begun.earliest.plus_months(months),
            latest: begun.latest.plus_months(months),
        })
    }
}

/// Returns the parts of a plan that are to be paid on some days, as far as what the plan is about
/// is unpaid by then: what was paid went to the first of them.
fn parts(
    plan: &Plan,
    days: &RangeInclusive<Day>,
    left_on: &dyn Fn(Day) -> Option<u64>,
) -> Vec<Payable> {
    let total: u64 = plan.instalments.iter().map(|(_, amount)| amount).sum();
    let mut found = Vec::new();
    let mut up_to = 0;
    for (due, amount) in &plan.instalments {
        up_to += amount;
        if due.earliest == NEVER || !may_be_on(*due, days) {
            continue;
        }
        let paid = left_on(due.latest).map_or(0, |left| total.saturating_sub(left));
        let left = up_to.saturating_sub(paid).min(*amount);
        if left > 0 {
            found.push(Payable {
                fund: plan.fund.clone(),
                year: None,
                amount: left,
                due: *due,
                position: plan.position,
            });
        }
    }
    found
}

/// Returns under which article, or of which fund, something stands that says when it ends, and
/// when.
fn ends(event: &Event) -> Option<(Option<&ArticleRef>, Option<&FundId>, &When)> {
    if let Some(waiver) = event.waiver() {
        return Some((Some(&waiver.article), None, waiver.until.as_ref()?));
    }
    if let Some(suspension) = event.suspension() {
        let until = suspension.until.as_ref()?;
        return Some((Some(&suspension.article), None, until));
    }
    let plan = event.plan()?;
    Some((None, Some(&plan.fund), plan.until.as_ref()?))
}
