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
