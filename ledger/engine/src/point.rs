//! Points in time, how far the ledger has come, and what an answer was computed from.

use crate::entry::EntryError;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::record::book::history::History;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::when::Window;
use std::fmt;

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last visible position; 0 for an empty ledger.
    pub position: Position,
    /// Its record time; [`RecordTime::ZERO`] for an empty ledger.
    pub record_time: RecordTime,
}

impl Head {
    /// The head of an empty ledger.
    pub const START: Self = Self {
        position: Position::ZERO,
        record_time: RecordTime::ZERO,
    };
}

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Point {
    /// At the head.
    #[default]
    Head,
    /// After the entry at a position.
    Position(Position),
    /// At an instant.
    Instant(RecordTime),
}

/// The instant up to which something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    /// The instant.
    pub instant: RecordTime,
    /// Whether it is now, as the day it stands for is not over.
    pub now: bool,
}

/// What rests on another history than the ledger's (rule 37): what is there of it has been lost
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct OtherHistory {
    /// The epoch that was said.
    pub said: Epoch,
    /// The position that was meant.
    pub asked: Position,
    /// The ledger's epoch.
    pub epoch: Epoch,
    /// Up to where that history is the ledger's; none where the ledger never had that epoch.
    pub kept: Option<Position>,
}

impl fmt::Display for OtherHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            said,
            asked,
            epoch,
            kept,
        } = self;
        match kept {
            Some(kept) => write!(
                f,
                "position {asked} of epoch {said} is not in this ledger's history: it was resumed after position {kept}, in epoch {epoch}. \
                 Forget what you hold from after {kept}, go on from {kept}, and name positions after it with epoch {epoch}"
            ),
            None => write!(
                f,
                "this ledger's history, of epoch {epoch}, never had epoch {said}: a copy was put back that is another. \
                 Begin anew, and name positions with the epoch that its answers give"
            ),
        }
    }
}

impl OtherHistory {
    /// Makes sure that a position that is said with an epoch is one of a history, as known at its
    /// head.
    pub(crate) fn check(
        history: &History,
        head: Position,
        said: Epoch,
        asked: Position,
    ) -> Result<(), Self> {
        let kept = history.kept(said, head);
        if kept.is_some_and(|kept| asked <= kept) {
            return Ok(());
        }
        let epoch = history.epoch(head);
        Err(Self {
            said,
            asked,
            epoch,
            kept,
        })
    }
}

/// Why a point in time is refused.
#[derive(Debug, thiserror::Error)]
pub enum PointError {
    /// A position beyond the head.
    #[error("known at {asked} is beyond the head, which is {head}")]
    Future {
        /// The position asked for.
        asked: Position,
        /// The head.
        head: Position,
    },
    /// An instant after now.
    #[error(
        "known at {} is later than now, which is {} (microseconds since 1970)",
        asked.micros(),
        now.micros()
    )]
    FutureInstant {
        /// The instant asked for.
        asked: RecordTime,
        /// Now.
        now: RecordTime,
    },
    /// A day after today.
    #[error("known at {asked} is later than today, which is {today}")]
    FutureDay {
        /// The day asked for.
        asked: Day,
        /// Today where the association is.
        today: Day,
    },
    /// An instant that is over, but at or before which an entry may still be recorded or come.
    #[error(
        "known at {} is later than {}, up to which all is known here (microseconds since 1970)",
        asked.micros(),
        closed.micros()
    )]
    NotClosed {
        /// The instant asked for.
        asked: RecordTime,
        /// The last instant up to which all is known.
        closed: RecordTime,
    },
    /// The ledger is not there yet.
    #[error("position {asked} is asked for, the head is {head}")]
    NotYet {
        /// The position the answer must rest on.
        asked: Position,
        /// The head.
        head: Position,
    },
    /// It is a point of another history.
    #[error(transparent)]
    OtherHistory(#[from] OtherHistory),
    /// It is a point of a history that this follower has not taken over yet.
    #[error("epoch {asked} is asked for, and this replica has come to epoch {epoch}")]
    NotYetResumed {
        /// The epoch asked for.
        asked: Epoch,
        /// That at the head.
        epoch: Epoch,
    },
    /// An entry cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

impl PointError {
    /// Returns whether it may pass: the log is closed or failed, and is being opened again.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Entry(error) if error.passes())
    }
}

/// What an answer was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The day answered for.
    pub on: Day,
    /// The position known.
    pub position: Position,
    /// The epoch of the history there (rule 37).
    pub epoch: Epoch,
    /// The record time of the entry there; none at position 0.
    pub record_time: Option<RecordTime>,
    /// SHA-256 over the article versions that may be in force.
    pub norms_digest: String,
    /// The version of the rule semantics.
    pub rules_version: u32,
    /// How many drafts are assumed above the position.
    pub assumed: u64,
    /// The founding of the association where the day lies before it; none where it does not.
    pub before_founding: Option<Founding>,
}

/// The founding of an association, as known at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founding {
    /// It was not known yet.
    NotKnown,
    /// In which days it was.
    In(Window),
}

/// How far the ledger has come. Everything up to here is settled: later entries have later record
/// times, and no earlier day begins any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frontier {
    /// The visible head.
    pub head: Head,
    /// The last civil day that has begun in the association's time zone; none for an empty ledger.
    /// Not before the day of the head's record time.
    pub day: Option<Day>,
}
