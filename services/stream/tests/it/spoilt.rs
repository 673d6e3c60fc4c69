//! What a follower refuses, and what a publisher does: streams that are not there, files that are
//! no copies, messages that are not what they should be.

use crate::ledger;
use crate::ledger::Place;
use crate::nats::Nats;
use crate::world::*;
use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use standing_domain::id::position::Position;
use standing_engine::Recorder;
use standing_proto::v1;
use standing_stream::header;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A message as it is published again.
#[derive(Clone)]
struct Copied {
    subject: String,
    headers: HeaderMap,
    payload: Vec<u8>,
}

impl Copied {
    /// Changes the entry, and makes the digest fit it.
    fn with(mut self, change: impl Fn(&mut v1::Entry)) -> Self {
        let mut entry = v1::Entry::decode(self.payload.as_slice()).unwrap();
        change(&mut entry);
        let mut digest = String::new();
        for byte in Sha256::digest(&entry.stored) {
            write!(digest, "{byte:02x}").unwrap();
        }
        self.headers.insert(header::SHA256, digest);
        self.payload = entry.encode_to_vec();
        self
    }
}

/// Publishes a log, and then again into a new stream up to one message, which is spoilt.
async fn spoil(engine: &Arc<Recorder>, nats: &Nats, at: usize, spoil: impl Fn(Copied) -> Copied) {
    let change = |copied: &mut Vec<Copied>| {
        copied.truncate(at);
        copied[at - 1] = spoil(copied[at - 1].clone());
    };
    change_published(engine, nats, change).await;
}

/// Publishes a log, and then again into a new stream, but not quite.
async fn change_published(engine: &Arc<Recorder>, nats: &Nats, change: impl Fn(&mut Vec<Copied>)) {
    let publisher = publish(engine, nats);
    caught_up(&publisher.status()).await;
    drop(publisher);
    let context = nats.context().await;
    let name = names().entries_stream();
    let mut copied: Vec<Copied> = messages(&context, &name)
        .await
        .into_iter()
        .map(|message| Copied {
            subject: message.subject.to_string(),
            headers: message.headers,
            payload: message.payload.to_vec(),
        })
        .collect();
    change(&mut copied);
    publish_again(&context, copied).await;
}

async fn publish_again(context: &Context, messages: Vec<Copied>) {
    let name = names().entries_stream();
    let config = context
        .get_stream(&name)
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    context.delete_stream(&name).await.unwrap();
    context.create_stream(config).await.unwrap();
    for message in messages {
        let Copied {
            subject,
            headers,
            payload,
        } = message;
        let ack = context
            .publish_with_headers(subject, headers, payload.into())
            .await;
        ack.unwrap().await.unwrap();
    }
}

