//! Random norms of every kind.

use super::policy::policy;
use super::{
    article, body, build, class, function, instrument, office, party, passing, right, word, words,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{
    ClassRule, Condition, ConveningRule, CountedOf, DelegationRule, DutyRule, FunctionRule, Norm,
    OfficeRule, RightRule, RotationOrder, RotationRule, Rule, SessionRule, Support, SuspensionRule,
    ThresholdRule,
};
use standing_domain::entry::policy::Comparator;
use standing_domain::id::ArticleRef;

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
    prop_oneof![holding().boxed(), deciding().boxed(), passing_on().boxed()]
}

/// Who holds what.
fn holding() -> impl Strategy<Value = Rule> {
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
    let suspension = build!(SuspensionRule {
        rights: vec(right(), 1..3),
        ground: ground(),
        by_decision: any::<bool>(),
    });
    prop_oneof![
        right_rule().prop_map(Rule::Confer),
        right_rule().prop_map(Rule::Withhold),
        right_rule().prop_map(Rule::Suspend),
        right_rule().prop_map(Rule::Permit),
        class_rule.prop_map(Rule::Class),
        office_rule.prop_map(Rule::Office),
        suspension.prop_map(Rule::Suspension),
        body().prop_map(Rule::VoteOnAdmission),
        policy().prop_map(Rule::Dues),
    ]
}

/// Who decides.
fn deciding() -> impl Strategy<Value = Rule> {
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
    let convening = build!(ConveningRule {
        body: body(),
        convened_by: option::of(office()),
        chaired_by: option::of(office()),
        deputy_of: option::of(office()),
    });
    prop_oneof![
        functions.prop_map(Rule::Functions),
        delegation.prop_map(Rule::Delegation),
        threshold().prop_map(Rule::Quorum),
        threshold().prop_map(Rule::Majority),
        body().prop_map(Rule::WrittenPresence),
        sessions.prop_map(Rule::Sessions),
        convening.prop_map(Rule::Convening),
    ]
}

/// What passes from party to party, and what is to be done.
fn passing_on() -> impl Strategy<Value = Rule> {
    let order = prop_oneof![
        vec(party(), 1..3).prop_map(RotationOrder::Listed),
        word().prop_map(RotationOrder::Alphabetical),
    ];
    let rotation = build!(RotationRule {
        office: office(),
        classes: vec(class(), 1..3),
        order: order,
    });
    let duty = build!(DutyRule {
        duty: word(),
        every_years: any::<u32>()
    });
    prop_oneof![
        vec(passing(), 1..4).prop_map(Rule::Succession),
        rotation.prop_map(Rule::Rotation),
        duty.prop_map(Rule::Duty),
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
        word().prop_map(Condition::ParentSuspended),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(Condition::All),
            vec(inner.clone(), 1..3).prop_map(Condition::Any),
            inner.prop_map(|other| Condition::Not(Box::new(other))),
        ]
    })
}

fn ground() -> impl Strategy<Value = SuspensionGround> {
    prop_oneof![
        Just(SuspensionGround::None),
        instrument().prop_map(SuspensionGround::Instrument),
        (instrument(), article()).prop_map(|(instrument, article)| {
            SuspensionGround::Article(ArticleRef {
                instrument,
                article,
            })
        }),
    ]
}
