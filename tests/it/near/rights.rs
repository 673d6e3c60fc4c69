//! Who held which rights, and why.

use super::{ask, entry, party, right, verdict};
use crate::harness::{list, near, number, pick, text};
use serde_json::{Value, json};

/// The articles of an answer, as `charter/9.1 confers text`.
fn articles(answer: &Value) -> Vec<String> {
    let grounds = list(answer, "grounds.articles").iter();
    let written = grounds.map(|ground| {
        let said = |part| text(ground, part);
        let effect = said("effect").trim_start_matches("NORM_EFFECT_");
        let support = said("support").trim_start_matches("SUPPORT_");
        let (instrument, article) = (said("instrument"), said("article"));
        format!("{instrument}/{article} {effect} {support}").to_lowercase()
    });
    written.collect()
}

#[test]
fn qinghai_gets_the_rights_of_a_member_on_the_day_of_its_admission() {
    for right in ["vote", "elect", "stand"] {
        assert_eq!(
            verdict("cn-qinghai", right, "2024-09-24"),
            "NOT_HELD",
            "{right}"
        );
        assert_eq!(
            verdict("cn-qinghai", right, "2024-09-25"),
            "HELD",
            "{right}"
        );
    }
    let before = party("cn-qinghai", &json!({"on": "2024-09-24"}));
    assert_eq!(
        (list(&before, "classes"), text(&before, "appliedFor")),
        (&[json!("")][..], "full")
    );
    let after = party("cn-qinghai", &json!({"on": "2024-09-25"}));
    assert_eq!(
        (list(&after, "classes"), text(&after, "appliedFor")),
        (&[json!("full")][..], "")
    );
}

#[test]
fn the_grounds_name_the_admission_the_decision_and_the_articles() {
    let answer = right("cn-qinghai", "vote", &json!({"on": "2024-09-25"}));
    let grounds = list(&answer, "grounds.entries");
    let admission = grounds
        .iter()
        .find(|ground| text(ground, "kind") == "member_admitted")
        .unwrap_or_else(|| panic!("{answer:#}"));
    assert_eq!(
        number(admission, "position"),
        entry("near-admit-cn-qinghai")
    );
    assert_eq!(text(admission, "effective"), "2024-09-25");
    assert_eq!(text(admission, "authority"), "wc-14-item-2");
    assert_eq!(text(admission, "confidence"), "CONFIDENCE_CONFIRMED");
    // The wording of 9(1) that is held is that of the day after.
    assert_eq!(articles(&answer), ["charter/9.1 confers presumed"]);
    assert_eq!(text(&answer, "grounds.articles.0.citation"), "9(1)");
    assert_eq!(
        text(&answer, "grounds.articles.0.inForceFrom"),
        "2016-09-27"
    );
    assert_eq!(
        number(&answer, "grounds.articles.0.position"),
        entry("near-charter-art-9-1-2016-09-27")
    );
    assert_eq!(text(&answer, "grounds.weakestSupport"), "SUPPORT_PRESUMED");

    let later = right("cn-qinghai", "vote", &json!({"on": "2024-09-26"}));
    assert_eq!(articles(&later), ["charter/9.1 confers text"]);
    assert_eq!(text(&later, "grounds.articles.0.inForceFrom"), "2024-09-26");
    assert_eq!(text(&later, "grounds.weakestSupport"), "SUPPORT_TEXT");

    let printed = near()
        .cli(["rights", "cn-qinghai", "--on", "2024-09-25", "--why"])
        .ok();
    for part in [
        "wc-14-item-2",
        "2024-09-25",
        "9(1)",
        "2016-09-27",
        "presumed",
    ] {
        assert!(printed.contains(part), "no {part}:\n{printed}");
    }
}

#[test]
fn before_the_admission_was_recorded_qinghai_is_an_applicant_on_both_days() {
    let admission = entry("near-admit-cn-qinghai");
    let application = entry("near-apply-cn-qinghai");
    assert!(application < admission);
    for on in ["2024-09-24", "2024-09-25"] {
        let at = json!({"on": on, "position": admission - 1});
        for of in ["participate", "vote", "elect", "stand"] {
            let answer = right("cn-qinghai", of, &at);
            assert_eq!(text(&answer, "verdict"), "VERDICT_NOT_HELD", "{of} on {on}");
        }
        let state = party("cn-qinghai", &at);
        assert_eq!(text(&state, "appliedFor"), "full", "{on}");
        assert_eq!(list(&state, "classes"), [json!("")], "{on}");
        let known_at = (admission - 1).to_string();
        let arguments = [
            "rights",
            "cn-qinghai",
            "--on",
            on,
            "--known-at",
            &known_at,
            "--json",
        ];
        let printed: Value = serde_json::from_str(&near().cli(arguments).ok()).unwrap();
        assert_eq!(text(&printed, "party.appliedFor"), "full");
        let held = list(&printed, "rights").iter();
        let verdicts: Vec<_> = held.map(|right| text(right, "verdict")).collect();
        assert!(!verdicts.is_empty() && verdicts.iter().all(|v| *v == "VERDICT_NOT_HELD"));
    }
}

#[test]
fn pohang_takes_part_and_has_no_vote() {
    let before = party("kr-pohang", &json!({"on": "2024-09-19"}));
    assert_eq!(
        (list(&before, "classes"), text(&before, "appliedFor")),
        (&[json!("")][..], "special")
    );
    for of in ["participate", "vote", "elect", "stand"] {
        assert_eq!(verdict("kr-pohang", of, "2024-09-19"), "NOT_HELD", "{of}");
        let expected = if of == "participate" {
            "HELD"
        } else {
            "NOT_HELD"
        };
        assert_eq!(verdict("kr-pohang", of, "2024-09-25"), expected, "{of}");
    }
    let at = json!({"on": "2024-09-25"});
    let takes_part = right("kr-pohang", "participate", &at);
    assert_eq!(articles(&takes_part), ["charter/5-3 confers text"]);
    // 5-3 keeps the vote from special members; 9(1) gives it to full ones.
    let vote = right("kr-pohang", "vote", &at);
    let found = articles(&vote);
    let expected = ["charter/5-3 withholds text", "charter/9.1 confers presumed"];
    assert_eq!(found, expected, "{vote:#}");
    let for_others = list(&vote, "grounds.articles").iter();
    let for_others: Vec<_> = for_others.map(|ground| pick(ground, "forOthers")).collect();
    assert_eq!(for_others, [&Value::Null, &json!(true)], "{vote:#}");
}

#[test]
fn a_month_is_undetermined_and_certain_around_it() {
    // Admitted at an assembly of July 2012, the day of which nobody knows.
    let entries = ask("LedgerService/ListEntries", &json!({"pageSize": 1000}));
    let admitted = list(&entries, "entries")
        .iter()
        .map(|entry| pick(entry, "draft"))
        .find(|draft| text(draft, "authority.decision") == "ga-9-admissions")
        .expect("somebody was admitted in July 2012");
    let id = text(admitted, "memberAdmitted.party");
    for (on, expected) in [
        ("2012-06-30", "NOT_HELD"),
        ("2012-07-01", "UNDETERMINED"),
        ("2012-07-15", "UNDETERMINED"),
        ("2012-07-31", "HELD"),
        ("2012-08-01", "HELD"),
    ] {
        assert_eq!(verdict(id, "vote", on), expected, "{id} on {on}");
    }
    let answer = right(id, "vote", &json!({"on": "2012-07-15"}));
    assert!(!list(&answer, "grounds.missing").is_empty(), "{answer:#}");
}
