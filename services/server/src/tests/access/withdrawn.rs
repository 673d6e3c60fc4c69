//! What is taken away while calls are under way.

use super::*;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::Streaming;

/// How soon a watch ends whose watcher may watch no longer.
const SOON: Duration = Duration::from_secs(1);

/// For how long nothing happens that should not.
const WHILE: Duration = Duration::from_millis(300);

const BOTH: &str = "sesame who/1 roles=auditor,recorder\nother who/2 roles=reader\n";

/// Reads until nothing more comes for a while.
async fn caught_up<T: std::fmt::Debug>(watch: &mut Streaming<T>) {
    watch.message().await.unwrap().unwrap();
    while let Ok(message) = timeout(WHILE, watch.message()).await {
        message.unwrap().unwrap();
    }
}

/// Waits until a watch ends, and returns why and after how long.
async fn end<T: std::fmt::Debug>(watch: &mut Streaming<T>) -> (String, Duration) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "it goes on");
        match timeout(PATIENCE, watch.message()).await.unwrap() {
            Ok(message) => assert!(message.is_some(), "a watch has no end of its own"),
            Err(status) => return (told(Some(&status)), begun.elapsed()),
        }
    }
}

async fn watch_entries(guarded: &mut Guarded) -> Streaming<v1::WatchEntriesResponse> {
    let asked = by("sesame", v1::WatchEntriesRequest::default());
    let watch = guarded.world.changes.watch_entries(asked).await.unwrap();
    let mut watch = watch.into_inner();
    caught_up(&mut watch).await;
    watch
}

async fn watch_rights(guarded: &mut Guarded) -> Streaming<v1::WatchRightsResponse> {
    let asked = by("sesame", v1::WatchRightsRequest::default());
    let watch = guarded.world.changes.watch_rights(asked).await.unwrap();
    let mut watch = watch.into_inner();
    caught_up(&mut watch).await;
    watch
}

#[tokio::test]
async fn watches_end_at_once_when_anything_is_taken_away() {
    for (left, why) in [
        ("", "the token is gone"),
        ("sesame who/1 roles=reader,recorder\n", "no names any more"),
        ("sesame who/1 roles=auditor\n", "nothing is recorded"),
        ("sesame who/1 roles=operator\n", "another role"),
        ("sesame who/3 roles=auditor,recorder\n", "somebody else"),
        (
            "sesame who/1 roles=auditor,recorder expires=2001-01-01\n",
            "it has expired",
        ),
    ] {
        let mut guarded = guarded(BOTH).await;
        guarded.record("sesame", "league", LEAGUE).await.unwrap();
        let mut entries = watch_entries(&mut guarded).await;
        let mut rights = watch_rights(&mut guarded).await;
        guarded.exchange(left);
        for (reason, after) in [end(&mut entries).await, end(&mut rights).await] {
            assert_eq!(reason, "PERMISSION_WITHDRAWN", "{why}");
            assert!(after < SOON, "{why}: {after:?}");
        }
    }
}

#[tokio::test]
async fn what_is_added_or_is_another_s_ends_nothing() {
    let mut guarded = guarded(BOTH).await;
    guarded.record("sesame", "league", LEAGUE).await.unwrap();
    let mut entries = watch_entries(&mut guarded).await;
    let mut rights = watch_rights(&mut guarded).await;
    for tokens in [
        "sesame who/1 roles=auditor,recorder,operator\nother who/2 roles=reader\n",
        "sesame who/1 roles=auditor,recorder,operator\nother who/2 roles=operator\n",
        "sesame who/1 roles=recorder,auditor label=laptop\n",
    ] {
        guarded.exchange(tokens);
        assert!(timeout(WHILE, entries.message()).await.is_err(), "{tokens}");
        assert!(timeout(WHILE, rights.message()).await.is_err(), "{tokens}");
    }
    // Nor does what cannot be read.
    token_file(&guarded.world.folder, "sesame who/1\n");
    assert!(guarded.access.reload(&guarded.options).is_err());
    let more = r#"{"id":"more","effective":{"date":"2012-01-01"},"seatPlaced":{"place":"Birch"}}"#;
    guarded.record("sesame", "more", more).await.unwrap();
    let told = timeout(PATIENCE, entries.message()).await.unwrap();
    assert!(told.unwrap().is_some());
}

/// A request that registers a party of its own.
fn registers(number: usize) -> v1::RecordStreamRequest {
    let party = format!(
        r#"{{"id":"p-{number}","partyRegistered":{{"party":"p-{number}","kind":"club","names":[{{"language":"en","text":"P {number}"}}]}}}}"#
    );
    v1::RecordStreamRequest {
        request: Some(batch(&format!("p-{number}"), &party)),
    }
}

#[tokio::test]
async fn a_stream_that_records_ends_at_its_next_request() {
    for (left, expected) in [
        (BOTH, None),
        ("sesame who/1 roles=auditor,recorder,operator\n", None),
        ("", Some("PERMISSION_WITHDRAWN")),
        ("sesame who/1 roles=auditor\n", Some("PERMISSION_WITHDRAWN")),
        (
            "sesame who/1 roles=recorder\n",
            Some("PERMISSION_WITHDRAWN"),
        ),
    ] {
        let mut guarded = guarded(BOTH).await;
        guarded.record("sesame", "league", LEAGUE).await.unwrap();
        let (send, requests) = mpsc::unbounded_channel();
        send.send(registers(1)).unwrap();
        let asked = by("sesame", UnboundedReceiverStream::new(requests));
        let answers = guarded.world.ledger.record_stream(asked).await.unwrap();
        let mut answers = answers.into_inner();
        let first = timeout(PATIENCE, answers.message()).await.unwrap();
        assert!(first.unwrap().is_some());
        guarded.exchange(left);
        send.send(registers(2)).unwrap();
        let second = timeout(PATIENCE, answers.message()).await.unwrap();
        let reason = second.err().map(|status| told(Some(&status)));
        assert_eq!(reason.as_deref(), expected, "{left}");
        guarded.exchange("reader who/1 roles=reader\n");
        let recorded = if expected.is_some() { 1 } else { 2 };
        let league = LEAGUE.lines().count() as u64;
        assert_eq!(guarded.head().await, league + recorded, "{left}");
    }
}
