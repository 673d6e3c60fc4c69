//! What can be watched: where a watch of it stands, what it reads, and what it tells.

use crate::call::errors::Problem;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_engine::Ledger;

/// What is watched.
pub(crate) trait Feed: Send + Sync + Sized + 'static {
    /// A place between two items.
    type Place: Copy + Send + Sync + 'static;
    /// What the hub sends: the same for every watch.
    type Item: Send + Sync + 'static;
    /// What a watch sends to its client.
    type Message: Send + 'static;

    /// Whether reading the log is dear, and done in turns with other dear questions.
    const IS_DEAR: bool;

    /// Reads from the log what comes after a place, a page of it. It may take its time.
    fn read(
        &self,
        ledger: &Ledger,
        after: Self::Place,
        stop: Stop<'_>,
    ) -> Result<Page<Self>, Problem>;

    /// Takes what the hub sent.
    fn take(&self, item: &Self::Item, after: Self::Place) -> Taken<Self>;

    /// Returns the position of a place.
    fn position(place: &Self::Place) -> Position;

    /// Says that everything up to the place passed no filter.
    fn progress(place: &Self::Place) -> Self::Message;

    /// Says that everything up to the head has been sent.
    fn caught_up(position: Position) -> Self::Message;

    /// Says that the server is there.
    fn heartbeat(position: Position) -> Self::Message;

    /// Says of which epoch the position is that a message tells.
    fn with_epoch(message: Self::Message, ledger: &Ledger) -> Self::Message;
}

/// A page of the log.
pub(crate) struct Page<F: Feed> {
    /// What to send.
    pub messages: Vec<F::Message>,
    /// Up to where this tells.
    pub reached: F::Place,
    /// Whether something after the last message passed no filter.
    pub is_silent: bool,
    /// Whether there was nothing more.
    pub is_last: bool,
}

/// What becomes of an item that the hub sent.
pub(crate) enum Taken<F: Feed> {
    /// It was read from the log already.
    Known,
    /// Something before it is missing.
    Gap,
    /// It follows. No messages: it passes no filter.
    Next(Vec<F::Message>, F::Place),
}
