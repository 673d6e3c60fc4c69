//! Random dues policies, contradictory ones among them: what they mean is not for the contract to
//! judge.

use super::{body, build, fund, right, word};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use standing_domain::entry::policy::{
    Comparator, CountedFrom, DecisionRule, DuesMode, DuesPolicy, DuesReading, DuesTier, Measure,
    Moment, PaymentOrder, Restoration, WaiverRule,
};

pub fn policy() -> impl Strategy<Value = DuesPolicy> {
    let order = prop_oneof![
        Just(PaymentOrder::OldestFirst),
        Just(PaymentOrder::NamedYearFirst),
        Just(PaymentOrder::NewestFirst),
    ];
    let reading = build!(DuesReading {
        name: word(),
        tiers: vec(tier(), 1..3)
    });
    let waiver = build!(WaiverRule {
        bodies: vec(body(), 0..3),
        majority: option::of(share()),
        ground: word(),
        must_end: any::<bool>(),
        needs_plan: any::<bool>(),
        request_days_after_opening: option::of(any::<u16>()),
        request_months_before: option::of(any::<u16>()),
    });
    build!(DuesPolicy {
        name: word(),
        funds: vec(fund(), 0..3),
        fiscal_year_begins: 1_u8..=12,
        order: order,
        readings: vec(reading, 1..3),
        waiver: option::of(waiver),
        notice_months: any::<u16>(),
        parent: option::of(word()),
    })
}

fn tier() -> impl Strategy<Value = DuesTier> {
    let comparator = prop_oneof![Just(Comparator::AtLeast), Just(Comparator::MoreThan)];
    let mode = prop_oneof![
        Just(DuesMode::Automatic),
        Just(DuesMode::ByDecision),
        build!(DuesMode::TwoStep { series: body() }),
    ];
    let decision = build!(DecisionRule {
        bodies: vec(body(), 0..3),
        majority: option::of(share())
    });
    let restoration = prop_oneof![
        Just(Restoration::BelowThreshold),
        Just(Restoration::PaidInFull),
        Just(Restoration::PlanAgreed),
        Just(Restoration::Decision),
    ];
    build!(DuesTier {
        measure: measure(),
        comparator: comparator,
        rights: vec(right(), 0..3),
        bodies: vec(body(), 0..3),
        ends_membership: any::<bool>(),
        mode: mode,
        decided_by: option::of(decision),
        lost_at: moment(),
        restored_at: moment(),
        restored_by: restoration,
    })
}

fn measure() -> impl Strategy<Value = Measure> {
    let counted_from = || prop_oneof![Just(CountedFrom::DueDate), Just(CountedFrom::YearEnd)];
    let fraction =
        (share(), any::<u16>()).prop_map(|((numerator, denominator), months)| Measure::Fraction {
            numerator,
            denominator,
            months,
        });
    prop_oneof![
        build!(Measure::Amount {
            full_years: any::<u16>(),
            with_current: any::<bool>(),
            counted_from: counted_from(),
        }),
        build!(Measure::Age {
            months: any::<u16>(),
            days: any::<u16>(),
            counted_from: counted_from(),
        }),
        fraction,
        build!(Measure::UnpaidYears {
            years: any::<u16>(),
            consecutive: any::<bool>(),
            counted_from: counted_from(),
        }),
        build!(Measure::SinceNotice {
            months: any::<u16>(),
            days: any::<u16>()
        }),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        Just(Moment::Continuous),
        Just(Moment::FirstOfYear),
        body().prop_map(Moment::SessionOpening),
        Just(Moment::Decision),
    ]
}

fn share() -> impl Strategy<Value = (u32, u32)> + Clone {
    (1..=u32::MAX).prop_flat_map(|denominator| (0..=denominator, Just(denominator)))
}
