//! Many clients at once: every request is recorded once, and what was acknowledged stays.

use super::small;
use crate::harness::{Client, Failure, Folder, batch, text};
use crate::questions;
use crate::questions::SMALL;
use prost::Message as _;
use serde_json::json;
use standing_proto::v1;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const CLIENTS: u64 = 16;

/// A request of two drafts, told from others by its number.
fn request(number: u64) -> v1::RecordRequest {
    let lines = format!(
        r#"{{"id": "a-{number}", "partyRegistered": {{"party": "xx-{number}", "kind": "town"}}}}
{{"id": "b-{number}", "effective": {{"date": "2012-01-01"}}, "applicationFiled": {{"party": "xx-{number}", "class": "full"}}}}"#
    );
    batch(&format!("r-{number}"), &lines)
}

/// Lets many clients record requests until they are told to stop, or fail; returns what was
/// acknowledged: the first position of each request.
fn record_from_many(
    client: &Client,
    each: u64,
    next: impl Fn(u64, u64) -> u64 + Sync,
) -> BTreeMap<u64, Vec<v1::RecordResponse>> {
    let acknowledged = Mutex::new(BTreeMap::<u64, Vec<_>>::new());
    thread::scope(|scope| {
        for place in 0..CLIENTS {
            let (acknowledged, next) = (&acknowledged, &next);
            scope.spawn(move || {
                for turn in 0..each {
                    let number = next(place, turn);
                    let outcome: Result<_, Failure> = client.record(&request(number));
                    let Ok(recorded) = outcome else { return };
                    let mut all = acknowledged.lock().unwrap();
                    all.entry(number).or_default().push(recorded);
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

/// Fails unless each request has its place in the log, once, with its neighbours beside it.
fn assert_recorded(client: &Client, acknowledged: &BTreeMap<u64, Vec<v1::RecordResponse>>) {
    for (number, answers) in acknowledged {
        for answer in answers {
            assert_eq!(answer.last_position, answer.first_position + 1);
            assert_eq!(
                answer.first_position, answers[0].first_position,
                "r-{number}"
            );
            assert_eq!(answer.record_time, answers[0].record_time, "r-{number}");
        }
        let question = json!({"position": answers[0].last_position}).to_string();
        let answer = client.answer("LedgerService/GetEntry", &question);
        assert_eq!(text(&answer, "entry.requestId"), format!("r-{number}"));
        assert_eq!(text(&answer, "entry.draft.id"), format!("b-{number}"));
    }
}

#[test]
fn positions_have_no_gaps_and_times_increase() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client();
    let acknowledged = record_from_many(client, 20, |place, turn| place * 20 + turn);
    let count = CLIENTS * 20;
    assert_eq!(acknowledged.len() as u64, count);
    assert_eq!(client.head(), 28 + 2 * count);
    assert_recorded(client, &acknowledged);
    let bytes = client.bytes("LedgerService/ListEntries", r#"{"pageSize": 1000}"#);
    let entries = v1::ListEntriesResponse::decode(&bytes.unwrap()[..])
        .unwrap()
        .entries;
    let positions = entries.iter().map(|entry| entry.position);
    assert!(positions.eq(1..=28 + 2 * count));
    let times = entries.iter().filter_map(|entry| entry.record_time);
    let times: Vec<_> = times.map(|time| (time.seconds, time.nanos)).collect();
    assert_eq!(times.len(), entries.len());
    assert!(
        times.is_sorted_by(|a, b| a < b),
        "record times do not increase"
    );
}

#[test]
fn one_request_sent_by_many_at_once_is_recorded_once() {
    let folder = Folder::new();
    let server = small(&folder);
    let acknowledged = record_from_many(server.client(), 10, |_, turn| turn);
    assert_eq!(server.client().head(), 28 + 2 * 10);
    assert_recorded(server.client(), &acknowledged);
    for answers in acknowledged.values() {
        let first = answers.iter().filter(|answer| !answer.replayed).count();
        assert_eq!((first, answers.len() as u64), (1, CLIENTS));
    }
}

#[test]
fn who_reads_at_a_position_notices_nothing_of_what_is_recorded_meanwhile() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client();
    let before = questions::bytes(client, SMALL, Some(28));
    let done = AtomicBool::new(false);
    let rounds = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) || rounds.load(Ordering::Relaxed) == 0 {
                questions::assert_same(&before, &questions::bytes(client, SMALL, Some(28)));
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        });
        record_from_many(client, 10, |place, turn| place * 10 + turn);
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(client.head(), 28 + 2 * 10 * CLIENTS);
}

#[test]
fn what_was_acknowledged_outlives_a_kill() {
    let folder = Folder::new();
    let server = small(&folder);
    let client = server.client().clone();
    let recorder = {
        let client = client.clone();
        thread::spawn(move || {
            record_from_many(&client, 10_000, |place, turn| place * 10_000 + turn)
        })
    };
    while client.head() < 200 {
        thread::sleep(Duration::from_millis(1));
    }
    server.kill();
    let acknowledged = recorder.join().unwrap();
    assert!(!acknowledged.is_empty());
    let server = folder.serve();
    assert_recorded(server.client(), &acknowledged);
    // A batch is there as a whole or not at all.
    assert_eq!((server.client().head() - 28) % 2, 0);
    for (number, answers) in &acknowledged {
        let again = server.client().record(&request(*number)).unwrap();
        let first = &answers[0];
        assert!(again.replayed && again.first_position == first.first_position);
    }
}
