//! Requests to record, and how they are handed to the writer.

use crate::ask::reader::EntryError;
use crate::trouble::Trouble;
use crate::writer::follow::Followed;
use crate::{Engine, Role};
use standing_domain::audit::Finding;
use standing_domain::entry::Draft;
use standing_domain::entry::slot::Ref;
use standing_domain::id::{ActorId, DraftId, PersonId, Position};
use standing_domain::judge::refusal::Refusal;
use standing_domain::stop::Stopped;
use standing_domain::time::day::Day;
use standing_store::digest::RequestDigest;
use standing_store::{ReadError, envelope};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

/// A batch to record.
#[derive(Debug, Clone)]
pub struct Request {
    /// The client's id of the request.
    pub id: DraftId,
    /// Who asks: the authenticated caller.
    pub actor: ActorId,
    /// The drafts; 1 to 10,000.
    pub drafts: Vec<Draft>,
    /// The drafts as the client sent them, in a form that stays the same for ever: what a repeated request is compared by.
    pub canonical: Vec<u8>,
    /// What the client believes.
    pub expectations: Vec<Expectation>,
    /// Judge only, write nothing.
    pub validate_only: bool,
    /// Refuse the batch if findings on its own entries say that a rule was broken (rule 35). It is no part of its content.
    pub refuse_irregular: bool,
}

/// What a client believes of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Of what.
    pub of: Expected,
    /// The position of the last entry that concerns it; 0 for none.
    pub position: Position,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The log.
    Log,
    /// A party or an instrument.
    Of(Ref),
}

/// What was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The position of the first draft; 0 if only judged.
    pub first: Position,
    /// The position of the last.
    pub last: Position,
    /// The record time of the last, in microseconds since 1970-01-01T00:00:00Z; 0 if only judged.
    pub record_time: u64,
    /// Whether this is the first answer again.
    pub replayed: bool,
}

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
    /// Findings on the batch's own entries say that a rule was broken, and that was to be refused: every finding.
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
    /// The batch has no draft or too many, or an entry or the batch is too large.
    #[error("{0}")]
    Size(String),
    /// The log or the key file failed, and the text says what is known of the batch. Sent again under the same id it gets the
    /// first answer if it is on disk. What failed is told in the log of the process.
    #[error("{0}")]
    Storage(Arc<str>),
    /// Something holds recording back. What lasts only for a while ends by itself.
    #[error("{}", .0.text)]
    HeldBack(Trouble),
    /// A person has a sealed name, and the key that opens it is lost: a name under a new key would hide that.
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
    /// What was only asked, or assumed, was given up before its end: whoever handed in the stop test knows why.
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

/// Hands the outcome to whoever waits for it.
pub(crate) type Reply = Box<dyn FnOnce(Result<Recorded, RecordError>) + Send>;

/// A request and who waits for it.
pub(crate) struct Job {
    pub request: Request,
    pub digest: RequestDigest,
    pub reply: Reply,
}

/// What the writer is told to do.
pub(crate) enum Order {
    /// Record a batch.
    Record(Job),
    /// Take over entries that another ledger recorded.
    Follow(Followed),
    /// Take a day as begun.
    BeginDay(Day),
}

impl Engine {
    /// Hands a request to the writer; `reply` is called from the writer's thread once the batch is durable or refused, and
    /// must not wait.
    pub fn submit(
        &self,
        request: Request,
        reply: impl FnOnce(Result<Recorded, RecordError>) + Send + 'static,
    ) {
        if self.role == Role::Follower {
            return reply(Err(RecordError::Follower));
        }
        if let Some(reason) = self.stopped() {
            return reply(Err(RecordError::Stopped(reason)));
        }
        if let Err(error) = check_size(&request) {
            return reply(Err(error));
        }
        // On the caller's thread, to spare the writer.
        let parts = [request.canonical.as_slice()];
        let digest = self
            .shared
            .keys
            .digest_key()
            .digest(request.actor.as_str(), parts);
        let job = Job {
            request,
            digest,
            reply: Box::new(reply),
        };
        if let Err(order) = self.order(Order::Record(job))
            && let Order::Record(job) = *order
        {
            (job.reply)(Err(RecordError::Closing));
        }
    }

    /// Hands an order to the writer; gives it back if there is none any more.
    pub(crate) fn order(&self, order: Order) -> Result<(), Box<Order>> {
        match &self.orders {
            Some(orders) => orders.send(order).map_err(|error| Box::new(error.0)),
            None => Err(Box::new(order)),
        }
    }

    /// Stops recording for good: another history than this one has been published. The first reason given stays.
    pub fn stop_recording(&self, reason: &str) {
        // One reason is enough.
        let _ = self.shared.stopped.set(reason.into());
    }

    /// Returns why recording was stopped; none while all is well.
    #[must_use]
    pub fn stopped(&self) -> Option<Arc<str>> {
        self.shared.stopped.get().cloned()
    }

    /// Records a batch and waits for it.
    ///
    /// # Errors
    /// Nothing was recorded, and why; only after [`RecordError::Storage`] may it be on disk all the same.
    pub fn record(&self, request: Request) -> Result<Recorded, RecordError> {
        let (send, receive) = sync_channel(1);
        self.submit(request, move |outcome| {
            // The caller waits below; it cannot be gone.
            let _ = send.send(outcome);
        });
        receive.recv().unwrap_or(Err(RecordError::Closing))
    }
}

fn check_size(request: &Request) -> Result<(), RecordError> {
    match request.drafts.len() as u64 {
        0 => Err(RecordError::Size(
            "a batch needs at least one draft".to_owned(),
        )),
        count if count > envelope::MAX_BATCH => Err(RecordError::Size(format!(
            "a batch has at most {} drafts, not {count}",
            envelope::MAX_BATCH
        ))),
        _ => Ok(()),
    }
}

/// What a caller is told where reading or making a key failed: the rest is for the log.
const FAILED: &str = "the storage failed and nothing was recorded";

pub(crate) fn storage(error: &dyn std::error::Error) -> RecordError {
    tracing::error!(error = chain(error), "a batch is not recorded");
    RecordError::Storage(FAILED.into())
}

/// Returns an error with all that caused it.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
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
