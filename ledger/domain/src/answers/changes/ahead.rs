//! What lies ahead of a party if nothing more is recorded: rights that turn, what is to be paid by
//! when, and what ends by its own terms.
//!
//! Stratum (rule 27): rights; reads recorded acts, law, accounts, losses and endings.

use crate::answers::changes::RightChange;
use crate::answers::view::{Parties, View};
use crate::entry::event::Event;
use crate::entry::gathered::dues_slot;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{ArticleRef, FundId, PartyId, Word};
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

/// Returns whether something may happen on one of some days.
fn may_be_on(window: Window, days: &RangeInclusive<Day>) -> bool {
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
    /// after the day on which it is asked. `law_turns` is what [`View::law_turns`] says of them.
    #[must_use]
    pub fn ahead(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        days: &RangeInclusive<Day>,
        law_turns: bool,
    ) -> Ahead {
        let has_money = !record.dues_facts().is_empty();
        let mut ahead = Ahead::default();
        if has_money || law_turns || self.class_turns(record, days) {
            let laid = self.lay_rights(record);
            let turns = laid.days();
            let turns = turns.range(days.clone());
            ahead.rights = turns
                .flat_map(|day| laid.at_start_of(*day, party))
                .collect();
        }
        if has_money {
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

    /// Returns what is to be paid: what is unpaid of each assessment, as the first policy sees it,
    /// and parts of plans.
    fn payable(
        &self,
        record: &PartyRecord,
        today: Day,
        days: &RangeInclusive<Day>,
    ) -> Vec<Payable> {
        let views = self.balances(record, today);
        let lines = views.first().into_iter().flat_map(|seen| &seen.worst.lines);
        let open = lines.filter(|line| line.unpaid > 0 && days.contains(&line.due));
        let mut payable: Vec<Payable> = open
            .map(|line| Payable {
                fund: Some(line.fund.clone()),
                year: Some(line.year),
                amount: line.unpaid,
                due: Window::day(line.due),
                position: line.position,
            })
            .collect();
        let account = self.account(record);
        let plans = account.plans.iter().filter(|plan| {
            let until = plan.until.map_or(Day::MAX, |until| until.latest);
            plan.agreed.earliest <= *days.end() && today < until
        });
        for plan in plans {
            let due = plan.instalments.iter();
            payable.extend(
                due.filter(|(due, _)| may_be_on(*due, days))
                    .map(|(due, amount)| Payable {
                        fund: plan.fund.clone(),
                        year: None,
                        amount: *amount,
                        due: *due,
                        position: plan.position,
                    }),
            );
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

    /// Returns the waivers, plans and suspensions that stand on a day and say when they end.
    fn endings_ahead(
        &self,
        record: &PartyRecord,
        today: Day,
        days: &RangeInclusive<Day>,
    ) -> Vec<Ending> {
        let slots: BTreeSet<DuesSlot> = record
            .dues_facts()
            .iter()
            .filter(|fact| ends(&fact.value).is_some())
            .filter_map(|fact| dues_slot(&fact.value))
            .collect();
        let mut found = Vec::new();
        for slot in slots {
            let line = record.dues_line(self.book, self.known_at, &slot, self.without);
            let Ok(line) = line else { continue };
            for (event, position) in line.possible(today).flatten() {
                let Some((article, of_fund, until)) = ends(event) else {
                    continue;
                };
                let Some(until) = self.book.window_of(until, self.known_at) else {
                    continue;
                };
                if may_be_on(until, days) {
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
