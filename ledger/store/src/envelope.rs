//! The bytes of a stored entry, format 1. Frozen: what stands here is never edited; another layout
//! is another format number with a decoder of its own.
//!
//! All integers are little-endian.
//!
//! | offset | bytes | field |
//! |---|---|---|
//! | 0 | 1 | format, always 1 |
//! | 1 | 2 | kind of the event; 0 is a withdrawal without content |
//! | 3 | 1 | version of the kind's payload, from 1 |
//! | 4 | 4 | rules version the entry was decided under, from 1 |
//! | 8 | 8 | first position of the batch, from 1 |
//! | 16 | 8 | last position of the batch, inclusive |
//! | 24 | 8 | record time, microseconds since 1970-01-01T00:00:00Z |
//! | 32 | 16 | request digest |
//! | 48 | 1 | length of the actor, 1 to 64 |
//! | 49 | | actor, `[a-z0-9/-]` |
//! | | 1 | length of the request id, 1 to 64 |
//! | | | request id, printable ASCII without space |
//! | | | payload, to the end |
//!
//! The entry's own position is the key it is stored under; its index in the batch is that position
//! less `first`.

use crate::digest::RequestDigest;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;

/// The format this crate writes, and the newest it reads.
pub const FORMAT: u8 = 1;
/// The most bytes one stored entry may have, header included. A leaf of the transparency tree holds
/// 65,535.
pub const MAX_ENTRY: usize = 60_000;
/// The most entries one batch may have.
pub const MAX_BATCH: u64 = 10_000;
/// The most bytes an actor or a request id may have.
pub const MAX_ID: usize = 64;
/// The latest record time: the end of the year 9999, in microseconds since the Unix epoch, UTC.
pub const MAX_RECORD_TIME: RecordTime = RecordTime::from_micros(253_402_300_799_999_999);
/// The bytes before the actor's length.
const FIXED: usize = 48;
/// The most bytes a payload may have, whatever the actor and the request id.
pub const MAX_PAYLOAD: usize = MAX_ENTRY - FIXED - 2 * (1 + MAX_ID);

/// A stored entry, borrowed from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The kind of the event; 0 is a withdrawal without content.
    pub kind: u16,
    /// The version of the kind's payload, from 1.
    pub payload_version: u8,
    /// The rules version the entry was decided under, from 1.
    pub rules_version: u32,
    /// The first position of the entry's batch, from 1.
    pub first: Position,
    /// The last position of the entry's batch, inclusive; at most [`MAX_BATCH`] entries.
    pub last: Position,
    /// When the ledger learned it; at most
    /// [`MAX_RECORD_TIME`].
    pub record_time: RecordTime,
    /// The keyed digest of the request (actor and drafts) the entry came with; the same for every
    /// entry of a batch.
    pub request_digest: RequestDigest,
    /// Who asked for it: 1 to [`MAX_ID`] bytes of `[a-z0-9/-]`.
    pub actor: &'a str,
    /// The id the client gave its request: 1 to [`MAX_ID`] bytes of printable ASCII, no space.
    pub request_id: &'a str,
    /// The event, opaque here.
    pub payload: &'a [u8],
}

/// Why bytes are not a stored entry, or an entry cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The bytes end before the field.
    #[error("the entry ends before its {field}")]
    Truncated {
        /// The first field that is not there in full.
        field: &'static str,
    },
    /// A newer release wrote the entry.
    #[error("the entry has format {found}, newer than {FORMAT}: a newer release wrote it")]
    NewerFormat {
        /// The format byte.
        found: u8,
    },
    /// No release ever wrote this format byte.
    #[error("the entry has format {found}, which no release wrote")]
    UnknownFormat {
        /// The format byte.
        found: u8,
    },
    /// A field has a value that is never stored.
    #[error("the entry's {field} is out of bounds")]
    Field {
        /// The field.
        field: &'static str,
    },
    /// The entry is longer than [`MAX_ENTRY`].
    #[error("the entry has {bytes} bytes, more than {MAX_ENTRY}")]
    TooLong {
        /// The length of the whole entry, in bytes.
        bytes: usize,
    },
}

