//! Ending the streams of a history that this ledger's was resumed without: looked after for as long
//! as this ledger publishes, as one may be made, or be reached, later.

use super::{Desk, Which};
use crate::error::{Passing, Stop, Trouble};
use crate::message::{Outgoing, sequence, sha256};
use crate::names::{CLOUD_EVENTS, Names, PROTOBUF, header};
use crate::stream;
use async_nats::HeaderMap;
use async_nats::jetstream::message::PublishMessage;
use prost::Message as _;
use standing_domain::id::position::Position;
use standing_engine::StoredEntry;
use standing_proto::entry::write_entry;
use standing_proto::time::timestamp;
use standing_proto::v1;

/// Says at the end of every earlier stream of the association where the history goes on, unless it
/// says so already: those of this ledger's own earlier epochs, and those of others that were given
/// up. What is there is never touched. One that cannot be ended keeps no other from it.
pub(crate) async fn write(desk: &Desk) -> Result<(), Trouble> {
    let Some(resumed) = resumed(desk)? else {
        return Ok(());
    };
    // Nobody is sent to a stream that is not there.
    desk.ensure(Which::Rights).await?;
    let mut outcome = Ok(());
    for names in stream::epochs(&desk.link, desk.names.association()).await? {
        if names.epoch() >= desk.names.epoch() {
            continue;
        }
        // A reader of entries may follow the end at once: those of changes are told before.
        for which in [Which::Rights, Which::Entries] {
            match end(desk, &names, which, &resumed).await {
                Err(trouble @ Trouble::Stop(Stop::Resumed { .. })) => return Err(trouble),
                Err(trouble) => outcome = outcome.and(Err(trouble)),
                Ok(()) => {}
            }
        }
    }
    outcome
}

/// Ends one stream, if it is there and has not ended.
async fn end(
    desk: &Desk,
    names: &Names,
    which: Which,
    resumed: &StoredEntry,
) -> Result<(), Trouble> {
    let (own, stream) = (desk.names.epoch(), which.stream(names));
    let Some(found) = stream::find(&desk.link, &stream).await? else {
        return Ok(());
    };
    match stream::end(&found).await? {
        Some(end) if end.epoch == own => return Ok(()),
        Some(end) if end.epoch > own => return Err(Stop::Resumed { stream, end }.into()),
        _ => {}
    }
    let kept = match stream::find(&desk.link, &names.entries_stream()).await? {
        Some(entries) => stream::common(&entries, names, &desk.ledger).await?,
        None => Position::ZERO,
    };
    let last = stream::held(&found).number();
    let message = message(desk, names, which, resumed, kept, last + 1);
    publish(desk, stream, message, last).await
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
    kept: Position,
    place: u64,
) -> Outgoing {
    let epoch = desk.names.epoch();
    let goes_on = which.stream(&desk.names);
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
