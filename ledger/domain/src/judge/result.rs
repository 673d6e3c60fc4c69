//! What the slots a batch touched look like after it.

use super::Batch;
use super::dues::dues_result;
use crate::entry::event::Event;
use crate::entry::event::ask::SessionMove;
use crate::entry::key::Key;
use crate::entry::slot::{DuesSlot, Slot};
use crate::id::PartyId;
use crate::id::position::Position;
use crate::judge::refusal::{Reason, Refusal};
use crate::record::party::{ApplicationValue, PartyRecord};
use crate::time::timeline::{Change, Flaw, Timeline};
use std::collections::BTreeSet;

pub(super) fn slot_result(batch: &Batch, slot: &Slot, refusals: &mut Vec<Refusal>) {
    let known_at = batch.last();
    if slot.is_single() {
        let known: Vec<Position> = batch
            .book
            .facts(slot)
            .iter()
            .filter(|fact| fact.is_known(known_at))
            .map(|fact| fact.position)
            .collect();
        if known.len() > 1 {
            let message = format!("{} stands already", slot_name(batch, slot));
            let reason = if *slot == Slot::Association {
                Reason::Association
            } else {
                Reason::AlreadyExists
            };
            refusals.push(
                Refusal::new(batch.draft(&known), reason, slot_name(batch, slot), message)
                    .with(known),
            );
        }
    }
    if let Slot::Session(session) = slot {
        let moves = batch.book.facts(slot).iter().filter(|fact| {
            let moved = fact.value.session_move();
            fact.is_known(known_at) && matches!(moved, Some(SessionMove::Postponed(_)))
        });
        let mut moves: Vec<(u16, Position)> =
            moves.map(|fact| (fact.order, fact.position)).collect();
        moves.sort_unstable();
        let same = moves.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        let flaws: Vec<Flaw> = same
            .map(|pair| Flaw::Unordered(pair[0].1, pair[1].1))
            .collect();
        flawed(batch, &slot_name(batch, slot), &flaws, refusals);
        let convened: Vec<Position> = batch
            .book
            .facts(slot)
            .iter()
            .filter(|fact| fact.is_known(known_at) && fact.value.convening().is_some())
            .map(|fact| fact.position)
            .collect();
        if convened.len() > 1 {
            let message = format!("session {session} is convened already");
            let refusal = Refusal::new(
                batch.draft(&convened),
                Reason::AlreadyExists,
                session,
                message,
            );
            refusals.push(refusal.with(convened));
        }
    }
    if slot.is_timeline() {
        match batch.book.line(slot, known_at) {
            Ok(line) => {
                ends_what_stands(
                    batch,
                    &slot_name(batch, slot),
                    &line,
                    |event| book_value_stands(slot, event),
                    refusals,
                );
            }
            Err(flaws) => flawed(batch, &slot_name(batch, slot), &flaws, refusals),
        }
    }
}

/// Returns whether the event leaves something standing in the slot.
#[must_use]
pub fn book_value_stands(slot: &Slot, event: &Event) -> bool {
    // Only what is merged ends; what it is merged into goes on.
    if let (Some(from), Slot::Committee(committee)) = (event.merged(), slot) {
        return !from.contains(committee);
    }
    !event.ends()
}

pub(super) fn slot_name(batch: &Batch, slot: &Slot) -> String {
    match slot {
        Slot::Association => "the association".to_owned(),
        Slot::Term(kind, term) => format!("{} {term}", format!("{kind:?}").to_lowercase()),
        Slot::Name(_, language, _) => format!("the name in {language}"),
        Slot::Session(id) => format!("session {id}"),
        Slot::Attendance(id) => format!("the attendance of {id}"),
        Slot::Decision(id) => format!("decision {id}"),
        Slot::Holder(id, _) => format!("office {id}"),
        Slot::Acting(id, _) => format!("acting in office {id}"),
        Slot::Person(id) => format!("person {id}"),
        Slot::Instrument(id) | Slot::Amendments(id) => format!("instrument {id}"),
        Slot::Article(id) => format!("article {id}"),
        Slot::Committee(id) => format!("committee {id}"),
        Slot::Coordinator(id, _) => format!("the coordinator of {id}"),
        Slot::Seat => "the seat".to_owned(),
        Slot::Institution(id) => format!("supporting institution {id}"),
        Slot::Successors(id) | Slot::Predecessors(id) => format!("the succession of {id}"),
        Slot::Rules => "the rules".to_owned(),
        Slot::History => "the history itself".to_owned(),
        Slot::Ratifications(position) => format!("the ratification of {}", batch.name(*position)),
        Slot::FrozenRoll(id) => format!("the frozen roll of {id}"),
        Slot::Turns(id) => format!("the rotation of {id}"),
        Slot::Fund(id) => format!("fund {id}"),
        Slot::Claims => "the claims".to_owned(),
    }
}

