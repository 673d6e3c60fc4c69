//! The running ledger: one writer, many readers, the visible head, the indexes. Names neither gRPC
//! nor NATS.
//!
//! One number isolates everything: the visible head. The writer applies a batch above it, judges
//! the result, and takes it back or makes it durable; only then does the head move. A read is a
//! read at a position at or below it.

mod ask;
mod chain;
mod clock;
mod entry;
mod ledger;
mod open;
mod opening;
mod point;
mod recorder;
mod replay;
mod role;
mod shared;
mod trouble;
mod writer;

pub use ask::audit::FindingsError;
pub use ask::backup::Backup;
pub use ask::changes::{ChangeError, Cursor, Step};
pub use ask::check::CheckError;
pub use ask::knowledge::{KnowledgeError, KnowledgeStep, Stirring};
pub use ask::listing::{Looked, Sought};
pub use ask::names::{Matched, SearchError};
pub use ask::persons::PersonSearch;
pub use ask::preview::Preview;
pub use ask::reader::Reader;
pub use ask::scan::Counts;
pub use ask::sessions::RollPage;
pub use chain::chain;
pub use clock::Clock;
pub use entry::{EntryError, StoredEntry};
pub use ledger::Ledger;
pub use ledger::noted::Noted;
pub use opening::{Meanwhile, OnCommit, OpenError, Options};
pub use point::{Basis, Founding, Frontier, Head, OtherHistory, Point, PointError, Until};
pub use recorder::Recorder;
pub use role::Role;
pub use shared::index::Among;
pub use shared::shards::Shards;
pub use standing_store as store;
pub use trouble::{Trouble, TroubleKind};
pub use writer::error::{Irregular, RecordError};
pub use writer::follow::FollowError;
pub use writer::request::{Allowed, Outcome, Recorded, Request};
pub use writer::series::Series;
