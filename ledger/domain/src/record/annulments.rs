//! Annulments of acts (rule 3), found by what they annul and by themselves.

use crate::id::position::Position;
use crate::record::fact::At;
use crate::record::without::{NOTHING, Without};
use std::collections::BTreeMap;

/// An annulment of an act (rule 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annulment {
    /// From when; none is from the start.
    pub from: Option<At>,
    /// Its order of the day.
    pub order: u16,
    /// Its entry.
    pub position: Position,
    /// The entry that corrects it.
    pub until: Position,
}

impl Annulment {
    pub(crate) fn is_known(&self, known_at: Position) -> bool {
        self.position <= known_at && known_at < self.until
    }
}

/// All annulments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Annulments {
    /// By what they annul.
    of: BTreeMap<Position, Vec<Annulment>>,
    /// What an annulment annuls, by its entry: the act, and the corrections of it.
    under: BTreeMap<Position, Vec<Position>>,
    /// The annulments that an entry corrects.
    ended: BTreeMap<Position, Vec<Position>>,
}

impl Annulments {
    /// Returns the annulments of an entry, known or corrected.
    pub fn of(&self, entry: Position) -> &[Annulment] {
        self.of.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// Returns whether an entry annuls another.
    pub fn is_one(&self, position: Position) -> bool {
        self.under.contains_key(&position)
    }

    pub fn add(&mut self, entry: Position, annulment: Annulment) {
        self.under
            .entry(annulment.position)
            .or_default()
            .push(entry);
        self.of.entry(entry).or_default().push(annulment);
    }

    /// Makes the annulments of a corrected entry those of the entry in its place; returns whether
    /// there are any.
    pub fn inherit(&mut self, target: Position, by: Position) -> bool {
        let standing = self.of(target).iter();
        let standing = standing.filter(|annulment| annulment.until == Position::MAX);
        let inherited: Vec<Annulment> = standing.cloned().collect();
        let any = !inherited.is_empty();
        for annulment in inherited {
            self.add(by, annulment);
        }
        any
    }

    /// Ends the knowledge of an annulment, from the entry at `by` on. A second correction, which
    /// will be refused, leaves the first.
    pub fn end(&mut self, annulment: Position, by: Position) {
        let mut ends = false;
        self.each_of(annulment, |a| {
            ends |= by < a.until;
            a.until = a.until.min(by);
        });
        if ends {
            self.ended.entry(by).or_default().push(annulment);
        }
    }

    fn each_of(&mut self, annulment: Position, mut change: impl FnMut(&mut Annulment)) {
        for entry in self.under.get(&annulment).into_iter().flatten() {
            let of = self.of.get_mut(entry).into_iter().flatten();
            of.filter(|a| a.position == annulment).for_each(&mut change);
        }
    }

    /// Returns whether an entry is annulled from the start, as known at a position. An annulment
    /// that is annulled itself has no effect; it was recorded after what it annuls, so this ends.
    /// Chains may be long, so they are not followed by recursion.
    pub fn is_void(&self, entry: Position, known_at: Position) -> bool {
        self.is_void_without(entry, known_at, NOTHING)
    }

    /// Returns the same without the entries that `without` names.
    pub fn is_void_without(
        &self,
        entry: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> bool {
        let mut chain = vec![self.of(entry).iter()];
        while let Some(top) = chain.last_mut() {
            let from_start =
                |a: &&Annulment| a.from.is_none() && a.is_known(known_at) && !without(a.position);
            if let Some(annulment) = top.find(from_start) {
                // It voids what it annuls unless it is void itself.
                chain.push(self.of(annulment.position).iter());
                continue;
            }
            chain.pop();
            // Not void: what it annuls is, unless it is what was asked for.
            if chain.pop().is_some() && chain.is_empty() {
                return true;
            }
        }
        false
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        for by in self.ended.split_off(&above.next()).into_values().flatten() {
            self.each_of(by, |a| {
                if a.until > above {
                    a.until = Position::MAX;
                }
            });
        }
        for (annulment, entries) in self.under.split_off(&above.next()) {
            for entry in entries {
                if let Some(of) = self.of.get_mut(&entry) {
                    of.retain(|a| a.position != annulment);
                    if of.is_empty() {
                        self.of.remove(&entry);
                    }
                }
            }
        }
        for (entry, inherited) in self.of.split_off(&above.next()) {
            for annulment in inherited {
                if let Some(entries) = self.under.get_mut(&annulment.position) {
                    entries.retain(|of| *of != entry);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(number: u64) -> Position {
        Position::new(number)
    }

    fn annulment(position: Position) -> Annulment {
        Annulment {
            from: None,
            order: 0,
            position,
            until: Position::MAX,
        }
    }

    #[test]
    fn rule_3_an_annulled_annulment_has_no_effect_however_long_the_chain() {
        let mut all = Annulments::default();
        let length = 200_000;
        for position in at(2).to(at(length)) {
            all.add(position.previous(), annulment(position));
        }
        // Every second one stands, from the last on.
        for known_at in [1, 2, 3, 4, 5, length - 1, length] {
            assert_eq!(
                all.is_void(at(1), at(known_at)),
                known_at % 2 == 0,
                "{known_at}"
            );
        }
        all.add(at(1), annulment(at(length + 1)));
        assert!(all.is_void(at(1), at(length + 1)));
    }

    #[test]
    fn what_was_learned_after_a_position_is_forgotten() {
        let mut all = Annulments::default();
        all.add(at(1), annulment(at(3)));
        all.add(at(2), annulment(at(4)));
        all.end(at(4), at(5));
        let before = all.clone();
        assert!(all.inherit(at(1), at(6)));
        assert!(!all.inherit(at(2), at(7)));
        all.add(at(6), annulment(at(8)));
        all.end(at(3), at(9));
        all.end(at(4), at(10));
        assert!(all.is_void(at(1), at(8)) && !all.is_void(at(1), at(9)));
        all.retract(at(5));
        assert_eq!(all, before);
    }
}
