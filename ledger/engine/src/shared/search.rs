//! Finds parties by name or alias, compared as the domain compares texts, and those of whom others
//! may bear a name.

use crate::shared::marks::Marks;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, Word};
use standing_domain::text::folded;
use std::collections::{BTreeMap, BTreeSet};

/// The entries that give a party a name or an alias, by the text.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct NameIndex {
    given: Marks,
    /// The texts that more than one entry gives.
    again: BTreeMap<String, u32>,
}

impl NameIndex {
    /// Notes the names that an entry gives, if it gives any. `below` says whether what this lies on
    /// has an entry that may give a text.
    pub fn insert(&mut self, content: &Content, position: Position, below: &dyn Fn(&str) -> bool) {
        for text in texts(content) {
            if self.has(&text) || below(&text) {
                *self.again.entry(text.clone()).or_default() += 1;
            }
            self.given.insert(text, position);
        }
    }

    /// Takes the note back.
    pub fn remove(&mut self, content: &Content, position: Position) {
        for text in texts(content) {
            if let Some(count) = self.again.get_mut(&text) {
                *count -= 1;
                if *count == 0 {
                    self.again.remove(&text);
                }
            }
            self.given.remove(text, position);
        }
    }

    /// Gives back the room that was left for growing.
    pub fn settle(&mut self) {
        self.given.settle();
    }

    /// Returns whether an entry may give a text, as it is compared.
    pub fn has(&self, text: &str) -> bool {
        self.given.has(text)
    }

    /// Returns the positions of entries that may give the text as a name.
    pub fn candidates(&self, text: &str) -> Vec<Position> {
        self.given.candidates(folded(text))
    }

    /// Returns the texts that more than one entry may give, as they are compared, in order.
    pub fn given_again(&self) -> Vec<String> {
        self.again.keys().cloned().collect()
    }
}

/// Returns the texts that an entry gives as names or aliases, as they are compared, each once.
fn texts(content: &Content) -> BTreeSet<String> {
    let given = given(content).map(|(_, texts)| texts.map(folded).collect());
    given.unwrap_or_default()
}

/// Returns the party that an entry gives the text as a name or an alias, if it does.
pub(crate) fn named<'a>(content: &'a Content, text: &str) -> Option<&'a PartyId> {
    let text = folded(text);
    let (party, mut texts) = given(content)?;
    texts.any(|given| folded(given) == text).then_some(party)
}

/// Returns the party that an entry gives names, and the names.
fn given(content: &Content) -> Option<(&PartyId, impl Iterator<Item = &str>)> {
    let given = content.event.as_ref()?.party_names()?;
    let names = given.names.iter().map(|name| name.text.as_str());
    Some((
        given.party,
        names.chain(given.aliases.iter().map(Word::as_str)),
    ))
}