/// Follows a spoilt stream, and returns why that stops, and how far it came.
async fn refusal(spoiling: impl Fn(Copied) -> Copied) -> (String, u64) {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 5);
    spoil(&engine, &nats, 10, spoiling).await;
    let replica = Place::new();
    let follower = replica.open_follower();
    let following = follow(&follower, &nats);
    let problem = following.status().ready().await.unwrap_err();
    (problem, follower.ledger().head().position.number())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_publisher_finds_a_foreign_message_however_early() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    // More than may be on their way at once, behind it.
    ledger::admit_many(&engine, "party", 150);
    let change = |copied: &mut Vec<Copied>| copied[6].payload = b"hello".to_vec();
    change_published(&engine, &nats, change).await;
    let publisher = publish(&engine, &nats);
    let problem = stopped(&publisher.status()).await;
    assert!(
        problem.contains("message 7 of stream standing-test-entries"),
        "{problem}"
    );
    assert!(engine.stopped().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_in_the_stored_bytes_is_found() {
    let (problem, head) = refusal(|mut message| {
        let entry = v1::Entry::decode(message.payload.as_slice()).unwrap();
        let place = message.payload.len() - entry.stored.len() / 2;
        message.payload[place] ^= 4;
        message
    })
    .await;
    assert!(
        problem.contains("entry 10 of stream standing-test-entries"),
        "{problem}"
    );
    assert!(problem.contains("damaged"), "{problem}");
    assert!(head <= 8, "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_what_the_bytes_say_is_found() {
    for (field, change) in [
        (
            "record_time",
            (|entry| entry.record_time.as_mut().unwrap().seconds += 1) as fn(&mut v1::Entry),
        ),
        ("actor", |entry| entry.actor.push('x')),
        ("last_position", |entry| entry.last_position += 1),
        ("payload_version", |entry| entry.payload_version += 1),
    ] {
        let (problem, _) = refusal(|message| message.with(change)).await;
        assert!(problem.contains(&format!("its field {field}")), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_envelope_or_payload_asks_for_an_upgrade() {
    let (problem, head) = refusal(|message| {
        message.with(|entry| {
            entry.stored[3] = 99;
            entry.payload_version = 99;
        })
    })
    .await;
    assert!(
        problem.contains("entry 10 was written by a newer release: upgrade"),
        "{problem}"
    );
    assert!(head <= 8, "{head}");
    let (problem, _) = refusal(|message| message.with(|entry| entry.stored[0] = 9)).await;
    assert!(
        problem.contains("entry 10 was written by a newer release: upgrade"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_message_and_a_wrong_position_are_found() {
    let (problem, _) = refusal(|message| Copied {
        payload: b"\xff\xff\xff".to_vec(),
        ..message
    })
    .await;
    assert!(problem.contains("its payload is not an entry"), "{problem}");
    let (problem, _) = refusal(|message| message.with(|entry| entry.position = 11)).await;
    assert!(problem.contains("it is entry 11"), "{problem}");
    let (problem, _) = refusal(|mut message| {
        message.headers = HeaderMap::new();
        message
    })
    .await;
    assert!(problem.contains("standing-sha256"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_another_history_in_between_is_found() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    drop(engine);
    let copy = place.copy();
    let (engine, other) = (place.open(), copy.open());
    // The same batch in another history: only its record time tells.
    copy.clock.fetch_add(1_000_000, Ordering::Relaxed);
    for engine in [&engine, &other] {
        ledger::admit_many(engine, "party", 1);
    }
    place.clock.fetch_add(9_000_000, Ordering::Relaxed);
    ledger::admit_many(&engine, "later", 1);
    let elsewhere = Nats::start().await;
    let publisher = publish(&other, &elsewhere);
    caught_up(&publisher.status()).await;
    let theirs = messages(&elsewhere.context().await, &names().entries_stream()).await;
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    drop(publisher);
    let context = nats.context().await;
    let ours = messages(&context, &names().entries_stream()).await;
    let mixed = ours[..6].iter().chain(&theirs[6..]).chain(&ours[8..]);
    let mixed = mixed.map(|message| Copied {
        subject: message.subject.to_string(),
        headers: message.headers.clone(),
        payload: message.payload.to_vec(),
    });
    publish_again(&context, mixed.collect()).await;
    let replica = Place::new();
    let follower = replica.open_follower();
    let following = follow(&follower, &nats);
    let problem = following.status().ready().await.unwrap_err();
    assert!(
        problem.contains("two writers have published here"),
        "{problem}"
    );
    assert!(follower.ledger().head().position <= Position::new(8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_with_a_hole_is_refused() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    spoil(&engine, &nats, 1, |message| message).await;
    let context = nats.context().await;
    let name = names().entries_stream();
    let mut config = context
        .get_stream(&name)
        .await
        .unwrap()
        .cached_info()
        .config
        .clone();
    context.delete_stream(&name).await.unwrap();
    config.deny_delete = false;
    let stream = context.create_stream(config.clone()).await.unwrap();
    for _ in 0..3 {
        let ack = context
            .publish("standing.test.entry.note._", "x".into())
            .await
            .unwrap();
        ack.await.unwrap();
    }
    stream.delete_message(2).await.unwrap();
    config.deny_delete = true;
    context.update_stream(config).await.unwrap();
    let replica = Place::new();
    let follower = replica.open_follower();
    let following = follow(&follower, &nats);
    let problem = following.status().ready().await.unwrap_err();
    assert!(problem.contains("num_deleted is 1"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_stream_ends_a_replica() {
    let nats = Nats::start().await;
    let replica = Place::new();
    let follower = replica.open_follower();
    let problem = follow(&follower, &nats).status().ready().await.unwrap_err();
    assert!(
        problem.contains("there is no stream of entries"),
        "{problem}"
    );

    let (place, other) = (Place::new(), Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let one = publish(&engine, &nats);
    caught_up(&one.status()).await;
    let second = other.open();
    ledger::found(&second, "other");
    let two = publish(&second, &nats);
    caught_up(&two.status()).await;
    let problem = follow(&follower, &nats).status().ready().await.unwrap_err();
    assert!(problem.contains("--association: other, test"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_copy_is_refused() {
    let (nats, place, other) = (Nats::start().await, Place::new(), Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    let stranger = other.open();
    ledger::found(&stranger, ASSOCIATION);
    drop(stranger);
    let follower = other.open_follower();
    let problem = follow(&follower, &nats).status().ready().await.unwrap_err();
    assert!(
        problem.contains("not a copy of stream standing-test-entries"),
        "{problem}"
    );
}
