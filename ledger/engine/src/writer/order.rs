//! What the writer is told to do, and who waits for it.

use crate::writer::error::RecordError;
use crate::writer::follow::{FollowReply, Followed};
use crate::writer::request::{Outcome, Request};
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Hands the outcome to whoever waits for it.
pub(crate) type Reply = Box<dyn FnOnce(Result<Outcome, RecordError>) + Send>;

/// The place of a request in its series.
#[derive(Clone)]
pub(crate) struct Place {
    /// Counted from 1.
    pub number: u64,
    /// The number of the first request of the series that was not recorded; the largest number if
    /// all were.
    pub ended: Arc<AtomicU64>,
}

impl Place {
    /// The request was not recorded: none behind it is either.
    pub fn end(&self) {
        self.ended.fetch_min(self.number, Ordering::AcqRel);
    }

    /// Returns whether a request before this one was not recorded.
    pub fn is_past_the_end(&self) -> bool {
        self.number > self.ended.load(Ordering::Acquire)
    }
}

/// A request and who waits for it.
pub(crate) struct Job {
    pub request: Request,
    pub digest: RequestDigest,
    /// Its place in a series, if it is of one.
    pub place: Option<Place>,
    pub reply: Reply,
}

/// What the writer is told to do.
pub(crate) enum Order {
    /// Record a batch.
    Record(Job),
    /// Look at the series: something waits in one.
    Series,
    /// Take over entries that another ledger recorded.
    Follow(Followed, FollowReply),
    /// Take a day as begun, as known at a position.
    BeginDay(Day, Position),
    /// Record nothing more at an instant or before it, and tell when that is so, or that it cannot
    /// be.
    Close(RecordTime, Box<dyn FnOnce() + Send>),
}
