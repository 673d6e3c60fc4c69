//! Recording: once and for all, all or nothing, and in whatever order.

use crate::harness::{
    Client, Failure, Folder, Server, batch, data, list, number, pick, text, without,
};
use crate::questions::{self, SMALL};
use serde_json::{Value, json};
use standing_proto::v1;
use tonic::Code;

/// A server on a small ledger of its own, of 28 entries.
pub fn small(folder: &Folder) -> Server {
    let server = folder.serve();
    let lines = std::fs::read_to_string(data("small.jsonl")).unwrap();
    let recorded = server.client().record(&batch("small", &lines)).unwrap();
    assert_eq!((recorded.first_position, recorded.last_position), (1, 28));
    server
}

/// An admission that nothing stands against.
const ADMISSION: &str = r#"{"id": "dogwood", "effective": {"date": "2009-05-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full"}}"#;

fn refused(outcome: Result<v1::RecordResponse, Failure>, code: Code, reason: &str) -> Failure {
    let failure = outcome.expect_err(reason);
    assert_eq!(
        (failure.code, &*failure.reason),
        (code, reason),
        "{failure:?}"
    );
    failure
}

fn entry(client: &Client, position: u64) -> Value {
    let question = json!({"position": position}).to_string();
    pick(&client.answer("LedgerService/GetEntry", &question), "entry").clone()
}

#[test]
fn a_request_sent_again_is_answered_as_the_first_time() {
    let folder = Folder::new();
    let server = small(&folder);
    let request = batch("once", ADMISSION);
    let first = server.client().record(&request).unwrap();
    assert_eq!((first.first_position, first.last_position), (29, 29));
    assert!(!first.replayed);
    let replayed = v1::RecordResponse {
        replayed: true,
        ..first
    };
    assert_eq!(server.client().record(&request), Ok(replayed));
    // Whether irregular acts are refused, and what the client believed then, is no part of its content.
    let mut later = request.clone();
    later.irregular = v1::IrregularPolicy::Refuse.into();
    later.expectations = vec![expect(v1::expectation::Subject::Log(true), 28)];
    assert_eq!(server.client().record(&later), Ok(replayed));

    assert!(server.terminate().success());
    let server = folder.serve();
    assert_eq!(server.client().record(&request), Ok(replayed));
    assert_eq!(server.client().head(), 29);
    assert_eq!(text(&entry(server.client(), 29), "requestId"), "once");
}

#[test]
fn a_request_id_stands_for_one_content() {
    let folder = Folder::new();
    let server = small(&folder);
    server.client().record(&batch("once", ADMISSION)).unwrap();
    let other = ADMISSION.replace("2009-05-01", "2009-05-02");
    let mut both = batch("once", ADMISSION);
    both.drafts.push(
        batch("more", &other.replace("dogwood", "d"))
            .drafts
            .remove(0),
    );
    for request in [batch("once", &other), both] {
        let outcome = server.client().record(&request);
        let failure = refused(outcome, Code::AlreadyExists, "REQUEST_ID_REUSED");
        assert!(failure.message.contains("once"), "{failure:?}");
    }
    assert_eq!(server.client().head(), 29);
}

#[test]
fn a_request_that_wrote_nothing_binds_nothing() {
    let folder = Folder::new();
    let server = small(&folder);
    let wrong = ADMISSION.replace("bb-dogwood", "bb-nobody");
    refused(
        server.client().record(&batch("once", &wrong)),
        Code::FailedPrecondition,
        "REFUSED",
    );
    let mut trial = batch("once", ADMISSION);
    trial.validate_only = true;
    let judged = server.client().record(&trial).unwrap();
    assert_eq!(judged, v1::RecordResponse::default());
    assert_eq!(server.client().head(), 28);
    let recorded = server.client().record(&batch("once", ADMISSION)).unwrap();
    assert_eq!(recorded.first_position, 29);
}

