//! Whose lines on the rolls of sessions entries may move (rule 23), and what is found of whom (rule
//! 31): what is kept of a session or of a party stands for as long as none of them is meant.
//!
//! A line hangs on what is recorded of its party, on the law, on the days of sessions, and on the
//! days on which acts were done, which are those of the decisions that they rest on. So a decision
//! or a session reaches whomever the entries are about that name it.
//!
//! Nothing moves a line of a day before it takes effect and was done: a row of changes of known
//! days says of a day nothing else for a change that comes later (rule 7). So each is reached from
//! a day on, a session from the first of its year; whatever restates, or moves what others hang on,
//! or stands in a row with an open day or an annulment, reaches at all times.

use crate::entry::Content;
use crate::entry::event::ask::OnAccount;
use crate::entry::event::{Event, TermKind};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::slot::{Ref, Slot};
use crate::id::position::Position;
use crate::id::{FundId, PartyId};
use crate::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of entries, for telling whom others reach.
pub struct Entries<'a> {
    /// The entry that is added.
    pub position: Position,
    /// Reads what an entry said.
    pub lookup: &'a dyn Fn(Position) -> Option<Content>,
    /// Names the entries that refer to something, corrected ones included.
    pub mentions: &'a dyn Fn(&Ref) -> Vec<Position>,
    /// Returns the first day on which what an entry says may take effect, or may have been done;
    /// the first of all where that is not known.
    pub since: &'a dyn Fn(&Content) -> Day,
    /// Returns whether all that was ever recorded under a key came on a known day, and nothing of
    /// it was annulled, so that what comes later moves nothing in its row.
    pub is_certain: &'a dyn Fn(&Key) -> bool,
    /// Returns whether anything is recorded of a party's money but the entry that is added, so that
    /// it has an account with and without it.
    pub has_account: &'a dyn Fn(&PartyId) -> bool,
}

/// Whose lines entries may move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollReach {
    /// Since which day everybody's, if at all: the founding, law, its vocabulary and funds.
    pub everybody: Option<Day>,
    /// Since which day sessions were convened, put off or called off, if any: everybody's, if law
    /// hangs on that.
    pub sessions: Option<Day>,
    /// Whether something was said that is no party's own: of sessions, decisions, annulments.
    pub book: bool,
    /// The parties that entries are about, each with the day since which its lines may move.
    pub parties: BTreeMap<PartyId, Day>,
    /// The funds to which dues are assessed.
    funds: BTreeSet<FundId>,
}

impl RollReach {
    /// Adds an entry.
    pub fn add(&mut self, content: &Content, entries: &Entries<'_>) {
        let since = match content.corrects {
            Some(_) => Day::MIN,
            None => (entries.since)(content),
        };
        let mut reaching = Reaching {
            reach: self,
            entries,
            open: content.corrects.into_iter().collect(),
            seen: BTreeSet::from([entries.position]),
        };
        if let Some(event) = &content.event {
            reaching.add(event, since);
        }
        // Acts upon acts, and what hangs on a session, may be long rows: they are walked.
        while let Some(entry) = reaching.open.pop() {
            if !reaching.seen.insert(entry) {
                continue;
            }
            let content = (entries.lookup)(entry);
            if let Some(event) = content.and_then(|content| content.event) {
                reaching.add(&event, Day::MIN);
            }
        }
    }

    /// Adds everybody where dues to a fund are now assessed for more years than before, or for
    /// fewer (rule 28). `moved` says of which funds that is so.
    pub fn assessed(&mut self, moved: &dyn Fn(&FundId) -> bool) {
        if self.funds.iter().any(moved) {
            self.everybody = Some(Day::MIN);
        }
        self.funds.clear();
    }

    /// Adds those that follow the parties reached, however far. `successors` names those that ever
    /// followed a party.
    pub fn follow(&mut self, successors: &dyn Fn(&PartyId) -> BTreeSet<PartyId>) {
        let mut open: Vec<PartyId> = self.parties.keys().cloned().collect();
        let mut followed: BTreeSet<PartyId> = BTreeSet::new();
        while let Some(party) = open.pop() {
            for next in successors(&party) {
                if followed.insert(next.clone()) {
                    // What passed, and since when, is theirs to find out.
                    self.parties.insert(next.clone(), Day::MIN);
                    open.push(next);
                }
            }
        }
    }

