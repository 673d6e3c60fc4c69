//! What is known of a party on a date.

use crate::call::errors::Problem;
use crate::law::intervals;
use crate::words::cited::Cited;
use crate::words::names;
use crate::words::names::Sealed;
use prost::Message as _;
use standing_domain::answers::roll::{ClassSpan, Standing};
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::{Event, Name, TermKind};
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::position::Position;
use standing_domain::id::{ClassId, PartyId, PersonId};
use standing_domain::record::party::PartyRecord;
use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use standing_engine::{Ledger, Reader};
use standing_proto::v1;
use std::collections::BTreeSet;

/// A party as drawn from memory; its aliases are read from the log.
pub(crate) struct Drawn {
    state: v1::PartyState,
    registered: Position,
    classed: Option<Classed>,
    /// The natural person that it is, with the names that are still sealed.
    person: Option<(PersonId, Sealed)>,
}

/// The class that a party has, or the first of those it may have.
struct Classed {
    class: ClassId,
    /// The entry by which it has it.
    position: Position,
    /// Whether the class was declared to be a membership; none where that is not said.
    membership: Option<bool>,
    /// What one who has it is called, as declared.
    noun: Option<String>,
}

impl Classed {
    fn of<P: Parties>(view: &View<'_, P>, standings: &[Standing]) -> Option<Self> {
        let mut having = standings.iter().filter_map(|standing| {
            let class = view.book.class(standing.class?)?;
            Some((class, standing.position?))
        });
        let (class, position) = having.next()?;
        let slot = Slot::Term(TermKind::Class, class.into());
        let mut declared = view.book.known(&slot, view.known_at);
        let term = declared.find_map(|fact| fact.value.declared_term());
        let english = |noun: &&Name| noun.language.as_str() == "en";
        let noun = term.and_then(|term| {
            let nouns = &term.nouns;
            nouns.iter().find(english).or(nouns.first())
        });
        Some(Self {
            class: class.clone(),
            position,
            membership: term.and_then(|term| term.membership),
            noun: noun.map(|noun| noun.text.clone()),
        })
    }

    /// Returns what the party is called. Who was admitted is a member, where nothing else is said.
    fn called(self, cited: &Cited) -> String {
        let event = cited
            .get(self.position)
            .and_then(|content| content.event.as_ref());
        let observer = event.and_then(Event::accepted_into).is_some();
        match self.noun {
            Some(noun) => noun,
            None if self.membership.unwrap_or(!observer) => "member".to_owned(),
            None => self.class.to_string(),
        }
    }
}

impl Drawn {
    /// Returns how many bytes it takes in an answer; aliases not counted. A sealed name is longer
    /// than what it opens to.
    pub fn bytes(&self) -> usize {
        let sealed = self.person.iter().flat_map(|(_, names)| names);
        let sealed: usize = sealed.map(|(_, sealed)| sealed.len()).sum();
        self.state.encoded_len() + sealed
    }
}

/// Draws a party; none if it is not registered as known.
pub(crate) fn draw(
    reader: &Reader<'_>,
    party: &PartyId,
    record: &PartyRecord,
    day: Day,
) -> Option<Drawn> {
    let view = reader.view();
    let registered = record.registration(view.known_at)?.position;
    let attributes = view.attributes(record)?;
    let text = |word: Option<&standing_domain::id::Word>| {
        word.map(ToString::to_string).unwrap_or_default()
    };
    let history = view.class_history(record);
    let standings = view.classes(record, day);
    let admission = view.admission(record, day);
    let (predecessors, successors) = view.succession(party);
    let person = view.person(record);
    let texts = |ids: Vec<PartyId>| ids.iter().map(ToString::to_string).collect();
    let state = v1::PartyState {
        party: party.to_string(),
        kind: attributes.kind.to_string(),
        country: text(attributes.country.as_ref()),
        region: text(attributes.region.as_ref()),
        classes: class_texts(&view, &standings),
        applied_for: applied_for(&view, record, day),
        names: names::write(&view.names(record, day)),
        aliases: Vec::new(),
        admitted: admission.map(|(start, _)| intervals::interval(start, ended(&history, day))),
        founder: admission.is_some_and(|(_, founder)| founder),
        predecessors: texts(predecessors),
        successors: texts(successors),
        class_history: history.iter().map(write_span).collect(),
        last_position: reader.last_mention(&Ref::Party(party.clone())).number(),
        called: String::new(),
        person: person.map(ToString::to_string).unwrap_or_default(),
        person_names: Vec::new(),
    };
    Some(Drawn {
        state,
        registered,
        classed: Classed::of(&view, &standings),
        person: person.map(|person| (person.clone(), names::sealed(&view, person))),
    })
}

