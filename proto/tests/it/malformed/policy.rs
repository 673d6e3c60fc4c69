//! Malformed dues policies, and those that are only named.

use super::norm;
use prost_reflect::DescriptorPool;
use standing_domain::dues::built_in::{BUILT_IN, built_in};
use standing_domain::entry::Draft;
use standing_domain::entry::event::Event;
use standing_domain::entry::norm::Rule;
use standing_proto::{FILE_DESCRIPTOR_SET, json, v1};

/// Judges a policy.
fn policy(text: &str) -> String {
    norm(&format!(r#""support":"SUPPORT_TEXT","dues":{{{text}}}"#)).replace("dues.", "")
}

/// Judges a tier.
fn tier(text: &str) -> String {
    let named = r#""name":"p","paymentOrder":"PAYMENT_ORDER_OLDEST_FIRST""#;
    policy(&format!(
        r#"{named},"readings":[{{"name":"text","tiers":[{{{text}}}]}}]"#
    ))
    .replace("readings[0].tiers[0].", "")
}

/// Reads the article that carries a policy.
fn read(policy: &str) -> Result<Draft, standing_proto::Malformed> {
    let norm = format!(r#"{{"support":"SUPPORT_TEXT","dues":{{{policy}}}}}"#);
    let article = r#""instrument":"charter","article":"6","change":"ARTICLE_CHANGE_ADDED""#;
    let text = format!(
        r#"{{"effective":{{"date":"2024"}},"articleEnacted":{{{article},"norms":[{norm}]}}}}"#
    );
    Draft::try_from(json::from_json::<v1::Draft>(&text).unwrap())
}

#[test]
fn a_policy_is_complete() {
    assert_eq!(
        policy(r#""fiscalYearBegins":13,"noticeMonths":65536,"waiver":{}"#),
        "name NOT_AN_ID
fiscal_year_begins OUT_OF_RANGE
payment_order UNSPECIFIED
readings EMPTY
waiver.ground NOT_AN_ID
notice_months OUT_OF_RANGE"
    );
    assert_eq!(
        policy(r#""name":"p","paymentOrder":9,"readings":[{"name":"text"}]"#),
        "payment_order UNKNOWN_VALUE\nreadings[0].tiers EMPTY"
    );
    assert_eq!(
        tier(""),
        "measure MISSING
comparator UNSPECIFIED
way MISSING
lost_at MISSING
restored_at MISSING
restored_by UNSPECIFIED"
    );
}

#[test]
fn every_measure_is_complete() {
    let measure = |text: &str| {
        let rest = r#""comparator":1,"mode":0,"lostAt":{},"restoredAt":{"day":0},"restoredBy":1"#;
        let found = tier(&format!("{text},{rest}"));
        let rest = "mode UNSPECIFIED\nlost_at MISSING\nrestored_at.day UNSPECIFIED";
        found.replace(rest, "").trim_end().to_owned()
    };
    assert_eq!(
        measure(r#""amount":{"fullYears":65536}"#),
        "amount.full_years OUT_OF_RANGE\namount.counted_from UNSPECIFIED"
    );
    assert_eq!(
        measure(r#""age":{"months":70000,"days":70000,"countedFrom":7}"#),
        "age.months OUT_OF_RANGE\nage.days OUT_OF_RANGE\nage.counted_from UNKNOWN_VALUE"
    );
    assert_eq!(
        measure(r#""unpaidYears":{"years":65536,"countedFrom":1}"#),
        "unpaid_years.years OUT_OF_RANGE"
    );
    assert_eq!(
        measure(r#""sinceNotice":{"days":65536}"#),
        "since_notice.days OUT_OF_RANGE"
    );
    assert_eq!(measure(r#""fraction":{}"#), "fraction.paid MISSING");
    let paid = |n: u32, d: u32| {
        measure(&format!(
            r#""fraction":{{"paid":{{"numerator":{n},"denominator":{d}}}}}"#
        ))
    };
    assert_eq!(paid(1, 2), "");
    assert_eq!(paid(2, 2), "");
    assert_eq!(paid(3, 2), "fraction.paid.numerator NOT_A_FRACTION");
    assert_eq!(paid(1, 0), "fraction.paid.denominator NOT_A_FRACTION");
}

#[test]
fn shares_of_votes_are_one_at_most() {
    let majority = r#""majority":{"numerator":5,"denominator":3}"#;
    let found = tier(&format!(
        r#""decidedBy":{{{majority}}},"twoStep":"","lostAt":{{"openingOf":"X"}}"#
    ));
    assert!(found.contains("\ntwo_step NOT_AN_ID\ndecided_by.majority.numerator NOT_A_FRACTION"));
    assert!(found.contains("\nlost_at.opening_of NOT_AN_ID\n"));
    let waiver = r#""ground":"g","requestDaysAfterOpening":65536,"requestMonthsBefore":65536"#;
    let found = policy(&format!(r#""waiver":{{{majority},{waiver}}}"#));
    assert!(found.contains(
        "waiver.majority.numerator NOT_A_FRACTION
waiver.request_days_after_opening OUT_OF_RANGE
waiver.request_months_before OUT_OF_RANGE"
    ));
}

#[test]
fn rule_21_a_policy_that_is_named_comes_with_its_parameters() {
    for name in BUILT_IN {
        let draft = read(&format!(r#""builtIn":"{name}""#)).unwrap();
        let Some(Event::ArticleEnacted(enacted)) = &draft.content.event else {
            panic!()
        };
        let full = built_in(name).unwrap();
        assert_eq!(enacted.norms[0].rule, Rule::Dues(full.clone()), "{name}");

        let wire = v1::DuesPolicyRule::from(&full);
        assert_eq!((wire.built_in.as_str(), wire.name.as_str()), ("", *name));
        assert!(wire.fiscal_year_begins > 0 && !wire.readings.is_empty());
        let out = v1::Draft::from(&draft.content);
        let back = Draft::try_from(out).unwrap();
        assert_eq!(back.content, draft.content, "{name}");
    }
}

#[test]
fn a_policy_that_is_named_stands_alone_and_exists() {
    let malformed = read(r#""builtIn":"un-20""#).unwrap_err();
    let [violation] = &malformed.violations[..] else {
        panic!("{malformed}")
    };
    assert_eq!(violation.reason, "UNKNOWN_POLICY");
    for name in BUILT_IN {
        assert!(violation.description.contains(name), "{name}");
    }

    for beside in [
        r#""name":"un-19""#,
        r#""funds":["f"]"#,
        r#""fiscalYearBegins":4"#,
        r#""paymentOrder":1"#,
        r#""readings":[{}]"#,
        r#""waiver":{}"#,
        r#""noticeMonths":1"#,
        r#""parent":"un""#,
    ] {
        let found = policy(&format!(r#""builtIn":"un-19",{beside}"#));
        assert_eq!(found, "built_in NOT_ALONE", "{beside}");
    }
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let rule = pool
        .get_message_by_name("standing.v1.DuesPolicyRule")
        .unwrap();
    assert_eq!(rule.fields().len(), 9, "every other field stands above");
}