impl<'a> Envelope<'a> {
    /// Reads a stored entry without copying.
    ///
    /// # Errors
    ///
    /// Fails on bytes that [`Envelope::encode`] never writes; a newer format is told apart from
    /// damage.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        match bytes.first() {
            None => return Err(EnvelopeError::Truncated { field: "format" }),
            Some(&FORMAT) => {}
            Some(&0) => return Err(EnvelopeError::UnknownFormat { found: 0 }),
            Some(&found) => return Err(EnvelopeError::NewerFormat { found }),
        }
        if bytes.len() > MAX_ENTRY {
            return Err(EnvelopeError::TooLong { bytes: bytes.len() });
        }
        let mut rest = Reader(&bytes[1..]);
        let envelope = Self {
            kind: u16::from_le_bytes(rest.array("kind")?),
            payload_version: u8::from_le_bytes(rest.array("payload version")?),
            rules_version: u32::from_le_bytes(rest.array("rules version")?),
            first: Position::new(u64::from_le_bytes(rest.array("first position")?)),
            last: Position::new(u64::from_le_bytes(rest.array("last position")?)),
            record_time: RecordTime::from_micros(u64::from_le_bytes(rest.array("record time")?)),
            request_digest: RequestDigest(rest.array("request digest")?),
            actor: rest.text("actor")?,
            request_id: rest.text("request id")?,
            payload: rest.0,
        };
        envelope.check()?;
        Ok(envelope)
    }

    /// Appends the stored form to `out`; on an error `out` is as it was.
    ///
    /// # Errors
    ///
    /// Fails if a field is out of its bounds or the whole is longer than [`MAX_ENTRY`].
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), EnvelopeError> {
        self.check()?;
        let bytes = self.encoded_len();
        if bytes > MAX_ENTRY {
            return Err(EnvelopeError::TooLong { bytes });
        }
        out.reserve(bytes);
        out.push(FORMAT);
        out.extend_from_slice(&self.kind.to_le_bytes());
        out.push(self.payload_version);
        out.extend_from_slice(&self.rules_version.to_le_bytes());
        out.extend_from_slice(&self.first.number().to_le_bytes());
        out.extend_from_slice(&self.last.number().to_le_bytes());
        out.extend_from_slice(&self.record_time.micros().to_le_bytes());
        out.extend_from_slice(&self.request_digest.0);
        put_text(out, self.actor);
        put_text(out, self.request_id);
        out.extend_from_slice(self.payload);
        Ok(())
    }

    /// Returns the bytes of the stored form, payload included.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        FIXED + 1 + self.actor.len() + 1 + self.request_id.len() + self.payload.len()
    }

    /// Holds every field to its bounds, so that what is written can be read and nothing else is
    /// taken for an entry.
    fn check(&self) -> Result<(), EnvelopeError> {
        let last_of_batch = self.last >= self.first && self.last.since(self.first) < MAX_BATCH;
        hold("payload version", self.payload_version >= 1)?;
        hold("rules version", self.rules_version >= 1)?;
        hold("first position", self.first >= Position::FIRST)?;
        hold("last position", last_of_batch)?;
        hold("record time", self.record_time <= MAX_RECORD_TIME)?;
        hold("actor", is_actor(self.actor))?;
        hold("request id", is_request_id(self.request_id))
    }
}

fn hold(field: &'static str, holds: bool) -> Result<(), EnvelopeError> {
    if holds {
        Ok(())
    } else {
        Err(EnvelopeError::Field { field })
    }
}

/// Tells whether a text can stand as the actor of an entry: 1 to [`MAX_ID`] bytes of `[a-z0-9/-]`.
#[must_use]
pub fn is_actor(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len())
        && every(
            text,
            |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-'),
        )
}

/// Tells whether a text can stand as the request id of an entry: 1 to [`MAX_ID`] bytes of printable
/// ASCII without space.
#[must_use]
pub fn is_request_id(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && every(text, |b| b.is_ascii_graphic())
}

/// Tells whether every byte passes, without stopping at the first that does not: of a text this
/// short that is what the compiler makes the most of.
fn every(text: &str, passes: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & passes(byte))
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], EnvelopeError> {
        let (head, tail) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(EnvelopeError::Truncated { field })?;
        self.0 = tail;
        Ok(*head)
    }

    fn text(&mut self, field: &'static str) -> Result<&'a str, EnvelopeError> {
        let [len] = self.array(field)?;
        let (head, tail) = self
            .0
            .split_at_checked(usize::from(len))
            .ok_or(EnvelopeError::Truncated { field })?;
        self.0 = tail;
        str::from_utf8(head).map_err(|_| EnvelopeError::Field { field })
    }
}

/// Writes a length and the text; `check` has bounded the length.
#[expect(
    clippy::cast_possible_truncation,
    reason = "at most MAX_ID, which fits a byte"
)]
fn put_text(out: &mut Vec<u8>, text: &str) {
    out.push(text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}
