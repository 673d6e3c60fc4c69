//! What the writer is told to do, and who waits for it.

use crate::writer::error::RecordError;
use crate::writer::follow::{FollowReply, Followed};
use crate::writer::request::{Outcome, Request};
use crate::writer::series::Place;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;

/// Hands the outcome to whoever waits for it.
pub(crate) type Reply = Box<dyn FnOnce(Result<Outcome, RecordError>) + Send>;

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
