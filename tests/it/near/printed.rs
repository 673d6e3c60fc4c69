//! What `--json` prints.

use super::ask;
use crate::harness::{near, without};
use serde_json::{Value, json};

/// What `--json` prints is the answer as the contract reads it.
fn same<M: prost::Name + Default>(arguments: &[&str], method: &str, question: &Value) {
    use standing_proto::json;
    let printed = near().cli(arguments.iter().chain(&["--json"])).ok();
    let read: M =
        json::from_json(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    let again = json::to_json(&read).unwrap();
    let [printed, again]: [Value; 2] =
        [printed, again].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(printed, again, "{arguments:?}");
    // A list may be printed whole where a question is answered in pages.
    let asked = ask(method, question);
    let [printed, asked] = [printed, asked].map(|v| without(v, &["nextPageToken"]));
    assert_eq!(printed, asked, "{arguments:?}");
}

#[test]
fn what_json_prints_is_the_answer_as_the_contract_reads_it() {
    use standing_proto::v1;
    let at = json!({"on": "2024-09-25"});
    let on = ["--on", "2024-09-25"];
    let with = |words: &[&'static str]| [words, &on].concat();
    same::<v1::CountMembersResponse>(
        &with(&["roll"]),
        "RollService/CountMembers",
        &json!({"at": at}),
    );
    same::<v1::GetStandingResponse>(
        &with(&["rights", "cn-qinghai"]),
        "RightsService/GetStanding",
        &json!({"party": "cn-qinghai", "at": at}),
    );
    same::<v1::GetPartyResponse>(
        &with(&["party", "kr-pohang"]),
        "RollService/GetParty",
        &json!({"party": "kr-pohang", "at": at}),
    );
    same::<v1::ListHoldersResponse>(
        &with(&["holders", "vote"]),
        "RightsService/ListHolders",
        &json!({"right": "vote", "at": at, "pageSize": 1000}),
    );
    same::<v1::ListOfficeHoldersResponse>(
        &["chairs"],
        "RollService/ListOfficeHolders",
        &json!({"office": "chair"}),
    );
    same::<v1::GetSessionResponse>(
        &["session", "working-committee/14"],
        "RollService/GetSession",
        &json!({"session": "working-committee/14"}),
    );
    same::<v1::GetArticleResponse>(
        &with(&["law", "charter", "4-3"]),
        "LawService/GetArticle",
        &json!({"instrument": "charter", "article": "4-3", "at": at}),
    );
    same::<v1::GetInstrumentResponse>(
        &with(&["law", "charter"]),
        "LawService/GetInstrument",
        &json!({"instrument": "charter", "at": at}),
    );
    same::<v1::GetEntryResponse>(
        &["entry", "2"],
        "LedgerService/GetEntry",
        &json!({"position": 2}),
    );
    same::<v1::GetVocabularyResponse>(
        &with(&["vocabulary"]),
        "RollService/GetVocabulary",
        &json!({"at": at, "pageSize": 1000}),
    );
    same::<v1::ListEntriesResponse>(
        &[
            "entries",
            "--kind",
            "decision_taken",
            "--session",
            "general-assembly/13",
        ],
        "LedgerService/ListEntries",
        &json!({"kinds": ["decision_taken"], "session": "general-assembly/13"}),
    );
    same::<v1::GetHeadResponse>(&["head"], "LedgerService/GetHead", &json!({}));
}

#[test]
fn what_is_told_of_days_is_printed_as_the_contract_reads_it() {
    use standing_proto::v1;
    same::<v1::ListUpcomingResponse>(
        &["upcoming", "--on", "2024-09-01", "--to", "2025-12-31"],
        "RollService/ListUpcoming",
        &json!({"at": {"on": "2024-09-01"}, "lastDate": "2025-12-31", "pageSize": 1000}),
    );
    same::<v1::ListChangeDaysResponse>(
        &["days", "--party", "Liaoning"],
        "RollService/ListChangeDays",
        &json!({"party": "cn-liaoning"}),
    );
    same::<v1::ListHistoryResponse>(
        &["history", "Liaoning", "--as-known", "--right", "vote"],
        "RightsService/ListHistory",
        &json!({"question": {"party": "cn-liaoning", "right": "vote"}}),
    );
    same::<v1::CompareKnowledgeResponse>(
        &["compare", "--before", "500", "--on", "2024-09-25"],
        "AuditService/CompareKnowledge",
        &json!({"before": {"position": 500}, "at": {"on": "2024-09-25"}, "pageSize": 1000}),
    );
}

/// A day may be said as people say it, and is echoed as a date.
#[test]
fn days_are_said_in_a_closed_list_of_ways() {
    let on = |day: &str| near().cli(["roll", "--on", day]);
    let expected = on("2024-09-25").ok();
    for said in ["25 September 2024", "25 sep 2024"] {
        assert_eq!(on(said).ok(), expected, "{said}");
    }
    for (said, date) in [
        ("opening of working-committee/14", "2024-09-24"),
        ("Close of  working-committee/14", "2024-09-26"),
    ] {
        assert_eq!(on(said).ok(), on(date).ok(), "{said}");
    }
    let today = near().cli(["roll"]).ok();
    assert_eq!(on("today").ok(), today);
    assert_ne!(on("yesterday").ok(), today);
    // Nothing was recorded before today.
    let known = |day: &str| {
        near()
            .cli(["roll", "--on", "2024-09-25", "--known-at", day])
            .ok()
    };
    assert_eq!(known("today").lines().nth(1), expected.lines().nth(1));
    assert_ne!(known("yesterday").lines().nth(1), expected.lines().nth(1));
    // What is no day, or not known to the day.
    let told = on("2024-09").fails(2);
    assert!(told.contains("1 July 2027"), "{told}");
    let told = on("close of general-assembly/99").fails(3);
    assert!(told.contains("general-assembly/99"), "{told}");
}