    /// Adds whom another reaches on days up to one.
    pub fn join(&mut self, other: &Self, until: Day) {
        for (of, other) in [
            (&mut self.everybody, other.everybody),
            (&mut self.sessions, other.sessions),
        ] {
            if let Some(since) = other.filter(|since| *since <= until) {
                sooner(of, since);
            }
        }
        self.book |= other.book;
        for (party, since) in other.parties.iter().filter(|(_, since)| **since <= until) {
            reach(&mut self.parties, party.clone(), *since);
        }
        self.funds.extend(other.funds.iter().cloned());
    }

    /// Returns whether nobody is reached, and nothing but parties spoken of.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.everybody.is_none() && self.sessions.is_none() && !self.book && self.parties.is_empty()
    }
}

fn reach(parties: &mut BTreeMap<PartyId, Day>, party: PartyId, since: Day) {
    let found = parties.entry(party).or_insert(since);
    *found = since.min(*found);
}

fn sooner(of: &mut Option<Day>, since: Day) {
    *of = Some(of.map_or(since, |of| of.min(since)));
}

/// Entries that are being added.
struct Reaching<'a> {
    reach: &'a mut RollReach,
    entries: &'a Entries<'a>,
    /// The entries whose events are to be added.
    open: Vec<Position>,
    seen: BTreeSet<Position>,
}

impl Reaching<'_> {
    fn add(&mut self, event: &Event, since: Day) {
        let on_account = event.on_account();
        if let Some(OnAccount::Assessed(dues)) = on_account {
            self.reach.funds.insert(dues.fund.clone());
        }
        let is_paid = matches!(on_account, Some(OnAccount::Paid(_)));
        for key in keys(event) {
            let since = if since > Day::MIN && (self.entries.is_certain)(&key) {
                since
            } else {
                Day::MIN
            };
            match key {
                // Who is registered may be named by what is recorded of any day.
                Key::Registration(party) => reach(&mut self.reach.parties, party, Day::MIN),
                Key::Class(party) | Key::Application(party) => {
                    reach(&mut self.reach.parties, party, since);
                }
                Key::Dues(party, _) => {
                    // What is assessed may be due before it is, and the first that is recorded of
                    // its money opens an account for all times.
                    let later = is_paid && (self.entries.has_account)(&party);
                    let since = if later { since } else { Day::MIN };
                    reach(&mut self.reach.parties, party, since);
                }
                Key::Name(..) => {}
                Key::Annulment(entry) => {
                    self.reach.book = true;
                    self.open.push(entry);
                }
                Key::Book(slot) => self.add_slot(slot, since),
            }
        }
    }

    fn add_slot(&mut self, slot: Slot, since: Day) {
        self.reach.book = true;
        match slot {
            Slot::Session(session) => {
                // One that was named before may have had other days; of a new one law may ask
                // whether it is held in a year (rule 20).
                let named = self.hanging(&Ref::Session(session));
                let year = Day::first_of_year(since.year());
                sooner(
                    &mut self.reach.sessions,
                    if named { Day::MIN } else { year },
                );
            }
            Slot::Decision(decision) => {
                self.hanging(&Ref::Decision(decision));
            }
            Slot::Successors(party) | Slot::Predecessors(party) => {
                reach(&mut self.reach.parties, party, Day::MIN);
            }
            Slot::Instrument(_) | Slot::Amendments(_) | Slot::Article(_) => {
                sooner(&mut self.reach.everybody, since);
            }
            Slot::Association
            | Slot::Term(TermKind::Class | TermKind::Right | TermKind::Body, _)
            | Slot::Rules
            | Slot::Fund(_) => self.reach.everybody = Some(Day::MIN),
            Slot::Term(TermKind::Function | TermKind::Office | TermKind::PartyKind, _)
            | Slot::Name(..)
            | Slot::History
            | Slot::Attendance(_)
            | Slot::Holder(..)
            | Slot::Acting(..)
            | Slot::Person(_)
            | Slot::Committee(_)
            | Slot::Coordinator(..)
            | Slot::Seat
            | Slot::Institution(_)
            | Slot::Ratifications(_)
            | Slot::FrozenRoll(_)
            | Slot::Turns(_)
            | Slot::Claims => {}
        }
    }

    /// Adds what hangs on a session or a decision; returns whether anything else than the entry
    /// itself names it.
    fn hanging(&mut self, on: &Ref) -> bool {
        let mentions = (self.entries.mentions)(on);
        let of_others = mentions.iter().any(|entry| *entry != self.entries.position);
        self.open.extend(mentions);
        of_others
    }
}
