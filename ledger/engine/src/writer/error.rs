//! Why nothing was recorded.

use crate::chain::chain;
use crate::entry::EntryError;
use crate::point::OtherHistory;
use crate::trouble::{Damage, Trouble};
use standing_domain::audit::Finding;
use standing_domain::id::position::Position;
use standing_domain::id::{DraftId, PersonId};
use standing_domain::judge::refusal::Refusal;
use standing_domain::stop::Stopped;
use standing_store::ReadError;
use std::sync::Arc;

/// An irregular finding on a batch's own entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irregular {
    /// The drafts it rests on, counted from 0.
    pub drafts: Vec<usize>,
    /// The finding.
    pub finding: Finding,
}

/// Why nothing was recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// The drafts make history impossible, or refer to what is not there: every reason.
    #[error("the batch is refused for {} reasons", .0.len())]
    Refused(Vec<Refusal>),
    /// Findings on the batch's own entries say that a rule was broken, and that was to be refused:
    /// every finding.
    #[error("the batch is irregular: {} findings", .0.len())]
    Irregular(Vec<Irregular>),
    /// The request id was used with other content or by another actor.
    #[error("request id {id} was used with other content, at position {position}")]
    RequestIdReused {
        /// The id.
        id: DraftId,
        /// Where its batch begins.
        position: Position,
    },
    /// An expectation does not hold.
    #[error("{of} is at position {found}, not {expected}")]
    StalePosition {
        /// Of what.
        of: String,
        /// What the client believed.
        expected: Position,
        /// What is so.
        found: Position,
    },
    /// An expectation is of another history.
    #[error(transparent)]
    OtherHistory(OtherHistory),
    /// The batch has no draft or too many, or an entry or the batch is too large.
    #[error("{0}")]
    Size(String),
    /// Whoever asks may not record events of this kind.
    #[error("draft {}: you may not record events of the kind {kind}, nor correct, annul or ratify one", .draft + 1)]
    NotAllowed {
        /// The draft, counted from 0.
        draft: usize,
        /// The kind, as the contract names it; that of what the draft acts on, if it acts on an
        /// entry.
        kind: &'static str,
    },
    /// The log or the key file failed, and the text says what is known of the batch. Sent again
    /// under the same id it gets the first answer if it is on disk. What failed is told in the log
    /// of the process.
    #[error("{0}")]
    Storage(Arc<str>),
    /// Something holds recording back. What lasts only for a while ends by itself.
    #[error("{}", .0.text)]
    HeldBack(Trouble),
    /// A person has a sealed name, and the key that opens it is lost: a name under a new key would
    /// hide that.
    #[error(
        "draft {}: person {person} has a sealed name whose key is missing: restore the key file that was made with this ledger, \
         or name the person under another id",
        .draft + 1
    )]
    KeyMissing {
        /// The draft, counted from 0.
        draft: usize,
        /// The person.
        person: PersonId,
    },
    /// What was only asked, or assumed, was given up before its end: whoever handed in the stop
    /// test knows why.
    #[error(transparent)]
    GivenUp(#[from] Stopped),
    /// An entry that the verdict rests on cannot be read: nothing was recorded.
    #[error(transparent)]
    Unread(Arc<EntryError>),
    /// Stored bytes do not verify, so nothing is recorded on top of them.
    #[error("nothing is recorded: {what}")]
    Damaged {
        /// The position, if they are those of an entry.
        position: Option<Position>,
        /// What was found, and what to do.
        what: Arc<str>,
    },
    /// The ledger is closing.
    #[error("the ledger is closing")]
    Closing,
    /// The ledger follows another and records nothing itself.
    #[error("this ledger follows another: record where that is written")]
    Follower,
    /// A request of the same series that came before it was not recorded, so it was not tried.
    #[error("not recorded: an earlier request of the stream was refused")]
    SeriesEnded,
    /// Recording was stopped for good, so that history does not fork.
    #[error("nothing is recorded any more: {0}")]
    Stopped(Arc<str>),
}

impl From<EntryError> for RecordError {
    fn from(error: EntryError) -> Self {
        Self::Unread(Arc::new(error))
    }
}

impl From<ReadError> for RecordError {
    fn from(error: ReadError) -> Self {
        EntryError::from(error).into()
    }
}

impl From<&Damage> for RecordError {
    fn from(damage: &Damage) -> Self {
        Self::Damaged {
            position: damage.position,
            what: Arc::clone(&damage.text),
        }
    }
}

/// What a caller is told where reading or making a key failed: the rest is for the log.
const FAILED: &str = "the storage failed and nothing was recorded";

/// Tells in the log of the process what failed, and returns what the caller is told.
pub(crate) fn storage(error: &dyn std::error::Error) -> RecordError {
    tracing::error!(error = chain(error), "a batch is not recorded");
    RecordError::Storage(FAILED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_for_the_log_and_not_for_the_caller() {
        let error = std::io::Error::other("permission denied at path \"/data/x.keys\"");
        let told = storage(&error).to_string();
        assert_eq!(told, FAILED);
    }
}
