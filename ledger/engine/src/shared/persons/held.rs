//! The names of persons of a ledger, as far as the keys are held that open them.

use super::{PersonNames, opened};
use crate::shared::Shared;
use parking_lot::RwLockReadGuard;
use standing_domain::entry::Content;
use standing_domain::entry::slot::Slot;
use standing_domain::id::PersonId;
use standing_domain::id::position::Position;
use standing_domain::record::fact::Said;
use standing_store::keys::{KeyFileError, NewKeys};
use std::collections::BTreeSet;

impl Shared {
    /// Takes note of persons who have a sealed name and whose key is lost.
    pub fn miss_keys(&mut self, persons: BTreeSet<PersonId>) {
        self.unkeyed = persons;
    }

    /// Returns whether a person has a sealed name and the key is lost.
    pub fn misses_key(&self, person: &PersonId) -> bool {
        self.unkeyed.contains(person)
    }

    /// Notes the persons that entries name which have become visible, from a position on.
    pub fn note_persons(&self, first: Position, contents: &[Content]) {
        let names = |content: &Content| {
            let event = content.event.as_ref();
            event.is_some_and(|event| event.named_person().is_some())
        };
        for (position, content) in first.onwards().zip(contents) {
            if names(content) {
                let mut persons = self.persons.write();
                persons.insert(content, position, &self.keys);
            }
        }
    }

    /// Returns the names of the persons that can be opened here.
    pub fn persons(&self) -> RwLockReadGuard<'_, PersonNames> {
        self.persons.read()
    }

    /// Holds the keys of another ledger's file in place of those held before, and notes the names
    /// that they open. Returns false, and holds none, where there is a key file.
    pub fn hold_keys(&self, keys: NewKeys) -> bool {
        if !self.keys.hold(keys) {
            return false;
        }
        // Opening all of them takes its time, and others want the book meanwhile.
        let (head, said): (_, Vec<Said>) = {
            let book = self.book.read();
            let slots = book.slots_from(&Slot::Person(PersonId::least()));
            let persons = slots.take_while(|(slot, _)| matches!(slot, Slot::Person(_)));
            let said = persons.flat_map(|(_, facts)| facts.iter().cloned());
            (self.head().position, said.collect())
        };
        let mut noted = PersonNames::default();
        for fact in &said {
            let named = fact.value.named_person();
            let opened = named.map(|named| opened(named, &self.keys));
            let opened = opened.into_iter().flatten();
            opened.for_each(|name| noted.note(&name, fact.position));
        }
        self.persons.write().replace(head, noted);
        true
    }

    /// Erases the key of a person, and forgets the names that it opened. Returns whether there was
    /// one.
    pub fn erase(&self, person: &PersonId) -> Result<bool, KeyFileError> {
        let names: Vec<(String, Position)> = {
            let book = self.book.read();
            let facts = book.facts(&Slot::Person(person.clone())).iter();
            let named = facts.filter_map(|fact| Some((fact.value.named_person()?, fact.position)));
            let opened = named.flat_map(|(named, position)| {
                opened(named, &self.keys).map(move |name| (name, position))
            });
            opened.collect()
        };
        let erased = self.keys.erase(person.as_str())?;
        let mut persons = self.persons.write();
        for (name, position) in names {
            persons.remove(&name, position);
        }
        Ok(erased)
    }
}
