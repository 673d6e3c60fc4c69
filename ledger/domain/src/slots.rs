//! The facts of the book by their slots: found by hash, walked in order.

use crate::book::{Said, Slot};
use crate::event::Position;
use crate::fact::retract;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Facts by slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    facts: FxHashMap<Slot, Vec<Said>>,
    order: BTreeSet<Slot>,
}

impl Slots {
    /// Returns the facts of a slot, in order of position.
    pub fn get(&self, slot: &Slot) -> &[Said] {
        self.facts.get(slot).map_or(&[], Vec::as_slice)
    }

    /// Returns the facts of a slot for a change.
    pub fn get_mut(&mut self, slot: &Slot) -> &mut [Said] {
        self.facts.get_mut(slot).map_or(&mut [], Vec::as_mut_slice)
    }

    /// Returns the slots from one on, in order.
    pub fn from<'a>(
        &'a self,
        first: &Slot,
    ) -> impl Iterator<Item = (&'a Slot, &'a [Said])> + use<'a> {
        let slots = self.order.range(first.clone()..);
        slots.map(|slot| (slot, self.get(slot)))
    }

    /// Adds a fact.
    pub fn say(&mut self, slot: Slot, fact: Said) {
        if let Some(facts) = self.facts.get_mut(&slot) {
            facts.push(fact);
        } else {
            self.order.insert(slot.clone());
            self.facts.insert(slot, vec![fact]);
        }
    }

    /// Forgets what was learned of a slot after a position.
    pub fn retract(&mut self, slot: &Slot, above: Position) {
        let Some(facts) = self.facts.get_mut(slot) else {
            return;
        };
        retract(facts, above);
        if facts.is_empty() {
            self.facts.remove(slot);
            self.order.remove(slot);
        }
    }
}
