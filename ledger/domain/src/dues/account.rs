//! The account of one party: what was assessed, written off and paid, and what that leaves on a day
//! (rule 28).
//!
//! **Uncertain revisions.** Between the earliest and the latest day of a revision it may be in
//! effect or not. A balance bounds what is owed and what a threshold is counted from apart: for the
//! party at best the least that may be assessed is owed and the most makes the threshold, at worst
//! the reverse. Tests against a sum try every way the revisions may stand instead, and fall back on
//! these bounds past 256 ways: a bound can then be wider than the placements are, never narrower,
//! so nothing uncertain passes for certain.
//!
//! **Names.** An account is held under the name of one party. Where the account of another passed
//! to it (rule 12), what was said under that name stands on it too, while it is there.
//!
//! Stratum (rule 27): accounts; reads recorded acts.

use crate::entry::policy::{CountedFrom, DuesPolicy};
use crate::id::FundId;
use crate::id::position::Position;
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The last day to pay what is never due: that of a session that was called off. No day comes after
/// it.
pub const NEVER: Day = Day::MAX;

/// How days that are not known are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placement {
    /// As well for the party as may be: what helps it at the earliest, what burdens it at the
    /// latest.
    Best,
    /// As badly for the party as may be.
    Worst,
}

impl Placement {
    /// Returns the day of something that helps the party.
    #[must_use]
    pub fn help(self, window: Window) -> Day {
        match self {
            Self::Best => window.earliest,
            Self::Worst => window.latest,
        }
    }

    /// Returns the day of something that burdens the party.
    #[must_use]
    pub fn burden(self, window: Window) -> Day {
        match self {
            Self::Best => window.latest,
            Self::Worst => window.earliest,
        }
    }
}

/// The account of one party, in minor units of one currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// What was assessed, one for a fund and a year.
    pub obligations: Vec<Obligation>,
    /// What was paid.
    pub payments: Vec<Payment>,
    /// The plans that were agreed.
    pub plans: Vec<Plan>,
    /// When what is said under each name stands on the account, by the number of the name; none
    /// where there is one name, and it always does.
    pub names: Vec<Vec<Stay>>,
    /// The accounts that came together, in the order in which they did.
    pub joined: Vec<Joined>,
    /// Of what was assessed, written off and paid, by its entry: on which days it is annulled. What
    /// is not named never is.
    pub annulled: BTreeMap<Position, Steps<Truth>>,
}

/// How long what is said under a name stands on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// From when.
    pub from: Window,
    /// The first day on which it does not; none is open.
    pub until: Option<Window>,
}

/// An account that came together with another: what was paid before meets the dues of each first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// When.
    pub on: Window,
    /// The first day on which that is undone; none where it is not.
    pub until: Option<Window>,
    /// A name that stood on the one account.
    pub from: usize,
    /// A name that stood on the other.
    pub to: usize,
    /// The entry that says so.
    pub position: Position,
}

/// Dues for a year to a fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// The fund.
    pub fund: FundId,
    /// The year, as the policy's calendar names it.
    pub year: i16,
    /// The name under which they were assessed, by its number.
    pub name: usize,
    /// Its assessments; of those in effect the highest number counts.
    pub revisions: Vec<Revision>,
    /// What was written off: when, how much, by which entry.
    pub written_off: Vec<(Window, u64, Position)>,
}

/// An assessment of dues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number among those of the obligation.
    pub number: u16,
    /// When it takes effect.
    pub effective: Window,
    /// The last day to pay; [`NEVER`] where that day will not come.
    pub due: Window,
    /// The amount, in minor units.
    pub amount: u64,
    /// The entry that says so.
    pub position: Position,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// The fund it is credited to.
    pub fund: FundId,
    /// When.
    pub on: Window,
    /// The amount credited, in minor units.
    pub amount: u64,
    /// The year it names, if any.
    pub year: Option<i16>,
    /// The name under which it was paid, by its number.
    pub name: usize,
    /// The entry that says so.
    pub position: Position,
}

/// A plan of payments that was agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The fund whose dues it covers; none is all.
    pub fund: Option<FundId>,
    /// When it was agreed.
    pub agreed: Window,
    /// The first day without it; none is open.
    pub until: Option<Window>,
    /// The last day and the amount of every instalment, in minor units; empty where they are not
    /// recorded.
    pub instalments: Vec<(Window, u64)>,
    /// The entry that says so.
    pub position: Position,
}