/// Judges what the record of a party looks like after the batch, as far as it was touched.
pub(super) fn party_result(
    batch: &Batch,
    party: &PartyId,
    touched: &[&Key],
    record: &PartyRecord,
    refusals: &mut Vec<Refusal>,
) {
    let mut names = false;
    let mut dues: BTreeSet<&DuesSlot> = BTreeSet::new();
    for key in touched {
        match key {
            Key::Registration(_) => {
                registration_result(batch, party, record, refusals);
                names = true;
            }
            Key::Class(_) => class_result(batch, party, record, refusals),
            Key::Application(_) => application_result(batch, party, record, refusals),
            Key::Name(..) => names = true,
            Key::Dues(_, slot) => {
                dues.insert(slot);
            }
            Key::Book(_) | Key::Annulment(_) => {}
        }
    }
    if names {
        name_result(batch, party, record, refusals);
    }
    dues_result(batch, party, &dues, record, refusals);
}

fn registration_result(
    batch: &Batch,
    party: &PartyId,
    record: &PartyRecord,
    refusals: &mut Vec<Refusal>,
) {
    let registered = record.known_registrations(batch.last());
    if registered.len() > 1 {
        let message = format!("party {party} is registered already");
        let refusal = Refusal::new(
            batch.draft(&registered),
            Reason::AlreadyExists,
            party,
            message,
        );
        refusals.push(refusal.with(registered));
    }
}

fn class_result(batch: &Batch, party: &PartyId, record: &PartyRecord, refusals: &mut Vec<Refusal>) {
    match record.class_line(batch.book, batch.last()) {
        Ok(line) => ends_what_stands(
            batch,
            &format_args!("a membership of {party}"),
            &line,
            |v| v.stands(),
            refusals,
        ),
        Err(flaws) => flawed(batch, &format!("the class of {party}"), &flaws, refusals),
    }
}

fn application_result(
    batch: &Batch,
    party: &PartyId,
    record: &PartyRecord,
    refusals: &mut Vec<Refusal>,
) {
    let stands = |value: &ApplicationValue| matches!(value, ApplicationValue::Filed(_));
    match record.application_line(batch.book, batch.last()) {
        Ok(line) => ends_what_stands(
            batch,
            &format_args!("an application of {party}"),
            &line,
            stands,
            refusals,
        ),
        Err(flaws) => flawed(
            batch,
            &format!("the application of {party}"),
            &flaws,
            refusals,
        ),
    }
}

fn name_result(batch: &Batch, party: &PartyId, record: &PartyRecord, refusals: &mut Vec<Refusal>) {
    for (slot, line) in record.name_lines(batch.book, batch.last()) {
        if let Err(flaws) = line {
            flawed(
                batch,
                &format!("the name of {party} in {}", slot.1),
                &flaws,
                refusals,
            );
        }
    }
}

/// Nothing is ended that does not stand: the row of switches is the same in every placement, so
/// what stands before a step is known.
pub(super) fn ends_what_stands<V>(
    batch: &Batch,
    what: &dyn std::fmt::Display,
    line: &Timeline<V>,
    stands: impl Fn(&V) -> bool,
    refusals: &mut Vec<Refusal>,
) {
    for (i, step) in line.steps().iter().enumerate() {
        let Change::Set(value) = &step.change else {
            continue;
        };
        let before = line
            .value_after(i.checked_sub(1))
            .is_some_and(|(value, _)| stands(value));
        if !stands(value) && !before {
            let neighbours: Vec<Position> = line.steps()[i.saturating_sub(1)..=i]
                .iter()
                .map(|s| s.position)
                .collect();
            let message = format!("{what} is ended on {}, but none stands then", step.window);
            let refusal = Refusal::new(batch.draft(&neighbours), Reason::NotHeld, what, message);
            refusals.push(refusal.with(neighbours));
        }
    }
}

pub(super) fn flawed(batch: &Batch, what: &str, flaws: &[Flaw], refusals: &mut Vec<Refusal>) {
    for flaw in flaws {
        let (reason, pair, message) = match flaw {
            Flaw::Unordered(a, b) => (
                Reason::OrderMissing,
                vec![*a, *b],
                format!(
                    "{what} may change twice on one day and nothing says which comes first: give each an order"
                ),
            ),
            Flaw::Impossible(a, b) => (
                Reason::Impossible,
                vec![*a, *b],
                format!("the dates and orders of {what} cannot all be true"),
            ),
        };
        refusals.push(Refusal::new(batch.draft(&pair), reason, what, message).with(pair));
    }
}
