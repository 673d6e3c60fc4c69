//! Finds parties by name or alias, compared as the domain compares texts, and those of whom others
//! may bear a name, or one that looks like it. Both by what a name looks like: what is the same as
//! it is compared looks the same too, and whoever asks for a name reads what is found. Beside them,
//! names by their grams, for whoever asks for a part of one.

pub(crate) mod grams;

use crate::shared::marks::Marks;
use crate::shared::search::grams::{Grams, Row};
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, Word};
use standing_domain::text::alike::{look, looks};
use standing_domain::text::folded;
use standing_domain::text::sought::{Gram, Joined, MatchKind};
use std::collections::{BTreeMap, BTreeSet};

/// The entries that give a party a name or an alias, by what it looks like.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct NameIndex {
    given: Marks,
    /// The looks of what more than one entry gives.
    again: BTreeMap<String, u32>,
    grams: Grams,
}

impl NameIndex {
    /// Notes the names that an entry gives, if it gives any. `below` says whether what this lies on
    /// has an entry that may give what looks so.
    pub fn insert(&mut self, content: &Content, position: Position, below: &dyn Fn(&str) -> bool) {
        for look in looks_of(content) {
            if self.has(&look) || below(&look) {
                *self.again.entry(look.clone()).or_default() += 1;
            }
            self.given.insert(look, position);
        }
        self.grams.insert(&grams_of(content), position);
    }

    /// Takes the note back.
    pub fn remove(&mut self, content: &Content, position: Position) {
        for look in looks_of(content) {
            if let Some(count) = self.again.get_mut(&look) {
                *count -= 1;
                if *count == 0 {
                    self.again.remove(&look);
                }
            }
            self.given.remove(look, position);
        }
        self.grams.remove(&grams_of(content), position);
    }

    /// Gives back the room that was left for growing.
    pub fn settle(&mut self) {
        self.given.settle();
        self.grams.settle();
    }

    /// Returns whether an entry may give what looks so.
    pub fn has(&self, look: &str) -> bool {
        self.given.has(look)
    }

    /// Returns the positions of entries that may give the text as a name.
    pub fn candidates(&self, text: &str) -> Vec<Position> {
        self.given.candidates(look(text))
    }

    /// Returns the positions of entries that may give a name that looks so.
    pub fn looking(&self, look: &str) -> Vec<Position> {
        self.given.candidates(look)
    }

    /// Returns the entries that give names of a row of grams.
    pub fn gram_row(&self, row: usize) -> Row {
        self.grams.row(row)
    }

    /// Returns the looks of what more than one entry may give, in order.
    pub fn given_again(&self) -> Vec<String> {
        self.again.keys().cloned().collect()
    }
}

/// Returns the grams of all that an entry gives a party to be found by: names, aliases and, where
/// it registers the party, its id.
fn grams_of(content: &Content) -> BTreeSet<Gram> {
    let names = given(content).map(|(_, texts)| texts).into_iter().flatten();
    let texts = names.chain(registered(content).map(PartyId::as_str));
    texts.flat_map(|text| Joined::of(text).grams()).collect()
}

/// Returns how the party that an entry names matches, where it does, and what of it: the name, the
/// alias or the id that does so best, of equals the first.
pub(crate) fn matching<'a>(
    content: &'a Content,
    matches: &dyn Fn(&Joined) -> Option<MatchKind>,
) -> Option<(&'a PartyId, MatchKind, &'a str)> {
    let (party, texts) = given(content)?;
    let names = texts.filter_map(|text| Some((matches(&Joined::of(text))?, text)));
    let id = registered(content).and_then(|id| {
        let kind = match matches(&Joined::of(id.as_str()))? {
            MatchKind::Whole | MatchKind::Id => MatchKind::Id,
            kind @ (MatchKind::Beginning | MatchKind::Part | MatchKind::Near) => kind,
        };
        Some((kind, id.as_str()))
    });
    let (kind, text) = names.chain(id).min_by_key(|(kind, _)| *kind)?;
    Some((party, kind, text))
}

/// Returns the party that an entry registers, if it does.
fn registered(content: &Content) -> Option<&PartyId> {
    let registered = content.event.as_ref()?.registered()?;
    Some(&registered.party)
}

/// Returns the looks of what an entry gives as names or aliases, each once.
fn looks_of(content: &Content) -> BTreeSet<String> {
    let given = given(content).map(|(_, texts)| texts.flat_map(looks).collect());
    given.unwrap_or_default()
}

/// Returns the party that an entry gives a name or an alias that looks so, if it does.
pub(crate) fn looking<'a>(content: &'a Content, look: &str) -> Option<&'a PartyId> {
    let (party, mut texts) = given(content)?;
    texts
        .any(|text| looks(text).iter().any(|of| of == look))
        .then_some(party)
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
