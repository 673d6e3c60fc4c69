//! Finds parties by name or alias, compared as the domain compares texts.

use crate::shared::marks::Marks;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, Word};
use standing_domain::text::folded;

/// The entries that give a party a name or an alias, by the text.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct NameIndex(Marks);

impl NameIndex {
    /// Notes the names that an entry gives, if it gives any.
    pub fn insert(&mut self, content: &Content, position: Position) {
        if let Some((_, texts)) = given(content) {
            texts.for_each(|text| self.0.insert(folded(text), position));
        }
    }

    /// Takes the note back.
    pub fn remove(&mut self, content: &Content, position: Position) {
        if let Some((_, texts)) = given(content) {
            texts.for_each(|text| self.0.remove(folded(text), position));
        }
    }

    /// Gives back the room that was left for growing.
    pub fn settle(&mut self) {
        self.0.settle();
    }

    /// Returns the positions of entries that may give the text as a name.
    pub fn candidates(&self, text: &str) -> Vec<Position> {
        self.0.candidates(folded(text))
    }
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
