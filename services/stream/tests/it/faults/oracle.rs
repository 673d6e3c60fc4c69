//! What must be so after every fault: the log, the streams and the replica agree entry by entry.

use super::cluster::{Cluster, info};
use super::recorder::today;
use crate::ledger;
use crate::patience::until;
use crate::world::names;
use async_nats::jetstream::Context;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use prost::Message as _;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_engine::{Cursor, Frontier, Recorder, Step};
use standing_proto::change::write_change;
use standing_proto::time::timestamp;
use standing_proto::v1;
use standing_proto::v1::StreamState;
use standing_stream::Status;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use tokio::task::block_in_place;

/// How many messages are read at once, and how many before they are compared.
const AT_ONCE: usize = 64;
const CHUNK: u64 = 2_000;

/// Everything that has to agree.
pub struct Sides<'a> {
    pub client: &'a Context,
    pub clock: &'a AtomicU64,
    pub writer: &'a Recorder,
    pub publisher: &'a Status,
    pub replica: &'a Recorder,
    pub follower: &'a Status,
}

impl fmt::Display for Sides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (writer, replica) = (
            self.writer.ledger().frontier(),
            self.replica.ledger().frontier(),
        );
        let (publisher, follower) = (self.publisher.report(), self.follower.report());
        write!(
            f,
            "agreement: {writer:?} {publisher:?}; {replica:?} {follower:?}"
        )
    }
}

/// How far agreement has been found.
#[derive(Clone, Copy)]
pub struct Oracle {
    /// Entries up to here.
    pub entries: Position,
    /// Messages of the stream of changes up to here.
    pub rights: u64,
    /// The place in the walk of changes after them.
    cursor: Cursor,
}

impl Oracle {
    pub fn new() -> Self {
        Self {
            entries: Position::ZERO,
            rights: 0,
            cursor: Cursor::START,
        }
    }

    /// Waits until all agree on what is new since the last time, while nothing is recorded.
    pub async fn agree(&mut self, sides: &Sides<'_>) {
        let day = today(sides.clock);
        until(format_args!("start of {day}"), async || {
            (sides.writer.ledger().frontier().day >= Some(day)).then_some(())
        })
        .await;
        let to = sides.writer.ledger().frontier();
        let head = to.head.position;
        let computed = block_in_place(|| walk(sides.writer, &mut self.cursor, to));
        let rights = self.rights + computed.len() as u64;
        until(sides, async || {
            let entries = last(sides.client, &names().entries_stream()).await?;
            let changes = last(sides.client, &names().rights_stream()).await?;
            assert!(
                entries <= head.number() && changes <= rights,
                "{entries} messages of {head} entries, {changes} of {rights} changes"
            );
            ((entries, changes) == (head.number(), rights)).then_some(())
        })
        .await;
        assert_entries(
            sides.client,
            sides.writer,
            self.entries.number() + 1..head.number() + 1,
        )
        .await;
        assert_rights(sides.client, self.rights, &computed).await;
        until(sides, async || {
            (sides.replica.ledger().frontier() == to).then_some(())
        })
        .await;
        let places = self.entries.number() + 1..head.number() + 1;
        block_in_place(|| assert_same(sides.writer, sides.replica, places));
        until(sides, async || {
            let reports = [sides.publisher.report(), sides.follower.report()];
            let well = reports
                .iter()
                .all(|report| report.state() == StreamState::CaughtUp && report.problem.is_empty());
            well.then_some(())
        })
        .await;
        (self.entries, self.rights) = (head, rights);
    }

    /// Compares everything from the first entry on, as each node holds it.
    pub async fn everything(&self, sides: &Sides<'_>, cluster: &Cluster) {
        let streams = [names().entries_stream(), names().rights_stream()];
        let (to, mut cursor) = (sides.writer.ledger().frontier(), Cursor::START);
        let computed = block_in_place(|| walk(sides.writer, &mut cursor, to));
        assert_eq!(computed.len() as u64, self.rights);
        for node in 0..cluster.len() {
            cluster.whole(sides.client, &streams).await;
            for stream in &streams {
                cluster.lead(sides.client, stream, node).await;
            }
            assert_entries(sides.client, sides.writer, 1..self.entries.number() + 1).await;
            assert_rights(sides.client, 0, &computed).await;
        }
        block_in_place(|| {
            assert_same(sides.writer, sides.replica, 1..self.entries.number() + 1);
            assert_eq!(ledger::steps(sides.replica), ledger::steps(sides.writer));
        });
    }
}

