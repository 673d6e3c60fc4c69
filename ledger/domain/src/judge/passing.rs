//! What a batch lets pass from party to party (rule 12): once, and to a result that is known.
//!
//! A history that was recorded when nobody asked is no reason to refuse what has nothing to do with
//! it: only what a batch brings about is refused.

use super::Batch;
use crate::entry::event::Event;
use crate::entry::gathered::dues_slot;
use crate::entry::key::Key;
use crate::entry::norm::Passing;
use crate::entry::slot::Slot;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::judge::refusal::{Reason, Refusal};
use crate::record::fact::Said;
use crate::record::party::PartyRecord;
use crate::record::passage::{Known, Passage, ReadRecord};
use crate::record::without::NOTHING;
use crate::time::day::Day;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

impl Batch<'_> {
    /// Returns a copy of the record of a party that is registered after the batch.
    pub(super) fn record(&self, party: &PartyId) -> Option<PartyRecord> {
        let mut found = None;
        (self.party)(party, &mut |record| {
            let registered = record.registration(self.last()).is_some();
            found = registered.then(|| record.clone());
        });
        found
    }

    /// Returns the same of a party that succeeds another, or is succeeded.
    fn kin(&self, party: &PartyId) -> Option<PartyRecord> {
        let mut kin = false;
        (self.party)(party, &mut |record| kin = record.kin().is_some());
        kin.then(|| self.record(party)).flatten()
    }

    /// Returns the record of a party as its last membership brought it.
    pub(super) fn as_member<'r>(&self, record: &'r PartyRecord) -> Cow<'r, PartyRecord> {
        let read = |party: &PartyId| self.record(party);
        self.known(self.last(), &read).as_member(record, Day::MAX)
    }

    /// Returns what is known of successions at a position, given how records are read.
    fn known<'k>(&'k self, known_at: Position, read: ReadRecord<'k>) -> Known<'k> {
        Known {
            book: self.book,
            known_at,
            without: NOTHING,
            read,
        }
    }
}

/// Returns what else the batch moved: what stands under the names of those that follow the parties
/// it touched, as suspensions and waivers pass.
pub(super) fn following(batch: &Batch) -> BTreeSet<Key> {
    let touched = batch.touched.keys.iter();
    let moved = touched.filter_map(|key| match key {
        Key::Class(party) | Key::Dues(party, _) => Some(party.clone()),
        Key::Book(_)
        | Key::Registration(_)
        | Key::Application(_)
        | Key::Name(..)
        | Key::Annulment(_) => None,
    });
    let mut seen: BTreeSet<PartyId> = moved.collect();
    let mut open: Vec<PartyId> = seen.iter().cloned().collect();
    let mut keys = BTreeSet::new();
    while let Some(party) = open.pop() {
        let Some(record) = batch.kin(&party) else {
            continue;
        };
        for fact in record.dues_facts() {
            let slot = dues_slot(&fact.value);
            let slot = slot.filter(|slot| slot.is_timeline() && slot.passes(true));
            keys.extend(slot.map(|slot| Key::Dues(party.clone(), slot)));
        }
        let read = |party: &PartyId| batch.record(party);
        for passage in batch.known(batch.last(), &read).passages(&record) {
            if passage.from == party && seen.insert(passage.to.clone()) {
                open.push(passage.to);
            }
        }
    }
    keys
}

/// Judges the successions that the batch touched.
pub(super) fn passings(batch: &Batch, refusals: &mut Vec<Refusal>) {
    for (draft, content) in batch.contents.iter().enumerate() {
        let succession = content.event.as_ref().and_then(Event::succession);
        if let Some(succession) = succession
            && let Some(class) = succession.class
            && !succession.passes.contains(&Passing::Membership)
        {
            let message = format!("no membership passes that could result in the class {class}");
            refusals.push(Refusal::new(draft, Reason::Malformed, class, message));
        }
    }
    let mut parties: BTreeSet<&PartyId> = BTreeSet::new();
    for key in &batch.touched.keys {
        match key {
            Key::Book(Slot::Successors(party)) => {
                for passing in [Passing::Offices, Passing::Seats] {
                    pass_once(batch, party, passing, refusals);
                }
            }
            Key::Class(party) => {
                parties.insert(party);
            }
            Key::Book(_)
            | Key::Registration(_)
            | Key::Application(_)
            | Key::Name(..)
            | Key::Dues(..)
            | Key::Annulment(_) => {}
        }
    }
    accounts_pass_once(batch, refusals);
    classes_agree(batch, parties, refusals);
}

