//! Requests to record, and what comes of one.

use crate::writer::error::RecordError;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::expectation::Expectation;
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, DraftId};
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::envelope;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A batch to record.
#[derive(Debug, Clone)]
pub struct Request {
    /// The client's id of the request.
    pub id: DraftId,
    /// Who asks: the authenticated caller.
    pub actor: ActorId,
    /// The drafts; 1 to 10,000.
    pub drafts: Vec<Draft>,
    /// The drafts as the client sent them, in a form that stays the same for ever: what a repeated
    /// request is compared by.
    pub canonical: Vec<u8>,
    /// What the client believes.
    pub expectations: Vec<Expectation>,
    /// Judge only, write nothing.
    pub validate_only: bool,
    /// Refuse the batch if findings on its own entries say that a rule was broken (rule 35). It is
    /// no part of its content.
    pub refuse_irregular: bool,
    /// What the one who asks may record.
    pub allowed: Allowed,
}

/// Which kinds of events somebody may record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Allowed {
    /// All of them.
    #[default]
    All,
    /// Those with these numbers. A correction, an annulment or a ratification is of the kind of
    /// what it acts on.
    Only(Arc<BTreeSet<u16>>),
}

/// A batch as it stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The position of the first draft.
    pub first: Position,
    /// The position of the last.
    pub last: Position,
    /// The record time of the last.
    pub record_time: RecordTime,
}

/// A batch that passed, and by which request.
pub(crate) struct Passed {
    pub id: DraftId,
    pub digest: RequestDigest,
    pub recorded: Recorded,
}

/// What came of a request that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was judged, and nothing was written, as was asked.
    Judged,
    /// It was recorded.
    Recorded(Recorded),
    /// It had been recorded before: the first answer again.
    Replayed(Recorded),
}

impl Outcome {
    /// Returns where the batch stands in the log, recorded now or before; none if it was only
    /// judged.
    #[must_use]
    pub fn recorded(self) -> Option<Recorded> {
        match self {
            Self::Judged => None,
            Self::Recorded(recorded) | Self::Replayed(recorded) => Some(recorded),
        }
    }

    /// Returns whether this is the first answer again.
    #[must_use]
    pub fn is_replayed(self) -> bool {
        matches!(self, Self::Replayed(_))
    }
}

/// Refuses a batch of no draft, or of too many.
pub(crate) fn check_size(request: &Request) -> Result<(), RecordError> {
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
