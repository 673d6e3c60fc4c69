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
    /// The entry by which it was first taken, through successions.
    position: Position,
    /// Whether the class was declared to be a membership; none where that is not said.
    membership: Option<bool>,
    /// What one who has it is called, as declared.
    noun: Option<String>,
}

impl Classed {
    fn of<P: Parties>(
        view: &View<'_, P>,
        record: &PartyRecord,
        standings: &[Standing],
        day: Day,
    ) -> Option<Self> {
        let mut having = standings.iter().filter_map(|standing| {
            let class = standing.class?;
            let own = standing.position;
            let taken = view.class_taken_by(record, class, day).or(own)?;
            Some((view.book.class(class)?, taken))
        });
        let (class, position) = having.next()?;
        let (membership, noun) = declared(view, class);
        Some(Self {
            class: class.clone(),
            position,
            membership,
            noun,
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

/// Returns whether a class was declared to be a membership, where that is said, and what one who
/// has it is called, as declared: in English, else as comes first.
fn declared<P: Parties>(view: &View<'_, P>, class: &ClassId) -> (Option<bool>, Option<String>) {
    let slot = Slot::Term(TermKind::Class, class.into());
    let mut declared = view.book.known(&slot, view.known_at);
    let Some(term) = declared.find_map(|fact| fact.value.declared_term()) else {
        return (None, None);
    };
    let english = |noun: &&Name| noun.language.as_str() == "en";
    let mut nouns = term.nouns.iter();
    let noun = nouns.find(english).or(term.nouns.first());
    (term.membership, noun.map(|noun| noun.text.clone()))
}

/// Returns what those who have a class are called, if that is the same for all: by its noun, or as
/// it was declared to be a membership, or none; empty where nothing is said.
pub(crate) fn called<P: Parties>(view: &View<'_, P>, class: &ClassId) -> String {
    match declared(view, class) {
        (_, Some(noun)) => noun,
        (Some(true), None) => "member".to_owned(),
        (Some(false), None) => class.to_string(),
        (None, None) => String::new(),
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
        admitted: admission.map(|(start, _)| admitted(start, &history, day)),
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
        classed: Classed::of(&view, record, &standings, day),
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

/// Writes since when the class that certainly stands on a day is held, and until when.
fn admitted(start: Window, history: &[ClassSpan], day: Day) -> v1::Interval {
    let history: Vec<&ClassSpan> = history.iter().filter(|span| !span.never_was()).collect();
    let standing = history
        .iter()
        .rposition(|span| span.span.start.latest <= day && span.ended_under.is_none());
    let Some(standing) = standing else {
        return intervals::interval(start, None);
    };
    let class = &history[standing].class;
    let rest = &history[standing..];
    let next = rest.iter().position(|span| span.class != *class);
    let Some(next) = next else {
        return intervals::interval(start, None);
    };
    let last = next.checked_sub(1).and_then(|last| rest.get(last).copied());
    let ended = last.map(span_interval).unwrap_or_default();
    v1::Interval {
        earliest_end_date: ended.earliest_end_date,
        latest_end_date: ended.latest_end_date,
        ..intervals::interval(start, None)
    }
}

/// Writes the interval of a stretch; an end by arrears that never is certain has no latest day.
fn span_interval(span: &ClassSpan) -> v1::Interval {
    let interval = intervals::span(&span.span);
    let Some(arrears) = span.arrears else {
        return interval;
    };
    let first = arrears.earliest.to_string();
    let latest = arrears.latest.map(|day| day.to_string());
    if span.ended_under.is_some() {
        let recorded = span.span.end.map(|end| end.latest.to_string());
        return v1::Interval {
            earliest_start_date: first,
            latest_start_date: latest.or(recorded).unwrap_or_default(),
            ..interval
        };
    }
    v1::Interval {
        earliest_end_date: first,
        latest_end_date: latest.unwrap_or(interval.latest_end_date),
        ..interval
    }
}

fn write_span(span: &ClassSpan) -> v1::ClassSpan {
    let text = |id: Option<String>| id.unwrap_or_default();
    v1::ClassSpan {
        class: text(span.class.as_ref().map(ToString::to_string)),
        interval: Some(span_interval(span)),
        position: span.position.number(),
        annulled_by: span.annulled_by.unwrap_or_default().number(),
        ended_under: text(span.ended_under.as_ref().map(ToString::to_string)),
    }
}
