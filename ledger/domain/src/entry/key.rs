//! What an entry's facts are about, without the facts: for corrections, for judging, and for taking
//! back.

use crate::entry::event::{Name, NameKind, Named};
use crate::entry::slot::{DuesSlot, Ref, Slot};
use crate::id::position::Position;
use crate::id::{PartyId, Word};
use std::collections::BTreeSet;

/// What an entry's facts are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A slot of the book.
    Book(Slot),
    /// The registration of a party.
    Registration(PartyId),
    /// The class of a party.
    Class(PartyId),
    /// The application of a party.
    Application(PartyId),
    /// A name of a party.
    Name(PartyId, Word, NameKind),
    /// The money of a party, or a right that hangs on it.
    Dues(PartyId, DuesSlot),
    /// An annulment of an entry.
    Annulment(Position),
}

impl Key {
    /// Returns the party whose record the facts stand in; none if they stand in the book.
    #[must_use]
    pub fn party(&self) -> Option<&PartyId> {
        match self {
            Self::Registration(party)
            | Self::Class(party)
            | Self::Application(party)
            | Self::Name(party, ..)
            | Self::Dues(party, _) => Some(party),
            Self::Book(_) | Self::Annulment(_) => None,
        }
    }
}

/// What a batch touched, so that it can be judged and taken back.
#[derive(Debug, Default, Clone)]
pub struct Touched {
    /// The keys of its facts, and of the facts it corrects or annuls.
    pub keys: BTreeSet<Key>,
    /// What it refers to.
    pub refs: BTreeSet<Ref>,
    /// The parties it names.
    pub parties: BTreeSet<PartyId>,
}

impl Touched {
    /// Returns the slots of the book among the keys.
    #[must_use]
    pub fn slots(&self) -> BTreeSet<Slot> {
        self.keys
            .iter()
            .filter_map(|key| {
                if let Key::Book(slot) = key {
                    Some(slot.clone())
                } else {
                    None
                }
            })
            .collect()
    }
}

/// The slots of the names something has from its start: the first in each language.
pub(super) fn name_keys<'a>(of: &'a Named, names: &'a [Name]) -> impl Iterator<Item = Key> + 'a {
    let languages: BTreeSet<&Word> = names.iter().map(|name| &name.language).collect();
    languages
        .into_iter()
        .map(|language| Key::Book(Slot::Name(of.clone(), language.clone(), NameKind::Public)))
}

/// Names the slot of a party's money to `found`.
pub(super) fn dues_key(party: &PartyId, slot: DuesSlot, found: &mut dyn FnMut(Key)) {
    found(Key::Dues(party.clone(), slot));
}
