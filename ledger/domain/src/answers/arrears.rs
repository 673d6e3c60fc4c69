//! The accounts of parties, read off what is recorded, and the policies that judge them (rules 28
//! to 30).
//!
//! Stratum (rule 27): accounts; reads recorded acts, law.

mod written_off;

use crate::answers::view::{Parties, View};
use crate::dues::account::{
    Account, Balance, Joined, NEVER, Obligation, Payment, Placement, Plan, Revision, Stay,
};
use crate::dues::case::{Notice, Surroundings};
use crate::entry::event::Event;
use crate::entry::event::ask::OnAccount;
use crate::entry::gathered::dues_slot;
use crate::entry::norm::Norm;
use crate::entry::policy::{DuesPolicy, DuesReading};
use crate::entry::slot::{DuesSlot, Slot};
use crate::id::position::Position;
use crate::id::{FundId, PartyId, Word};
use crate::law::condition::Circumstances;
use crate::law::in_force::InForce;
use crate::record::fact::Fact;
use crate::record::party::PartyRecord;
use crate::record::passage::{Held, Together, later, sooner};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::{When, Window};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

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

/// What stands on an account at all times.
const ALWAYS: Stay = Stay {
    from: Window {
        earliest: Day::MIN,
        latest: Day::MIN,
    },
    until: None,
};

/// When, how much, by which entry.
type WrittenOff = (Window, u64, Position);

/// What an obligation goes by: the year, the fund, the number of the name.
type Key = (u16, FundId, usize);

/// An account being drawn up.
#[derive(Default)]
struct Ledger {
    obligations: BTreeMap<Key, Obligation>,
    /// What was written off: of which, when, how much, by which entry.
    written_off: Vec<(Key, WrittenOff)>,
    account: Account,
}

impl Ledger {
    fn obligation(&mut self, key: &Key) -> &mut Obligation {
        let (year, fund, name) = key;
        let new = || Obligation {
            fund: fund.clone(),
            year: narrow(*year),
            name: *name,
            revisions: Vec::new(),
            written_off: Vec::new(),
        };
        self.obligations.entry(key.clone()).or_insert_with(new)
    }

    fn close(mut self) -> Account {
        for (key, written_off) in std::mem::take(&mut self.written_off) {
            let key = self.meant(key);
            self.obligation(&key).written_off.push(written_off);
        }
        self.account.obligations = self.obligations.into_values().collect();
        self.account
    }

    /// Returns what a write-off is of: dues of its name for the year; where none were assessed
    /// under that name, those for the year that came to the account, the first due first.
    fn meant(&self, key: (u16, FundId, usize)) -> (u16, FundId, usize) {
        if self.obligations.contains_key(&key) {
            return key;
        }
        let (year, fund, _) = &key;
        let of_year = (*year, fund.clone(), 0)..=(*year, fund.clone(), usize::MAX);
        let due = |obligation: &Obligation| {
            let mut revisions = obligation.revisions.iter();
            revisions.next().map(|first| (first.due, first.position))
        };
        let first = self.obligations.range(of_year);
        let first = first.min_by_key(|(_, obligation)| due(obligation));
        first.map_or(key.clone(), |(first, _)| first.clone())
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
        let carries = |norm: &Norm| norm.rule.dues().is_some();
        let in_force = self.law.in_force_where(day, &carries).into_iter();
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
        let read = |party: &PartyId| self.record(party);
        let Some(accounts) = self.known(&read).accounts(record) else {
            self.enter(record, 0, None, &mut ledger);
            return ledger.close();
        };
        let stay = |held: &Held| Stay {
            from: held.from,
            until: held.until,
        };
        for (name, held) in accounts.held.iter().enumerate() {
            let stays: Vec<Stay> = held.iter().map(stay).collect();
            let of = match name {
                0 => Some(record),
                _ => accounts.records[name].as_ref(),
            };
            if let Some(of) = of.filter(|_| !stays.is_empty()) {
                self.enter(of, name, Some(&stays), &mut ledger);
            }
            ledger.account.names.push(stays);
        }
        let together = accounts.together.iter();
        ledger.account.joined = together.map(joined).collect();
        ledger.close()
    }

    /// Returns whether anything is recorded of a party's dues, or of the account it holds: that it
    /// succeeded somebody, or was succeeded, says nothing of them.
    pub(crate) fn has_dues(&self, record: &PartyRecord) -> bool {
        let mut facts = self.known_dues(record);
        if facts.any(|fact| fact.value.succession().is_none()) {
            return true;
        }
        record.kin().is_some() && !self.account(record).is_empty()
    }

