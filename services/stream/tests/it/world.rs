//! What tests ask of both sides.

use crate::ledger;
use crate::nats::Nats;
use crate::patience;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::StreamMessage;
use prost::Message as _;
use standing_engine::Recorder;
use standing_proto::change::write_change;
use standing_proto::v1;
use standing_proto::v1::{StreamRole, StreamState};
use standing_stream::{Connect, Following, Hook, Names, Publisher, Publishing, Status};
use std::fmt;
use std::sync::Arc;

pub const ASSOCIATION: &str = "test";

pub fn names() -> Names {
    Names::of_stream("standing-test-entries").unwrap()
}

fn connect(nats: &Nats) -> Connect {
    Connect {
        servers: nats.url(),
        ..Connect::default()
    }
}

pub fn publish(engine: &Arc<Recorder>, nats: &Nats) -> Publisher {
    publish_with(engine, nats, None)
}

pub fn publish_with(engine: &Arc<Recorder>, nats: &Nats, hook: Option<Hook>) -> Publisher {
    let options = Publishing {
        connect: connect(nats),
        replicas: 1,
        advertise: "http://writer.example:7420".to_owned(),
        hook,
    };
    standing_stream::publish(Arc::clone(engine), options).unwrap()
}

pub fn follow(engine: &Arc<Recorder>, nats: &Nats) -> standing_stream::Follower {
    let options = Following {
        connect: connect(nats),
        association: None,
    };
    standing_stream::follow(Arc::clone(engine), options)
}

/// Waits until a status is as asked for.
pub async fn until(
    status: &Status,
    what: &str,
    is: impl Fn(&v1::GetStreamStatusResponse) -> bool,
) -> v1::GetStreamStatusResponse {
    let what = fmt::from_fn(|f| write!(f, "stream that is {what}: {:?}", status.report()));
    let look = async || Some(status.report()).filter(&is);
    patience::until(what, look).await
}

/// Waits until nothing is left to be published, or taken.
pub async fn caught_up(status: &Status) -> v1::GetStreamStatusResponse {
    let report = until(status, "caught up", |report| {
        assert_ne!(report.state(), StreamState::Stopped, "{report:?}");
        report.state() == StreamState::CaughtUp
    });
    let report = report.await;
    assert_eq!(report.entries_behind, 0, "{report:?}");
    if report.role() == StreamRole::Writer {
        assert_eq!(report.rights_behind, 0, "{report:?}");
    }
    report
}

/// Waits until a stream has stopped, and returns why.
pub async fn stopped(status: &Status) -> String {
    let report = until(status, "stopped", |report| {
        report.state() == StreamState::Stopped
    });
    report.await.problem
}

/// Reads a stream.
pub async fn messages(context: &Context, stream: &str) -> Vec<StreamMessage> {
    let stream = context.get_stream(stream).await.unwrap();
    let last = stream.cached_info().state.last_sequence;
    let mut messages = Vec::new();
    for sequence in 1..=last {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    messages
}

/// Checks that the stream of entries is the log, and that of changes what is computed from it.
pub async fn assert_published(context: &Context, engine: &Recorder) {
    let entries = messages(context, &names().entries_stream()).await;
    let found: Vec<_> = entries
        .iter()
        .map(|message| v1::Entry::decode(message.payload.clone()).unwrap())
        .collect();
    assert!(
        found
            .iter()
            .map(|entry| entry.position)
            .eq(1..=found.len() as u64)
    );
    let stored: Vec<_> = found.into_iter().map(|entry| entry.stored).collect();
    assert_eq!(stored, ledger::bytes(engine));

    let mut computed = Vec::new();
    for step in ledger::steps(engine) {
        let changes = step.changes.iter();
        let mut changes: Vec<_> = changes
            .map(|change| Some(write_change(change, step.first)))
            .collect();
        let count = u32::try_from(changes.len()).unwrap();
        if changes.is_empty() {
            changes.push(None);
        }
        let numbered = (count.min(1)..).zip(changes);
        computed.extend(numbered.map(|(index, change)| {
            let place = v1::ChangeCursor {
                position: step.cursor.position.number(),
                day: step.cursor.day.unwrap().to_string(),
                index,
                count,
                epoch: step.epoch.number(),
            };
            (Some(place), change)
        }));
    }
    let rights = messages(context, &names().rights_stream()).await;
    for message in entries.iter().chain(&rights) {
        let headers = &message.headers;
        let mut values = headers.iter().flat_map(|(_, values)| values);
        assert!(
            values.all(|value| !value.as_str().is_empty()),
            "{headers:?}"
        );
        let sequence = headers.get("ce-sequence").unwrap();
        assert_eq!(sequence.as_str(), format!("{:020}", message.sequence));
    }
    let published: Vec<_> = rights
        .iter()
        .map(|message| v1::RightsEvent::decode(message.payload.clone()).unwrap())
        .map(|event| (event.cursor, event.change))
        .collect();
    assert_eq!(published, computed);
}
