//! Requests: answered as the first time, all or nothing, and only on what the client believes.

use super::{ADMISSION, entry, refused, small};
use crate::harness::{Folder, batch, number, pick, text};
use serde_json::{Value, json};
use standing_proto::v1;
use tonic::Code;

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
    assert_eq!(server.client().record(&request), Ok(replayed.clone()));
    // Whether irregular acts are refused, and what the client believed then, is no part of its
    // content.
    let mut later = request.clone();
    later.irregular = v1::IrregularPolicy::Refuse.into();
    later.expectations = vec![expect(v1::expectation::Subject::Log(true), 28)];
    assert_eq!(server.client().record(&later), Ok(replayed.clone()));

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
        epoch: 0,
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

#[test]
fn the_command_line_records_a_batch_or_tells_why_not() {
    let folder = Folder::new();
    let server = small(&folder);
    let good = folder.write("good.jsonl", ADMISSION);
    let record = |file: &std::path::Path, more: &[&str]| {
        let arguments = [&["record", file.to_str().unwrap()][..], more].concat();
        server.cli(arguments)
    };
    record(&good, &["--dry-run"]).ok();
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
    // What is only tried is refused the same way, whoever reads it.
    let bad = folder.path().join("bad.jsonl");
    for form in [&["--dry-run"][..], &["--dry-run", "--json"]] {
        let tried = record(&bad, form);
        assert_eq!(tried.code, Some(3), "{tried:?}");
        let complaint = &tried.stderr;
        assert!(
            complaint.contains("bad.jsonl:1: UNKNOWN_PARTY"),
            "{complaint}"
        );
    }
    let other = folder.write("other.jsonl", ADMISSION.replace("2009", "2010"));
    let complaint = record(&other, &["--request-id", "by-hand"]).fails(3);
    assert!(complaint.contains("REQUEST_ID_REUSED"), "{complaint}");
    assert_eq!(server.client().head(), 29);
}
