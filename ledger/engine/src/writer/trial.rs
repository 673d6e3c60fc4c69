//! A batch that is tried.

pub(crate) mod above;
mod allowed;
pub(crate) mod entries;
mod prepare;
pub(crate) mod suppose;

use crate::shared::Shared;
use standing_domain::entry::Content;
use standing_domain::entry::key::Touched;
use standing_domain::id::DraftId;
use standing_domain::id::position::Position;

/// A batch as it is applied above what came before it: judged there, and then recorded or taken
/// back.
pub(crate) struct Trial {
    /// The position of its first entry, if it is recorded.
    pub first: Position,
    /// What its entries say, one at least.
    pub contents: Vec<Content>,
    /// What applying it touched.
    pub touched: Touched,
}

impl Trial {
    /// Returns a batch of which nothing is applied yet.
    pub fn new(first: Position, contents: Vec<Content>) -> Self {
        Self {
            first,
            contents,
            touched: Touched::default(),
        }
    }

    /// Returns the position of its last entry.
    pub fn last(&self) -> Position {
        self.first.after(self.contents.len()).previous()
    }

    /// Takes back what was applied of it.
    pub fn retract(&self, shared: &Shared) {
        shared.retract(self.first.previous(), &self.touched, &self.contents);
    }

    /// Names the ids of its drafts, with the positions of their entries.
    pub fn each_id(&self, note: &mut dyn FnMut(&DraftId, Position)) {
        for (position, content) in self.first.onwards().zip(&self.contents) {
            if let Some(id) = &content.id {
                note(id, position);
            }
        }
    }
}