/// Each office, and each seat, passes once from a party: what it no longer has it cannot pass.
fn pass_once(batch: &Batch, from: &PartyId, passing: Passing, refusals: &mut Vec<Refusal>) {
    let slot = Slot::Successors(from.clone());
    let listed = |known_at: Position| {
        let known = batch.book.known(&slot, known_at);
        let lists = |fact: &&Said| {
            let succession = fact.value.succession();
            succession.is_some_and(|succession| succession.passes.contains(&passing))
        };
        let positions = known.filter(lists).map(|fact| fact.position);
        positions.collect::<BTreeSet<Position>>()
    };
    let (before, after) = (listed(batch.first.previous()), listed(batch.last()));
    if after.len() < 2 || after.is_subset(&before) {
        return;
    }
    let what = match passing {
        Passing::Offices => "the offices",
        Passing::Seats => "the seats",
        Passing::Membership => "the membership",
        Passing::Accounts => "the account",
    };
    let positions: Vec<Position> = after.into_iter().collect();
    let message = format!(
        "{what} of {from} would pass twice; they pass once, so leave them out of one succession"
    );
    let refusal = Refusal::new(batch.draft(&positions), Reason::NotHeld, from, message);
    refusals.push(refusal.with(positions));
}

/// An account that passed on has nothing left to pass, unless it came back.
fn accounts_pass_once(batch: &Batch, refusals: &mut Vec<Refusal>) {
    let mut void: BTreeMap<Position, PartyId> = BTreeMap::new();
    for key in &batch.touched.keys {
        let Key::Book(Slot::Successors(party) | Slot::Predecessors(party)) = key else {
            continue;
        };
        let Some(record) = batch.record(party) else {
            continue;
        };
        let at = |known_at: Position| {
            let read = |party: &PartyId| batch.record(party);
            let accounts = batch.known(known_at, &read).accounts(&record);
            accounts.map_or_else(Vec::new, |accounts| accounts.void)
        };
        let before = at(batch.first.previous());
        let new = at(batch.last()).into_iter();
        let new = new.filter(|position| !before.contains(position));
        void.extend(new);
    }
    for from in void.into_values() {
        let others = batch
            .book
            .known(&Slot::Successors(from.clone()), batch.last());
        let lists = |fact: &&Said| {
            let succession = fact.value.succession();
            succession.is_some_and(|succession| succession.passes.contains(&Passing::Accounts))
        };
        let positions: Vec<Position> = others.filter(lists).map(|fact| fact.position).collect();
        let message = format!(
            "the account of {from} has passed on before, and passes once; record what another \
             takes over as new assessments"
        );
        let refusal = Refusal::new(batch.draft(&positions), Reason::NotHeld, from, message);
        refusals.push(refusal.with(positions));
    }
}

/// Where both parties certainly have a class by the recorded acts, and the two differ, nobody can
/// know which results unless the succession says so.
fn classes_agree<'a>(
    batch: &'a Batch,
    touched: BTreeSet<&'a PartyId>,
    refusals: &mut Vec<Refusal>,
) {
    let mut open: Vec<PartyId> = touched.into_iter().cloned().collect();
    let mut seen: BTreeSet<PartyId> = open.iter().cloned().collect();
    let mut passages: BTreeMap<Position, Passage> = BTreeMap::new();
    while let Some(party) = open.pop() {
        let Some(record) = batch.kin(&party) else {
            continue;
        };
        let read = |party: &PartyId| batch.record(party);
        for passage in batch.known(batch.last(), &read).passages(&record) {
            if !passage.membership {
                continue;
            }
            if seen.insert(passage.to.clone()) {
                open.push(passage.to.clone());
            }
            passages.insert(passage.position, passage);
        }
    }
    for (position, passage) in passages {
        let read = |party: &PartyId| batch.record(party);
        let after = batch.known(batch.last(), &read);
        let Some((one, other)) = after.two_classes(&passage) else {
            continue;
        };
        let before = batch.known(batch.first.previous(), &read);
        if position < batch.first && before.two_classes(&passage).is_some() {
            continue;
        }
        let (from, to) = (&passage.from, &passage.to);
        let day = passage.on;
        let message = format!(
            "{from} is {one} on {day} and {to} is {other}: name the class that results (`class`), \
             or leave the membership out of what passes"
        );
        let refusal = Refusal::new(batch.draft(&[position]), Reason::TwoClasses, to, message);
        refusals.push(refusal.with(vec![position]));
    }
}