/// Returns the last sequence of a stream without holes; none while nobody tells.
pub async fn last(client: &Context, stream: &str) -> Option<u64> {
    let state = info(client, stream).await?.state;
    assert_eq!(state.messages, state.last_sequence, "{stream} has holes");
    Some(state.last_sequence)
}

/// Returns the payload of every message of changes between two places.
fn walk(engine: &Recorder, cursor: &mut Cursor, to: Frontier) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    while let Some(step) = engine.ledger().next_step(*cursor, to, Stop::NEVER).unwrap() {
        *cursor = step.cursor;
        payloads.extend(messages(&step).iter().map(v1::RightsEvent::encode_to_vec));
    }
    payloads
}

fn messages(step: &Step) -> Vec<v1::RightsEvent> {
    let count = u32::try_from(step.changes.len()).unwrap();
    let write = |index, change| v1::RightsEvent {
        cursor: Some(v1::ChangeCursor {
            position: step.cursor.position.number(),
            day: step.cursor.day.unwrap().to_string(),
            index,
            count,
            epoch: step.epoch.number(),
        }),
        change,
        record_time: Some(timestamp(step.record_time)),
        end: None,
    };
    if step.changes.is_empty() {
        return vec![write(0, None)];
    }
    let changes = (1..).zip(&step.changes);
    changes
        .map(|(index, change)| write(index, Some(write_change(change, step.first))))
        .collect()
}

/// Checks that messages are the entries at their places.
async fn assert_entries(client: &Context, engine: &Recorder, places: Range<u64>) {
    let stream = names().entries_stream();
    let mut first = places.start;
    while first < places.end {
        let end = places.end.min(first + CHUNK);
        let found = read(client, &stream, first..end).await;
        let last = end - 1;
        let entries = block_in_place(|| {
            engine
                .ledger()
                .entries(Position::new(first).to(Position::new(last)))
        })
        .unwrap();
        assert_eq!(found.len(), entries.len());
        for (message, own) in found.into_iter().zip(entries) {
            let entry = v1::Entry::decode(message.payload).unwrap();
            let place = own.entry.position;
            assert_eq!(
                (message.sequence, entry.position),
                (place.number(), place.number())
            );
            assert_eq!(entry.stored, own.stored, "entry {place}");
        }
        first = end;
    }
}

/// Checks that the messages of changes behind a place are as computed.
async fn assert_rights(client: &Context, behind: u64, computed: &[Vec<u8>]) {
    let stream = names().rights_stream();
    let mut first = behind + 1;
    for computed in computed.chunks(usize::try_from(CHUNK).unwrap()) {
        let end = first + computed.len() as u64;
        let found = read(client, &stream, first..end).await;
        for ((place, message), computed) in (first..).zip(found).zip(computed) {
            assert_eq!(message.sequence, place);
            assert_eq!(message.payload, *computed, "change {place}");
        }
        first = end;
    }
}

fn assert_same(writer: &Recorder, replica: &Recorder, places: Range<u64>) {
    for first in places.clone().step_by(usize::try_from(CHUNK).unwrap()) {
        let last = places.end.min(first + CHUNK) - 1;
        let own = writer
            .ledger()
            .entries(Position::new(first).to(Position::new(last)))
            .unwrap();
        let taken = replica
            .ledger()
            .entries(Position::new(first).to(Position::new(last)))
            .unwrap();
        let own = own.into_iter().map(|entry| entry.stored);
        assert!(
            own.eq(taken.into_iter().map(|entry| entry.stored)),
            "the replica has other entries within {first} to {last}"
        );
    }
}

async fn read(client: &Context, stream: &str, places: Range<u64>) -> Vec<StreamMessage> {
    let found = until(stream, async || client.get_stream(stream).await.ok()).await;
    let messages = iter(places).map(|place| read_one(&found, place));
    messages.buffered(AT_ONCE).collect().await
}

async fn read_one(stream: &Stream, place: u64) -> StreamMessage {
    let look = async || stream.get_raw_message(place).await.ok();
    until(format_args!("message {place}"), look).await
}
