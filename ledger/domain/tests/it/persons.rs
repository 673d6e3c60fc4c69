//! What is said to whoever would record a natural person's name in clear.

use crate::support::{draft, window};
use standing_domain::entry::Content;
use standing_domain::entry::event::claim::{Claim, ClaimQuestion};
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{
    Event, Name, NameKind, Named, PartyRegistered, SealedName, TermKind,
};
use standing_domain::id::{PartyId, PersonId, Word};
use standing_domain::state::State;
use standing_domain::time::when::When;

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn person(id: &str) -> Event {
    Event::PersonNamed {
        person: PersonId::new(id).unwrap(),
        names: vec![SealedName {
            language: word("en"),
            sealed: Vec::new(),
        }],
    }
}

fn name() -> Name {
    Name {
        language: word("en"),
        text: "Ann".to_owned(),
    }
}

fn party(id: &str, kind: &str) -> PartyRegistered {
    PartyRegistered {
        party: PartyId::new(id).unwrap(),
        kind: word(kind),
        country: None,
        region: None,
        names: Vec::new(),
        aliases: Vec::new(),
        person: None,
    }
}

fn linked(id: &str, kind: &str, to: &str) -> PartyRegistered {
    PartyRegistered {
        person: Some(PersonId::new(to).unwrap()),
        ..party(id, kind)
    }
}

fn contents(events: Vec<Event>) -> Vec<Content> {
    let on = || Some(When::Window(window("2020-01-01")));
    let drafts = events.into_iter().map(|event| draft(Some(event), on(), 0));
    drafts.collect()
}

/// A society, and natural persons, one of whom is linked with a person.
fn state() -> State {
    let kinds = ["society", "natural-person"];
    let kinds = kinds.map(|kind| Event::TermDeclared(Term::bare(TermKind::PartyKind, word(kind))));
    let mut events = kinds.to_vec();
    events.extend([person("s-1"), person("s-2")]);
    events.extend([
        Event::PartyRegistered(linked("ann", "natural-person", "s-1")),
        Event::PartyRegistered(party("ben", "natural-person")),
    ]);
    let mut state = State::default();
    state.record(&contents(events)).unwrap();
    state
}

/// Returns why an event is refused.
fn refused(event: Event) -> Vec<String> {
    let refusals = state().record(&contents(vec![event])).unwrap_err();
    let told = refusals.iter().map(ToString::to_string);
    told.collect()
}

fn taken(party: &str) -> Event {
    Event::NameTaken {
        subject: Named::Party(PartyId::new(party).unwrap()),
        kind: NameKind::Public,
        name: name(),
    }
}

#[test]
fn a_refusal_says_what_to_write_instead() {
    let named = Event::PartyRegistered(PartyRegistered {
        names: vec![name()],
        ..party("eve", "natural-person")
    });
    let alias = Event::PartyRegistered(PartyRegistered {
        names: vec![name()],
        aliases: vec![word("annie")],
        ..linked("eve", "natural-person", "s-2")
    });
    let claim = Event::ClaimRecorded(Claim {
        question: ClaimQuestion::PartyOfName {
            name: "Ann".to_owned(),
            language: word("en"),
        },
        answer: "ann".to_owned(),
    });
    for (event, expected) in [
        (
            named,
            "draft 1: NAME_IN_CLEAR: party eve is a natural person (kind natural-person), and what is \
             given in clear can never be erased: leave `names` out, record the name with \
             `person_named`, and name that person in `person`",
        ),
        (
            alias,
            "draft 1: NAME_IN_CLEAR: party eve is a natural person (kind natural-person), and what is \
             given in clear can never be erased: leave `names` and `aliases` out, and record the name \
             with `person_named` for s-2",
        ),
        (
            taken("ann"),
            "draft 1: NAME_IN_CLEAR: party ann is a natural person (kind natural-person), and a name \
             taken in clear can never be erased: record the name with `person_named` for s-1",
        ),
        (
            taken("ben"),
            "draft 1: NAME_IN_CLEAR: party ben is a natural person (kind natural-person), and a name \
             taken in clear can never be erased: record the name with `person_named`, and correct the \
             registration to name that person in `person`",
        ),
        (
            claim,
            "draft 1: NAME_IN_CLEAR: the claim names party ann in clear, which is a natural person \
             (kind natural-person): leave the claim out",
        ),
        (
            Event::PartyRegistered(linked("hq", "society", "s-2")),
            "draft 1: NOT_A_PERSON: party hq is of the kind society, which is not natural \
             persons: leave `person` out, or declare the kind with `natural_person`",
        ),
        (
            Event::PartyRegistered(linked("eve", "natural-person", "s-1")),
            "draft 1: ALREADY_EXISTS: s-1 would be 2 parties, ann and eve: a natural person is one, so \
             record under the party that there is, or correct its registration (entries 5)",
        ),
    ] {
        assert_eq!(refused(event), [expected]);
    }
}

#[test]
fn no_refusal_tells_the_name() {
    let told = refused(taken("ann")).join(" ");
    assert!(!told.contains("Ann"), "{told}");
}
