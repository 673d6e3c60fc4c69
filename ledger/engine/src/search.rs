//! Finds parties by name or alias. Case does not matter.

use standing_domain::event::{PartyRegistered, Position};
use standing_domain::fact::Fact;
use standing_domain::id::PartyId;
use standing_domain::party::{PartyName, PartyRecord};
use std::collections::BTreeMap;

/// Parties by every name and alias they were ever given, recorded or corrected; what is found is checked against the
/// record.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    parties: BTreeMap<Box<str>, Vec<PartyId>>,
}

impl NameIndex {
    pub fn insert(&mut self, name: &str, party: &PartyId) {
        let parties = self.parties.entry(folded(name).into()).or_default();
        if let Err(place) = parties.binary_search(party) {
            parties.insert(place, party.clone());
        }
    }

    pub fn insert_aliases(&mut self, registered: &PartyRegistered) {
        for alias in &registered.aliases {
            self.insert(alias.as_str(), &registered.party);
        }
    }

    pub fn find(&self, name: &str) -> &[PartyId] {
        self.parties
            .get(folded(name).as_str())
            .map_or(&[], Vec::as_slice)
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Returns whether a text is an id or a name of a party, of any time, as known at a position. Aliases are taken as known
/// from the registration on.
pub(crate) fn is_known_as(
    record: &PartyRecord,
    party: &PartyId,
    text: &str,
    known_at: Position,
) -> bool {
    let text = folded(text);
    let named = |names: &[Fact<PartyName>]| {
        let mut matching = names
            .iter()
            .filter(|fact| folded(&fact.value.text) == text)
            .peekable();
        matching.peek().is_none() || matching.any(|fact| fact.is_known(known_at))
    };
    party.as_str() == text || named(record.name_facts())
}
