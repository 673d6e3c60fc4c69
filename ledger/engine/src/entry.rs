//! Entries as they are stored, and why one cannot be read.

use standing_domain::entry::Entry;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::{CodecError, Envelope, EnvelopeError, ReadError, codec};

/// An entry with its bytes.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// What it says.
    pub entry: Entry,
    /// The bytes as stored.
    pub stored: Vec<u8>,
    /// The number of its kind.
    pub kind: u16,
    /// The version of its payload.
    pub payload_version: u8,
}

/// Why an entry cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// Its envelope does not decode.
    #[error("entry {position} does not decode")]
    Envelope {
        /// Its position.
        position: Position,
        /// Why.
        source: EnvelopeError,
    },
    /// Its payload does not decode.
    #[error("entry {position} does not decode")]
    Payload {
        /// Its position.
        position: Position,
        /// Why.
        source: CodecError,
    },
}

impl EntryError {
    /// Returns whether it may pass: the log is closed or failed, and is being opened again.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Log(error) if !error.is_damage())
    }
}

/// Decodes the stored bytes of the entry at a position.
pub(crate) fn decode(position: Position, stored: &[u8]) -> Result<StoredEntry, EntryError> {
    let envelope =
        Envelope::decode(stored).map_err(|source| EntryError::Envelope { position, source })?;
    let entry = codec::entry(position, &envelope)
        .map_err(|source| EntryError::Payload { position, source })?;
    let (kind, payload_version) = (envelope.kind, envelope.payload_version);
    Ok(StoredEntry {
        entry,
        stored: stored.to_vec(),
        kind,
        payload_version,
    })
}

/// When an entry was recorded, and with which others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// The record time; [`RecordTime::ZERO`] at position 0.
    pub record_time: RecordTime,
    /// The first position of its batch.
    pub first: Position,
    /// The last.
    pub last: Position,
}

impl Stamp {
    /// Of position 0: that of an empty ledger.
    pub const START: Self = Self {
        record_time: RecordTime::ZERO,
        first: Position::ZERO,
        last: Position::ZERO,
    };

    /// Reads it off the stored bytes of the entry at a position.
    pub fn read(position: Position, stored: &[u8]) -> Result<Self, EntryError> {
        let envelope =
            Envelope::decode(stored).map_err(|source| EntryError::Envelope { position, source })?;
        Ok(Self {
            record_time: envelope.record_time,
            first: envelope.first,
            last: envelope.last,
        })
    }
}

/// What is read off a stored entry without its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label<'a> {
    /// The number of its kind.
    pub kind: u16,
    /// Who recorded it.
    pub actor: &'a str,
}

impl<'a> Label<'a> {
    /// Reads it off the stored bytes of the entry at a position.
    pub fn read(position: Position, stored: &'a [u8]) -> Result<Self, EntryError> {
        let envelope =
            Envelope::decode(stored).map_err(|source| EntryError::Envelope { position, source })?;
        Ok(Self {
            kind: envelope.kind,
            actor: envelope.actor,
        })
    }
}
