//! Whether the test of a tier holds on a day, and the numbers that show it (rules 28 and 29).
//!
//! "Within N of X" is lost the day after: with [`Comparator::MoreThan`] a time is over on the day
//! after it, with [`Comparator::AtLeast`] on its last day, but never before the day after the due
//! day.
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, accounts.

use super::account::{Account, Balance, BalanceLine, Placement, Plan};
use crate::dues::case::Surroundings;
use crate::entry::policy::{
    Comparator, CountedFrom, DuesPolicy, DuesTier, Measure, Restoration, plus,
};
use crate::id::position::Position;
use crate::time::day::Day;
use crate::time::when::Window;
use std::ops::RangeInclusive;

/// The test of a tier on a day, with what it was decided by. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Whether the test holds.
    pub holds: bool,
    /// The arrears that count.
    pub owed: u128,
    /// What the arrears are held against: the sum assessed, or the unpaid share of the obligation
    /// that fails; 0 for tests of time.
    pub threshold: u128,
    /// The years for which nothing is assessed yet and whose dues the threshold counts, ascending:
    /// it is at least as much as is known. At best for the party the test then does not hold.
    pub open_years: Vec<i16>,
    /// The due day of the oldest obligation in arrears.
    pub oldest_due: Option<Day>,
    /// The last day on which what decides could be paid: of the oldest obligation in arrears, or of
    /// the one that fails.
    pub deadline: Option<Day>,
    /// The years in arrears, ascending.
    pub unpaid_years: Vec<i16>,
    /// How many of them count: all, or the longest row.
    pub counted_years: u16,
    /// What is unpaid of all that is overdue, whether the test counts it or not.
    pub overdue: u128,
    /// The plans that are kept and so hold the test back, by their entries.
    pub plans_kept: Vec<Position>,
}

/// What a test asks about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) policy: &'a DuesPolicy,
    pub(super) tier: &'a DuesTier,
    pub(super) account: &'a Account,
    pub(super) surroundings: &'a Surroundings,
}

/// What the numbers of one measure say.
struct Verdict {
    holds: bool,
    threshold: u128,
    open_years: Vec<i16>,
    deadline: Option<Day>,
}

