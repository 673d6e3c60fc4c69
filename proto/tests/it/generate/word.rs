//! Words of the vocabulary.

use super::{names, word, words};
use proptest::option;
use proptest::prelude::*;
use standing_domain::entry::event::TermKind;
use standing_domain::entry::event::term::Term;

/// A word of any kind, with what only that kind can say.
pub fn term() -> impl Strategy<Value = Term> {
    let kind = prop_oneof![
        Just(TermKind::Class),
        Just(TermKind::Right),
        Just(TermKind::Body),
        Just(TermKind::Function),
        Just(TermKind::Office),
        Just(TermKind::PartyKind),
    ];
    let said = (option::of(any::<bool>()), names(), words(), any::<bool>());
    let every = (kind, word(), names(), words(), said);
    every.prop_map(|(kind, term, names, meaning, said)| {
        let (membership, nouns, electorate_not_modelled, natural_person) = said;
        let bare = Term {
            names,
            meaning,
            ..Term::bare(kind, term)
        };
        match kind {
            TermKind::Class => Term {
                membership,
                nouns,
                ..bare
            },
            TermKind::Body => Term {
                electorate_not_modelled,
                ..bare
            },
            TermKind::PartyKind => Term {
                natural_person,
                ..bare
            },
            TermKind::Right | TermKind::Function | TermKind::Office => bare,
        }
    })
}
