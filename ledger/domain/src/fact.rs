//! Facts: what entries say about slots. The fold orders facts, not entries (rule 2).

use crate::event::Position;
use crate::when::{Edge, Window};

/// A fact about one slot: known from the position of its entry until the position of the entry that corrects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<V> {
    /// When it takes effect.
    pub at: At,
    /// The order of the day.
    pub order: u16,
    /// Whether an annulment of its entry is recorded; the book knows which.
    pub annulled: bool,
    /// What it says.
    pub value: V,
    /// The entry that says it.
    pub position: Position,
    /// The entry that corrects it; [`Position::MAX`] while none does.
    pub until: Position,
}

impl<V> Fact<V> {
    /// Returns whether the fact is among what is known at a position (rule 9).
    #[must_use]
    pub fn is_known(&self, known_at: Position) -> bool {
        self.position <= known_at && known_at < self.until
    }
}

/// When a fact takes effect, with sessions by their number in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// On a day of a window.
    Window(Window),
    /// On the edge of a session.
    Anchor(SessionIx, Edge),
}

/// A session's number in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionIx(pub u32);

/// Forgets what was learned after a position, and the corrections made after it.
pub(crate) fn retract<V>(facts: &mut Vec<Fact<V>>, above: Position) {
    facts.retain(|fact| fact.position <= above);
    for fact in facts.iter_mut() {
        if fact.until > above {
            fact.until = Position::MAX;
        }
    }
}

/// Ends the knowledge of what the entry at `target` said, from the entry at `by` on. A second correction, which will be
/// refused, leaves the first.
pub(crate) fn supersede<V>(facts: &mut [Fact<V>], target: Position, by: Position) {
    for fact in facts.iter_mut().filter(|fact| fact.position == target) {
        fact.until = fact.until.min(by);
    }
}