/// An account on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// The day.
    pub day: Day,
    /// How unknown days were placed.
    pub placement: Placement,
    /// What stands for each obligation, by year and fund.
    pub lines: Vec<BalanceLine>,
    /// What was paid to each fund beyond what is assessed, in minor units.
    pub credit: BTreeMap<FundId, u128>,
}

/// An obligation on a day. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceLine {
    /// The fund.
    pub fund: FundId,
    /// The year.
    pub year: i16,
    /// The name under which it was assessed, by its number in the account.
    pub name: usize,
    /// The entry of the assessment that counts.
    pub position: Position,
    /// What is assessed.
    pub assessed: u64,
    /// What a threshold counts: the same, unless it is uncertain which revision is in effect.
    pub base: u64,
    /// What is written off, at most what is assessed.
    pub written_off: u64,
    /// What is paid, at most what is left after that.
    pub paid: u64,
    /// What is left.
    pub unpaid: u64,
    /// The last day to pay.
    pub due: Day,
    /// Whether that day has passed.
    pub overdue: bool,
    /// When the first revision took effect.
    pub first_assessed: Window,
}

impl Account {
    /// Returns whether nothing of money stands on it, nor ever did.
    pub(crate) fn is_empty(&self) -> bool {
        self.obligations.is_empty() && self.payments.is_empty() && self.plans.is_empty()
    }

    /// Returns what stands for each obligation at the end of a day.
    #[must_use]
    pub fn at(&self, policy: &DuesPolicy, day: Day, placement: Placement) -> Balance {
        self.with_payment(policy, day, placement, 0)
    }

    /// Returns the same as if a further amount had been paid by that day, to the funds and years
    /// longest due.
    #[must_use]
    pub fn with_payment(
        &self,
        policy: &DuesPolicy,
        day: Day,
        placement: Placement,
        further: u64,
    ) -> Balance {
        let ways = self.passings_placed(day).into_iter();
        let balances = ways.map(|way| way.balance(policy, day, placement, further));
        let rank = |balance: &Balance| (balance.overdue(), balance.unpaid());
        match placement {
            Placement::Best => balances.min_by_key(rank),
            Placement::Worst => balances.max_by_key(rank),
        }
        .unwrap_or_else(|| self.balance(policy, day, placement, further))
    }

    /// Returns the most that may be unpaid at the end of a day, due or not, in minor units.
    pub(super) fn most_unpaid(&self, policy: &DuesPolicy, day: Day) -> u128 {
        let ways = self.passings_placed(day);
        let ways = ways.iter().chain(ways.is_empty().then_some(self));
        let unpaid = ways.map(|way| way.balance(policy, day, Placement::Worst, 0).unpaid());
        unpaid.max().unwrap_or(0)
    }

    /// Returns the balance, where it is certain on a day what has passed to whom.
    fn balance(
        &self,
        policy: &DuesPolicy,
        day: Day,
        placement: Placement,
        further: u64,
    ) -> Balance {
        let account = self.on(day, placement);
        let mut lines: Vec<BalanceLine> = account
            .obligations
            .iter()
            .filter(|obligation| policy.covers(&obligation.fund))
            .filter(|obligation| self.holds(obligation.name, day))
            .filter_map(|obligation| obligation.at(day, placement))
            .collect();
        let key = |line: &BalanceLine| (line.year, line.fund.clone(), line.due, line.position);
        lines.sort_by_cached_key(key);
        let paid: Vec<&Payment> = account
            .payments
            .iter()
            .filter(|payment| policy.covers(&payment.fund) && placement.help(payment.on) <= day)
            .filter(|payment| self.holds(payment.name, day))
            .collect();
        let stands = |joined: &&Joined| {
            let undone = joined.until.is_some_and(|until| until.latest <= day);
            joined.on.latest <= day && !undone
        };
        let joined: Vec<&Joined> = self.joined.iter().filter(stands).collect();
        let credit = self.pay(&mut lines, paid, &joined, policy.order, placement);
        Self::add_further(&mut lines, policy.order, further);
        Balance {
            day,
            placement,
            lines,
            credit,
        }
    }

    /// Returns whether what is said under a name certainly stands on the account on a day.
    fn holds(&self, name: usize, day: Day) -> bool {
        let stays = self.names.get(name);
        stays.is_none_or(|stays| {
            stays.iter().any(|stay| {
                let left = stay.until.is_some_and(|until| until.latest <= day);
                stay.from.latest <= day && !left
            })
        })
    }
}

