//! The accounts of parties, read off what is recorded, and the policies that judge them (rules 28
//! to 30).
//!
//! Stratum (rule 27): accounts; reads recorded acts, law.

use crate::answers::view::{Parties, View};
use crate::dues::account::{
    Account, Balance, NEVER, Obligation, Payment, Placement, Plan, Revision,
};
use crate::dues::case::{Notice, Surroundings};
use crate::entry::event::Event;
use crate::entry::event::ask::OnAccount;
use crate::entry::gathered::dues_slot;
use crate::entry::policy::{DuesPolicy, DuesReading};
use crate::entry::slot::{DuesSlot, Slot};
use crate::id::position::Position;
use crate::id::{ArticleRef, FundId, PartyId, Word};
use crate::law::condition::Circumstances;
use crate::law::in_force::InForce;
use crate::record::fact::Fact;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::{When, Window};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many successions an account is followed through.
const LONGEST_CHAIN: usize = 32;

/// A policy that is, or may be, in force on a day.
#[derive(Debug, Clone, Copy)]
pub struct PolicyInForce<'a> {
    /// The norm that carries it.
    pub norm: InForce<'a>,
    /// The policy.
    pub policy: &'a DuesPolicy,
    /// The reading that is applied.
    pub reading: &'a DuesReading,
    /// Whether it is in force, and its condition met.
    pub applies: Truth,
}

/// An account as a policy sees it.
#[derive(Debug, Clone)]
pub struct AccountView<'a> {
    /// The policy; none where none is in force.
    pub policy: Option<PolicyInForce<'a>>,
    /// What stands, as well for the party as may be.
    pub best: Balance,
    /// What stands, as badly for the party as may be.
    pub worst: Balance,
}

/// An account being drawn up.
#[derive(Default)]
struct Ledger {
    obligations: BTreeMap<(u16, FundId), Obligation>,
    account: Account,
}

impl Ledger {
    fn obligation(&mut self, fund: &FundId, year: u16) -> &mut Obligation {
        let key = (year, fund.clone());
        self.obligations.entry(key).or_insert_with(|| Obligation {
            fund: fund.clone(),
            year: narrow(year),
            revisions: Vec::new(),
            written_off: Vec::new(),
        })
    }

    fn close(mut self) -> Account {
        self.account.obligations = self.obligations.into_values().collect();
        self.account
    }
}

/// Years are those of days the ledger counts.
fn narrow(year: u16) -> i16 {
    i16::try_from(year).unwrap_or(i16::MAX)
}

