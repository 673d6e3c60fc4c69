//! What a publisher refuses: streams that could lose history, and other writers.

use crate::ledger;
use crate::ledger::Place;
use crate::nats::Nats;
use crate::world::*;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use standing_engine::RecordError;
use standing_proto::v1::StreamState;
use standing_stream::{Connect, Hook, Point, Publishing, Stop, Which};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

fn good() -> Config {
    Config {
        name: names().entries_stream(),
        subjects: vec![names().entries_subjects()],
        discard: DiscardPolicy::New,
        max_messages: -1,
        max_bytes: -1,
        max_messages_per_subject: -1,
        num_replicas: 1,
        deny_delete: true,
        deny_purge: true,
        ..Config::default()
    }
}

/// Each setting that could lose history, as a real server takes it.
#[allow(clippy::too_many_lines, reason = "a table")]
fn dangerous() -> Vec<(&'static str, Config)> {
    vec![
        (
            "retention",
            Config {
                retention: RetentionPolicy::WorkQueue,
                ..good()
            },
        ),
        (
            "discard",
            Config {
                discard: DiscardPolicy::Old,
                ..good()
            },
        ),
        (
            "storage",
            Config {
                storage: StorageType::Memory,
                ..good()
            },
        ),
        (
            "max_msgs",
            Config {
                max_messages: 1_000,
                ..good()
            },
        ),
        (
            "max_bytes",
            Config {
                max_bytes: 1 << 20,
                ..good()
            },
        ),
        (
            "max_msgs_per_subject",
            Config {
                max_messages_per_subject: 10,
                ..good()
            },
        ),
        (
            "max_age",
            Config {
                max_age: Duration::from_hours(1),
                ..good()
            },
        ),
        (
            "max_msg_size",
            Config {
                max_message_size: 1_000,
                ..good()
            },
        ),
        (
            "deny_delete",
            Config {
                deny_delete: false,
                ..good()
            },
        ),
        (
            "deny_purge",
            Config {
                deny_purge: false,
                ..good()
            },
        ),
        (
            "allow_rollup_hdrs",
            Config {
                allow_rollup: true,
                deny_purge: false,
                ..good()
            },
        ),
        (
            "subjects",
            Config {
                subjects: vec!["standing.test.entry.*.*".to_owned()],
                ..good()
            },
        ),
        (
            "no_ack",
            Config {
                no_ack: true,
                ..good()
            },
        ),
        (
            "allow_msg_ttl",
            Config {
                allow_message_ttl: true,
                ..good()
            },
        ),
        (
            "first_seq",
            Config {
                first_sequence: Some(7),
                ..good()
            },
        ),
    ]
}