impl Account {
    /// Returns the account without what is annulled on a day (rule 3): from that day it is as if it
    /// had never been. What may be annulled is placed as well or as badly for the party as may be;
    /// an assessment that may be is one that may not be in effect.
    #[must_use]
    pub(super) fn on(&self, day: Day, placement: Placement) -> Cow<'_, Self> {
        let annulled = |position: &Position| {
            let steps = self.annulled.get(position);
            steps.map_or(Truth::No, |steps| steps.holds(day))
        };
        if self
            .annulled
            .values()
            .all(|steps| steps.holds(day) == Truth::No)
        {
            return Cow::Borrowed(self);
        }
        let helps = |position: &Position| match placement {
            Placement::Best => annulled(position) != Truth::Yes,
            Placement::Worst => annulled(position) == Truth::No,
        };
        let mut account = self.clone();
        account.annulled.clear();
        account.payments.retain(|payment| helps(&payment.position));
        for obligation in &mut account.obligations {
            obligation
                .written_off
                .retain(|(.., position)| helps(position));
            let revisions = &mut obligation.revisions;
            revisions.retain(|revision| annulled(&revision.position) != Truth::Yes);
            for revision in revisions {
                if annulled(&revision.position) == Truth::Unknown {
                    revision.effective.latest = Day::MAX;
                }
            }
        }
        Cow::Owned(account)
    }
}

impl Obligation {
    /// Returns the revision that is certain to be in effect on a day unless a higher one is, and
    /// all that may be.
    pub(super) fn in_effect(&self, day: Day) -> (Option<&Revision>, Vec<&Revision>) {
        let begun = || {
            self.revisions
                .iter()
                .filter(|r| r.effective.earliest <= day)
        };
        let certain = begun()
            .filter(|revision| revision.effective.latest <= day)
            .max_by_key(|revision| revision.rank());
        let possible = begun()
            .filter(|revision| certain.is_none_or(|certain| revision.rank() >= certain.rank()))
            .collect();
        (certain, possible)
    }

    /// Returns the obligation on a day before anything is paid; none while none of its revisions is
    /// in effect.
    fn at(&self, day: Day, placement: Placement) -> Option<BalanceLine> {
        let (certain, possible) = self.in_effect(day);
        let most = *possible.iter().max_by_key(|revision| revision.amount)?;
        let least = *possible.iter().min_by_key(|revision| revision.amount)?;
        let floor = if certain.is_some() { least.amount } else { 0 };
        let (counts, assessed, base) = match placement {
            Placement::Best => (least, floor, most.amount),
            Placement::Worst => (most, most.amount, floor),
        };
        let dues = possible
            .iter()
            .map(|revision| placement.burden(revision.due));
        let due = match placement {
            Placement::Best => dues.max()?,
            Placement::Worst => dues.min()?,
        };
        let written_off = self
            .written_off
            .iter()
            .filter(|(on, ..)| placement.help(*on) <= day)
            .fold(0, |sum: u64, (_, amount, _)| sum.saturating_add(*amount))
            .min(assessed);
        Some(BalanceLine {
            fund: self.fund.clone(),
            year: self.year,
            name: self.name,
            position: counts.position,
            assessed,
            base,
            written_off,
            paid: 0,
            unpaid: assessed - written_off,
            due,
            overdue: day > due,
            first_assessed: self.revisions.iter().min_by_key(|r| r.rank())?.effective,
        })
    }
}

impl Revision {
    /// Returns what decides which of two revisions counts.
    fn rank(&self) -> (u16, Position) {
        (self.number, self.position)
    }
}

impl BalanceLine {
    /// Pays as much of it as money lasts.
    pub(super) fn pay(&mut self, money: &mut u128) {
        let part = u64::try_from(*money).map_or(self.unpaid, |money| money.min(self.unpaid));
        self.paid += part;
        self.unpaid -= part;
        *money -= u128::from(part);
    }
}

impl Balance {
    /// Returns what is unpaid of what is overdue, in minor units.
    #[must_use]
    pub fn overdue(&self) -> u128 {
        let overdue = self.lines.iter().filter(|line| line.overdue);
        overdue.map(|line| u128::from(line.unpaid)).sum()
    }

    /// Returns what is unpaid, due or not, in minor units.
    #[must_use]
    pub fn unpaid(&self) -> u128 {
        self.lines.iter().map(|line| u128::from(line.unpaid)).sum()
    }
}

impl DuesPolicy {
    /// Returns the last day on which an unpaid obligation is not in arrears.
    #[must_use]
    pub(super) fn in_time_until(&self, due: Day, year: i16, counted_from: CountedFrom) -> Day {
        match counted_from {
            CountedFrom::DueDate => due,
            CountedFrom::YearEnd => due.max(self.first_of_year(year.saturating_add(1)).previous()),
        }
    }
}