    /// Returns the entries that count for the account of a party on a day: those about its money
    /// and what hangs on it, those under the names whose accounts have come to it by then, and the
    /// successions by which they came; not what went to another with its account.
    #[must_use]
    pub fn account_entries(&self, record: &PartyRecord, day: Day) -> BTreeSet<Position> {
        let known = |record: &PartyRecord, of_account: Option<bool>| {
            let facts = record.dues_facts().iter();
            let facts = facts.filter(|fact| fact.is_known(self.known_at));
            let asked = facts.filter(|fact| {
                let event = &fact.value;
                let on_account = event.on_account().is_some() || event.plan().is_some();
                of_account.is_none_or(|asked| asked == on_account)
            });
            asked.map(|fact| fact.position).collect::<Vec<_>>()
        };
        let read = |party: &PartyId| self.record(party);
        let Some(accounts) = self.known(&read).accounts(record) else {
            return known(record, None).into_iter().collect();
        };
        let mut entries: BTreeSet<Position> = known(record, Some(false)).into_iter().collect();
        let by_then = |held: &&Held| {
            let begun = held.from.earliest <= day;
            begun && held.until.is_none_or(|until| day < until.latest)
        };
        for (name, held) in accounts.held.iter().enumerate() {
            if held.iter().filter(by_then).count() == 0 {
                continue;
            }
            let of = match name {
                0 => Some(record),
                _ => accounts.records[name].as_ref(),
            };
            entries.extend(of.into_iter().flat_map(|of| known(of, Some(true))));
            let passed = of.into_iter().flat_map(|of| self.known(&read).passages(of));
            let passed = passed.filter(|passage| passage.accounts && passage.on.earliest <= day);
            entries.extend(passed.map(|passage| passage.position));
        }
        entries
    }

    /// Enters what is recorded under a name.
    fn enter(
        &self,
        record: &PartyRecord,
        name: usize,
        stays: Option<&[Stay]>,
        ledger: &mut Ledger,
    ) {
        let mut funds: BTreeSet<FundId> = BTreeSet::new();
        for fact in self.known_dues(record) {
            if let Some(plan) = fact.value.plan() {
                funds.insert(plan.fund.clone());
            }
            if let (Some(what), Some(on)) = (
                fact.value.on_account(),
                self.book.window(fact.at, self.known_at),
            ) {
                self.enter_fact(what, on, name, fact.position, ledger);
                let annulled = self.annulled(fact);
                if annulled.count() > 0 {
                    ledger.account.annulled.insert(fact.position, annulled);
                }
            }
        }
        for fund in funds {
            self.enter_plans(record, &fund, stays, ledger);
        }
    }

    fn enter_fact(
        &self,
        what: OnAccount<'_>,
        on: Window,
        name: usize,
        position: Position,
        ledger: &mut Ledger,
    ) {
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
                let key = (dues.year, dues.fund.clone(), name);
                ledger.obligation(&key).revisions.push(revision);
            }
            OnAccount::WrittenOff(off) => {
                let key = (off.year, off.fund.clone(), name);
                let written_off = (on, off.amount.minor_units, position);
                ledger.written_off.push((key, written_off));
            }
            OnAccount::Paid(paid) => ledger.account.payments.push(Payment {
                fund: paid.fund.clone(),
                on,
                amount: paid.amount.minor_units,
                year: paid.year.map(narrow),
                name,
                position,
            }),
        }
    }

    fn enter_plans(
        &self,
        record: &PartyRecord,
        fund: &FundId,
        stays: Option<&[Stay]>,
        ledger: &mut Ledger,
    ) {
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
            let instalments: Vec<_> = instalments.collect();
            let mut others = place + 1..steps.len();
            let next = others.find(|other| stands(*other) != Some(position));
            let next = next.map(|next| steps[next].window);
            let own = plan.until.as_ref().and_then(|until| self.when(until));
            let until = sooner(own, next);
            // A plan is one of the account while what it is about stands on it.
            for stay in stays.unwrap_or(&[ALWAYS]) {
                ledger.account.plans.push(Plan {
                    fund: Some(plan.fund.clone()),
                    agreed: later(step.window, stay.from),
                    until: sooner(until, stay.until),
                    instalments: instalments.clone(),
                    position,
                });
            }
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

    /// Returns what lies around an account under a policy: when the sessions open that it waits
    /// for, and the notices under its article.
    #[must_use]
    pub fn surroundings(&self, record: &PartyRecord, by: &PolicyInForce<'_>) -> Surroundings {
        let article = by.norm.article;
        let series = by.policy.series().into_iter();
        let sessions = series.flat_map(|series| self.book.convened(series));
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
            open: BTreeMap::new(),
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
        self.book.window_of(when, self.known_at)
    }
}

fn joined(together: &Together) -> Joined {
    let Together {
        on,
        until,
        from,
        to,
        position,
    } = *together;
    Joined {
        on,
        until,
        from,
        to,
        position,
    }
}
