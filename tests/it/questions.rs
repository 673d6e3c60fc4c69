//! Questions of every kind, for tests that compare answers: of one ledger at two moments, or of two
//! ledgers.

use crate::harness::{Client, without};
use serde_json::Value;

/// About NEAR: a method and what it is asked, a line each; `AT` stands for what is said of `known
/// at`.
pub const NEAR: &str = r#"
    LedgerService/ListEntries {"pageSize": 1000, "party": "cn-qinghai"}
    RightsService/CheckRight {"question": {"party": "cn-qinghai", "right": "vote"}, "at": {"on": "2024-09-25"AT}}
    RightsService/CheckRight {"question": {"party": "ru-kamchatka", "right": "vote"}, "at": {"on": "2007-06-30"AT}}
    RightsService/CheckRights {"questions": [{"party": "kr-pohang", "right": "vote"}, {"party": "nobody", "right": "vote"}], "at": {"on": "2024-09-25"AT}}
    RightsService/GetStanding {"party": "kr-pohang", "at": {"on": "2024-09-25"AT}}
    RightsService/ListHolders {"right": "vote", "pageSize": 1000, "at": {"on": "2012-07-15"AT}}
    RightsService/GetTimeline {"question": {"party": "cn-liaoning", "right": "vote"}AT}
    RollService/GetParty {"party": "cn-liaoning", "at": {"on": "2022-01-01"AT}}
    RollService/ListParties {"pageSize": 1000, "at": {"on": "2024-09-25"AT}}
    RollService/ListParties {"query": "mong", "pageSize": 5, "at": {"on": "2024-09-25"AT}}
    RollService/CountMembers {"at": {"on": "1997-01-01"AT}}
    RollService/CountMembers {"at": {"on": "2024-09-25"AT}}
    RollService/ListOfficeHolders {"office": "chair"AT}
    RollService/ListOfficeHolders {"office": "secretary-general", "at": {"on": "2024-01-01"AT}}
    RollService/GetSession {"session": "working-committee/14"AT}
    RollService/ListSessions {"pageSize": 1000AT}
    RollService/ListCommittees {"pageSize": 1000, "at": {"on": "2024-12-31"AT}}
    RollService/GetAssociation {"at": {"on": "2024-12-31"AT}}
    RollService/GetVocabulary {"pageSize": 1000, "at": {"on": "2024-12-31"AT}}
    LawService/GetInstrument {"instrument": "charter", "at": {"on": "2024-09-25"AT}}
    LawService/GetArticle {"instrument": "charter", "article": "9(1)", "at": {"on": "2024-09-25"AT}}
    LawService/ListArticleVersions {"instrument": "charter", "article": "9-2"AT}
    LawService/CompareInstrument {"instrument": "charter", "earlierDate": "2016-01-01", "at": {"on": "2024-12-31"AT}}
    LawService/CompareArticle {"instrument": "charter", "article": "9(1)", "earlierDate": "2016-01-01", "at": {"on": "2024-12-31"AT}}
    RightsService/ListHistory {"question": {"party": "cn-liaoning"}AT}
    RollService/ListChangeDays {"party": "cn-liaoning"AT}
    RollService/ListChangeDays {"session": "working-committee/14"AT}
    RollService/ListChangeDays {"article": "charter/9-2"AT}
    RollService/ListChangeDays {"office": "chair"AT}
    RollService/ListChangeDays {"roll": true, "pageSize": 1000AT}
    RollService/ListUpcoming {"pageSize": 1000, "at": {"on": "2024-09-24"AT}}
    RollService/ListUpcoming {"party": "cn-liaoning", "lastDate": "2030-12-31", "at": {"on": "2020-01-01"AT}}
    AuditService/CompareKnowledge {"before": {"position": 520}, "party": "cn-qinghai", "at": {"on": "2024-09-25"AT}}
"#;

