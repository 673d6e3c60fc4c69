//! Requests that are recorded one after the other without a wait for each answer.

mod held;
mod limits;

use super::*;
use crate::tests::raw::{Raw, framed};
use prost::Message as _;
use std::iter::once;
use tokio_stream::iter;
use tonic::Streaming;

/// The method, as its path tells it.
const STREAM: &str = "standing.v1.LedgerService/RecordStream";

/// A request that registers a party of its own.
fn registers(number: usize) -> v1::RecordRequest {
    let party = format!(
        r#"{{"id":"p-{number}","partyRegistered":{{"party":"p-{number}","kind":"club","names":[{{"language":"en","text":"P {number}"}}]}}}}"#
    );
    batch(&format!("p-{number}"), &party)
}

/// A request that registers so many parties from one on, with a long note on each.
fn noted(from: usize, count: usize) -> v1::RecordRequest {
    let drafts = (from..from + count).map(|number| v1::Draft {
        note: "x".repeat(4_000),
        ..registers(number).drafts.remove(0)
    });
    v1::RecordRequest {
        drafts: drafts.collect(),
        ..registers(from)
    }
}

/// A request that nobody can be admitted by.
fn refused_one() -> v1::RecordRequest {
    let admission = r#"{"id":"x","effective":{"date":"2012-01-01"},"memberAdmitted":{"party":"nobody","class":"full"}}"#;
    batch("refused", admission)
}

fn asked(request: v1::RecordRequest) -> v1::RecordStreamRequest {
    let request = Some(request);
    v1::RecordStreamRequest { request }
}

/// Reads answers to the end, and returns them with how it came.
async fn read(
    mut answers: Streaming<v1::RecordStreamResponse>,
) -> (Vec<v1::RecordResponse>, Option<Status>) {
    let mut told = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(answer)) => told.push(answer.response.unwrap()),
            Ok(None) => return (told, None),
            Err(status) => return (told, Some(status)),
        }
    }
}

/// Sends requests, and reads all that is answered.
async fn streamed(
    world: &mut World,
    requests: impl IntoIterator<Item = v1::RecordRequest, IntoIter: Send + 'static>,
) -> (Vec<v1::RecordResponse>, Option<Status>) {
    let requests = iter(requests.into_iter().map(asked));
    let answers = world.ledger.record_stream(requests).await.unwrap();
    read(answers.into_inner()).await
}

/// Holds how a stream ended to a code, a reason and the number of a request; returns what is told
/// to a program.
#[track_caller]
fn ended(
    status: Option<Status>,
    code: Code,
    reason: &str,
    number: usize,
) -> std::collections::HashMap<String, String> {
    let details = refused::<()>(Err(status.expect("a status")), code, reason);
    let metadata = details.error_info().unwrap().metadata.clone();
    assert_eq!(metadata["request_number"], number.to_string());
    metadata
}

async fn head(world: &mut World) -> u64 {
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    head.into_inner().head.unwrap().position
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let (told, status) = streamed(&mut world, (0..600).map(registers)).await;
    assert!(status.is_none(), "{status:?}");
    let positions = told.iter().map(|answer| answer.first_position);
    assert!(positions.eq(before + 1..=before + 600), "{told:?}");
    let times: Vec<_> = told.iter().map(|answer| answer.record_time).collect();
    assert!(times.is_sorted_by_key(|time| time.map(|time| (time.seconds, time.nanos))));
    assert!(told.iter().all(|answer| !answer.replayed));
    assert_eq!(head(&mut world).await, before + 600);
    // Each is counted as a recording.
    let count = "standing_stream_request_seconds_count ";
    assert_eq!(world.number(count).await, 600);
    // Of nothing, nothing comes.
    let (told, status) = streamed(&mut world, []).await;
    assert!(told.is_empty() && status.is_none());
}

#[tokio::test]
async fn nothing_behind_a_refused_request_is_recorded_and_what_stands_is_answered_again() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let alone = world.ledger.record(refused_one()).await.unwrap_err();
    let requests = (0..100)
        .map(registers)
        .chain(once(refused_one()))
        .chain((100..300).map(registers));
    let (told, status) = streamed(&mut world, requests).await;
    assert_eq!(told.len(), 100);
    let status = status.unwrap();
    assert_eq!(
        (status.code(), status.message()),
        (alone.code(), alone.message())
    );
    let (details, expected) = (status.get_error_details(), alone.get_error_details());
    let said = |details: &ErrorDetails| format!("{:?}", details.precondition_failure());
    assert_eq!(said(&details), said(&expected));
    let metadata = ended(Some(status), Code::FailedPrecondition, "REFUSED", 101);
    assert_eq!(metadata["request_id"], "refused");
    let mut expected = expected.error_info().unwrap().metadata.clone();
    expected.extend(metadata.clone());
    assert_eq!(metadata, expected, "and all that is told of it alone");
    assert_eq!(head(&mut world).await, before + 100);

    let (again, status) = streamed(&mut world, (0..300).map(registers)).await;
    assert!(status.is_none(), "{status:?}");
    for (first, answer) in told.iter().zip(&again) {
        assert!(answer.replayed);
        assert_eq!(first.first_position, answer.first_position);
    }
    assert!(again[100..].iter().all(|answer| !answer.replayed));
    assert_eq!(head(&mut world).await, before + 300);
    // So it does alone, and with other content it is refused as ever.
    let alone = world.ledger.record(registers(299)).await.unwrap();
    assert!(alone.into_inner().replayed);
    let other = v1::RecordRequest {
        request_id: "p-299".to_owned(),
        ..registers(300)
    };
    let (told, status) = streamed(&mut world, [registers(300), other]).await;
    assert_eq!(told.len(), 1);
    let metadata = ended(status, Code::AlreadyExists, "REQUEST_ID_REUSED", 2);
    assert_eq!(metadata["request_id"], "p-299");
}

