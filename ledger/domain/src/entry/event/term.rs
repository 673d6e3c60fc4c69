//! Words of the association's vocabulary, as declared.

use crate::entry::event::{Name, TermKind};
use crate::id::Word;
use serde::{Deserialize, Serialize};

/// The kind of party that is natural persons, whether or not its declaration says so.
pub const NATURAL_PERSON: &str = "natural-person";

/// A word of the vocabulary. What only one kind of word can say is empty for every other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// What the word stands for.
    pub kind: TermKind,
    /// The word.
    pub term: Word,
    /// What it is called.
    pub names: Vec<Name>,
    /// What it means, in words.
    pub meaning: String,
    /// Of a class: whether those who have it are members. Not said: who was admitted to it is one.
    pub membership: Option<bool>,
    /// Of a class: what one who has it is called, in languages.
    pub nouns: Vec<Name>,
    /// Of a body: why it is not modelled who votes there, for example weights or a casting vote;
    /// empty where it is.
    pub electorate_not_modelled: String,
    /// Of a kind of party: whether it is natural persons.
    pub natural_person: bool,
}

impl Term {
    /// Returns whether it declares a kind of party that is natural persons.
    #[must_use]
    pub fn is_natural(&self) -> bool {
        self.kind == TermKind::PartyKind
            && (self.natural_person || self.term.as_str() == NATURAL_PERSON)
    }

    /// Declares a word of which nothing more is said.
    #[must_use]
    pub fn bare(kind: TermKind, term: Word) -> Self {
        Self {
            kind,
            term,
            names: Vec::new(),
            meaning: String::new(),
            membership: None,
            nouns: Vec::new(),
            electorate_not_modelled: String::new(),
            natural_person: false,
        }
    }
}