#[test]
fn a_trial_is_judged_like_the_real_thing() {
    let folder = Folder::new();
    let server = small(&folder);
    let wrong = format!(
        "{}\n{}",
        ADMISSION.replace("bb-dogwood", "bb-nobody"),
        r#"{"id": "e", "effective": {"date": "2011-01-01"}, "membershipEnded": {"party": "bb-dogwood", "ground": "END_GROUND_WITHDRAWAL"}}"#
    );
    let real = batch("wrong", &wrong);
    let trial = v1::RecordRequest {
        validate_only: true,
        ..real.clone()
    };
    let [real, trial] = [real, trial].map(|request| {
        refused(
            server.client().record(&request),
            Code::FailedPrecondition,
            "REFUSED",
        )
    });
    assert_eq!(real.violations, trial.violations);
    // All reasons at once, each with what it is about.
    for reason in ["UNKNOWN_PARTY: bb-nobody: ", "NOT_HELD: "] {
        assert!(
            trial.violations.iter().any(|v| v.starts_with(reason)),
            "{trial:?}"
        );
    }
    assert_eq!(server.client().head(), 28);
}

fn expect(subject: v1::expectation::Subject, position: u64) -> v1::Expectation {
    v1::Expectation {
        subject: Some(subject),
        position,
    }
}

#[test]
fn a_stale_belief_is_told_apart() {
    use v1::expectation::Subject::{Instrument, Log, Party};
    let folder = Folder::new();
    let server = small(&folder);
    let at = |path: &str, method: &str, question: &str| {
        number(&server.client().answer(method, question), path)
    };
    let party = at(
        "party.lastPosition",
        "RollService/GetParty",
        r#"{"party": "bb-dogwood"}"#,
    );
    assert_eq!(party, 15);
    let with = |subject, position| {
        let mut request = batch("careful", ADMISSION);
        request.expectations.push(expect(subject, position));
        server.client().record(&request)
    };
    for (subject, position, name) in [
        (Log(true), 27, "log"),
        (Log(true), 29, "log"),
        (Party("bb-dogwood".to_owned()), party - 1, "bb-dogwood"),
        (Party("xx-nobody".to_owned()), 1, "xx-nobody"),
        (Instrument("charter".to_owned()), 0, "charter"),
    ] {
        let failure = refused(with(subject, position), Code::Aborted, "STALE_POSITION");
        assert!(failure.message.contains(name), "{failure:?}");
        assert_eq!(server.client().head(), 28, "{name}");
    }
    let mut request = batch("careful", ADMISSION);
    request.expectations = vec![
        expect(Log(true), 28),
        expect(Party("bb-dogwood".to_owned()), party),
        expect(Party("xx-nobody".to_owned()), 0),
    ];
    assert_eq!(server.client().record(&request).unwrap().first_position, 29);
}

/// A town of which there are many.
const TOWN: &str = r#"{"partyRegistered": {"kind": "town", "names": [{"language": "en", "text": "Town"}]}, "id": "town"}"#;

/// Ten thousand drafts of some 12 MiB, of which this is the last.
fn ten_thousand(last: &str) -> v1::RecordRequest {
    let town = batch("town", TOWN).drafts.remove(0);
    let mut request = batch("many", last);
    let towns = (1..10_000).map(|number| {
        let mut town = town.clone();
        town.id = format!("town-{number}");
        town.note = "n".repeat(1_200);
        if let Some(v1::draft::Event::PartyRegistered(registered)) = &mut town.event {
            registered.party = format!("xx-{number}");
        }
        town
    });
    request.drafts.splice(0..0, towns);
    request
}

#[test]
fn ten_thousand_drafts_are_recorded_together_or_not_at_all() {
    let folder = Folder::new();
    let server = small(&folder);
    let wrong = ADMISSION.replace("bb-dogwood", "bb-nobody");
    let failure = refused(
        server.client().record(&ten_thousand(&wrong)),
        Code::FailedPrecondition,
        "REFUSED",
    );
    let names_it = |v: &String| v.contains("bb-nobody") && v.contains("draft 10000");
    assert!(failure.violations.iter().any(names_it), "{failure:?}");
    assert_eq!(server.client().head(), 28);
    let question = r#"{"party": "xx-1"}"#;
    let gone = server.client().ask("RollService/GetParty", question);
    assert_eq!(gone.unwrap_err().code, Code::NotFound);

    let recorded = server.client().record(&ten_thousand(ADMISSION)).unwrap();
    assert_eq!(
        (recorded.first_position, recorded.last_position),
        (29, 10_028)
    );
    server.client().answer("RollService/GetParty", question);
    // Within a batch nothing is known: a position in it is rounded down to before it.
    let within = r#"{"at": {"position": 5000}}"#;
    let counted = server.client().answer("RollService/CountMembers", within);
    assert_eq!(number(&counted, "basis.position"), 28);
}