impl<P: Parties> View<'_, P> {
    /// Returns the dues policies that are, or may be, in force on a day for a party, each in the
    /// reading asked for, else in its default.
    #[must_use]
    pub fn policies(&self, record: &PartyRecord, day: Day) -> Vec<PolicyInForce<'_>> {
        if !self.law.has_policies() {
            return Vec::new();
        }
        let now = self.circumstances(record, day);
        let in_force = self.law.in_force(day).into_iter();
        in_force
            .filter_map(|norm| self.policy(norm, &now))
            .collect()
    }

    pub(crate) fn policy<'a>(
        &self,
        norm: InForce<'a>,
        now: &Circumstances,
    ) -> Option<PolicyInForce<'a>> {
        let policy = norm.norm.rule.dues()?;
        let asked = self.readings.iter().find_map(|name| policy.reading(name));
        let reading = asked.or_else(|| policy.readings.first())?;
        let applies = norm.certain.and(now.judge(&norm.norm.condition));
        (applies != Truth::No).then_some(PolicyInForce {
            norm,
            policy,
            reading,
            applies,
        })
    }

    /// Returns the account of a party: what is recorded of it, and of those whose accounts passed
    /// to it (rule 12).
    #[must_use]
    pub fn account(&self, record: &PartyRecord) -> Account {
        let mut ledger = Ledger::default();
        self.enter(record, None, LONGEST_CHAIN, &mut ledger);
        ledger.close()
    }

    /// Enters what is recorded of a party; with `passed`, what stood on its account when that
    /// passed on.
    fn enter(
        &self,
        record: &PartyRecord,
        passed: Option<Window>,
        chain: usize,
        ledger: &mut Ledger,
    ) {
        let mut funds: BTreeSet<FundId> = BTreeSet::new();
        let mut passed_from: Vec<(PartyId, Window)> = Vec::new();
        for fact in self.known_dues(record) {
            if let Some(plan) = fact.value.plan() {
                funds.insert(plan.fund.clone());
            }
            let on = self.book.window(fact.at, self.known_at);
            let Some(on) = on.filter(|on| passed.is_none_or(|end| on.earliest <= end.latest))
            else {
                continue;
            };
            // What passed on is the successor's from that day, not before.
            let on = passed.map_or(on, |passed| not_before(on, passed));
            if let Some(succession) = fact.value.succession() {
                passed_from.push((succession.from.clone(), on));
            }
            if let Some(what) = fact.value.on_account() {
                self.enter_fact(what, on, fact.position, ledger);
                let annulled = self.annulled(fact);
                if annulled.count() > 0 {
                    ledger.account.annulled.insert(fact.position, annulled);
                }
            }
        }
        for fund in funds {
            self.enter_plans(record, &fund, ledger);
        }
        let Some(chain) = chain.checked_sub(1) else {
            return;
        };
        for (from, on) in passed_from {
            if let Some(record) = self.record(&from) {
                self.enter(&record, Some(on), chain, ledger);
            }
        }
    }

    fn enter_fact(&self, what: OnAccount<'_>, on: Window, position: Position, ledger: &mut Ledger) {
        match what {
            OnAccount::Assessed(dues) => {
                let due = self.when(&dues.due);
                let revision = Revision {
                    number: dues.revision,
                    effective: on,
                    due: due.unwrap_or(Window::day(NEVER)),
                    amount: dues.amount.minor_units,
                    position,
                };
                let obligation = ledger.obligation(&dues.fund, dues.year);
                obligation.revisions.push(revision);
            }
            OnAccount::WrittenOff(off) => {
                let obligation = ledger.obligation(&off.fund, off.year);
                let written_off = (on, off.amount.minor_units, position);
                obligation.written_off.push(written_off);
            }
            OnAccount::Paid(paid) => ledger.account.payments.push(Payment {
                fund: paid.fund.clone(),
                on,
                amount: paid.amount.minor_units,
                year: paid.year.map(narrow),
                position,
            }),
        }
    }

    fn enter_plans(&self, record: &PartyRecord, fund: &FundId, ledger: &mut Ledger) {
        let slot = DuesSlot::Plan(fund.clone());
        let Ok(line) = record.dues_line(self.book, self.known_at, &slot, self.without) else {
            return;
        };
        // A plan lasts from the step with which it stands to the next with which it no longer does:
        // another may end it, an annulment may end it or give it back.
        let stands = |place: usize| line.value_after(Some(place)).map(|(_, position)| position);
        let steps = line.steps();
        for (place, step) in steps.iter().enumerate() {
            let Some((event, position)) = line.value_after(Some(place)) else {
                continue;
            };
            let before = place.checked_sub(1).and_then(stands);
            let Some(plan) = event.plan().filter(|_| before != Some(position)) else {
                continue;
            };
            let instalments = plan.instalments.iter().map(|instalment| {
                let due = self.when(&instalment.due).unwrap_or(Window::day(NEVER));
                (due, instalment.amount.minor_units)
            });
            let mut later = place + 1..steps.len();
            let next = later.find(|later| stands(*later) != Some(position));
            let next = next.map(|next| steps[next].window);
            let own = plan.until.as_ref().and_then(|until| self.when(until));
            ledger.account.plans.push(Plan {
                fund: Some(plan.fund.clone()),
                agreed: step.window,
                until: sooner(own, next),
                instalments: instalments.collect(),
                position,
            });
        }
    }

    /// Returns the account of a party on a day, as each policy in force sees it, at best and at
    /// worst; where no policy is in force, with payments going to the oldest year first.
    #[must_use]
    pub fn balances(&self, record: &PartyRecord, day: Day) -> Vec<AccountView<'_>> {
        let account = self.account(record);
        let seen = |policy: &DuesPolicy, by| AccountView {
            policy: by,
            best: account.at(policy, day, Placement::Best),
            worst: account.at(policy, day, Placement::Worst),
        };
        let policies = self.policies(record, day);
        if policies.is_empty() {
            let plain = DuesPolicy::plain();
            return plain.iter().map(|plain| seen(plain, None)).collect();
        }
        let policies = policies.into_iter();
        policies.map(|by| seen(by.policy, Some(by))).collect()
    }

    /// Returns the currency of a fund; none if it is not established.
    #[must_use]
    pub fn currency(&self, fund: &FundId) -> Option<&Word> {
        let slot = Slot::Fund(fund.clone());
        let facts = self.book.facts(&slot).iter();
        let mut known = facts.filter(|fact| fact.is_known(self.known_at));
        known.find_map(|fact| Some(&fact.value.fund()?.currency))
    }

    /// Returns the one currency of an account; none where it has several, or none.
    #[must_use]
    pub fn currency_of(&self, account: &Account) -> Option<Word> {
        let owed = account
            .obligations
            .iter()
            .map(|obligation| &obligation.fund);
        let paid = account.payments.iter().map(|payment| &payment.fund);
        let mut currencies = owed.chain(paid).filter_map(|fund| self.currency(fund));
        let first = currencies.next()?;
        currencies
            .all(|other| other == first)
            .then(|| first.clone())
    }

    /// Returns what lies around an account under a policy: when sessions open, and the notices
    /// under its article.
    #[must_use]
    pub fn surroundings(&self, record: &PartyRecord, article: &ArticleRef) -> Surroundings {
        let sessions = self.book.sessions(None);
        let openings = sessions.filter_map(|session| {
            let days = self.book.session_days(session, self.known_at)?;
            Some((session.series.clone(), days.opening))
        });
        let slot = DuesSlot::Notices(article.clone());
        let facts = self.known_dues(record);
        let notices = facts
            .filter(|fact| dues_slot(&fact.value).as_ref() == Some(&slot))
            .filter_map(|fact| {
                let on = self.book.window(fact.at, self.known_at)?;
                let annulled = self.annulled(fact);
                Some(Notice { on, annulled })
            });
        Surroundings {
            openings: openings.collect(),
            notices: notices.collect(),
            member_since: None,
        }
    }

    /// Returns the facts about a party's money that are known, not left out and not annulled from
    /// the start.
    pub(crate) fn known_dues<'r>(
        &'r self,
        record: &'r PartyRecord,
    ) -> impl Iterator<Item = &'r Fact<Arc<Event>>> {
        let facts = record.dues_facts().iter();
        facts.filter(|fact| {
            fact.is_known(self.known_at)
                && !(self.without)(fact.position)
                && !self.is_void(fact.position, fact.annulled)
        })
    }

    /// Returns whether a fact about a party's money is annulled, day by day.
    pub(crate) fn annulled(&self, fact: &Fact<Arc<Event>>) -> Steps<Truth> {
        if fact.annulled {
            self.book
                .annulled_without(fact.position, self.known_at, self.without)
        } else {
            Steps::default()
        }
    }

    /// Returns the window of something that takes effect; none if the session it hangs on is not
    /// known or called off.
    #[must_use]
    pub fn when(&self, when: &When) -> Option<Window> {
        match when {
            When::Window(window) => Some(*window),
            When::Anchor { session, edge } => {
                let days = self.book.session_days(session, self.known_at)?;
                Some(days.edge(*edge))
            }
        }
    }
}

fn not_before(on: Window, first: Window) -> Window {
    Window {
        earliest: on.earliest.max(first.earliest),
        latest: on.latest.max(first.latest),
    }
}

/// Returns the one that ends sooner; an end that is not recorded is none.
pub(crate) fn sooner(a: Option<Window>, b: Option<Window>) -> Option<Window> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Window {
            earliest: a.earliest.min(b.earliest),
            latest: a.latest.min(b.latest),
        }),
        (one, None) | (None, one) => one,
    }
}
