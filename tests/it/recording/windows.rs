//! Dates that nobody knows to the day, and dates that hang on a session.

use super::small;
use crate::harness::{Client, Folder, batch, dates, list, number, pick, text};
use serde_json::json;

/// The classes a party may have, and whether it may vote: `observer|full UNDETERMINED`.
fn standing(client: &Client, party: &str, on: &str) -> String {
    let question = json!({"question": {"party": party, "right": "vote"}, "at": {"on": on}});
    let answer = client.answer("RightsService/CheckRight", &question.to_string());
    let classes = list(&answer, "answer.grounds.classes").iter();
    let classes: Vec<_> = classes
        .map(|class| class.as_str().unwrap())
        .map(|class| if class.is_empty() { "none" } else { class })
        .collect();
    let verdict = text(&answer, "answer.verdict").trim_start_matches("VERDICT_");
    let missing = list(&answer, "answer.grounds.missing");
    assert_eq!(
        verdict == "UNDETERMINED",
        !missing.is_empty(),
        "what is missing is named when something is: {answer:#}"
    );
    format!("{} {verdict}", classes.join("|"))
}

fn record(client: &Client, lines: &str) {
    let id = format!("r-{}", client.head());
    client.record(&batch(&id, lines)).unwrap();
}

#[test]
fn two_windows_on_one_party_leave_open_only_what_nobody_knows() {
    let folder = Folder::new();
    let server = small(&folder);
    // An observer since some day of 2008, a member since some day of May 2008, and in this order.
    record(
        server.client(),
        r#"{"id": "cedar", "order": 1, "effective": {"date": "2008-05"}, "memberAdmitted": {"party": "bb-cedar", "class": "full"}}"#,
    );
    for (on, expected) in [
        ("2007-12-31", "none NOT_HELD"),
        ("2008-01-01", "none|observer NOT_HELD"),
        ("2008-04-30", "none|observer NOT_HELD"),
        ("2008-05-01", "none|observer|full UNDETERMINED"),
        ("2008-05-30", "none|observer|full UNDETERMINED"),
        ("2008-05-31", "full HELD"),
        ("2008-12-31", "full HELD"),
    ] {
        let found = standing(server.client(), "bb-cedar", on);
        let sorted = |text: &str| {
            let (classes, verdict) = text.split_once(' ').unwrap();
            let mut classes: Vec<_> = classes.split('|').collect();
            classes.sort_unstable();
            format!("{} {verdict}", classes.join("|"))
        };
        assert_eq!(sorted(&found), sorted(expected), "{on}");
    }
    let question = r#"{"at": {"on": "2008-05-15"}}"#;
    let counts = server.client().answer("RollService/CountMembers", question);
    let range = |class: usize| {
        ["certain", "possible"].map(|end| number(&counts, &format!("classes.{class}.count.{end}")))
    };
    assert_eq!((range(0), range(1)), ([2, 3], [0, 1]), "{counts:#}");
}

#[test]
fn what_hangs_on_a_session_moves_with_it() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client();
    record(
        client,
        r#"{"id": "session-3", "effective": {"date": "2012-06-01"}, "sessionConvened": {"session": "assembly/3", "closing": {"window": {"earliestDate": "2012-06-03", "latestDate": "2012-06-05"}}}}
{"id": "chair-3", "effective": {"anchor": {"session": "assembly/3", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-birch", "ordinal": 2}}
{"id": "dogwood", "effective": {"anchor": {"session": "assembly/3", "edge": "SESSION_EDGE_CLOSE"}}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}"#,
    );
    let chair_since = || {
        let answer = client.answer("RollService/ListOfficeHolders", r#"{"office": "chair"}"#);
        let last = list(&answer, "terms").last().unwrap();
        assert_eq!(text(last, "begins"), "close of assembly/3");
        dates(pick(last, "interval"))
    };
    assert_eq!(chair_since(), "2012-06-03..2012-06-05");
    let dogwood = |on| standing(client, "bb-dogwood", on);
    assert_eq!(dogwood("2012-06-02"), "none NOT_HELD");
    assert!(dogwood("2012-06-04").ends_with("UNDETERMINED"));
    assert_eq!(dogwood("2012-06-05"), "full HELD");

    record(
        client,
        r#"{"id": "postponed", "effective": {"date": "2012-09-01"}, "sessionPostponed": {"session": "assembly/3", "closing": {"date": "2012-09-02"}}}"#,
    );
    assert_eq!(chair_since(), "2012-09-02");
    assert_eq!(dogwood("2012-06-05"), "none NOT_HELD");
    assert_eq!(dogwood("2012-09-01"), "none NOT_HELD");
    assert_eq!(dogwood("2012-09-02"), "full HELD");
    // It was known otherwise before, and that stays so.
    let before = r#"{"question": {"party": "bb-dogwood", "right": "vote"}, "at": {"on": "2012-06-05", "position": 31}}"#;
    let answer = client.answer("RightsService/CheckRight", before);
    assert_eq!(text(&answer, "answer.verdict"), "VERDICT_HELD");
}

#[test]
fn a_right_on_a_day_is_held_at_its_end() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client();
    // Admitted in the morning, gone in the evening; another the other way round.
    record(
        client,
        r#"{"id": "in", "order": 1, "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}
{"id": "out", "order": 2, "effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "bb-dogwood", "ground": "END_GROUND_WITHDRAWAL"}}
{"id": "back", "order": 2, "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "aa-birch", "class": "full"}}
{"id": "away", "order": 1, "effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "aa-birch", "ground": "END_GROUND_WITHDRAWAL"}}"#,
    );
    assert_eq!(
        standing(client, "bb-dogwood", "2012-01-01"),
        "none NOT_HELD"
    );
    assert_eq!(standing(client, "aa-birch", "2012-01-01"), "full HELD");
    let question = r#"{"party": "bb-dogwood", "at": {"on": "2012-01-01"}}"#;
    let answer = client.answer("RollService/GetParty", question);
    let spans = list(&answer, "party.classHistory").iter();
    let full: Vec<_> = spans.filter(|span| text(span, "class") == "full").collect();
    assert_eq!(
        full.len(),
        1,
        "a class of no days is history all the same: {answer:#}"
    );
}
