//! A stream on the server: found, made, checked, and looked into.

pub(crate) mod reach;

use crate::connect::Link;
use crate::end::End;
use crate::error::{Passing, Stop, Trouble};
use crate::message;
use crate::names::{Names, WRITER};
use crate::settings::{violations, wanted};
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::context::CreateStreamErrorKind;
use async_nats::jetstream::context::{GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{Info, RawMessageErrorKind, Stream};
use futures_util::TryStreamExt as _;
use standing_domain::id::AssociationId;
use standing_domain::id::position::Position;
use standing_engine::Ledger;
use std::time::Duration;

/// How long nothing may be heard of a delivery, heartbeats between messages included, until it is
/// begun anew: a server that fell takes the delivery with it and says nothing. Half a minute, if it
/// is left to the client.
const SILENCE: Duration = Duration::from_secs(4);

/// A stream, and what is asked of it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub name: String,
    pub subjects: String,
    /// How many copies it must have at least; any number for a follower.
    pub replicas: Option<usize>,
}

impl Wanted {
    /// Looks for the stream and checks it; none if there is none.
    pub async fn look(&self, link: &Link) -> Result<Option<Stream>, Trouble> {
        let Some(stream) = find(link, &self.name).await? else {
            return Ok(None);
        };
        self.check(stream.cached_info())?;
        Ok(Some(stream))
    }

    /// Looks for the stream, makes it if there is none, and checks it. Its metadata say where
    /// writes go.
    pub async fn ensure(&self, link: &Link, writer: &str) -> Result<Stream, Trouble> {
        let Some(stream) = self.look(link).await? else {
            return self.make(link, writer).await;
        };
        let info = stream.cached_info();
        if info.config.metadata.get(WRITER).map(String::as_str) != Some(writer) {
            let mut config = info.config.clone();
            config.metadata.insert(WRITER.to_owned(), writer.to_owned());
            let updated = link.context.update_stream(config).await;
            updated.map_err(|error| {
                Passing::because(
                    format!("cannot tell stream {} its writer", self.name),
                    &error,
                )
            })?;
        }
        Ok(stream)
    }

    async fn make(&self, link: &Link, writer: &str) -> Result<Stream, Trouble> {
        let replicas = self.replicas.unwrap_or(1);
        let mut config = wanted(self.name.clone(), self.subjects.clone(), replicas);
        config.metadata.insert(WRITER.to_owned(), writer.to_owned());
        let made = link.context.create_stream(config).await;
        let stream = made.map_err(|error| match error.kind() {
            CreateStreamErrorKind::JetStream(reason)
                if reason.error_code() == ErrorCode::STREAM_SUBJECT_OVERLAP =>
            {
                let subjects = &self.subjects;
                Passing(format!("another stream has taken the subjects {subjects}"))
            }
            _ => Passing::because(format!("cannot make stream {}", self.name), &error),
        })?;
        tracing::info!(stream = self.name, "made a stream");
        self.check(stream.cached_info())?;
        Ok(stream)
    }

    fn check(&self, info: &Info) -> Result<(), Stop> {
        let violations = violations(info, &self.subjects, self.replicas);
        if violations.is_empty() {
            return Ok(());
        }
        Err(Stop::Settings {
            stream: self.name.clone(),
            violations,
        })
    }
}

/// Looks for a stream, whatever it is set to; none if there is none.
pub(crate) async fn find(link: &Link, name: &str) -> Result<Option<Stream>, Trouble> {
    match link.context.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if is_unknown(&error) => Ok(None),
        Err(error) => Err(Passing::because(format!("cannot read stream {name}"), &error).into()),
    }
}

fn is_unknown(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(reason) if reason.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// Reads a stream in order, without gaps, from some message on.
pub(crate) async fn deliver(
    stream: &Stream,
    from: DeliverPolicy,
    headers_only: bool,
) -> Result<Ordered, Trouble> {
    let name = &stream.cached_info().config.name;
    let config = OrderedConfig {
        deliver_policy: from,
        headers_only,
        max_expires: SILENCE,
        ..OrderedConfig::default()
    };
    let failed = |error: &dyn std::error::Error| {
        Trouble::from(Passing::because(
            format!("cannot follow stream {name}"),
            error,
        ))
    };
    let consumer = stream.create_consumer(config).await;
    let consumer = consumer.map_err(|error| failed(&error))?;
    consumer.messages().await.map_err(|error| failed(&error))
}

/// Returns the last position that a stream of entries holds: its sequences are positions.
pub(crate) fn held(stream: &Stream) -> Position {
    Position::new(stream.cached_info().state.last_sequence)
}

/// Reads where the history of a stream goes on; none where its last message is another, or there is
/// no message.
pub(crate) async fn end(stream: &Stream) -> Result<Option<End>, Trouble> {
    let last = held(stream);
    if last == Position::ZERO {
        return Ok(None);
    }
    let message = message(stream, last.number()).await?;
    Ok(End::read(&message.headers))
}

/// Returns the last position up to which a stream of entries holds what a ledger does: histories
/// that have parted never meet again, so it is looked for in halves.
pub(crate) async fn common(
    stream: &Stream,
    names: &Names,
    ledger: &Ledger,
) -> Result<Position, Trouble> {
    let (mut low, mut high) = (Position::ZERO, held(stream).min(ledger.head().position));
    while low < high {
        let middle = low.plus(high.since(low).div_ceil(2));
        let message = message(stream, middle.number()).await?;
        let (subject, headers) = (&message.subject, Some(&message.headers));
        let taken = message::read(names, middle, subject, headers, &message.payload);
        let own = ledger.entry(middle);
        let own = own.map_err(|error| Trouble::of_ledger(&error, error.passes()))?;
        // The end of the stream, which tells an entry of another, is none of its own.
        let is_end = End::read(&message.headers).is_some();
        let is_same =
            !is_end && matches!((taken, own), (Ok(taken), Some(own)) if taken.stored == own.stored);
        if is_same {
            low = middle;
        } else {
            high = middle.previous();
        }
    }
    Ok(low)
}

/// Returns the names of all histories of which there is a stream of entries, by association and
/// epoch, in order.
pub(crate) async fn histories(link: &Link) -> Result<Vec<Names>, Trouble> {
    let streams: Result<Vec<String>, _> = link.context.stream_names().try_collect().await;
    let streams = streams.map_err(|error| Passing::because("cannot list the streams", &error))?;
    let names = streams.iter().filter_map(|name| Names::of_stream(name));
    let mut names: Vec<Names> = names.collect();
    names.sort_by(|a, b| (a.association(), a.epoch()).cmp(&(b.association(), b.epoch())));
    Ok(names)
}

/// Returns those of one association.
pub(crate) async fn epochs(
    link: &Link,
    association: &AssociationId,
) -> Result<Vec<Names>, Trouble> {
    let mut names = histories(link).await?;
    names.retain(|names| names.association() == association);
    Ok(names)
}

/// Reads the message at a place of a stream, as its leader holds it.
pub(crate) async fn message(stream: &Stream, sequence: u64) -> Result<StreamMessage, Trouble> {
    let read = stream.get_raw_message(sequence).await;
    read.map_err(|error| {
        let name = stream.cached_info().config.name.clone();
        if error.kind() == RawMessageErrorKind::NoMessageFound {
            return Stop::Hole {
                stream: name,
                sequence,
            }
            .into();
        }
        Passing::because(
            format!("cannot read message {sequence} of stream {name}"),
            &error,
        )
        .into()
    })
}
