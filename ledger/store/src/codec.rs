//! Contents and the payloads they are stored as.
//!
//! A payload is postcard: what every content has, in the order of `payload::Head`, then the fields
//! of the event. Which event it is, the kind in the envelope says, not a number of a variant, so
//! the order of variants in the domain is free. Nothing in a payload describes itself: decoding
//! with another kind or version gives another event or an error that looks like damage. Hence both
//! are judged first, every byte must be used up, and golden files pin what each kind and version
//! looks like.
//!
//! To change a stored type, nested ones included: raise the kind's version in
//! [`standing_domain::entry::event::kind`], keep the old type in `past`, and decode it by its
//! version. Golden files of old versions stay. Where variants were only added at the end of a
//! nested enum, as version 2 of an enacted article did with norms and conditions, the newer type
//! reads the old bytes too.

mod past;
mod payload;
mod untagged;

use crate::codec::payload::{Head, HeadRef, LeanHead};
use crate::codec::untagged::{Input, read_untagged, write, write_untagged};
use crate::envelope::{Envelope, MAX_PAYLOAD};
use serde::Deserialize;
use standing_domain::entry::BatchSpan;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::kind::Kind;
use standing_domain::entry::{Content, Entry};
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, DraftId, IdError};

/// Why a content cannot be stored, or a payload is none.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// No kind has this number: a newer release wrote the entry.
    #[error("kind {kind} is unknown: a newer release wrote the entry")]
    UnknownKind {
        /// The number.
        kind: u16,
    },
    /// The payload has a version this release does not read: a newer one wrote it.
    #[error(
        "a {kind} with payload version {found}, newer than {supported}: a newer release wrote it"
    )]
    NewerVersion {
        /// The kind's name.
        kind: &'static str,
        /// The version it has.
        found: u8,
        /// The newest version this release reads.
        supported: u8,
    },
    /// The payload does not decode.
    #[error("the payload of a {kind} does not decode")]
    Malformed {
        /// The kind's name.
        kind: &'static str,
        /// Where decoding stopped.
        #[source]
        source: postcard::Error,
    },
    /// The payload goes on after the event.
    #[error("the payload of a {kind} has {bytes} bytes too many")]
    Remainder {
        /// The kind's name.
        kind: &'static str,
        /// How many.
        bytes: usize,
    },
    /// The content is longer than [`MAX_PAYLOAD`].
    #[error("the payload of a {kind} has {bytes} bytes, more than {MAX_PAYLOAD}")]
    TooLong {
        /// The kind's name.
        kind: &'static str,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The entry's actor or request id is not one.
    #[error("the entry's header holds no id where one must be")]
    Id(#[from] IdError),
    /// The entry stands at a position outside its own batch.
    #[error("the entry at position {position} says it belongs to the batch {first} to {last}")]
    Batch {
        /// Where it stands.
        position: Position,
        /// The first position of the batch it names.
        first: Position,
        /// The last position of the batch it names.
        last: Position,
    },
}

/// Appends the payload of a content to `out`; returns the kind and the version it is stored under.
/// On an error `out` is as it was.
///
/// # Errors
///
/// Fails if the payload is longer than [`MAX_PAYLOAD`].
pub fn encode(content: &Content, out: &mut Vec<u8>) -> Result<&'static Kind, CodecError> {
    let kind = content.kind();
    let start = out.len();
    let written = write(&HeadRef::from(content), out).and_then(|()| match &content.event {
        Some(event) => write_untagged(event, out),
        None => Ok(()),
    });
    let bytes = out.len() - start;
    let result = match written {
        Err(source) => Err(CodecError::Malformed {
            kind: kind.stored,
            source,
        }),
        Ok(()) if bytes > MAX_PAYLOAD => Err(CodecError::TooLong {
            kind: kind.stored,
            bytes,
        }),
        Ok(()) => Ok(kind),
    };
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// Reads a payload stored under a kind and a version.
///
/// # Errors
///
/// An unknown kind and a newer version are told apart from bytes that do not decode. The ids and
/// windows in a payload are those that were recorded; they are not judged again.
pub fn decode(kind: u16, version: u8, payload: &[u8]) -> Result<Content, CodecError> {
    let (head, event) = read::<Head>(kind, version, payload)?;
    Ok(Content {
        event,
        ..head.into()
    })
}

/// Reads a payload's two parts.
fn read<'de, H: Deserialize<'de>>(
    kind: u16,
    version: u8,
    payload: &'de [u8],
) -> Result<(H, Option<Event>), CodecError> {
    let kind = Kind::numbered(kind).ok_or(CodecError::UnknownKind { kind })?;
    if version > kind.version {
        let (found, supported) = (version, kind.version);
        return Err(CodecError::NewerVersion {
            kind: kind.stored,
            found,
            supported,
        });
    }
    let malformed = |source| CodecError::Malformed {
        kind: kind.stored,
        source,
    };
    let mut input = Input::from_bytes(payload);
    let head = H::deserialize(&mut input).map_err(malformed)?;
    let event = match kind.variant {
        Some(variant) => {
            let old = past::read(kind, version, &mut input);
            let event = old.unwrap_or_else(|| read_untagged(variant, &mut input));
            Some(event.map_err(malformed)?)
        }
        None => None,
    };
    match input.finalize().map_err(malformed)?.len() {
        0 => Ok((head, event)),
        bytes => Err(CodecError::Remainder {
            kind: kind.stored,
            bytes,
        }),
    }
}

/// Reads a payload as [`decode`] does, and leaves out what no fact follows from: the sources, the
/// note, and the note of the authority come back empty, and the draft's id comes back beside the
/// content, as it is stored. For replay, which holds many entries and needs none of it.
///
/// # Errors
///
/// See [`decode`]. What is left out is still read for its length, but not whether it is text.
pub fn decode_lean(
    kind: u16,
    version: u8,
    payload: &[u8],
) -> Result<(Content, Option<&[u8]>), CodecError> {
    let (head, event) = read::<LeanHead<'_>>(kind, version, payload)?;
    let id = head.id;
    let content = Content {
        event,
        ..head.into()
    };
    Ok((content, id))
}

/// Reads the entry that an envelope at a position holds.
///
/// # Errors
///
/// Fails if the payload does not decode, if the actor or the request id is not an id of the domain,
/// or if the position is not one of the batch the envelope names.
pub fn entry(position: Position, envelope: &Envelope<'_>) -> Result<Entry, CodecError> {
    let (first, last) = (envelope.first, envelope.last);
    if !(first..=last).contains(&position) {
        return Err(CodecError::Batch {
            position,
            first,
            last,
        });
    }
    Ok(Entry {
        position,
        record_time: envelope.record_time,
        actor: ActorId::new(envelope.actor)?,
        request: DraftId::new(envelope.request_id)?,
        batch: BatchSpan { first, last },
        content: decode(envelope.kind, envelope.payload_version, envelope.payload)?,
    })
}
