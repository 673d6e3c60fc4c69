//! Facts: what entries say about slots. The fold orders facts, not entries (rule 2).

use crate::entry::event::Event;
use crate::id::position::Position;
use crate::record::number::SessionIx;
use crate::time::when::{Edge, Window};
use std::sync::Arc;

/// A fact about one slot: known from the position of its entry until the position of the entry that
/// corrects it.
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

/// A fact of the book says an event.
pub type Said = Fact<Arc<Event>>;

/// When a fact takes effect, with sessions by their number in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// On a day of a window.
    Window(Window),
    /// On the edge of a session.
    Anchor(SessionIx, Edge),
}

/// Forgets what was learned after a position, the corrections made after it, and that facts are
/// annulled of which the book, which has forgotten already, knows no annulment.
pub(crate) fn retract<V>(
    facts: &mut Vec<Fact<V>>,
    above: Position,
    is_annulled: &dyn Fn(Position) -> bool,
) {
    facts.retain(|fact| fact.position <= above);
    for fact in facts.iter_mut() {
        if fact.until > above {
            fact.until = Position::MAX;
        }
        fact.annulled = fact.annulled && is_annulled(fact.position);
    }
}

/// Ends the knowledge of what the entry at `target` said, from the entry at `by` on. A second
/// correction, which will be refused, leaves the first.
pub(crate) fn supersede<V>(facts: &mut [Fact<V>], target: Position, by: Position) {
    for fact in said_at(facts, target) {
        fact.until = fact.until.min(by);
    }
}

/// Returns the facts of an entry among facts in order of position.
pub(crate) fn said_at<V>(facts: &mut [Fact<V>], position: Position) -> &mut [Fact<V>] {
    let first = facts.partition_point(|fact| fact.position < position);
    let end = facts.partition_point(|fact| fact.position <= position);
    &mut facts[first..end]
}
