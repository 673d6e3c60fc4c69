//! Words of the vocabulary as they come over the wire.

use super::circumstance::read_names;
use crate::limit;
use crate::read::{At, Read, build};
use crate::v1;
use standing_domain::entry::event::TermKind;
use standing_domain::entry::event::term::Term;

/// Reads a word that is declared. What only one kind of word can say is refused of every other.
pub(super) fn read_term(at: &At, wire: v1::TermDeclared) -> Read<Term> {
    let declared: Read<TermKind> = at.choice("kind", wire.kind);
    let mut fits = Ok(());
    if let Ok(kind) = declared {
        let said = [
            ("membership", wire.membership.is_some(), TermKind::Class),
            ("nouns", !wire.nouns.is_empty(), TermKind::Class),
            (
                "electorate_not_modelled",
                !wire.electorate_not_modelled.is_empty(),
                TermKind::Body,
            ),
            ("natural_person", wire.natural_person, TermKind::PartyKind),
        ];
        for (field, _, of) in said
            .into_iter()
            .filter(|(_, said, of)| *said && kind != *of)
        {
            fits = misplaced(at, field, of);
        }
    }
    let term = build!(Term {
        kind: declared,
        term: at.id("term", &wire.term),
        names: read_names(at, "names", wire.names),
        meaning: at.text("meaning", wire.meaning, &limit::WORDS),
        membership: Ok(wire.membership),
        nouns: read_names(at, "nouns", wire.nouns),
        electorate_not_modelled: at.text(
            "electorate_not_modelled",
            wire.electorate_not_modelled,
            &limit::WORDS,
        ),
        natural_person: Ok(wire.natural_person),
    });
    fits.and(term)
}

fn misplaced(at: &At, field: &'static str, of: TermKind) -> Read<()> {
    let kind = v1::TermKind::from(of).as_str_name();
    at.field(field).refuse(
        "NOT_APPLICABLE",
        format_args!(
            "is said of a word of the kind {kind} only: leave it out, or declare the word as that"
        ),
    )
}