impl Asked<'_> {
    /// Returns the test on a day, as if a further amount had been paid by then. Of the ways in
    /// which uncertain revisions may stand it is the one that is best or worst for the party; only
    /// sums need that, as an assessment raises both what is owed and what it is held against.
    pub(super) fn on(&self, day: Day, placement: Placement, further: u64) -> Measured {
        let choices = match self.tier.measure {
            Measure::Amount { .. } => self.account.on(day, placement).choices(self.policy, day),
            _ => None,
        };
        let choices = choices.unwrap_or_default();
        let plain = choices.is_empty().then_some(self.account);
        let accounts = choices.iter().chain(plain);
        let placed: Vec<Account> = accounts
            .flat_map(|account| account.passings_placed(day))
            .collect();
        let ways = if placed.is_empty() { &choices } else { &placed };
        let measured = ways.iter().map(|account| {
            let asked = Asked { account, ..*self };
            asked.on_bounds(day, placement, further)
        });
        let rank = |measured: &Measured| (measured.holds, measured.owed);
        match placement {
            Placement::Best => measured.min_by_key(rank),
            Placement::Worst => measured.max_by_key(rank),
        }
        .unwrap_or_else(|| self.on_bounds(day, placement, further))
    }

    fn on_bounds(&self, day: Day, placement: Placement, further: u64) -> Measured {
        let balance = self
            .account
            .with_payment(self.policy, day, placement, further);
        let kept: Vec<&Plan> = match self.tier.restored_by {
            Restoration::PlanAgreed => self
                .account
                .plans
                .iter()
                .filter(|plan| plan.is_kept(&balance))
                .collect(),
            _ => Vec::new(),
        };
        let counted_from = self.tier.measure.counted_from();
        let since = self.surroundings.member_since;
        let since = since.map(|since| placement.burden(since));
        let arrears: Vec<&BalanceLine> = balance
            .lines
            .iter()
            .filter(|line| line.unpaid > 0 && day > self.in_time_until(line, counted_from))
            .filter(|line| since.is_none_or(|since| line.due >= since))
            .filter(|line| !kept.iter().any(|plan| plan.covers(line)))
            .collect();
        let owed = arrears.iter().map(|line| u128::from(line.unpaid)).sum();
        let mut unpaid_years: Vec<i16> = arrears.iter().map(|line| line.year).collect();
        unpaid_years.dedup();
        let counted_years = match self.tier.measure {
            Measure::UnpaidYears {
                consecutive: true, ..
            } => longest_row(&unpaid_years),
            _ => u16::try_from(unpaid_years.len()).unwrap_or(u16::MAX),
        };
        let verdict = match self.tier.measure {
            Measure::Amount { .. } => self.amount(&balance, owed),
            Measure::Age { .. } => self.age(&balance, &arrears),
            Measure::Fraction { .. } => self.fraction(&balance, &arrears),
            Measure::UnpaidYears { years, .. } => Verdict {
                holds: self.reaches(u128::from(counted_years), u128::from(years)),
                ..Verdict::NONE
            },
            Measure::SinceNotice { .. } => self.since_notice(&balance, &arrears),
        };
        Measured {
            holds: verdict.holds && owed > 0,
            owed,
            threshold: verdict.threshold,
            open_years: verdict.open_years,
            oldest_due: arrears.iter().map(|line| line.due).min(),
            deadline: verdict.deadline,
            unpaid_years,
            counted_years,
            overdue: balance.overdue(),
            plans_kept: kept.iter().map(|plan| plan.position).collect(),
        }
    }

    fn in_time_until(&self, line: &BalanceLine, counted_from: CountedFrom) -> Day {
        self.policy.in_time_until(line.due, line.year, counted_from)
    }

    fn reaches(&self, value: u128, threshold: u128) -> bool {
        match self.tier.comparator {
            Comparator::AtLeast => value >= threshold,
            Comparator::MoreThan => value > threshold,
        }
    }

    fn amount(&self, balance: &Balance, owed: u128) -> Verdict {
        let Measure::Amount {
            full_years,
            with_current,
            ..
        } = self.tier.measure
        else {
            return Verdict::NONE;
        };
        let current = i32::from(self.policy.year_of(balance.day));
        let last = if with_current { current } else { current - 1 };
        let years = current - i32::from(full_years)..=last;
        let open_years = self.open_within(&years);
        let threshold = balance
            .lines
            .iter()
            .filter(|line| years.contains(&i32::from(line.year)))
            .map(|line| u128::from(line.base))
            .sum();
        // What will be assessed can only raise the threshold.
        let may_hold = open_years.is_empty() || balance.placement == Placement::Worst;
        Verdict {
            holds: may_hold && self.reaches(owed, threshold),
            threshold,
            open_years,
            deadline: None,
        }
    }

    /// Returns which of some years are open in any fund that the policy covers.
    fn open_within(&self, years: &RangeInclusive<i32>) -> Vec<i16> {
        let open = self.surroundings.open.iter();
        let open = open.filter(|(fund, _)| self.policy.covers(fund));
        let Some(from) = open.map(|(_, from)| i32::from(*from)).min() else {
            return Vec::new();
        };
        let open = from.max(*years.start())..=*years.end();
        open.filter_map(|year| i16::try_from(year).ok()).collect()
    }

    fn age(&self, balance: &Balance, arrears: &[&BalanceLine]) -> Verdict {
        let Measure::Age {
            months,
            days,
            counted_from,
        } = self.tier.measure
        else {
            return Verdict::NONE;
        };
        let over = |line: &&BalanceLine| plus(self.in_time_until(line, counted_from), months, days);
        let deadline = arrears.iter().map(over).min();
        Verdict {
            holds: deadline.is_some_and(|deadline| self.is_over(deadline, balance.day)),
            deadline,
            ..Verdict::NONE
        }
    }

    /// Returns whether a time that ends with a day is over.
    fn is_over(&self, last: Day, day: Day) -> bool {
        match self.tier.comparator {
            Comparator::AtLeast => day >= last,
            Comparator::MoreThan => day > last,
        }
    }

    fn fraction(&self, balance: &Balance, arrears: &[&BalanceLine]) -> Verdict {
        let Measure::Fraction {
            numerator,
            denominator,
            months,
        } = self.tier.measure
        else {
            return Verdict::NONE;
        };
        let rest = |line: &BalanceLine| {
            u128::from(line.assessed - line.written_off)
                * u128::from(denominator.saturating_sub(numerator))
        };
        let fails = |line: &&&BalanceLine| {
            balance.day > plus(line.due, months, 0)
                && self.reaches(
                    u128::from(line.unpaid) * u128::from(denominator),
                    rest(line),
                )
        };
        let failing = arrears.iter().find(fails);
        let shown = failing.or(arrears.first());
        Verdict {
            holds: failing.is_some(),
            threshold: shown.map_or(0, |line| rest(line) / u128::from(denominator.max(1))),
            deadline: shown.map(|line| plus(line.due, months, 0)),
            open_years: Vec::new(),
        }
    }

    fn since_notice(&self, balance: &Balance, arrears: &[&BalanceLine]) -> Verdict {
        let Measure::SinceNotice { months, days } = self.tier.measure else {
            return Verdict::NONE;
        };
        // At best only a notice that surely followed the assessment starts the time, at worst any
        // that may have.
        let follows = |notice: Window, line: &BalanceLine| match balance.placement {
            Placement::Best => notice.earliest >= line.first_assessed.latest,
            Placement::Worst => notice.latest >= line.first_assessed.earliest,
        };
        let deadline = arrears
            .iter()
            .flat_map(|line| {
                let notices = self.surroundings.notices.iter();
                let after = notices.filter(|notice| {
                    follows(notice.on, line) && notice.counts(balance.day, balance.placement)
                });
                after.map(|notice| plus(balance.placement.burden(notice.on), months, days))
            })
            .min();
        Verdict {
            holds: deadline.is_some_and(|deadline| self.is_over(deadline, balance.day)),
            deadline,
            ..Verdict::NONE
        }
    }
}

