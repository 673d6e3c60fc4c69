//! The order in which the ledger learns things, and what it knew before.

use super::{ADMISSION, entry, small};
use crate::harness::{Folder, batch, list, number, text, without};
use crate::questions;
use crate::questions::SMALL;
use serde_json::{Value, json};
use tonic::Code;

const ROTATIONS: [&str; 2] = [
    r#"{"id": "chair-2", "order": 1, "effective": {"anchor": {"session": "assembly/2", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-birch", "ordinal": 2}}"#,
    r#"{"id": "chair-3", "order": 2, "effective": {"anchor": {"session": "assembly/2", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-alder", "ordinal": 3}}"#,
];

/// What depends on where in the log an entry stands, and when it came there.
const OF_THE_LOG: &[&str] = &[
    "position",
    "lastPosition",
    "earlierPositions",
    "laterPositions",
    "positions",
    "recordTime",
    "normsDigest",
];

/// Records requests in the order given, on a ledger of their own; returns all answers.
fn answers(requests: &[&str]) -> Vec<(String, Value)> {
    let folder = Folder::new();
    let server = small(&folder);
    for (place, lines) in requests.iter().enumerate() {
        let request = batch(&format!("r-{place}"), lines);
        server.client().record(&request).unwrap();
    }
    let answers = questions::contents(server.client(), SMALL, OF_THE_LOG);
    // What was known when is about the log.
    let of_the_log = |question: &str| {
        ["RightsService/ListHistory", "AuditService/CompareKnowledge"]
            .iter()
            .any(|method| question.starts_with(method))
    };
    answers
        .into_iter()
        .filter(|(question, _)| !of_the_log(question))
        .map(|(question, answer)| (question, beyond_the_log(answer)))
        .collect()
}

/// Leaves out of an answer where in the log entries stand: they are cited in words, and grounds are
/// in their order.
fn beyond_the_log(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, inner)| {
                let mut inner = beyond_the_log(inner);
                if let (true, Some(items)) = (name == "entries", inner.as_array_mut()) {
                    items.sort_by_key(ToString::to_string);
                }
                (name, inner)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.into_iter().map(beyond_the_log).collect(),
        Value::String(words) => {
            let mut pieces = words.split("entry ");
            let first = pieces.next().unwrap_or_default().to_owned();
            let rest = pieces.map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit()));
            Value::String(rest.fold(first, |text, piece| text + "entry" + piece))
        }
        other => other,
    }
}

#[test]
fn switches_of_one_day_are_recorded_in_either_order() {
    let [first, second] = ROTATIONS;
    let expected = answers(&[first, second]);
    assert_eq!(answers(&[second, first]), expected);
    let both = [second, first].join("\n");
    assert_eq!(answers(&[&both]), expected);
    let (_, chairs) = expected
        .iter()
        .find(|(question, _)| question.starts_with("RollService/ListOfficeHolders"))
        .unwrap();
    let chairs = list(chairs, "terms").iter();
    let chairs: Vec<_> = chairs.map(|term| text(term, "holder.party")).collect();
    assert_eq!(chairs, ["aa-alder", "aa-birch", "aa-alder"]);
}

/// What happened in the years after, and what is learned late about the years before.
const LATER: &str = r#"{"id": "end-birch", "effective": {"date": "2011-01-01"}, "membershipEnded": {"party": "aa-birch", "ground": "END_GROUND_WITHDRAWAL"}}
{"id": "charter-1-b", "effective": {"date": "2010-06-03"}, "authority": {"decision": "assembly-2-admissions"}, "articleEnacted": {"instrument": "charter", "article": "1", "citation": "1", "change": "ARTICLE_CHANGE_AMENDED", "norms": [{"support": "SUPPORT_ATTESTED", "confer": {"right": "vote", "classes": ["full", "observer"]}}]}}"#;
const RETROACTIVE: &str = r#"{"id": "observe-dogwood", "effective": {"date": "2002-05"}, "observerAccepted": {"party": "bb-dogwood", "class": "observer"}}
{"id": "charter-1-a", "effective": {"date": "2004-01-01"}, "articleEnacted": {"instrument": "charter", "article": "1", "citation": "1", "change": "ARTICLE_CHANGE_AMENDED", "norms": [{"support": "SUPPORT_TEXT", "confer": {"right": "vote", "body": "assembly", "classes": ["full"]}}]}}
{"id": "alder-name", "effective": {"date": "2003-01-01"}, "nameTaken": {"party": "aa-alder", "kind": "NAME_KIND_PUBLIC", "name": {"language": "en", "text": "Great Alder"}}}"#;

#[test]
fn what_is_learned_late_lands_where_it_belongs() {
    let first = answers(&[RETROACTIVE, ADMISSION, LATER]);
    let last = answers(&[ADMISSION, LATER, RETROACTIVE]);
    for (first, last) in first.iter().zip(&last) {
        assert_eq!(first, last);
    }
    assert_ne!(first, answers(&[ADMISSION, LATER]));
}

#[test]
fn what_was_known_earlier_stays_as_it_was_to_the_byte() {
    let folder = Folder::new();
    let server = small(&folder);
    server.client().record(&batch("r-1", LATER)).unwrap();
    let client = server.client();
    let moments = [1, 16, 22, 24, 28, 30];
    let known = || moments.map(|position| questions::bytes(client, SMALL, Some(position)));
    let before = known();
    client.record(&batch("r-2", ADMISSION)).unwrap();
    client.record(&batch("r-3", RETROACTIVE)).unwrap();
    let correction = r#"{"id": "c", "effective": {"date": "2005-04-01"}, "corrects": {"id": "s-admit-birch"}, "memberAdmitted": {"party": "aa-birch", "class": "full"}}
{"id": "w", "corrects": {"id": "s-observe-cedar"}}
{"id": "postponed", "effective": {"date": "2010-07-01"}, "sessionPostponed": {"session": "assembly/2"}}"#;
    client.record(&batch("r-4", correction)).unwrap();
    for (before, after) in before.iter().zip(&known()) {
        questions::assert_same(before, after);
    }
    let now = questions::bytes(client, SMALL, None);
    let changed = before[5]
        .iter()
        .zip(&now)
        .filter(|(then, now)| then.1 != now.1);
    assert_eq!(changed.count(), now.len(), "every basis is another now");
}

#[test]
fn an_instant_is_the_position_it_was_recorded_at() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client();
    client.record(&batch("r-1", ADMISSION)).unwrap();
    let recorded = text(&entry(client, 28), "recordTime").to_owned();
    let at = |point: Value| {
        let question = json!({"party": "bb-dogwood", "at": point}).to_string();
        client.answer("RightsService/GetStanding", &question)
    };
    let by_instant = at(json!({"on": "2012-01-01", "instant": recorded}));
    assert_eq!(
        number(&by_instant, "basis.position"),
        28,
        "the instant is resolved"
    );
    assert_eq!(text(&by_instant, "basis.instant"), recorded, "and told");
    let no_basis = |answer| without(answer, &["basis"]);
    let by_position = at(json!({"on": "2012-01-01", "position": 28}));
    assert_eq!(no_basis(by_instant.clone()), no_basis(by_position));
    let now = at(json!({"on": "2012-01-01"}));
    assert_eq!(number(&now, "basis.position"), 29);
    assert_ne!(no_basis(by_instant), no_basis(now));
    // In the first moment of time nothing was known, not even the party.
    let question = r#"{"party": "bb-dogwood", "at": {"instant": "1970-01-01T00:00:00Z"}}"#;
    let failure = client.ask("RollService/GetParty", question).unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
}
