//! Parties that are natural persons (rule 34): no draft names one in clear, and each person is one
//! party. What an older log holds stays.

use super::Batch;
use crate::entry::Content;
use crate::entry::event::claim::Claim;
use crate::entry::event::{Event, PartyRegistered};
use crate::entry::slot::Ref;
use crate::id::position::Position;
use crate::id::{PartyId, PersonId, Word};
use crate::judge::refusal::{Reason, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Judges what one draft says of a natural person by itself.
pub(super) fn person_draft(
    batch: &Batch,
    draft: usize,
    content: &Content,
    refusals: &mut Vec<Refusal>,
) {
    let Some(event) = &content.event else {
        return;
    };
    if let Some(registered) = event.registered() {
        registration(batch, draft, registered, refusals);
    } else if let Some(given) = event.party_names() {
        name_taken(batch, draft, given.party, refusals);
    } else if let Some(claim) = event.claim() {
        claim_of_name(batch, draft, claim, refusals);
    }
}

/// A source that says what a natural person is called names it in clear.
fn claim_of_name(batch: &Batch, draft: usize, claim: &Claim, refusals: &mut Vec<Refusal>) {
    if claim.question.spells_a_name()
        && let Ok(party) = PartyId::new(&claim.answer)
        && let Some(kind) = natural(batch, &party)
    {
        let message = format!(
            "the claim names party {party} in clear, which is a natural person (kind {kind}): \
             leave the claim out"
        );
        refusals.push(Refusal::new(draft, Reason::NameInClear, party, message));
    }
}

/// A natural person is registered without names and aliases, and nobody else with a person.
fn registration(
    batch: &Batch,
    draft: usize,
    registered: &PartyRegistered,
    refusals: &mut Vec<Refusal>,
) {
    let PartyRegistered {
        party,
        kind,
        names,
        aliases,
        person,
        ..
    } = registered;
    if !batch.book.is_natural(kind, batch.last()) {
        if person.is_some() {
            let message = format!(
                "party {party} is of the kind {kind}, which is not natural persons: leave `person` \
                 out, or declare the kind with `natural_person`"
            );
            refusals.push(Refusal::new(draft, Reason::NotAPerson, party, message));
        }
        return;
    }
    let given = match (names.is_empty(), aliases.is_empty()) {
        (true, true) => return,
        (false, true) => "`names`",
        (true, false) => "`aliases`",
        (false, false) => "`names` and `aliases`",
    };
    let sealed = sealed(person.as_ref());
    let message = format!(
        "party {party} is a natural person (kind {kind}), and what is given in clear can never be \
         erased: leave {given} out, {sealed}"
    );
    refusals.push(Refusal::new(draft, Reason::NameInClear, party, message));
}

/// A natural person takes no name in clear.
fn name_taken(batch: &Batch, draft: usize, party: &PartyId, refusals: &mut Vec<Refusal>) {
    let Some(kind) = natural(batch, party) else {
        return;
    };
    let mut linked = None;
    (batch.party)(party, &mut |record| {
        let registration = record.registration(batch.last());
        linked = registration.and_then(|fact| batch.book.linked_person(fact.position).cloned());
    });
    let sealed = match &linked {
        Some(person) => format!("record the name with `person_named` for {person}"),
        None => "record the name with `person_named`, and correct the registration to name that \
                 person in `person`"
            .to_owned(),
    };
    let message = format!(
        "party {party} is a natural person (kind {kind}), and a name taken in clear can never be \
         erased: {sealed}"
    );
    refusals.push(Refusal::new(draft, Reason::NameInClear, party, message));
}

/// Says how a name is recorded that can be erased.
fn sealed(person: Option<&PersonId>) -> String {
    match person {
        Some(person) => format!("and record the name with `person_named` for {person}"),
        None => "record the name with `person_named`, and name that person in `person`".to_owned(),
    }
}

/// Returns the kind of a party that is a natural person after the batch.
fn natural(batch: &Batch, party: &PartyId) -> Option<Word> {
    let mut attributes = None;
    (batch.party)(party, &mut |record| {
        attributes = record.registration(batch.last()).map(|fact| fact.value);
    });
    let kind = &batch.book.attributes(attributes?)?.kind;
    batch
        .book
        .is_natural(kind, batch.last())
        .then(|| kind.clone())
}

/// A natural person that the batch links with a party is no other party: who is registered twice
/// would vote twice.
pub(super) fn one_party_each(batch: &Batch, refusals: &mut Vec<Refusal>) {
    let known_at = batch.last();
    let registered = |content: Option<&Content>| {
        let event = content.and_then(|content| content.event.as_ref());
        event.and_then(Event::registered).cloned()
    };
    let contents = batch.contents.iter();
    let linked: BTreeSet<PersonId> = contents
        .filter_map(|content| registered(Some(content))?.person)
        .collect();
    for person in linked {
        let mentions = batch.book.mentions(&Ref::Person(person.clone())).iter();
        let links = mentions.filter(|position| {
            batch.book.linked_person(**position) == Some(&person)
                && batch.book.corrected_by(**position, known_at).is_none()
        });
        let mut parties: BTreeMap<PartyId, Position> = BTreeMap::new();
        for position in links {
            if let Some(found) = registered((batch.lookup)(*position).as_ref()) {
                parties.entry(found.party).or_insert(*position);
            }
        }
        if parties.len() < 2 {
            continue;
        }
        let named: Vec<&str> = parties.keys().map(PartyId::as_str).collect();
        let message = format!(
            "{person} would be {} parties, {}: a natural person is one, so record under the party \
             that there is, or correct its registration",
            named.len(),
            named.join(" and ")
        );
        let positions: Vec<Position> = parties.into_values().collect();
        let draft = batch.draft(&positions);
        let refusal = Refusal::new(draft, Reason::AlreadyExists, &person, message);
        refusals.push(refusal.with(positions));
    }
}
