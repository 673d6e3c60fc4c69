//! The lines of the tables that are about the vocabulary, and about what parties are.

use super::language::{Line, party};
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{Event, Name, NameKind, Named, PartyRegistered, TermKind};
use standing_domain::entry::norm::Passing;
use standing_domain::id::{ClassId, PersonId, Word};

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn name_of(language: &str, text: &str) -> Name {
    Name {
        language: word(language),
        text: text.to_owned(),
    }
}

/// Reads a line that declares a word: `class C [membership|no-membership] [noun N]`,
/// `body B [: WHY]`, `party-kind K [natural-person]`; none if it does something else.
pub fn term(line: &Line) -> Option<Event> {
    let kind = match line.word(0) {
        "class" => TermKind::Class,
        "right" => TermKind::Right,
        "body" => TermKind::Body,
        "function" => TermKind::Function,
        "office" => TermKind::Office,
        "party-kind" => TermKind::PartyKind,
        _ => return None,
    };
    let said = line.has("membership") || line.has("no-membership");
    let nouns = line.after("noun").map(|noun| name_of("en", noun));
    Some(Event::TermDeclared(Term {
        membership: said.then(|| line.has("membership")),
        nouns: nouns.into_iter().collect(),
        electorate_not_modelled: line.tail.to_owned(),
        natural_person: line.has("natural-person"),
        ..Term::bare(kind, word(line.word(1)))
    }))
}

/// Reads `party P [kind K] [country C] [region R] [called N] [alias A] [person ID]`.
pub fn registered(line: &Line) -> Event {
    let called = line.after("called").map(|name| name_of("en", name));
    Event::PartyRegistered(PartyRegistered {
        party: party(line.word(1)),
        kind: word(line.after("kind").unwrap_or("prefecture")),
        country: line.after("country").map(word),
        region: line.after("region").map(word),
        names: called.into_iter().collect(),
        aliases: line.after("alias").map(word).into_iter().collect(),
        person: line.after("person").map(|id| PersonId::new(id).unwrap()),
    })
}

/// Reads `name P N [legal]`.
pub fn named(line: &Line) -> Event {
    Event::NameTaken {
        subject: Named::Party(party(line.word(1))),
        kind: if line.has("legal") {
            NameKind::Legal
        } else {
            NameKind::Public
        },
        name: name_of("en", line.word(2)),
    }
}

/// Reads `succeed P to Q [membership] [offices] [accounts] [seats] [as CLASS]`.
pub fn succeeded(line: &Line) -> Event {
    let passing = [
        ("membership", Passing::Membership),
        ("offices", Passing::Offices),
        ("accounts", Passing::Accounts),
        ("seats", Passing::Seats),
    ];
    let passes = passing
        .into_iter()
        .filter_map(|(word, passing)| line.has(word).then_some(passing));
    Event::PartySucceeded {
        from: party(line.word(1)),
        to: party(line.word(3)),
        passes: passes.collect(),
        class: line.after("as").map(|class| ClassId::new(class).unwrap()),
    }
}
