//! Which parties are natural persons, and which.

use super::Book;
use crate::entry::event::TermKind;
use crate::entry::event::term::{NATURAL_PERSON, Term};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{PersonId, Word};
use std::collections::BTreeSet;

impl Book {
    /// Returns the natural person that a registration links its party with.
    #[must_use]
    pub fn linked_person(&self, registration: Position) -> Option<&PersonId> {
        self.linked.get(&registration)
    }

    /// Returns whether parties of a kind are natural persons, as known at a position.
    #[must_use]
    pub fn is_natural(&self, kind: &Word, known_at: Position) -> bool {
        let slot = Slot::Term(TermKind::PartyKind, kind.clone());
        let declared = self.known(&slot, known_at).last();
        let declared = declared.and_then(|fact| fact.value.declared_term());
        kind.as_str() == NATURAL_PERSON || declared.is_some_and(Term::is_natural)
    }

    /// Returns the kinds that entries up to a position register parties with, corrected ones
    /// included, in order.
    #[must_use]
    pub fn kinds_of_parties(&self, known_at: Position) -> BTreeSet<&Word> {
        let attributes = self.attributes.known(known_at);
        attributes.map(|attributes| &attributes.kind).collect()
    }
}
