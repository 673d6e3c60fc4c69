//! What a dues policy says (rules 28 to 30). Plain data: adopting a policy copies it into the entry
//! (rule 21), so the order of fields and variants is part of the stored form and never changes.

use crate::id::{BodyId, FundId, RightId, Word};
use crate::time::day::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A dues policy: when unpaid dues take which rights, and how they come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuesPolicy {
    /// Its name.
    pub name: Word,
    /// The funds whose dues count; empty is all.
    pub funds: Vec<FundId>,
    /// The month, 1 to 12, in which its year begins. A year is named for the calendar year it
    /// begins in.
    pub fiscal_year_begins: u8,
    /// Which obligations a payment meets first.
    pub order: PaymentOrder,
    /// What it is taken to say, the default first: a text that survives in part has several
    /// readings (rule 25).
    pub readings: Vec<DuesReading>,
    /// Who may leave the rights in spite of the arrears; none where nobody may.
    pub waiver: Option<WaiverRule>,
    /// How many months before a session the organisation owes a warning; 0 is none. A warning that
    /// was not given holds nothing back, unless the mode of the tier says so.
    pub notice_months: u16,
    /// The organisation in which a suspension suspends here too; none without such a rule.
    pub parent: Option<Word>,
}

/// Which obligations a payment meets first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PaymentOrder {
    /// The oldest year first, whatever the payment names.
    OldestFirst,
    /// The year that the payment names, then the oldest.
    NamedYearFirst,
    /// The newest year assessed when it is paid first.
    NewestFirst,
}

/// One way to read a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuesReading {
    /// Its name, unique in the policy.
    pub name: Word,
    /// What it takes for what; each tier is judged by itself.
    pub tiers: Vec<DuesTier>,
}

/// A test of an account and the rights it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuesTier {
    /// What is measured.
    pub measure: Measure,
    /// Whether the measure must be reached or exceeded.
    pub comparator: Comparator,
    /// The rights lost; empty is every right.
    pub rights: Vec<RightId>,
    /// The bodies in which they are lost; empty is everywhere.
    pub bodies: Vec<BodyId>,
    /// Whether the membership itself ends.
    pub ends_membership: bool,
    /// Whether the rights go by themselves.
    pub mode: DuesMode,
    /// Who decides where a decision is needed; none where the text does not say.
    pub decided_by: Option<DecisionRule>,
    /// When the loss bites.
    pub lost_at: Moment,
    /// When it lifts.
    pub restored_at: Moment,
    /// What lifts it.
    pub restored_by: Restoration,
}

/// Whether rights go by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DuesMode {
    /// By themselves.
    Automatic,
    /// By a decision on a party that the test makes liable.
    ByDecision,
    /// By themselves at the first opening of the series after a warning, if the test still holds.
    TwoStep {
        /// The series of sessions at which parties are warned and whose next opening takes the
        /// rights.
        series: BodyId,
    },
}

/// Who takes the decision that a tier needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRule {
    /// The bodies, any of which may; empty where the text names none.
    pub bodies: Vec<BodyId>,
    /// The share of the votes needed, as numerator and denominator; none where the usual one does.
    pub majority: Option<(u32, u32)>,
}

/// When a loss bites or lifts (rule 29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// On any day.
    Continuous,
    /// On the first day of the policy's year.
    FirstOfYear,
    /// On the day a session of the body opens.
    SessionOpening(BodyId),
    /// By a decision.
    Decision,
}

/// What is measured against an account. No debt, no loss: without arrears no measure holds (rule
/// 28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// The arrears, against the sum assessed for the last full years and, if set, the current one.
    Amount {
        /// How many full years before the current one.
        full_years: u16,
        /// Whether the assessment of the current year is added.
        with_current: bool,
        /// From when an unpaid obligation is in arrears.
        counted_from: CountedFrom,
    },
    /// The time since the oldest unpaid obligation fell due: months first, then days.
    Age {
        /// The months, clamped to the month's end (rule 5).
        months: u16,
        /// The days after them.
        days: u16,
        /// From when the time runs.
        counted_from: CountedFrom,
    },
    /// That less than a fraction of an obligation is paid some months after its due day. With
    /// [`Comparator::MoreThan`] more than the rest is unpaid (paying just the fraction keeps the
    /// right), with [`Comparator::AtLeast`] at least the rest is.
    Fraction {
        /// The numerator of the share to be paid, at most the denominator.
        numerator: u32,
        /// The denominator, at least 1.
        denominator: u32,
        /// How many months after the due day.
        months: u16,
    },
    /// How many years are unpaid, in whole or in part.
    UnpaidYears {
        /// How many.
        years: u16,
        /// Whether they must be consecutive; a year without an assessment interrupts.
        consecutive: bool,
        /// From when a year counts as unpaid.
        counted_from: CountedFrom,
    },
    /// The time since the first notice given after an obligation, overdue and unpaid, was assessed.
    SinceNotice {
        /// The months, clamped to the month's end (rule 5).
        months: u16,
        /// The days after them.
        days: u16,
    },
}

