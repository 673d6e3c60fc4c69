//! Dues policies that together use every variant of every type in them.

use crate::samples::{id, ids};
use standing_domain::entry::policy::{
    Comparator, CountedFrom, DecisionRule, DuesMode, DuesPolicy, DuesReading, DuesTier, Measure,
    Moment, PaymentOrder, Restoration, WaiverRule,
};

/// Makes a policy with everything in it, and two with as little as there can be.
pub fn policies() -> Vec<DuesPolicy> {
    let full = DuesPolicy {
        name: id("everything"),
        funds: ids(&["annual-fee", "special"]),
        fiscal_year_begins: 12,
        order: PaymentOrder::OldestFirst,
        readings: vec![
            DuesReading {
                name: id("first"),
                tiers: tiers(),
            },
            DuesReading {
                name: id("second"),
                tiers: vec![least()],
            },
        ],
        waiver: Some(WaiverRule {
            bodies: ids(&["general-assembly"]),
            majority: Some((2, 3)),
            ground: id("beyond-control"),
            must_end: true,
            needs_plan: true,
            request_days_after_opening: Some(3),
            request_months_before: Some(u16::MAX),
        }),
        notice_months: 6,
        parent: Some(id("un")),
    };
    let small = |order, waiver| DuesPolicy {
        name: id("little"),
        funds: vec![],
        fiscal_year_begins: 1,
        order,
        readings: vec![DuesReading {
            name: id("text"),
            tiers: vec![least()],
        }],
        waiver,
        notice_months: 0,
        parent: None,
    };
    let waiver = WaiverRule {
        bodies: vec![],
        majority: None,
        ground: id("discretion"),
        must_end: false,
        needs_plan: false,
        request_days_after_opening: None,
        request_months_before: None,
    };
    vec![
        full,
        small(PaymentOrder::NamedYearFirst, Some(waiver)),
        small(PaymentOrder::NewestFirst, None),
    ]
}

fn least() -> DuesTier {
    DuesTier {
        measure: Measure::Age {
            months: 0,
            days: 0,
            counted_from: CountedFrom::DueDate,
        },
        comparator: Comparator::MoreThan,
        rights: vec![],
        bodies: vec![],
        ends_membership: false,
        mode: DuesMode::Automatic,
        decided_by: None,
        lost_at: Moment::Continuous,
        restored_at: Moment::Continuous,
        restored_by: Restoration::BelowThreshold,
    }
}

fn tiers() -> Vec<DuesTier> {
    let series = || id("general-assembly");
    let decided_by = |majority| {
        Some(DecisionRule {
            bodies: vec![series()],
            majority,
        })
    };
    vec![
        DuesTier {
            measure: Measure::Amount {
                full_years: 2,
                with_current: true,
                counted_from: CountedFrom::YearEnd,
            },
            comparator: Comparator::AtLeast,
            rights: ids(&["vote", "stand"]),
            bodies: vec![series()],
            lost_at: Moment::FirstOfYear,
            restored_by: Restoration::PaidInFull,
            ..least()
        },
        DuesTier {
            measure: Measure::Age {
                months: 12,
                days: u16::MAX,
                counted_from: CountedFrom::DueDate,
            },
            mode: DuesMode::ByDecision,
            decided_by: decided_by(None),
            lost_at: Moment::Decision,
            restored_by: Restoration::PlanAgreed,
            ..least()
        },
        DuesTier {
            measure: Measure::Fraction {
                numerator: 1,
                denominator: u32::MAX,
                months: 6,
            },
            mode: DuesMode::TwoStep { series: series() },
            decided_by: decided_by(Some((2, 3))),
            lost_at: Moment::SessionOpening(series()),
            restored_at: Moment::SessionOpening(series()),
            ..least()
        },
        DuesTier {
            measure: Measure::UnpaidYears {
                years: 6,
                consecutive: true,
                counted_from: CountedFrom::YearEnd,
            },
            ends_membership: true,
            restored_at: Moment::Decision,
            restored_by: Restoration::Decision,
            ..least()
        },
        DuesTier {
            measure: Measure::SinceNotice {
                months: 3,
                days: 90,
            },
            ..least()
        },
    ]
}