/// Adds to drawn parties what only the log holds, and what persons are called.
pub(crate) fn finish(ledger: &Ledger, drawn: Vec<Drawn>) -> Result<Vec<v1::PartyState>, Problem> {
    let read = drawn.iter().flat_map(|drawn| {
        let classed = drawn.classed.as_ref().map(|classed| classed.position);
        std::iter::once(drawn.registered).chain(classed)
    });
    let cited = Cited::read(ledger, read)?;
    let states = drawn.into_iter().map(|drawn| {
        let (state, registered) = (drawn.state, drawn.registered);
        let called = drawn.classed.map(|classed| classed.called(&cited));
        let called = called.unwrap_or_default();
        let event = cited
            .get(registered)
            .and_then(|content| content.event.as_ref());
        let aliases = event.and_then(Event::aliases).unwrap_or_default();
        let aliases = aliases.iter().map(ToString::to_string).collect();
        let names = drawn.person.as_ref();
        let names = names.map(|(person, names)| names::opened(ledger, person, names));
        v1::PartyState {
            aliases,
            called,
            person_names: names.unwrap_or_default(),
            ..state
        }
    });
    Ok(states.collect())
}

/// Returns the distinct classes among standings, in order; an empty text stands for none.
pub(crate) fn class_texts<P: Parties>(view: &View<'_, P>, standings: &[Standing]) -> Vec<String> {
    let classes: BTreeSet<Option<&ClassId>> = standings
        .iter()
        .map(|standing| standing.class.and_then(|class| view.book.class(class)))
        .collect();
    write_classes(classes)
}

/// Writes classes; an empty text stands for none.
pub(crate) fn write_classes<'a>(
    classes: impl IntoIterator<Item = Option<&'a ClassId>>,
) -> Vec<String> {
    let text = |class: Option<&ClassId>| class.map(ToString::to_string).unwrap_or_default();
    classes.into_iter().map(text).collect()
}

/// Returns the class that a party has, or may have, an application pending for.
fn applied_for<P: Parties>(view: &View<'_, P>, record: &PartyRecord, day: Day) -> String {
    let pending = view.applications(record, day);
    let class = pending.into_iter().flatten().next();
    class
        .map(|(class, _)| class.to_string())
        .unwrap_or_default()
}

/// Returns when the class that certainly stands on a day ends.
fn ended(history: &[ClassSpan], day: Day) -> Option<Window> {
    let history: Vec<&ClassSpan> = history.iter().filter(|span| !span.never_was()).collect();
    let standing = history
        .iter()
        .rposition(|span| span.span.start.latest <= day)?;
    let class = &history[standing].class;
    let mut later = history[standing..].iter();
    let next = later.find(|span| span.class != *class)?;
    Some(next.span.start)
}

fn write_span(span: &ClassSpan) -> v1::ClassSpan {
    v1::ClassSpan {
        class: span
            .class
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        interval: Some(intervals::span(&span.span)),
        position: span.position.number(),
        annulled_by: span.annulled_by.unwrap_or_default().number(),
    }
}