/// From when an unpaid obligation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CountedFrom {
    /// From the day after its due day.
    DueDate,
    /// From the end of the year it is for, or the day after its due day if that is later.
    YearEnd,
}

/// What lifts a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Restoration {
    /// The test holds no more.
    BelowThreshold,
    /// Nothing is overdue.
    PaidInFull,
    /// A plan is agreed and kept, or the test holds no more. Dues under a plan that is kept do not
    /// count at all.
    PlanAgreed,
    /// A decision.
    Decision,
}

/// Who may leave rights in spite of arrears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRule {
    /// The bodies that may; empty is any organ, for itself.
    pub bodies: Vec<BodyId>,
    /// The share of the votes needed, as numerator and denominator; none where the usual one does.
    pub majority: Option<(u32, u32)>,
    /// The ground.
    pub ground: Word,
    /// Whether a waiver must say when it ends.
    pub must_end: bool,
    /// Whether the party must offer a plan of payments.
    pub needs_plan: bool,
    /// The last day of a request, in days after the opening of the session; none where not fixed.
    pub request_days_after_opening: Option<u16>,
    /// The last day of a request, in months before the opening of the session; none where not
    /// fixed.
    pub request_months_before: Option<u16>,
}

impl DuesPolicy {
    /// Returns the series of sessions at whose openings it takes rights or gives them back.
    #[must_use]
    pub fn series(&self) -> BTreeSet<&BodyId> {
        let tiers = self.readings.iter().flat_map(|reading| &reading.tiers);
        let series = tiers.flat_map(|tier| {
            let mode = match &tier.mode {
                DuesMode::TwoStep { series } => Some(series),
                DuesMode::Automatic | DuesMode::ByDecision => None,
            };
            let moments = [&tier.lost_at, &tier.restored_at].into_iter();
            let openings = moments.filter_map(|moment| match moment {
                Moment::SessionOpening(body) => Some(body),
                Moment::Continuous | Moment::FirstOfYear | Moment::Decision => None,
            });
            openings.chain(mode)
        });
        series.collect()
    }

    /// Returns the policy that takes nothing: calendar years, payments to the oldest year first.
    #[must_use]
    pub fn plain() -> Option<Self> {
        let name = Word::new("none").ok()?;
        Some(Self {
            name,
            funds: Vec::new(),
            fiscal_year_begins: 1,
            order: PaymentOrder::OldestFirst,
            readings: Vec::new(),
            waiver: None,
            notice_months: 0,
            parent: None,
        })
    }

    /// Returns whether dues to a fund count.
    #[must_use]
    pub fn covers(&self, fund: &FundId) -> bool {
        self.funds.is_empty() || self.funds.contains(fund)
    }

    /// Returns the policy's year that a day lies in.
    #[must_use]
    pub fn year_of(&self, day: Day) -> i16 {
        let date = day.date();
        if date.month().unsigned_abs() < self.fiscal_year_begins {
            date.year() - 1
        } else {
            date.year()
        }
    }

    /// Returns the first day of one of the policy's years, cut to the days the ledger counts.
    #[must_use]
    pub fn first_of_year(&self, year: i16) -> Day {
        Day::first_of_year(year).plus_months(i32::from(self.fiscal_year_begins) - 1)
    }

    /// Returns the reading of a name.
    #[must_use]
    pub fn reading(&self, name: &Word) -> Option<&DuesReading> {
        self.readings.iter().find(|reading| reading.name == *name)
    }

    /// Returns the last day on which a warning before a session opening on a day is in time; none
    /// where none is owed.
    #[must_use]
    pub fn notice_owed_by(&self, opening: Day) -> Option<Day> {
        (self.notice_months > 0).then(|| opening.plus_months(-i32::from(self.notice_months)))
    }
}

impl WaiverRule {
    /// Returns the last day of a request to a session opening on a day; none where not fixed.
    #[must_use]
    pub fn requested_by(&self, opening: Day) -> Option<Day> {
        match (self.request_months_before, self.request_days_after_opening) {
            (Some(months), _) => Some(opening.plus_months(-i32::from(months))),
            (None, Some(days)) => Some(plus(opening, 0, days)),
            (None, None) => None,
        }
    }
}

impl Measure {
    /// Returns from when an unpaid obligation counts for this measure.
    #[must_use]
    pub fn counted_from(&self) -> CountedFrom {
        match self {
            Self::Amount { counted_from, .. }
            | Self::Age { counted_from, .. }
            | Self::UnpaidYears { counted_from, .. } => *counted_from,
            Self::Fraction { .. } | Self::SinceNotice { .. } => CountedFrom::DueDate,
        }
    }
}

/// Adds months, clamped to the month's end, then days, cut to the days the ledger counts.
pub(crate) fn plus(day: Day, months: u16, days: u16) -> Day {
    let day = day.plus_months(i32::from(months));
    Day::try_from(i32::from(day) + i32::from(days)).unwrap_or(Day::MAX)
}

/// Whether a fraction must be reached or exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// At least the fraction.
    AtLeast,
    /// More than the fraction.
    MoreThan,
}
