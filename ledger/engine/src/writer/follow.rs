//! Following another ledger: its entries, as stored, are taken over in whole batches.

use crate::Engine;
use crate::ask::reader::EntryError;
use crate::trouble::Trouble;
use crate::writer::request::{Order, RecordError, Recorded};
use standing_domain::entry::Content;
use standing_domain::id::{DraftId, Position};
use standing_domain::time::day::Day;
use standing_store::digest::RequestDigest;
use standing_store::{Envelope, codec};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// Why entries were not taken over. Nothing was written, but after [`FollowError::Storage`] the head tells, once the log is open again.
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
    /// Something holds this ledger back from taking anything over. What lasts only for a while ends by itself.
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
    pub first_record_time: u64,
    pub batches: Vec<(DraftId, RequestDigest, Recorded)>,
    pub contents: Vec<Content>,
    pub bytes: Vec<u8>,
    pub ends: Vec<usize>,
    pub reply: FollowReply,
}

impl Engine {
    /// Takes over entries as stored, from a position on: whole batches, all of them or none. Returns the new head once they are
    /// durable and visible.
    ///
    /// # Errors
    /// They do not follow the head, have no whole batches, do not decode, or the log failed.
    pub fn follow(
        &self,
        first: Position,
        entries: &[impl AsRef<[u8]>],
    ) -> Result<Position, FollowError> {
        let (send, receive) = sync_channel(1);
        self.submit_followed(first, entries, move |outcome| {
            // The caller waits below; it cannot be gone.
            let _ = send.send(outcome);
        })?;
        receive.recv().unwrap_or(Err(FollowError::Closing))
    }

    /// The same without waiting: `reply` is called from the writer's thread and must not wait. What can be checked beside the
    /// writer is checked before this returns.
    ///
    /// # Errors
    /// As for [`Engine::follow`]; then nothing was handed over and `reply` is not called.
    pub fn submit_followed(
        &self,
        first: Position,
        entries: &[impl AsRef<[u8]>],
        reply: impl FnOnce(Result<Position, FollowError>) + Send + 'static,
    ) -> Result<(), FollowError> {
        if self.role != crate::Role::Follower {
            return Err(FollowError::NotAFollower);
        }
        let mut followed = Followed {
            first,
            first_record_time: 0,
            batches: Vec::new(),
            contents: Vec::with_capacity(entries.len()),
            bytes: Vec::new(),
            ends: Vec::with_capacity(entries.len()),
            reply: Box::new(reply),
        };
        let mut open: Option<Recorded> = None;
        let mut earlier = 0;
        for (position, stored) in (first..).zip(entries) {
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
                replayed: false,
            };
            if position == batch.last {
                followed
                    .batches
                    .push((entry.request, envelope.request_digest, batch));
                open = None;
            } else {
                open = Some(batch);
            }
            followed.contents.push(entry.content);
            followed.bytes.extend_from_slice(stored);
            followed.ends.push(followed.bytes.len());
        }
        if let Some(batch) = open {
            return Err(FollowError::Batch {
                position: batch.first,
            });
        }
        if followed.contents.is_empty() {
            (followed.reply)(Ok(self.head().position));
            return Ok(());
        }
        self.order(Order::Follow(followed))
            .map_err(|_| FollowError::Closing)
    }

    /// Takes a day as begun that the ledger this one follows has seen begin. Earlier days are passed over.
    pub fn follow_day(&self, day: Day) {
        if self.role == crate::Role::Follower {
            // A ledger that closes needs no days.
            let _ = self.order(Order::BeginDay(day));
        }
    }
}
