//! Every contradiction in the parameters of a policy is found, and named by its path.

use standing_domain::dues::built_in::{BUILT_IN, built_in};
use standing_domain::entry::policy::{
    CountedFrom, DecisionRule, DuesMode, DuesPolicy, DuesTier, Measure, Moment, Restoration,
};
use standing_domain::id::{BodyId, RightId};

/// Changes the United Nations' policy and returns what is contradictory.
fn change(change: impl FnOnce(&mut DuesPolicy)) -> Vec<String> {
    let mut policy = built_in("un-19").unwrap();
    change(&mut policy);
    policy.contradictions()
}

fn tier(policy: &mut DuesPolicy) -> &mut DuesTier {
    &mut policy.readings[0].tiers[0]
}

fn body(text: &str) -> BodyId {
    BodyId::new(text).unwrap()
}

#[track_caller]
fn names(found: &[String], paths: &[&str]) {
    let named: Vec<&str> = found
        .iter()
        .filter_map(|one| one.split(": ").next())
        .collect();
    assert_eq!(named, paths, "{found:#?}");
    assert!(found.iter().all(|one| one.ends_with('.')), "{found:#?}");
}

#[test]
fn no_built_in_policy_contradicts_itself() {
    for name in BUILT_IN {
        let policy = built_in(name).unwrap();
        assert_eq!(policy.name.as_str(), *name);
        assert_eq!(policy.contradictions(), Vec::<String>::new(), "{name}");
    }
    assert_eq!(built_in("iclei-2.3a"), built_in("iclei-2-3a"));
    assert_eq!(built_in("un-20"), None);
}

#[test]
fn a_policy_has_a_month_readings_and_tiers() {
    names(
        &change(|p| p.fiscal_year_begins = 0),
        &["fiscal_year_begins"],
    );
    names(
        &change(|p| p.fiscal_year_begins = 13),
        &["fiscal_year_begins"],
    );
    names(&change(|p| p.readings.clear()), &["readings"]);
    names(
        &change(|p| p.readings[0].tiers.clear()),
        &["readings[0].tiers"],
    );
    names(&change(|p| p.parent = Some(p.name.clone())), &["parent"]);
    names(
        &change(|p| p.readings.push(p.readings[0].clone())),
        &["readings[1].name"],
    );
    names(
        &change(|p| {
            let again = tier(p).clone();
            p.readings[0].tiers.push(again);
        }),
        &["readings[0].tiers[1]"],
    );
}

#[test]
fn a_measure_measures_something() {
    let counted_from = CountedFrom::DueDate;
    let amount = Measure::Amount {
        full_years: 0,
        with_current: false,
        counted_from,
    };
    let years = Measure::UnpaidYears {
        years: 0,
        consecutive: true,
        counted_from,
    };
    let fraction = |numerator, denominator| Measure::Fraction {
        numerator,
        denominator,
        months: 6,
    };
    for wrong in [
        amount,
        years,
        fraction(1, 0),
        fraction(0, 2),
        fraction(3, 2),
    ] {
        names(
            &change(|p| tier(p).measure = wrong),
            &["readings[0].tiers[0].measure"],
        );
    }
    for right in [fraction(2, 2), fraction(1, 2)] {
        names(&change(|p| tier(p).measure = right), &[]);
    }
}

#[test]
fn modes_and_moments_agree() {
    let lost_at = &["readings[0].tiers[0].lost_at"];
    let restored_at = &["readings[0].tiers[0].restored_at"];
    names(&change(|p| tier(p).lost_at = Moment::Decision), lost_at);
    names(&change(|p| tier(p).mode = DuesMode::ByDecision), lost_at);
    let two_step = || DuesMode::TwoStep {
        series: body("general-assembly"),
    };
    names(&change(|p| tier(p).mode = two_step()), lost_at);
    let other = Moment::SessionOpening(body("council"));
    names(
        &change(|p| {
            tier(p).mode = two_step();
            tier(p).lost_at = other;
        }),
        lost_at,
    );
    names(
        &change(|p| tier(p).restored_by = Restoration::Decision),
        restored_at,
    );
    names(
        &change(|p| tier(p).restored_at = Moment::Decision),
        restored_at,
    );
    names(
        &change(|p| {
            tier(p).restored_by = Restoration::Decision;
            tier(p).restored_at = Moment::Decision;
        }),
        &[],
    );
}

#[test]
fn an_ended_membership_lists_no_rights_and_comes_back_by_decision() {
    let path = "readings[0].tiers[0]";
    names(
        &change(|p| tier(p).ends_membership = true),
        &[
            &format!("{path}.ends_membership"),
            &format!("{path}.restored_by"),
        ],
    );
}

#[test]
fn shares_are_shares() {
    for wrong in [(1, 0), (0, 3), (4, 3)] {
        names(
            &change(|p| p.waiver.as_mut().unwrap().majority = Some(wrong)),
            &["waiver.majority"],
        );
        let rule = DecisionRule {
            bodies: vec![],
            majority: Some(wrong),
        };
        names(
            &change(|p| {
                tier(p).mode = DuesMode::ByDecision;
                tier(p).lost_at = Moment::Decision;
                tier(p).decided_by = Some(rule);
            }),
            &["readings[0].tiers[0].decided_by.majority"],
        );
    }
    names(
        &change(|p| {
            tier(p).decided_by = Some(DecisionRule {
                bodies: vec![],
                majority: None,
            });
        }),
        &["readings[0].tiers[0].decided_by"],
    );
}

#[test]
fn a_request_has_one_deadline() {
    names(
        &change(|p| {
            let waiver = p.waiver.as_mut().unwrap();
            waiver.request_days_after_opening = Some(3);
            waiver.request_months_before = Some(1);
        }),
        &["waiver.request_months_before"],
    );
}

#[test]
fn nothing_is_listed_twice() {
    let vote = || RightId::new("vote").unwrap();
    names(
        &change(|p| tier(p).rights.push(vote())),
        &["readings[0].tiers[0].rights[1]"],
    );
    let assembly = || body("general-assembly");
    names(
        &change(|p| tier(p).bodies.push(assembly())),
        &["readings[0].tiers[0].bodies[1]"],
    );
    names(
        &change(|p| p.waiver.as_mut().unwrap().bodies.push(assembly())),
        &["waiver.bodies[1]"],
    );
}

#[test]
fn all_contradictions_are_reported_at_once() {
    let found = change(|p| {
        p.fiscal_year_begins = 0;
        tier(p).mode = DuesMode::ByDecision;
        p.waiver.as_mut().unwrap().majority = Some((2, 1));
    });
    names(
        &found,
        &[
            "fiscal_year_begins",
            "readings[0].tiers[0].lost_at",
            "waiver.majority",
        ],
    );
}

#[test]
fn deadlines_of_requests_and_warnings_count_from_the_opening() {
    let day = crate::support::day;
    let unesco = built_in("unesco-iv-c-8").unwrap();
    let opening = day("2027-10-31");
    assert_eq!(unesco.notice_owed_by(opening), Some(day("2027-04-30")));
    let waiver = unesco.waiver.unwrap();
    assert_eq!(waiver.requested_by(opening), Some(day("2027-11-03")));
    let imo = built_in("imo-61").unwrap();
    assert_eq!(imo.notice_owed_by(opening), None);
    assert_eq!(
        imo.waiver.unwrap().requested_by(opening),
        Some(day("2027-09-30"))
    );
    assert_eq!(
        built_in("un-19")
            .unwrap()
            .waiver
            .unwrap()
            .requested_by(opening),
        None
    );
}
