//! Following: from nothing, from an old file, from a backup, on after any break.

use crate::ledger;
use crate::ledger::Place;
use crate::nats::Nats;
use crate::world::*;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_proto::v1::{StreamRole, StreamState};
use std::sync::atomic::Ordering;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_from_nothing_from_an_old_file_and_from_a_backup_ends_the_same() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "early", 10);
    drop(engine);
    let backup = place.copy();
    let engine = place.open();
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;

    let old = Place::new();
    let follower = old.open_follower();
    let following = follow(&follower, &nats);
    following.status().ready().await.unwrap();
    drop((following, follower));

    ledger::admit_many(&engine, "late", 300);
    caught_up(&publisher.status()).await;
    for place in [Place::new(), old, backup] {
        let follower = place.open_follower();
        let following = follow(&follower, &nats);
        let status = following.status();
        status.ready().await.unwrap();
        let report = caught_up(&status).await;
        assert_eq!(report.role(), StreamRole::Replica);
        assert_eq!(report.entries_position, 626);
        assert_eq!(report.entries_behind, 0);
        assert_eq!(report.writer, "http://writer.example:7420");
        assert_eq!(ledger::bytes(&follower), ledger::bytes(&engine));
        drop((following, follower));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_follows_what_is_recorded_and_days_that_begin() {
    let (mut nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    let replica = Place::new();
    let follower = replica.open_follower();
    let following = follow(&follower, &nats);
    let status = following.status();
    ledger::admit_many(&engine, "a", 50);
    until(&status, "there", |report| report.entries_position == 106).await;

    nats.kill();
    until(&status, "disconnected", |report| {
        report.state() == StreamState::Disconnected
    })
    .await;
    ledger::admit_many(&engine, "b", 50);
    nats.restart().await;
    until(&status, "there again", |report| {
        report.entries_position == 206
    })
    .await;

    place.clock.fetch_add(2 * ledger::DAY, Ordering::Relaxed);
    let day = Day::parse("2023-11-17").unwrap();
    for _ in 0..1_000 {
        if follower.ledger().frontier().day == Some(day) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(follower.ledger().frontier(), engine.ledger().frontier());
    assert_eq!(ledger::bytes(&follower), ledger::bytes(&engine));
    assert_eq!(ledger::steps(&follower), ledger::steps(&engine));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_taken_whole() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::register(&engine, 5_000);
    let publisher = publish(&engine, &nats);
    let replica = Place::new();
    let follower = replica.open_follower();
    // The stream may not be there yet, which ends a replica that has never had one.
    caught_up(&publisher.status()).await;
    let following = follow(&follower, &nats);
    let mut heads = vec![follower.ledger().head().position];
    let status = following.status();
    while heads.last() != Some(&Position::new(5_006)) {
        let head = follower.ledger().head().position;
        if heads.last() != Some(&head) {
            heads.push(head);
        }
        assert_ne!(status.report().state(), StreamState::Stopped);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(
        heads
            .iter()
            .all(|head| [0, 6, 5_006].contains(&head.number())),
        "{heads:?}"
    );
    assert_eq!(ledger::bytes(&follower), ledger::bytes(&engine));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_behind_is_waited_for() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "a", 5);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    let replica = Place::new();
    let follower = replica.open_follower();
    let following = follow(&follower, &nats);
    following.status().ready().await.unwrap();
    drop(publisher);
    nats.context()
        .await
        .delete_stream(names().entries_stream())
        .await
        .unwrap();
    until(&following.status(), "without a stream", |report| {
        report.problem.contains("there is no stream")
    })
    .await;
    ledger::admit_many(&engine, "b", 5);
    let _publisher = publish(&engine, &nats);
    let status = following.status();
    until(&status, "on again", |report| report.entries_position == 26).await;
    assert_eq!(ledger::bytes(&follower), ledger::bytes(&engine));
}
