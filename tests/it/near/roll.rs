//! Counts, chairs and sessions.

use super::ask;
use crate::harness::{list, near, number, pick, text};
use serde_json::{Value, json};

/// Counts the members: `full 82, associate 2, special 1, observer 5`, or ranges.
fn counts(on: &str) -> String {
    let question = json!({"at": {"on": on}}).to_string();
    let answer = near()
        .client()
        .answer("RollService/CountMembers", &question);
    let classes = list(&answer, "classes").iter().map(|class| {
        let certain = number(class, "count.certain");
        let count = match number(class, "count.possible") {
            possible if possible == certain => certain.to_string(),
            possible => format!("{certain}..{possible}"),
        };
        format!("{} {count}", text(class, "class"))
    });
    classes.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_roll_counts_what_the_source_counts() {
    let count = |on| counts(on);
    assert_eq!(
        count("2024-09-25"),
        "full 82, associate 2, special 1, observer 5"
    );
    assert_eq!(
        count("2024-09-24"),
        "full 81, associate 1, special 0, observer 5"
    );
    // 29 founders are counted, and more are named: which of them came later is not known.
    let answer = ask(
        "RollService/CountMembers",
        &json!({"at": {"on": "1997-01-01"}}),
    );
    let [certain, possible] =
        ["certain", "possible"].map(|end| number(&answer, &format!("classes.0.count.{end}")));
    assert!(
        certain < 29 && 29 <= possible,
        "29 lies not in {certain}..{possible}"
    );
}

#[test]
fn the_roll_is_printed_for_people() {
    let printed = |on| near().cli(["roll", "--on", on]).ok();
    let has_row = |on, class: &str, count: &str| {
        let table = printed(on);
        let found = table.lines().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            words.contains(&class) && words.contains(&count)
        });
        assert!(found, "{class} {count}:\n{table}");
    };
    for (class, before, after) in [
        ("full", "81", "82"),
        ("associate", "1", "2"),
        ("special", "0", "1"),
        ("observer", "5", "5"),
    ] {
        has_row("2024-09-24", class, before);
        has_row("2024-09-25", class, after);
    }
    let question = json!({"at": {"on": "1997-01-01"}}).to_string();
    let answer = near()
        .client()
        .answer("RollService/CountMembers", &question);
    let [certain, possible] =
        ["certain", "possible"].map(|end| number(&answer, &format!("classes.0.count.{end}")));
    has_row("1997-01-01", "full", &format!("{certain}..{possible}"));
}

#[test]
fn both_chairs_of_a_switching_day_are_listed_in_order() {
    let question = json!({"office": "chair", "at": {"on": "2002-09-11"}});
    let answer = ask("RollService/ListOfficeHolders", &question);
    let terms: Vec<_> = list(&answer, "terms")
        .iter()
        .map(|term| (number(term, "ordinal"), text(term, "holder.party")))
        .collect();
    // The third chair's term ends, the fourth's lasts no day, the fifth's begins.
    assert!(
        terms.ends_with(&[(4, "ru-khabarovsk"), (5, "cn-heilongjiang")]),
        "{terms:?}"
    );
    let printed = near().cli(["chairs", "--on", "2002-09-11"]).ok();
    let at = |name: &str| {
        printed
            .find(name)
            .unwrap_or_else(|| panic!("{name}:\n{printed}"))
    };
    assert!(at("ru-khabarovsk") < at("cn-heilongjiang"), "{printed}");
}

