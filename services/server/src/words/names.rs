//! Names: of parties, of what is no party, and of persons, which are sealed.

use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::{Event, Name, NameKind, Named};
use standing_domain::entry::slot::Slot;
use standing_domain::id::{PersonId, Word};
use standing_domain::record::fact::Said;
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_engine::Ledger;
use standing_proto::v1;
use std::sync::Arc;

/// The language that is shown where one must be picked.
const SHOWN: &str = "en";

/// Returns the one name to show: public before legal, in English before any other language.
fn display(names: &[(NameKind, Name)]) -> String {
    let rank = |(kind, name): &&(NameKind, Name)| (*kind, name.language.as_str() != SHOWN);
    // Of equals the first: further names stand last.
    names
        .iter()
        .min_by_key(rank)
        .map(|(_, name)| name.text.clone())
        .unwrap_or_default()
}

/// Writes names of one kind or the other.
pub(crate) fn write(names: &[(NameKind, Name)]) -> Vec<v1::PartyName> {
    let names = names.iter().map(|(kind, name)| v1::PartyName {
        kind: v1::NameKind::from(*kind).into(),
        name: Some(name.into()),
    });
    names.collect()
}

/// Writes names without their kinds, each once.
pub(crate) fn plain(names: &[(NameKind, Name)]) -> Vec<v1::Name> {
    let mut plain: Vec<v1::Name> = Vec::with_capacity(names.len());
    for (_, name) in names {
        let name = name.into();
        if !plain.contains(&name) {
            plain.push(name);
        }
    }
    plain
}

/// Returns the names that something which is no party may bear on a day, by language.
pub(crate) fn of_named<P: Parties>(
    view: &View<'_, P>,
    bearer: &Named,
    day: Day,
) -> Vec<(NameKind, Name)> {
    let first = Slot::Name(bearer.clone(), Word::least(), NameKind::Public);
    let mut names = Vec::new();
    for (slot, facts) in view.book.slots_from(&first) {
        let Slot::Name(subject, language, kind) = slot else {
            break;
        };
        if subject != bearer {
            break;
        }
        let Ok(line) = view.book.lay::<Arc<Event>>(facts, view.known_at) else {
            continue;
        };
        for (event, _) in line.possible(day).flatten() {
            names.extend(said(event, language).map(|name| (*kind, name.clone())));
        }
    }
    names
}

/// Returns the name in a language that an event gives.
fn said<'a>(event: &'a Event, language: &Word) -> Option<&'a Name> {
    let mut names = event.names().iter();
    names.find(|name| name.language == *language)
}

/// A person's names as stored: the language, and the sealed name.
pub(crate) type Sealed = Vec<(Word, Vec<u8>)>;

/// Returns a person's sealed names.
pub(crate) fn sealed<P: Parties>(view: &View<'_, P>, person: &PersonId) -> Sealed {
    let slot = Slot::Person(person.clone());
    let known: Option<&Said> = view.book.known(&slot, view.known_at).last();
    let said = known.and_then(|fact| fact.value.named_person());
    let names = said.map(|said| said.names).unwrap_or_default().iter();
    names
        .map(|name| (name.language.clone(), name.sealed.clone()))
        .collect()
}

/// What a party is called: its own name, or that of the natural person it is, which is still
/// sealed.
pub(crate) struct Called {
    own: String,
    person: Option<(PersonId, Sealed)>,
}

impl Called {
    /// Returns what a party is called on a day.
    pub fn of<P: Parties>(view: &View<'_, P>, record: &PartyRecord, day: Day) -> Self {
        let person = view.person(record);
        Self {
            own: display(&view.names(record, day)),
            person: person.map(|person| (person.clone(), sealed(view, person))),
        }
    }

    /// Returns what a natural person is called that is no party.
    pub fn person<P: Parties>(view: &View<'_, P>, person: PersonId) -> Self {
        let names = sealed(view, &person);
        Self {
            own: String::new(),
            person: Some((person, names)),
        }
    }

    /// Returns the name to show; of a person whose key was erased or is not held here what stands
    /// in clear, if anything does. Call it without a reader in hand.
    pub fn shown(self, ledger: &Ledger) -> String {
        let opened = self
            .person
            .map(|(person, names)| unsealed(ledger, &person, &names));
        opened.filter(|name| !name.is_empty()).unwrap_or(self.own)
    }
}

/// Opens the names of a person; those whose key was erased or is not held here are left out.
pub(crate) fn opened(ledger: &Ledger, person: &PersonId, names: &Sealed) -> Vec<v1::Name> {
    let opened = names.iter().filter_map(|(language, sealed)| {
        Some(v1::Name {
            language: language.to_string(),
            text: ledger.unseal(person, sealed)?,
        })
    });
    opened.collect()
}

/// Opens the name of a person to show; empty where its key was erased or is not held here.
fn unsealed(ledger: &Ledger, person: &PersonId, names: &Sealed) -> String {
    let picked = names
        .iter()
        .find(|(language, _)| language.as_str() == SHOWN)
        .or(names.first());
    picked
        .and_then(|(_, sealed)| ledger.unseal(person, sealed))
        .unwrap_or_default()
}
