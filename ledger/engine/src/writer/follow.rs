//! Following another ledger: its entries, as stored, are taken over in whole batches.

use crate::entry::EntryError;
use crate::trouble::Trouble;
use crate::writer::error::RecordError;
use crate::writer::request::{Passed, Recorded};
use crate::writer::trial::entries::Entries;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::{Envelope, codec};
use std::sync::Arc;

/// Why entries were not taken over. Nothing was written, but after [`FollowError::Storage`] the
/// head tells, once the log is open again.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// They do not begin after the head.
    #[error("entry {first} does not follow the head, which is {head}")]
    NotNext {
        /// The first position.
        first: Position,
        /// The head.
        head: Position,
    },
    /// The bounds of a batch do not fit the positions of its entries, or its last entry is missing.
    #[error("entry {position} stands in no whole batch")]
    Batch {
        /// Its position.
        position: Position,
    },
    /// The record time does not increase.
    #[error("the record time of entry {position} is not later than that of the entry before")]
    RecordTime {
        /// Its position.
        position: Position,
    },
    /// An entry does not decode: it is damaged, or of a newer release.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// This ledger records itself.
    #[error("this ledger records itself and follows nobody")]
    NotAFollower,
    /// The log failed.
    #[error("the ledger's storage failed: {0}")]
    Storage(Arc<str>),
    /// Something holds this ledger back from taking anything over. What lasts only for a while ends
    /// by itself.
    #[error("nothing is taken over now: {}", .0.text)]
    HeldBack(Trouble),
    /// Stored bytes do not verify, so nothing is taken over on top of them.
    #[error("nothing is taken over: {0}")]
    Damaged(Arc<str>),
    /// The ledger is closing.
    #[error("the ledger is closing")]
    Closing,
}

impl FollowError {
    /// Returns whether it may pass without anybody doing anything to this ledger's file.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Storage(_) => true,
            Self::HeldBack(trouble) => trouble.kind.passes(),
            Self::Entry(error) => error.passes(),
            _ => false,
        }
    }
}

impl From<RecordError> for FollowError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Storage(reason) => Self::Storage(reason),
            RecordError::HeldBack(trouble) => Self::HeldBack(trouble),
            _ => Self::Closing,
        }
    }
}

/// Hands the outcome, the new head, to whoever waits for it.
pub(crate) type FollowReply = Box<dyn FnOnce(Result<Position, FollowError>) + Send>;

/// Whole batches, read and checked as far as can be done beside the writer.
pub(crate) struct Followed {
    pub first: Position,
    pub first_record_time: RecordTime,
    pub batches: Vec<Passed>,
    pub contents: Vec<Content>,
    pub entries: Entries,
}

impl Followed {
    /// Reads entries as stored, from a position on, and checks that they are whole batches in
    /// order.
    ///
    /// # Errors
    /// They have no whole batches, do not decode, or their record times do not increase.
    pub fn read(first: Position, entries: &[impl AsRef<[u8]>]) -> Result<Self, FollowError> {
        let mut followed = Self {
            first,
            first_record_time: RecordTime::ZERO,
            batches: Vec::new(),
            contents: Vec::with_capacity(entries.len()),
            entries: Entries::with_capacity(entries.len()),
        };
        let mut open: Option<Recorded> = None;
        let mut earlier = RecordTime::ZERO;
        for (position, stored) in first.onwards().zip(entries) {
            let stored = stored.as_ref();
            let envelope = Envelope::decode(stored)
                .map_err(|source| EntryError::Envelope { position, source })?;
            let entry = codec::entry(position, &envelope)
                .map_err(|source| EntryError::Payload { position, source })?;
            let fits = match open {
                None => envelope.first == position && envelope.last >= position,
                Some(batch) => (envelope.first, envelope.last) == (batch.first, batch.last),
            };
            if !fits {
                return Err(FollowError::Batch { position });
            }
            if envelope.record_time <= earlier {
                return Err(FollowError::RecordTime { position });
            }
            earlier = envelope.record_time;
            if position == first {
                followed.first_record_time = earlier;
            }
            let batch = Recorded {
                first: envelope.first,
                last: envelope.last,
                record_time: earlier,
            };
            open = (position != batch.last).then_some(batch);
            if open.is_none() {
                followed.batches.push(Passed {
                    id: entry.request,
                    digest: envelope.request_digest,
                    recorded: batch,
                });
            }
            followed.contents.push(entry.content);
            followed.entries.push(stored);
        }
        match open {
            Some(batch) => Err(FollowError::Batch {
                position: batch.first,
            }),
            None => Ok(followed),
        }
    }
}
