//! Values by number: the words, classes, sessions and parties that dense facts point at.

use crate::id::position::Position;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use std::hash::Hash;

/// The number of a value that has none, because there are four thousand million others. No value
/// ever has it: what bears it is not found, and is nobody else's.
pub(crate) const NO_NUMBER: u32 = u32::MAX;

/// Values numbered from 0 in the order in which entries first named them, each with the first entry
/// that did.
#[derive(Debug, Clone)]
pub(crate) struct Interned<T> {
    values: IndexMap<T, Position, FxBuildHasher>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            values: IndexMap::default(),
        }
    }
}

/// Two are alike if they number alike.
impl<T: PartialEq> PartialEq for Interned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.values.iter().eq(other.values.iter())
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// Returns the number of a value, which an entry names.
    pub fn number(&mut self, value: &T, position: Position) -> u32 {
        if let Some(number) = self.values.get_index_of(value) {
            return u32::try_from(number).unwrap_or(NO_NUMBER);
        }
        match u32::try_from(self.values.len()) {
            Ok(number) if number != NO_NUMBER => {
                self.values.insert(value.clone(), position);
                number
            }
            _ => NO_NUMBER,
        }
    }

    /// Returns the value with a number.
    pub fn get(&self, number: u32) -> Option<&T> {
        let number = usize::try_from(number).ok()?;
        self.values.get_index(number).map(|(value, _)| value)
    }

    /// Returns the number of a value, if it has one.
    pub fn find(&self, value: &T) -> Option<u32> {
        u32::try_from(self.values.get_index_of(value)?).ok()
    }

    /// Returns whether a value has a number.
    pub fn contains(&self, value: &T) -> bool {
        self.values.contains_key(value)
    }

    /// Returns how many have a number.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns the values in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.values.keys()
    }

    /// Returns the values that entries up to a position name, in order of their numbers.
    pub fn known(&self, at: Position) -> impl Iterator<Item = &T> {
        let known = self.values.iter();
        known
            .take_while(move |(_, first)| **first <= at)
            .map(|(value, _)| value)
    }

    /// Forgets the values that only entries after a position named.
    pub fn retract(&mut self, above: Position) {
        while self.values.last().is_some_and(|(_, first)| *first > above) {
            self.values.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_gives_its_number_back() {
        let mut words: Interned<String> = Interned::default();
        let word = |text: &str| text.to_owned();
        assert_eq!(words.number(&word("a"), Position::new(3)), 0);
        let before = words.clone();
        assert_eq!(words.number(&word("b"), Position::new(5)), 1);
        assert_eq!(words.number(&word("a"), Position::new(6)), 0);
        assert_eq!(words.number(&word("c"), Position::new(7)), 2);
        assert_eq!(words.known(Position::new(5)).count(), 2);
        words.retract(Position::new(4));
        assert!(words == before);
        assert_eq!(words.number(&word("c"), Position::new(5)), 1);
        assert!(words != before);
        assert_eq!(words.get(NO_NUMBER), None);
    }
}
