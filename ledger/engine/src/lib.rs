//! The running ledger: one writer, many readers, the visible head, the indexes. Names neither gRPC nor NATS.
//!
//! One number isolates everything: the visible head. The writer applies a batch above it, judges the result, and takes it
//! back or makes it durable; only then does the head move. A read is a read at a position at or below it.

mod association;
mod assume;
mod audit;
mod basis;
mod changes;
mod check;
mod damage;
mod follow;
mod frontier;
mod laws;
mod marks;
mod open;
mod reader;
mod replay;
mod request;
mod scan;
mod search;
mod shards;
mod shared;
mod trouble;
mod unread;
mod writer;

pub use basis::{Basis, Head, Point, PointError};
pub use changes::{ChangeError, Cursor, Step};
pub use check::CheckError;
pub use follow::FollowError;
pub use frontier::Frontier;
pub use open::{Clock, OpenError, Options};
pub use reader::{EntryError, Reader, StoredEntry};
pub use request::{Expectation, Expected, Irregular, RecordError, Recorded, Request};
pub use scan::{Counts, RollLine, SessionRoll};
pub use shards::Shards;
pub use standing_store as store;
pub use trouble::{Trouble, TroubleKind};

use parking_lot::Mutex;
use shared::Shared;
use standing_domain::id::Word;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;

/// A running ledger. Cheap to share; dropping it closes the log after what was accepted is durable.
pub struct Engine {
    shared: Arc<Shared>,
    orders: Option<SyncSender<request::Order>>,
    role: Role,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// The readings that questions are answered under (rule 25).
    readings: Vec<Word>,
}

/// Whether a ledger records, or takes over what another records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It records.
    Writer,
    /// It follows.
    Follower,
}

impl Engine {
    /// Returns whether this ledger records or follows.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(writer) = self.writer.lock().take() {
            // A writer that panicked has told its callers; there is nothing left to save.
            let _ = writer.join();
        }
    }
}
