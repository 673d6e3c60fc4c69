//! What parties are: for each set of attributes some that have it, and whether names of such
//! parties stand in the log. What is noted is not taken back: whoever asks looks at the records,
//! and where none of the parties noted is what they were noted for, at everybody.

use standing_domain::id::PartyId;
use std::collections::{BTreeMap, BTreeSet};

/// How many parties are noted for each set of attributes.
const NOTED: usize = 8;

/// Parties by the numbers of their attributes in the book.
#[derive(Default)]
pub(crate) struct Kinds {
    some: BTreeMap<u32, Examples>,
    named: BTreeSet<u32>,
}

/// Some of the parties that have the same attributes.
#[derive(Clone, Default)]
pub(crate) struct Examples {
    pub parties: Vec<PartyId>,
    /// Whether there may be others.
    pub more: bool,
}

impl Kinds {
    /// Notes that a party was registered with attributes.
    pub fn note(&mut self, attributes: u32, party: &PartyId) {
        let some = self.some.entry(attributes).or_default();
        if some.parties.len() == NOTED {
            some.more = true;
        } else if !some.parties.contains(party) {
            some.parties.push(party.clone());
        }
    }

    /// Notes that a name or an alias of a party with these attributes stands in the log.
    pub fn note_name(&mut self, attributes: u32) {
        self.named.insert(attributes);
    }

    /// Returns some parties for each set of attributes.
    pub fn all(&self) -> Vec<(u32, Examples)> {
        let all = self.some.iter();
        all.map(|(attributes, some)| (*attributes, some.clone()))
            .collect()
    }

    /// Returns the attributes of parties of which a name or an alias stands in the log.
    pub fn named(&self) -> Vec<u32> {
        self.named.iter().copied().collect()
    }
}
