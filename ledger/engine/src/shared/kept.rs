//! Everything that is kept in memory, for tests that compare it.

use crate::shared::Shared;
use crate::shared::index::Index;
use crate::shared::marks::Marks;
use crate::shared::search::NameIndex;
use crate::shared::shards::SHARDS;
use standing_domain::id::position::Position;
use standing_domain::record::book::Book;
use standing_domain::state::Roll;

/// Everything that is kept in memory.
#[derive(PartialEq)]
pub(crate) struct Kept {
    book: Book,
    rolls: Vec<Roll>,
    index: Index,
    names: NameIndex,
    requests: Marks,
    law_changed_at: Position,
}

impl Shared {
    /// Copies everything that is kept in memory.
    pub fn kept(&self) -> Kept {
        let shards = (0..SHARDS).map(|shard| self.shards.copy_of(shard));
        Kept {
            book: self.book.read().clone(),
            rolls: shards.collect(),
            index: self.index.read().clone(),
            names: self.names.read().clone(),
            requests: self.requests.read().clone(),
            law_changed_at: self.law_changed_at(),
        }
    }
}
