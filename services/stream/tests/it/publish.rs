//! Publishing: from nothing, on from where it was, and again.

use crate::ledger;
use crate::ledger::Place;
use crate::nats::Nats;
use crate::world::*;
use standing_proto::v1::{StreamRole, StreamState};
use standing_stream::{Point, Which, header};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_published_from_the_first_entry_on() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    let publisher = publish(&engine, &nats);
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 300);
    let report = caught_up(&publisher.status()).await;
    assert_eq!(report.role(), StreamRole::Writer);
    assert_eq!(report.entries_position, 606);
    assert_eq!(report.rights_cursor.unwrap().position, 606);
    let context = nats.context().await;
    assert_published(&context, &engine).await;

    let entries = messages(&context, &report.entries_stream).await;
    let header = |index: usize, name: &str| {
        let message: &async_nats::jetstream::message::StreamMessage = &entries[index];
        message
            .headers
            .get(name)
            .map(|value| value.as_str().to_owned())
    };
    assert_eq!(
        *entries[0].subject,
        *"standing.test.entry.association_founded._"
    );
    assert_eq!(
        *entries[7].subject,
        *"standing.test.entry.member_admitted.party-0"
    );
    for (name, value) in [
        (header::SPEC_VERSION, "1.0"),
        (header::ID, "test/8"),
        (header::SOURCE, "urn:standing:test"),
        (header::TYPE, "standing.v1.Entry"),
        (header::SUBJECT, "party-0"),
        (header::TIME, "2001-02-03T00:00:00Z"),
        (header::SEQUENCE, "00000000000000000008"),
        (header::PARTIES, "party-0"),
        (header::CONTENT_TYPE, "application/protobuf"),
    ] {
        assert_eq!(header(7, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(header(0, header::SUBJECT), None);
    assert_eq!(header(0, "Nats-Msg-Id"), None);
    assert_eq!(header(6, header::TIME), header(6, header::RECORDED_TIME));
    let info = context.get_stream(&report.entries_stream).await.unwrap();
    let writer = info.cached_info().config.metadata.get("standing-writer");
    assert_eq!(
        writer.map(String::as_str),
        Some("http://writer.example:7420")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_goes_on_where_the_stream_ends() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    for round in 0..5 {
        let publisher = publish(&engine, &nats);
        ledger::admit_many(&engine, &format!("round-{round}"), 40);
        if round % 2 == 0 {
            caught_up(&publisher.status()).await;
        }
        drop(publisher);
        ledger::admit_many(&engine, &format!("between-{round}"), 5);
    }
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    publisher.stop(Duration::from_secs(2)).await;
    assert_published(&nats.context().await, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_stream_is_rebuilt() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 20);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    drop(publisher);
    let context = nats.context().await;
    context
        .delete_stream(names().entries_stream())
        .await
        .unwrap();
    context
        .delete_stream(names().rights_stream())
        .await
        .unwrap();
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    assert_published(&context, &engine).await;

    // While it publishes, and with something to publish.
    context
        .delete_stream(names().entries_stream())
        .await
        .unwrap();
    ledger::admit_many(&engine, "more", 3);
    until(&publisher.status(), "rebuilt", |report| {
        report.state() == StreamState::CaughtUp && report.entries_position == 52
    })
    .await;
    assert_published(&context, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_goes_on_while_nats_is_away() {
    let (mut nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    let status = publisher.status();
    caught_up(&status).await;
    nats.kill();
    let begun = Instant::now();
    ledger::admit_many(&engine, "away", 50);
    assert!(begun.elapsed() < Duration::from_secs(20));
    let report = until(&status, "disconnected", |report| {
        report.state() == StreamState::Disconnected
    })
    .await;
    assert_eq!(report.entries_behind, 100);
    assert!(!report.problem.is_empty());
    nats.restart().await;
    let report = caught_up(&status).await;
    assert_eq!(report.problem, "");
    assert_published(&nats.context().await, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_mid_flight_loses_and_repeats_nothing() {
    let (mut nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    for round in 0..4 {
        let recorder = Arc::clone(&engine);
        let recording = tokio::task::spawn_blocking(move || {
            ledger::admit_many(&recorder, &format!("round-{round}"), 60);
        });
        tokio::time::sleep(Duration::from_millis(30)).await;
        nats.kill();
        nats.restart().await;
        recording.await.unwrap();
    }
    caught_up(&publisher.status()).await;
    assert_published(&nats.context().await, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_begins_is_published_and_a_missed_one_too() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit(&engine, "later", "2023-11-17").unwrap();
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    drop(publisher);
    place.clock.fetch_add(3 * ledger::DAY, Ordering::Relaxed);
    let publisher = publish(&engine, &nats);
    until(&publisher.status(), "in another day", |report| {
        let day = report
            .rights_cursor
            .as_ref()
            .map(|cursor| cursor.day.clone());
        day.as_deref() == Some("2023-11-18")
    })
    .await;
    assert_published(&nats.context().await, &engine).await;
}

/// Whoever publishes changes learns of an entry after whoever publishes entries: in between
/// nothing is caught up, and each report is looked at by `caught_up`.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_caught_up_before_the_changes_of_the_last_entry_are_there() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    for party in 0..200 {
        caught_up(&publisher.status()).await;
        ledger::admit_many(&engine, &format!("party-{party}"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_never_ahead_of_their_entries() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 100);
    let seen: Arc<Mutex<Vec<(Which, Point)>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let hook = Arc::new(move |which, point| noted.lock().unwrap().push((which, point)));
    let publisher = publish_with(&engine, &nats, Some(hook));
    caught_up(&publisher.status()).await;
    let rights = messages(&nats.context().await, &names().rights_stream()).await;
    let mut confirmed = 0;
    for (which, point) in seen.lock().unwrap().iter() {
        match (which, point) {
            (Which::Entries, Point::Confirmed(position)) => confirmed = *position,
            (Which::Rights, Point::Send(sequence)) => {
                let message = &rights[usize::try_from(sequence - 1).unwrap()];
                let position = message.headers.get(header::POSITION).unwrap().as_str();
                assert!(
                    position.parse::<u64>().unwrap() <= confirmed,
                    "{position} {confirmed}"
                );
            }
            _ => {}
        }
    }
    assert_eq!(confirmed, 206);
}
