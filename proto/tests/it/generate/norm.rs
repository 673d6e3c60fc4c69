//! Random norms of every kind.

use super::{body, build, class, function, instrument, office, right, word, words};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use standing_domain::norm::{
    ClassRule, Comparator, Condition, CountedOf, DelegationRule, FunctionRule, Norm, OfficeRule,
    RightRule, Rule, SessionRule, Support, SuspensionRule, ThresholdRule,
};

pub fn norm() -> impl Strategy<Value = Norm> {
    let support = prop_oneof![
        Just(Support::Text),
        Just(Support::Attested),
        Just(Support::Presumed),
        Just(Support::Unknown),
    ];
    let condition = prop_oneof![Just(Condition::always()), condition()];
    build!(Norm {
        support: support,
        condition: condition,
        note: words(),
        rule: rule()
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let right_rule = || {
        build!(RightRule {
            right: right(),
            body: option::of(body()),
            classes: vec(class(), 1..3),
        })
    };
    let class_rule = build!(ClassRule {
        class: class(),
        admitted_by: vec(body(), 0..3),
        eligibility: option::of(condition()),
    });
    let office_rule = build!(OfficeRule {
        office: office(),
        seats: vec(word(), 0..3),
        elected_by: option::of(body()),
        held_by_host_of: option::of(body()),
        term_ends_at_close_of: option::of(body()),
        term_years: any::<u32>(),
        appointed_by: option::of(office()),
        acting: words(),
    });
    let functions = build!(FunctionRule {
        body: body(),
        functions: vec(function(), 1..3),
        exclusive: any::<bool>(),
    });
    let delegation = build!(DelegationRule {
        from: body(),
        to: body(),
        functions: vec(function(), 0..3),
        by_act: any::<bool>(),
    });
    let sessions = build!(SessionRule {
        body: body(),
        series: body(),
        every_years: any::<u32>(),
        year_before: option::of(body()),
    });
    let suspension = build!(SuspensionRule {
        rights: vec(right(), 1..3),
        ground: instrument(),
        by_decision: any::<bool>(),
    });
    prop_oneof![
        right_rule().prop_map(Rule::Confer),
        right_rule().prop_map(Rule::Withhold),
        right_rule().prop_map(Rule::Suspend),
        right_rule().prop_map(Rule::Permit),
        class_rule.prop_map(Rule::Class),
        office_rule.prop_map(Rule::Office),
        functions.prop_map(Rule::Functions),
        delegation.prop_map(Rule::Delegation),
        threshold().prop_map(Rule::Quorum),
        threshold().prop_map(Rule::Majority),
        body().prop_map(Rule::WrittenPresence),
        sessions.prop_map(Rule::Sessions),
        suspension.prop_map(Rule::Suspension),
    ]
}

fn threshold() -> impl Strategy<Value = ThresholdRule> {
    let comparator = prop_oneof![Just(Comparator::AtLeast), Just(Comparator::MoreThan)];
    let counted_of = prop_oneof![Just(CountedOf::Entitled), Just(CountedOf::Present)];
    let fraction = (1..=u32::MAX).prop_flat_map(|d| (0..=d, Just(d)));
    (
        body(),
        vec(function(), 0..3),
        fraction,
        comparator,
        counted_of,
    )
        .prop_map(
            |(body, functions, (numerator, denominator), comparator, counted_of)| ThresholdRule {
                body,
                functions,
                numerator,
                denominator,
                comparator,
                counted_of,
            },
        )
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        body().prop_map(Condition::YearWithoutSession),
        vec(word(), 1..3).prop_map(Condition::PartyKind),
        vec(word(), 1..3).prop_map(Condition::PartyCountry),
        vec(word(), 1..3).prop_map(Condition::PartyRegion),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(Condition::All),
            vec(inner.clone(), 1..3).prop_map(Condition::Any),
            inner.prop_map(|other| Condition::Not(Box::new(other))),
        ]
    })
}