/// Creates a stream; a server that is still putting the files of a deleted one away is asked again.
async fn created(context: &Context, config: Config, what: &str) {
    let mut refused = String::new();
    for _ in 0..100 {
        match context.create_stream(config.clone()).await {
            Ok(_) => return,
            Err(error) => refused = error.to_string(),
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_that_could_lose_history_is_refused_by_name() {
    let (nats, place) = (Nats::start().await, Place::new());
    let context = nats.context().await;
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    for (setting, config) in dangerous() {
        created(&context, config, setting).await;
        let publisher = publish(&engine, &nats);
        let problem = stopped(&publisher.status()).await;
        assert!(
            problem.contains(&format!("{setting} is ")),
            "{setting}: {problem}"
        );
        drop(publisher);
        let info = context.get_stream(names().entries_stream()).await.unwrap();
        assert_eq!(info.cached_info().state.messages, 0, "{setting}");
        context
            .delete_stream(names().entries_stream())
            .await
            .unwrap();
    }
    // Nothing but the stream is refused: what is recorded is safe, and goes on.
    ledger::admit(&engine, "party", "2001-01-01").unwrap();
    created(&context, good(), "a good stream").await;
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;

    // Settings are looked at while all is well, too.
    let update = Config {
        max_messages: 1,
        ..good()
    };
    context.update_stream(update).await.unwrap();
    let problem = stopped(&publisher.status()).await;
    assert!(
        problem.contains("max_msgs is 1 and must be -1 (unlimited)"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_few_copies_are_refused() {
    let (nats, place) = (Nats::start().await, Place::new());
    nats.context().await.create_stream(good()).await.unwrap();
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let options = Publishing {
        connect: Connect {
            servers: nats.url(),
            ..Connect::default()
        },
        replicas: 3,
        ..Publishing::default()
    };
    let publisher = standing_stream::publish(Arc::clone(&engine), options).unwrap();
    let problem = stopped(&publisher.status()).await;
    assert!(
        problem.contains("num_replicas is 1 and must be 3 or more"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_message_stops_the_publisher_and_recording() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    let context = nats.context().await;
    let ack = context
        .publish("standing.test.entry.note._", "hello".into())
        .await
        .unwrap();
    assert_eq!(ack.await.unwrap().sequence, 7);
    ledger::admit(&engine, "party", "2001-01-01").unwrap();
    let problem = stopped(&publisher.status()).await;
    assert!(
        problem.contains("message 7 of stream standing-test-entries"),
        "{problem}"
    );
    let refused = ledger::admit(&engine, "other", "2001-01-01").unwrap_err();
    assert!(matches!(refused, RecordError::Stopped(_)), "{refused}");
    assert_eq!(messages(&context, &names().entries_stream()).await.len(), 7);
    // Whoever comes after it finds it too.
    let again = publish(&engine, &nats);
    let problem = stopped(&again.status()).await;
    assert!(
        problem.contains("message 7 of stream standing-test-entries"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_message_in_the_midst_of_many_is_found() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 200);
    let (send, receive) = std::sync::mpsc::sync_channel(0);
    // Holds the publisher with messages on their way.
    let hook: Hook = Arc::new(move |which, point| {
        if (which, point) == (Which::Entries, Point::Send(100)) {
            let _ = send.send(());
            let _ = send.send(());
        }
    });
    let publisher = publish_with(&engine, &nats, Some(hook));
    let receive = tokio::task::spawn_blocking(move || {
        receive.recv().unwrap();
        receive
    });
    let receive = receive.await.unwrap();
    let context = nats.context().await;
    let ack = context
        .publish("standing.test.entry.note._", "hello".into())
        .await
        .unwrap();
    let foreign = ack.await.unwrap().sequence;
    receive.recv().unwrap();
    let problem = stopped(&publisher.status()).await;
    let message = format!("message {foreign} of stream standing-test-entries");
    assert!(problem.contains(&message), "{problem}");
    let again = publish(&engine, &nats);
    let problem = stopped(&again.status()).await;
    assert!(problem.contains(&message), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_other_messages_is_refused() {
    let (nats, place) = (Nats::start().await, Place::new());
    let context = nats.context().await;
    context.create_stream(good()).await.unwrap();
    context
        .publish("standing.test.entry.note._", "hello".into())
        .await
        .unwrap()
        .await
        .unwrap();
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    let problem = stopped(&publisher.status()).await;
    assert!(problem.contains("message 1 of stream"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_the_one_that_comes_second_stops() {
    let (nats, place) = (Nats::start().await, Place::new());
    let first = place.open();
    ledger::found(&first, ASSOCIATION);
    drop(first);
    let copy = place.copy();
    let (first, second) = (place.open(), copy.open());
    let (one, two) = (publish(&first, &nats), publish(&second, &nats));
    caught_up(&one.status()).await;
    caught_up(&two.status()).await;
    // Both hold the same so far, which is nobody's loss.
    ledger::admit(&first, "first", "2001-01-01").unwrap();
    caught_up(&one.status()).await;
    ledger::admit(&second, "second", "2001-01-01").unwrap();
    let problem = stopped(&two.status()).await;
    assert!(problem.contains("another writer"), "{problem}");
    assert!(second.stopped().is_some());
    ledger::admit_many(&first, "more", 3);
    caught_up(&one.status()).await;
    assert_published(&nats.context().await, &first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ahead_of_the_ledger_stops_it() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    drop(engine);
    let backup = place.copy();
    let engine = place.open();
    ledger::admit_many(&engine, "party", 4);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    drop(publisher);

    let old = backup.open();
    let publisher = publish(&old, &nats);
    let problem = stopped(&publisher.status()).await;
    assert!(
        problem.contains("it holds 14 entries, this ledger 6"),
        "{problem}"
    );
    assert!(problem.contains("standing replica"), "{problem}");
    assert!(ledger::admit(&old, "late", "2001-01-01").is_err());
    drop((publisher, old));

    // As the message says.
    let follower = backup.open_follower();
    let following = follow(&follower, &nats);
    following.status().ready().await.unwrap();
    assert_eq!(ledger::bytes(&follower), ledger::bytes(&engine));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ledger_of_the_same_association_stops() {
    let (nats, place, other) = (Nats::start().await, Place::new(), Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    drop(publisher);
    let impostor = other.open();
    ledger::found(&impostor, ASSOCIATION);
    let publisher = publish(&impostor, &nats);
    let problem = stopped(&publisher.status()).await;
    let expected = Stop::Other {
        stream: names().entries_stream(),
        sequence: 1,
    };
    assert!(problem.contains(&expected.to_string()), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_told_and_tried_again() {
    let config = "authorization { user: ada, password: secret }";
    let (nats, place) = (Nats::with(Some(config)).await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), "wrong\n").unwrap();
    let options = Publishing {
        connect: Connect {
            servers: nats.url(),
            user: Some("ada".to_owned()),
            password: Some(password.path().to_owned()),
            ..Connect::default()
        },
        ..Publishing::default()
    };
    let publisher = standing_stream::publish(Arc::clone(&engine), options).unwrap();
    let report = until(&publisher.status(), "refused", |report| {
        !report.problem.is_empty()
    })
    .await;
    assert_eq!(report.state(), StreamState::Disconnected);
    assert!(
        report.problem.contains("refuses the credentials"),
        "{}",
        report.problem
    );
    // A file that is put right is taken up.
    std::fs::write(password.path(), "secret\n").unwrap();
    caught_up(&publisher.status()).await;
}
