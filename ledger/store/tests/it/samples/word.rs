//! Words of the vocabulary, of every kind, with what each kind alone can say.

use crate::samples::{id, names};
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{Event, TermKind};

/// Makes words that say what version 1 of the payload could. They never change.
pub(crate) fn terms_v1() -> Vec<Event> {
    let kinds = [
        TermKind::Class,
        TermKind::Right,
        TermKind::Body,
        TermKind::Function,
        TermKind::Office,
    ];
    kinds.map(|kind| Event::TermDeclared(named(kind))).into()
}

fn named(kind: TermKind) -> Term {
    Term {
        names: names(),
        meaning: "to vote".to_owned(),
        ..Term::bare(kind, id("vote"))
    }
}

/// Makes words of every kind.
pub(crate) fn terms() -> Vec<Event> {
    let more = [
        Term {
            membership: Some(true),
            nouns: names(),
            ..named(TermKind::Class)
        },
        Term {
            membership: Some(false),
            ..named(TermKind::Class)
        },
        Term {
            electorate_not_modelled: "the chair has a casting vote".to_owned(),
            ..named(TermKind::Body)
        },
        named(TermKind::PartyKind),
        Term {
            natural_person: true,
            ..named(TermKind::PartyKind)
        },
    ];
    let more = more.map(Event::TermDeclared);
    terms_v1().into_iter().chain(more).collect()
}