/// About the ledger of `small.jsonl`.
pub const SMALL: &str = r#"
    RightsService/CheckRight {"question": {"party": "aa-birch", "right": "vote"}, "at": {"on": "2005-06-01"AT}}
    RightsService/CheckRight {"question": {"party": "bb-cedar", "right": "speak", "body": "assembly"}, "at": {"on": "2008-06-01"AT}}
    RightsService/GetStanding {"party": "bb-cedar", "at": {"on": "2012-01-01"AT}}
    RightsService/GetStanding {"party": "bb-dogwood", "at": {"on": "2012-01-01"AT}}
    RightsService/ListHolders {"right": "vote", "at": {"on": "2012-01-01"AT}}
    RightsService/GetTimeline {"question": {"party": "bb-cedar", "right": "speak"}AT}
    RightsService/GetTimeline {"question": {"party": "bb-dogwood", "right": "vote"}AT}
    RollService/GetParty {"party": "aa-birch", "at": {"on": "2012-01-01"AT}}
    RollService/ListParties {"at": {"on": "2012-01-01"AT}}
    RollService/ListParties {"query": "birhc", "at": {"on": "2012-01-01"AT}}
    RollService/CountMembers {"at": {"on": "2008-06-01"AT}}
    RollService/CountMembers {"at": {"on": "2012-01-01"AT}}
    RollService/ListOfficeHolders {"office": "chair"AT}
    RollService/GetSession {"session": "assembly/2"AT}
    RollService/ListSessions {"series": "assembly"AT}
    RollService/ListCommittees {"at": {"on": "2012-01-01"AT}}
    RollService/GetAssociation {"at": {"on": "2012-01-01"AT}}
    RollService/GetVocabulary {"at": {"on": "2012-01-01"AT}}
    LawService/GetInstrument {"instrument": "charter", "at": {"on": "2012-01-01"AT}}
    LawService/ListArticleVersions {"instrument": "charter", "article": "1"AT}
    LawService/CompareInstrument {"instrument": "charter", "earlierDate": "2001-01-01", "at": {"on": "2012-01-01"AT}}
    LawService/CompareArticle {"instrument": "charter", "article": "1", "earlierDate": "2001-01-01", "at": {"on": "2012-01-01"AT}}
    RightsService/ListHistory {"question": {"party": "bb-cedar"}AT}
    RightsService/ListHistory {"question": {"party": "bb-cedar", "right": "speak"}AT}
    RollService/ListChangeDays {"party": "bb-dogwood"AT}
    RollService/ListChangeDays {"session": "assembly/2"AT}
    RollService/ListChangeDays {"roll": trueAT}
    RollService/ListUpcoming {"lastDate": "2012-12-31", "at": {"on": "2004-01-01"AT}}
    AuditService/CompareKnowledge {"before": {"position": 20}, "at": {"on": "2012-01-01"AT}}
"#;

/// Reads a table of questions, as known at a position, or at the head.
pub fn read(table: &str, known_at: Option<u64>) -> Vec<(&str, String)> {
    let lines = table.lines().filter_map(|line| line.trim().split_once(' '));
    lines
        .map(|(method, question)| (method, at(question, known_at)))
        .collect()
}

fn at(question: &str, known_at: Option<u64>) -> String {
    match (known_at, question.contains(r#""at": {"#)) {
        (None, _) => question.replace("AT", ""),
        (Some(position), true) => question.replace("AT", &format!(r#", "position": {position}"#)),
        (Some(position), false) => {
            question.replace("AT", &format!(r#", "at": {{"position": {position}}}"#))
        }
    }
}

/// Asks all questions; returns the bytes of the answers.
pub fn bytes(client: &Client, table: &str, known_at: Option<u64>) -> Vec<(String, Vec<u8>)> {
    let questions = read(table, known_at).into_iter();
    questions
        .map(|(method, question)| {
            let answer = match client.bytes(method, &question) {
                Ok(bytes) => bytes,
                // What was not known then has no answer, and that never changes either.
                Err(failure) => format!("{failure:?}").into_bytes(),
            };
            (format!("{method} {question}"), answer)
        })
        .collect()
}

/// Fails on the first question that is answered in other bytes than before.
pub fn assert_same(before: &[(String, Vec<u8>)], after: &[(String, Vec<u8>)]) {
    assert!(!before.is_empty() && before.len() == after.len());
    for ((question, before), (_, after)) in before.iter().zip(after) {
        assert!(!before.is_empty(), "{question} is answered with nothing");
        assert_eq!(before, after, "{question}");
    }
}

/// Asks all questions of a ledger, and leaves out what differs between ledgers of one content.
pub fn contents(client: &Client, table: &str, besides: &[&str]) -> Vec<(String, Value)> {
    let questions = read(table, None).into_iter();
    questions
        .map(|(method, question)| {
            let answer = client.answer(method, &question);
            (format!("{method} {question}"), without(answer, besides))
        })
        .collect()
}
