//! The facts of the book by their slots: found by hash, walked in order.

use crate::entry::event::{Event, TermKind};
use crate::entry::norm::Effect;
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::record::fact::{Said, retract};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Facts by slot.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Slots {
    facts: FxHashMap<Slot, Vec<Said>>,
    order: BTreeSet<Slot>,
    sizes: Sizes,
}

/// How much there is of what limits are set for, corrected or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Words of the vocabulary, by [`TermKind`] in its order.
    terms: [usize; TermKind::PartyKind as usize + 1],
    /// Articles.
    pub articles: usize,
    /// Versions and repeals of articles.
    pub versions: usize,
    /// Norms of all versions, and the classes that they name.
    pub norms: usize,
    /// Sessions.
    pub sessions: usize,
}

impl Sizes {
    /// Returns how many words of a kind there are.
    #[must_use]
    pub fn terms(&self, kind: TermKind) -> usize {
        self.terms[kind as usize]
    }

    fn slot(&mut self, slot: &Slot) -> Option<&mut usize> {
        match slot {
            Slot::Term(kind, _) => Some(&mut self.terms[*kind as usize]),
            Slot::Article(_) => Some(&mut self.articles),
            Slot::Session(_) => Some(&mut self.sessions),
            _ => None,
        }
    }
}

/// Returns how many norms a version of an article has, and classes that they name.
pub(crate) fn norms(event: &Event) -> usize {
    let Some(enacted) = event.enacted() else {
        return 0;
    };
    let classes = enacted.norms.iter().map(|norm| {
        let moves = Effect::of(&norm.rule);
        moves.map_or(1, |(_, rule)| 1 + rule.classes.len())
    });
    classes.sum()
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
        if let Slot::Article(_) = &slot {
            self.sizes.versions += 1;
            self.sizes.norms += norms(&fact.value);
        }
        if let Some(facts) = self.facts.get_mut(&slot) {
            facts.push(fact);
        } else {
            if let Some(size) = self.sizes.slot(&slot) {
                *size += 1;
            }
            self.order.insert(slot.clone());
            self.facts.insert(slot, vec![fact]);
        }
    }

    /// Returns how much there is.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// Forgets what was learned of a slot after a position.
    pub fn retract(
        &mut self,
        slot: &Slot,
        above: Position,
        is_annulled: &dyn Fn(Position) -> bool,
    ) {
        let Some(facts) = self.facts.get_mut(slot) else {
            return;
        };
        if let Slot::Article(_) = slot {
            let gone = facts.iter().filter(|fact| fact.position > above);
            for fact in gone {
                self.sizes.versions -= 1;
                self.sizes.norms -= norms(&fact.value);
            }
        }
        retract(facts, above, is_annulled);
        if facts.is_empty() {
            self.facts.remove(slot);
            self.order.remove(slot);
            if let Some(size) = self.sizes.slot(slot) {
                *size -= 1;
            }
        }
    }

    /// Forgets all that was learned after a position.
    pub fn forget_after(&mut self, above: Position, is_annulled: &dyn Fn(Position) -> bool) {
        let late = self.facts.iter().filter(|(_, facts)| {
            let is_late = |fact: &Said| {
                let corrected = fact.until != Position::MAX && fact.until > above;
                fact.position > above || corrected || fact.annulled
            };
            facts.iter().any(is_late)
        });
        let late: Vec<Slot> = late.map(|(slot, _)| slot.clone()).collect();
        for slot in late {
            self.retract(&slot, above, is_annulled);
        }
    }
}