#[tokio::test]
async fn a_malformed_request_ends_the_stream_once_all_before_it_is_answered() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let mut malformed = registers(1_000);
    malformed.drafts[0].order = 1 << 20;
    let requests = (0..50)
        .map(registers)
        .chain(once(malformed))
        .chain((50..300).map(registers));
    let (told, status) = streamed(&mut world, requests).await;
    assert_eq!(told.len(), 50);
    let metadata = ended(status, Code::InvalidArgument, "MALFORMED", 51);
    assert_eq!(metadata["request_id"], "p-1000");
    assert_eq!(head(&mut world).await, before + 50);

    // A request that is none, and one that is no protobuf.
    let (_, status) = streamed(&mut world, [v1::RecordRequest::default()]).await;
    let metadata = ended(status, Code::InvalidArgument, "MALFORMED", 1);
    assert!(!metadata.contains_key("request_id"));
    let raw = Raw::connect(&world, 65_535).await;
    let one = framed(&asked(registers(50)).encode_to_vec());
    let next = framed(&asked(registers(51)).encode_to_vec());
    for (broken, reason) in [
        (framed(&[0xff; 40]), "UNDECODABLE"),
        (vec![1, 0, 0, 0, 0], "UNDECODABLE"),
        (vec![0, 0, 0], "UNDECODABLE"),
        (vec![0, 0, 0, 0, 9, 1, 2], "UNDECODABLE"),
    ] {
        let is_whole = broken.len() == 45 || broken[0] == 1;
        let behind = if is_whole { &next[..] } else { &[] };
        let body = [&one, &broken[..], behind].concat();
        let status = raw.call(STREAM, &body).await;
        ended(Some(status), Code::InvalidArgument, reason, 2);
    }
    assert_eq!(head(&mut world).await, before + 51);
}

#[tokio::test]
async fn a_trial_is_judged_in_its_turn_and_writes_nothing() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let admission = r#"{"id":"a","effective":{"date":"2013-01-01"},"nameTaken":{"party":"p-1","name":{"language":"en","text":"P"}}}"#;
    let trial = v1::RecordRequest {
        validate_only: true,
        ..batch("trial", admission)
    };
    let requests = [registers(1), trial.clone(), registers(2)];
    let (told, status) = streamed(&mut world, requests).await;
    assert!(status.is_none(), "{status:?}");
    let positions: Vec<u64> = told.iter().map(|answer| answer.first_position).collect();
    assert_eq!(positions, [before + 1, 0, before + 2]);
    assert_eq!(told[1], v1::RecordResponse::default());
    assert_eq!(head(&mut world).await, before + 2);
    let refused = v1::RecordRequest {
        validate_only: true,
        ..refused_one()
    };
    let (told, status) = streamed(&mut world, [trial, refused, registers(3)]).await;
    assert_eq!(told.len(), 1);
    ended(status, Code::FailedPrecondition, "REFUSED", 2);
    assert_eq!(head(&mut world).await, before + 2);
}

#[tokio::test]
async fn a_batch_of_many_bytes_goes_with_small_ones_beside_it() {
    let mut world = league().await;
    let before = head(&mut world).await;
    let large = noted(1_000, 1_400);
    assert!(large.encoded_len() > 5 << 20, "more than may be on its way");
    let requests = [registers(1), large, registers(2)];
    let (told, status) = streamed(&mut world, requests).await;
    assert!(status.is_none(), "{status:?}");
    let places: Vec<_> = told
        .iter()
        .map(|answer| {
            (
                answer.first_position - before,
                answer.last_position - before,
            )
        })
        .collect();
    assert_eq!(places, [(1, 1), (2, 1_401), (1_402, 1_402)]);
}

#[tokio::test]
async fn a_person_named_by_a_request_on_its_way_is_warned_of() {
    let mut world = league().await;
    let named = |number: usize| {
        batch(
            &format!("n-{number}"),
            &format!(
                r#"{{"id":"n-{number}","personNamed":{{"person":"t-{number}","names":[{{"language":"en","text":"Somebody N{number}"}}]}}}}"#
            ),
        )
    };
    let mut text = registers(1);
    text.drafts[0].note = "told by Somebody N149 and somebody n0".to_owned();
    let requests = (0..150).map(named).chain([text]).collect::<Vec<_>>();
    let (told, status) = streamed(&mut world, requests).await;
    assert!(status.is_none(), "{status:?}");
    let warned = told[150].warnings.iter();
    let mut warned: Vec<&str> = warned.map(|warning| warning.subject.as_str()).collect();
    warned.sort_unstable();
    assert_eq!(warned, ["t-0", "t-149"]);
    assert!(told[..150].iter().all(|answer| answer.warnings.is_empty()));
}

#[tokio::test]
async fn a_replica_names_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let engine = Recorder::open_follower(&path, &Options::default()).unwrap();
    let report = || v1::GetStreamStatusResponse {
        writer: "http://writer.example".to_owned(),
        ..v1::GetStreamStatusResponse::default()
    };
    let config = Config {
        stream: Some(Arc::new(report)),
        ..Config::default()
    };
    let mut world = serving(folder, engine, config).await;
    let (told, status) = streamed(&mut world, (0..3).map(registers)).await;
    assert!(told.is_empty());
    let metadata = ended(status, Code::FailedPrecondition, "READ_ONLY", 1);
    assert_eq!(metadata["writer"], "http://writer.example");
    assert_eq!(metadata["request_id"], "p-0");
}
