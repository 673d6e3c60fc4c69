//! Points in time that are none, or that the ledger has not reached.

use super::{assert_refused, big, on_small};
use serde_json::{Value, json};
use std::time::Duration;
use tonic::Code;

/// Every method that takes a point in time, and whether it reads its `on`.
fn methods() -> Vec<(&'static str, Value, bool)> {
    let question = json!({"party": "aa-alder", "right": "vote"});
    vec![
        (
            "RightsService/CheckRight",
            json!({"question": question}),
            true,
        ),
        (
            "RightsService/CheckRight",
            json!({"question": question, "verdictOnly": true}),
            true,
        ),
        (
            "RightsService/CheckRights",
            json!({"questions": [question]}),
            true,
        ),
        (
            "RightsService/GetStanding",
            json!({"party": "aa-alder"}),
            true,
        ),
        ("RightsService/ListHolders", json!({"right": "vote"}), true),
        (
            "RightsService/GetTimeline",
            json!({"question": question}),
            false,
        ),
        ("RollService/GetParty", json!({"party": "aa-alder"}), true),
        ("RollService/ListParties", json!({}), true),
        ("RollService/CountMembers", json!({}), true),
        (
            "RollService/ListOfficeHolders",
            json!({"office": "chair"}),
            true,
        ),
        (
            "RollService/GetSession",
            json!({"session": "assembly/1"}),
            false,
        ),
        ("RollService/ListSessions", json!({}), false),
        ("RollService/ListCommittees", json!({}), true),
        ("RollService/GetAssociation", json!({}), true),
        ("RollService/GetVocabulary", json!({}), true),
        ("RollService/ListChangeDays", json!({"roll": true}), false),
        ("RollService/ListUpcoming", json!({}), true),
        (
            "RightsService/ListHistory",
            json!({"question": {"party": "aa-alder"}}),
            false,
        ),
    ]
    .into_iter()
    .chain(law_methods())
    .collect()
}

/// Those about the law.
fn law_methods() -> Vec<(&'static str, Value, bool)> {
    vec![
        (
            "LawService/GetInstrument",
            json!({"instrument": "charter"}),
            true,
        ),
        (
            "LawService/GetArticle",
            json!({"instrument": "charter", "article": "1"}),
            true,
        ),
        (
            "LawService/ListArticleVersions",
            json!({"instrument": "charter", "article": "1"}),
            false,
        ),
        (
            "LawService/CompareInstrument",
            json!({"instrument": "charter", "earlierDate": "1900-01-01"}),
            true,
        ),
        (
            "LawService/CompareArticle",
            json!({"instrument": "charter", "article": "1", "earlierDate": "1900-01-01"}),
            true,
        ),
    ]
}

#[test]
fn a_day_is_a_day_the_ledger_counts() {
    on_small(|client| {
        for (method, mut question, reads_on) in methods() {
            if !reads_on {
                continue;
            }
            for on in [
                "2023-02-30",
                "2023-02-29",
                "1899-12-31",
                "2201-01-01",
                "2024-09",
                "today",
                big(),
            ] {
                question["at"] = json!({"on": on});
                let row = format!("{method} on {on:.20}");
                let named = if on.len() > 80 { "on" } else { on };
                let expected = (Code::InvalidArgument, "MALFORMED", named);
                let failure =
                    assert_refused(client.ask(method, &question.to_string()), expected, &row);
                assert!(
                    failure.violations[0].starts_with("at.on: "),
                    "{row}: {failure:?}"
                );
            }
            for on in ["1900-01-01", "2200-12-31"] {
                question["at"] = json!({"on": on});
                let outcome = client.ask(method, &question.to_string());
                let answered = outcome.is_ok_and(|answer| answer["basis"]["on"] == on);
                // On the first day nothing was in force.
                assert!(
                    answered || (method == "LawService/GetArticle" && on < "2000"),
                    "{method} {on}"
                );
            }
        }
    });
}

#[test]
fn between_the_last_entry_and_now_all_is_known_and_today_is_now() {
    on_small(|client| {
        for (method, mut question, _) in methods() {
            let now = client.answer("LedgerService/GetHead", "{}");
            let today = crate::harness::text(&now, "today").to_owned();
            question["at"] = json!({"day": today});
            let answer = client.answer(method, &question.to_string());
            assert_eq!(answer["basis"]["now"], true, "{method}");
            // What it was answered by is an instant after the last entry, and is answered again.
            let instant = answer["basis"]["instant"].clone();
            question["at"] = json!({"instant": instant});
            let again = client.answer(method, &question.to_string());
            assert_eq!(again["basis"]["instant"], instant, "{method}");
            assert_eq!(
                again["basis"]["position"], answer["basis"]["position"],
                "{method}"
            );
            assert!(again["basis"].get("now").is_none(), "{method}");
            let expected = (Code::InvalidArgument, "KNOWN_AT_FUTURE", "2199-01-01");
            question["at"] = json!({"day": "2199-01-01"});
            assert_refused(client.ask(method, &question.to_string()), expected, method);
        }
    });
}

#[test]
fn nothing_is_known_at_a_moment_to_come() {
    on_small(|client| {
        // A position to come is waited for, but no longer than the caller waits.
        let hurried = client.within(Duration::from_millis(500));
        for (method, mut question, _) in methods() {
            let row = format!("{method} in the future");
            let expected = (Code::InvalidArgument, "KNOWN_AT_FUTURE", "29");
            question["at"] = json!({"position": "29"});
            assert_refused(client.ask(method, &question.to_string()), expected, &row);
            let expected = (Code::InvalidArgument, "KNOWN_AT_FUTURE", "2199");
            question["at"] = json!({"instant": "2199-01-01T00:00:00Z"});
            assert_refused(client.ask(method, &question.to_string()), expected, &row);
            let expected = (Code::Unavailable, "NOT_YET", "29");
            question["at"] = json!({"minPosition": "29"});
            assert_refused(hurried.ask(method, &question.to_string()), expected, &row);
            question["at"] = json!({"minPosition": "28"});
            client.answer(method, &question.to_string());
        }
        let expected = (Code::InvalidArgument, "KNOWN_AT_FUTURE", "29");
        let beyond = client.ask("LedgerService/ListEntries", r#"{"lastPosition": "29"}"#);
        assert_refused(beyond, expected, "entries to come");
    });
}
