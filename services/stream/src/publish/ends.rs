//! Ending the streams of a history that this ledger's was resumed without.

use super::{Desk, Which};
use crate::error::{Passing, Stop, Trouble};
use crate::message::{Outgoing, sequence, sha256};
use crate::names::{CLOUD_EVENTS, Names, PROTOBUF, header};
use crate::stream;
use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use prost::Message as _;
use standing_domain::id::epoch::Epoch;
use standing_engine::StoredEntry;
use standing_proto::entry::write_entry;
use standing_proto::time::timestamp;
use standing_proto::v1;
use std::collections::BTreeSet;

/// Says at the end of every stream that held what was lost where the history goes on: those of the
/// epochs that this ledger had before, and of those that theirs went on in meanwhile. What is there
/// is never touched; a stream that is not there needs no end.
pub(crate) async fn write(desk: &Desk) -> Result<(), Trouble> {
    let own = desk.names.epoch();
    let Some(resumed) = resumed(desk)? else {
        return Ok(());
    };
    // Nobody is sent to a stream that is not there.
    desk.ensure(Which::Rights).await?;
    let mut left: BTreeSet<Epoch> = desk.ledger.epochs().into_iter().collect();
    left.remove(&own);
    let mut seen = BTreeSet::new();
    while let Some(epoch) = left.pop_first() {
        seen.insert(epoch);
        let names = desk.names.in_epoch(epoch);
        // A reader of entries may follow the end at once: those of changes are told before.
        for which in [Which::Rights, Which::Entries] {
            let Some(found) = stream::find(&desk.link, &which.stream(&names)).await? else {
                continue;
            };
            match stream::end(&found).await? {
                Some(end) if end.epoch == own => continue,
                Some(end) if end.epoch > own => {
                    let stream = which.stream(&names);
                    return Err(Stop::Resumed { stream, end }.into());
                }
                Some(end) if !seen.contains(&end.epoch) => {
                    left.insert(end.epoch);
                }
                _ => {}
            }
            let last = stream::held(&found).number();
            let message = message(desk, &names, which, &resumed, last + 1);
            publish(desk, which.stream(&names), message, last).await?;
        }
    }
    Ok(())
}

/// Returns the entry by which this ledger's history was resumed last; none if it never was.
fn resumed(desk: &Desk) -> Result<Option<StoredEntry>, Trouble> {
    let Some(position) = desk.ledger.resumed() else {
        return Ok(None);
    };
    let read = desk.ledger.entry(position);
    read.map_err(|error| Trouble::of_ledger(&error, error.passes()))
}

/// Writes the last message of a stream.
fn message(
    desk: &Desk,
    names: &Names,
    which: Which,
    resumed: &StoredEntry,
    place: u64,
) -> Outgoing {
    let (epoch, position) = (desk.names.epoch(), resumed.entry.position);
    let goes_on = which.stream(&desk.names);
    let kept = position.previous();
    let recorded = timestamp(resumed.entry.record_time).to_string();
    let (subject, kind, payload) = match which {
        Which::Entries => (
            names.entry_subject(resumed.entry.content.kind(), None),
            "standing.v1.Entry",
            write_entry(
                &resumed.entry,
                resumed.payload_version,
                resumed.stored.clone(),
            )
            .encode_to_vec(),
        ),
        Which::Rights => {
            let end = v1::StreamEnd {
                epoch: epoch.number(),
                kept_position: kept.number(),
                stream: goes_on.clone(),
            };
            let event = v1::RightsEvent {
                end: Some(end),
                ..v1::RightsEvent::default()
            };
            (
                names.change_subject(None),
                "standing.v1.RightsEvent",
                event.encode_to_vec(),
            )
        }
    };
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::SPEC_VERSION, CLOUD_EVENTS.to_owned()),
        (
            header::ID,
            format!("{}/resumed/{epoch}", names.association()),
        ),
        (header::SOURCE, names.source()),
        (header::TYPE, kind.to_owned()),
        (header::TIME, recorded.clone()),
        (header::RECORDED_TIME, recorded),
        (header::SEQUENCE, sequence(place)),
        (header::DATA_CONTENT_TYPE, PROTOBUF.to_owned()),
        (header::CONTENT_TYPE, PROTOBUF.to_owned()),
        (header::SHA256, sha256(&payload)),
        (header::EPOCH, epoch.to_string()),
        (header::KEPT, kept.to_string()),
        (header::GOES_ON, goes_on),
    ] {
        headers.insert(name, value);
    }
    Outgoing {
        subject,
        headers,
        payload,
    }
}

/// Publishes the last message of a stream, behind the message that was found to be its last.
async fn publish(desk: &Desk, stream: String, message: Outgoing, last: u64) -> Result<(), Trouble> {
    let failed = |error: &dyn std::error::Error| {
        Passing::because(format!("stream {stream} cannot be told its end"), error)
    };
    let sent = PublishMessage::build()
        .headers(message.headers)
        .payload(message.payload.into())
        .expected_stream(&stream)
        .expected_last_sequence(last);
    let sent = desk.link.outbox.send_publish(message.subject, sent).await;
    let sent = sent.map_err(|error| failed(&error))?;
    sent.await.map_err(|error| failed(&error))?;
    tracing::warn!(
        stream,
        goes_on = desk.names.entries_stream(),
        "told a stream that its history was resumed elsewhere"
    );
    Ok(())
}