const ROTATIONS: [&str; 2] = [
    r#"{"id": "chair-2", "order": 1, "effective": {"anchor": {"session": "assembly/2", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-birch", "ordinal": 2}}"#,
    r#"{"id": "chair-3", "order": 2, "effective": {"anchor": {"session": "assembly/2", "edge": "SESSION_EDGE_CLOSE"}}, "chairRotated": {"office": "chair", "toParty": "aa-alder", "ordinal": 3}}"#,
];

/// What depends on where in the log an entry stands, and when it came there.
const OF_THE_LOG: &[&str] = &["position", "lastPosition", "recordTime"];

/// Records requests in the order given, on a ledger of their own; returns all answers.
fn answers(requests: &[&str]) -> Vec<(String, Value)> {
    let folder = Folder::new();
    let server = small(&folder);
    for (place, lines) in requests.iter().enumerate() {
        let request = batch(&format!("r-{place}"), lines);
        server.client().record(&request).unwrap();
    }
    let answers = questions::contents(server.client(), SMALL, OF_THE_LOG);
    answers
        .into_iter()
        .map(|(q, answer)| (q, in_no_order(answer)))
        .collect()
}

/// Grounds stand in the order of the log: where that is another, so is theirs.
fn in_no_order(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, inner) in fields.iter_mut() {
                let mut sorted = in_no_order(inner.take());
                if let (true, Some(items)) = (name == "entries", sorted.as_array_mut()) {
                    items.sort_by_key(ToString::to_string);
                }
                *inner = sorted;
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = in_no_order(item.take());
            }
        }
        _ => {}
    }
    value
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
    assert_eq!(first, last);
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
    assert_eq!(by_instant, at(json!({"on": "2012-01-01", "position": 28})));
    let now = at(json!({"on": "2012-01-01"}));
    assert_eq!(number(&now, "basis.position"), 29);
    let no_basis = |answer| without(answer, &["basis"]);
    assert_ne!(no_basis(by_instant), no_basis(now));
    // In the first moment of time nothing was known, not even the party.
    let question = r#"{"party": "bb-dogwood", "at": {"instant": "1970-01-01T00:00:00Z"}}"#;
    let failure = client.ask("RollService/GetParty", question).unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
}

#[test]
fn the_command_line_records_a_batch_or_tells_why_not() {
    let folder = Folder::new();
    let server = small(&folder);
    let good = folder.write("good.jsonl", ADMISSION);
    let record = |file: &std::path::Path, more: &[&str]| {
        let arguments = [&["record", file.to_str().unwrap()][..], more].concat();
        server.cli(arguments)
    };
    record(&good, &["--validate-only"]).ok();
    assert_eq!(server.client().head(), 28);
    let printed = record(&good, &["--request-id", "by-hand", "--json"]).ok();
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(number(&printed, "firstPosition"), 29);
    let again = record(&good, &["--request-id", "by-hand", "--json"]).ok();
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(pick(&again, "replayed"), &json!(true));

    let bad = ADMISSION
        .replace("bb-dogwood", "bb-nobody")
        .replace("\"dogwood", "\"x");
    let complaint = record(&folder.write("bad.jsonl", bad), &[]).fails(3);
    for part in ["REFUSED", "UNKNOWN_PARTY", "bb-nobody"] {
        assert!(complaint.contains(part), "{complaint}");
    }
    let other = folder.write("other.jsonl", ADMISSION.replace("2009", "2010"));
    let complaint = record(&other, &["--request-id", "by-hand"]).fails(3);
    assert!(complaint.contains("REQUEST_ID_REUSED"), "{complaint}");
    assert_eq!(server.client().head(), 29);
}