#[test]
fn the_14th_working_committee_is_counted() {
    let answer = ask(
        "RollService/GetSession",
        &json!({"session": "working-committee/14"}),
    );
    let range =
        |path: &str| ["certain", "possible"].map(|end| number(&answer, &format!("{path}.{end}")));
    assert_eq!(range("entitled"), [81, 81]);
    assert_eq!(range("entitledPresent"), [32, 32]);
    assert_eq!(number(&answer, "present"), 38);
    assert_eq!(pick(&answer, "attendanceNotRecorded"), &Value::Null);
    assert_eq!(pick(&answer, "inWritingRecorded"), &Value::Null);
    let decisions = list(&answer, "decisions").iter();
    let decisions: Vec<_> = decisions
        .map(|decision| text(decision, "decision.decision"))
        .collect();
    assert_eq!(
        decisions,
        [
            "wc-14-item-1",
            "wc-14-item-2",
            "wc-14-item-3",
            "wc-14-item-4"
        ]
    );
    let printed = near().cli(["session", "working-committee/14"]).ok();
    for part in ["81", "38", "32", "2024-09-24", "2024-09-26", "cn-liaoning"] {
        assert!(printed.contains(part), "{part}:\n{printed}");
    }
}

#[test]
fn sessions_and_committees_are_as_many_as_the_source_counts() {
    for (series, count) in [("general-assembly", 15), ("working-committee", 14)] {
        let question = json!({"series": series, "pageSize": 1000});
        let answer = ask("RollService/ListSessions", &question);
        let sessions = list(&answer, "sessions").iter();
        let sessions: Vec<_> = sessions.map(|session| text(session, "session")).collect();
        let expected: Vec<_> = (1..=count).map(|n| format!("{series}/{n}")).collect();
        assert_eq!(sessions, expected);
    }
    let question = json!({"pageSize": 1000, "at": {"on": "2025-01-14"}});
    let answer = ask("RollService/ListCommittees", &question);
    let committees = list(&answer, "committees");
    assert_eq!(committees.len(), 19);
    for committee in committees {
        assert_eq!(pick(committee, "certain"), &json!(true), "{committee:#}");
        let [coordinator, ..] = list(committee, "coordinators") else {
            panic!("nobody coordinates {committee:#}")
        };
        assert_eq!(text(coordinator, "seat"), "");
    }
}

#[test]
fn the_seat_moved_with_the_chair_and_then_stayed() {
    for (on, host) in [
        ("1997-01-01", "kr-gyeongbuk"),
        ("1999-01-01", "jp-toyama"),
        ("2024-09-25", "kr-gyeongbuk"),
    ] {
        let answer = ask("RollService/GetAssociation", &json!({"at": {"on": on}}));
        let seats = list(&answer, "seats").iter();
        let seats: Vec<_> = seats.map(|seat| text(seat, "host")).collect();
        assert_eq!(seats, [host], "{on}");
    }
}

#[test]
fn all_sixteen_chairs_are_listed_with_their_grounds() {
    let answer = ask("RollService/ListOfficeHolders", &json!({"office": "chair"}));
    let terms = list(&answer, "terms");
    assert_eq!(terms.len(), 16);
    let by = |n: usize| (text(&terms[n - 1], "article"), text(&terms[n - 1], "by"));
    // To September 2002 the host of the last assembly, from then the host of the next.
    for n in 1..=4 {
        let host = format!("host of general-assembly/{n}, at whose close the term began");
        assert_eq!(by(n), ("charter/7.1", host.as_str()), "chair {n}");
    }
    for n in 5..=15 {
        let host = format!("ex officio: host of general-assembly/{n}");
        assert_eq!(by(n), ("charter/7.1", host.as_str()), "chair {n}");
    }
    assert_eq!(
        by(16).1,
        "ex officio: host of the next session of general-assembly"
    );
    let printed = near().cli(["chairs"]).ok();
    assert!(
        printed.contains("ex officio: host of general-assembly/15 (charter/7.1, "),
        "{printed}"
    );
    // The deputy head of the chair government chairs the working committee.
    let question = json!({"office": "working-committee-chair", "at": {"on": "2024-09-25"}});
    let answer = ask("RollService/ListOfficeHolders", &question);
    assert_eq!(pick(&answer, "terms.0.deputy"), &json!(true));
    assert_eq!(text(&answer, "terms.0.holder.party"), "cn-liaoning");
}