impl Verdict {
    const NONE: Self = Self {
        holds: false,
        threshold: 0,
        open_years: Vec::new(),
        deadline: None,
    };
}

impl Plan {
    /// Returns whether the plan covers an obligation.
    fn covers(&self, line: &BalanceLine) -> bool {
        self.fund.as_ref().is_none_or(|fund| *fund == line.fund)
    }

    /// Returns whether the plan is in force and kept: no more is overdue than its instalments still
    /// to come. So it does not matter how much was paid when, and new dues are to be paid beside
    /// it.
    fn is_kept(&self, balance: &Balance) -> bool {
        let (day, placement) = (balance.day, balance.placement);
        let ended = |until: Window| placement.burden(until) <= day;
        if placement.help(self.agreed) > day || self.until.is_some_and(ended) {
            return false;
        }
        let overdue = balance
            .lines
            .iter()
            .filter(|line| line.overdue && self.covers(line))
            .map(|line| u128::from(line.unpaid))
            .sum::<u128>();
        let to_come = self
            .instalments
            .iter()
            .filter(|(due, _)| placement.burden(*due) >= day)
            .map(|(_, amount)| u128::from(*amount))
            .sum::<u128>();
        self.instalments.is_empty() || overdue <= to_come
    }
}

/// Returns the length of the longest row of consecutive years.
fn longest_row(years: &[i16]) -> u16 {
    let (mut longest, mut row, mut last) = (0_u16, 0_u16, None);
    for year in years {
        row = match last {
            Some(last) if year.checked_sub(1) == Some(last) => row.saturating_add(1),
            _ => 1,
        };
        longest = longest.max(row);
        last = Some(*year);
    }
    longest
}
