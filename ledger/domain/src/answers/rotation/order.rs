//! The order in which an office goes round, as it is on a day.
//!
//! Stratum (rule 27): rights; reads recorded acts, law, losses and endings.

use crate::answers::view::{Parties, View};
use crate::entry::event::NameKind;
use crate::entry::norm::RotationOrder;
use crate::id::{ClassId, PartyId};
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::BTreeMap;

/// What the places are sorted by: the number in a list, or the letters of a name and the name.
pub(super) type Key = (usize, String, String);

/// The places in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    /// Whether the law lists the parties.
    pub listed: bool,
    places: Vec<Place>,
    numbers: BTreeMap<PartyId, usize>,
}

/// A place, with its owner.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub key: Key,
    pub owner: PartyId,
    /// Whether the owner takes turns.
    pub takes: Truth,
}

impl Order {
    pub fn of(listed: bool, places: impl Iterator<Item = (Key, PartyId, Truth)>) -> Self {
        let mut places: Vec<Place> = places
            .map(|(key, owner, takes)| Place { key, owner, takes })
            .collect();
        places.sort_by(|a, b| (&a.key, &a.owner).cmp(&(&b.key, &b.owner)));
        let numbered = places.iter().enumerate();
        let numbers = numbered.map(|(number, place)| (place.owner.clone(), number));
        let numbers = numbers.collect();
        Self {
            listed,
            places,
            numbers,
        }
    }

    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Returns the number of a party's own place, from 0.
    pub fn number(&self, owner: &PartyId) -> Option<usize> {
        self.numbers.get(owner).copied()
    }

    /// Returns a party's own place.
    pub fn place(&self, owner: &PartyId) -> Option<&Place> {
        self.places.get(self.number(owner)?)
    }

    /// Returns whether a party takes turns.
    pub fn takes(&self, party: &PartyId) -> Truth {
        self.place(party).map_or(Truth::No, |place| place.takes)
    }

    /// Returns the number of the first place after one that was, and may not be any more.
    pub fn after(&self, key: &Key, owner: &PartyId) -> usize {
        match self.number(owner) {
            Some(number) => number + 1,
            None => self.places.partition_point(|place| place.key <= *key),
        }
    }
}

/// Returns the parties that an order lists; none if it does not list them.
pub(super) fn listed(order: &RotationOrder) -> Option<&[PartyId]> {
    match order {
        RotationOrder::Listed(parties) => Some(parties),
        RotationOrder::Alphabetical(_) => None,
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns by what the place of a party is found on a day: its number in the list, or its name;
    /// none if it has no place.
    pub(super) fn place_key(
        &self,
        order: &RotationOrder,
        number: usize,
        record: &PartyRecord,
        day: Day,
    ) -> Option<Key> {
        match order {
            RotationOrder::Listed(_) => Some((number, String::new(), String::new())),
            RotationOrder::Alphabetical(language) => {
                let names = self.names(record, day).into_iter();
                let mut public = names.filter(|(kind, _)| *kind == NameKind::Public);
                let (_, name) = public.find(|(_, name)| name.language == *language)?;
                Some((0, letters(&name.text), name.text))
            }
        }
    }

    /// Returns whether a party has a class whose members take turns.
    pub(super) fn takes_turns(&self, classes: &[ClassId], record: &PartyRecord, day: Day) -> Truth {
        let standings = self.classes(record, day);
        let of = |class: &ClassId| classes.contains(class);
        Truth::agreed(standings.iter().map(|standing| {
            let class = standing.class.and_then(|class| self.book.class(class));
            Truth::known(class.is_some_and(of))
        }))
    }
}

/// Returns the letters of a name as they are sorted: without case.
fn letters(name: &str) -> String {
    name.to_lowercase()
}
