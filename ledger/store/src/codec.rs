//! Contents and the payloads they are stored as.
//!
//! A payload is postcard: what every content has, in the order of `Head`, then the fields of the
//! event. Which event it is, the kind in the envelope says, not a number of a variant, so the order
//! of variants in the domain is free. Nothing in a payload describes itself: decoding with another
//! kind or version gives another event or an error that looks like damage. Hence both are judged
//! first, every byte must be used up, and golden files pin what each kind and version looks like.
//!
//! To change a stored type, nested ones included: raise the kind's version in [`crate::kinds`], keep
//! the old type here, and decode it by its version. Golden files of old versions stay.

use postcard::ser_flavors::Flavor;
use serde::{
    Deserialize, Serialize,
    de::{Deserializer, EnumAccess, IntoDeserializer, Visitor},
};
use standing_domain::{
    event::{Authority, Confidence, Content, Entry, Event, Position, Source},
    id::{ActorId, DraftId, IdError},
    when::When,
};

use crate::{
    envelope::{Envelope, MAX_PAYLOAD},
    kinds::{self, Kind},
};

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
    let number = kinds::number_of(content);
    let kind = kinds::kind(number).ok_or(CodecError::UnknownKind { kind: number })?;
    let start = out.len();
    let head = HeadRef {
        id: content.id.as_ref(),
        effective: content.effective.as_ref(),
        order: content.order,
        acted: content.acted.as_ref(),
        authority: &content.authority,
        sources: &content.sources,
        confidence: content.confidence,
        note: &content.note,
        corrects: content.corrects,
    };
    let written = write(&head, false, out).and_then(|()| match &content.event {
        Some(event) => write(event, true, out),
        None => Ok(()),
    });
    let bytes = out.len() - start;
    let result = match written {
        Err(source) => Err(CodecError::Malformed {
            kind: kind.name,
            source,
        }),
        Ok(()) if bytes > MAX_PAYLOAD => Err(CodecError::TooLong {
            kind: kind.name,
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
    let kind = kinds::kind(kind).ok_or(CodecError::UnknownKind { kind })?;
    if version > kind.version {
        let (found, supported) = (version, kind.version);
        return Err(CodecError::NewerVersion {
            kind: kind.name,
            found,
            supported,
        });
    }
    let malformed = |source| CodecError::Malformed {
        kind: kind.name,
        source,
    };
    let mut input = postcard::Deserializer::from_bytes(payload);
    let head = Head::deserialize(&mut input).map_err(malformed)?;
    let event = match kind.variant {
        None => None,
        Some(variant) => Some(
            Event::deserialize(Named {
                variant,
                input: &mut input,
            })
            .map_err(malformed)?,
        ),
    };
    match input.finalize().map_err(malformed)?.len() {
        0 => Ok(head.content(event)),
        bytes => Err(CodecError::Remainder {
            kind: kind.name,
            bytes,
        }),
    }
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
        record_time: envelope.record_time.cast_signed(),
        actor: ActorId::new(envelope.actor)?,
        request: DraftId::new(envelope.request_id)?,
        batch: (first, last),
        content: decode(envelope.kind, envelope.payload_version, envelope.payload)?,
    })
}

/// What every payload of version 1 begins with. Frozen with the versions that use it.
#[derive(Deserialize)]
struct Head {
    id: Option<DraftId>,
    effective: Option<When>,
    order: u16,
    acted: Option<When>,
    authority: Authority,
    sources: Vec<Source>,
    confidence: Confidence,
    note: String,
    corrects: Option<Position>,
}

/// The same fields in the same order, borrowed.
#[derive(Serialize)]
struct HeadRef<'a> {
    id: Option<&'a DraftId>,
    effective: Option<&'a When>,
    order: u16,
    acted: Option<&'a When>,
    authority: &'a Authority,
    sources: &'a [Source],
    confidence: Confidence,
    note: &'a str,
    corrects: Option<Position>,
}

impl Head {
    fn content(self, event: Option<Event>) -> Content {
        Content {
            id: self.id,
            effective: self.effective,
            order: self.order,
            acted: self.acted,
            authority: self.authority,
            sources: self.sources,
            confidence: self.confidence,
            note: self.note,
            corrects: self.corrects,
            event,
        }
    }
}

fn write(value: &impl Serialize, untagged: bool, out: &mut Vec<u8>) -> postcard::Result<()> {
    postcard::serialize_with_flavor(
        value,
        Output {
            out,
            in_tag: untagged,
        },
    )
}

/// Writes to a buffer; with `in_tag`, leaves out the number of the variant, a varint, which is what
/// postcard writes first of an enum.
struct Output<'a> {
    out: &'a mut Vec<u8>,
    in_tag: bool,
}

impl Flavor for Output<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.in_tag {
            // The last byte of a varint has its high bit clear.
            self.in_tag = byte & 0x80 != 0;
        } else {
            self.out.push(byte);
        }
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if self.in_tag {
            return bytes.iter().try_for_each(|&byte| self.try_push(byte));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

type Input<'de> = postcard::Deserializer<'de, postcard::de_flavors::Slice<'de>>;

/// Reads an enum whose variant is known by name, from input that holds its fields only.
struct Named<'a, 'de> {
    variant: &'static str,
    input: &'a mut Input<'de>,
}

impl<'de> Deserializer<'de> for Named<'_, 'de> {
    type Error = postcard::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> postcard::Result<V::Value> {
        Err(postcard::Error::WontImplement)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> postcard::Result<V::Value> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'a, 'de> EnumAccess<'de> for Named<'a, 'de> {
    type Error = postcard::Error;
    type Variant = &'a mut Input<'de>;

    fn variant_seed<S: serde::de::DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> postcard::Result<(S::Value, Self::Variant)> {
        Ok((
            seed.deserialize(self.variant.into_deserializer())?,
            self.input,
        ))
    }
}
