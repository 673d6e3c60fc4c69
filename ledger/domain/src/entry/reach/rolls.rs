//! Whose lines on the rolls of sessions entries may move (rule 23), and what is found of whom (rule
//! 31): what is kept of a session or of a party stands for as long as none of them is meant.
//!
//! A line hangs on what is recorded of its party, on the law, on the days of sessions, and on the
//! days on which acts were done, which are those of the decisions that they rest on. So a decision
//! or a session reaches whomever the entries are about that name it.

use crate::entry::Content;
use crate::entry::event::ask::OnAccount;
use crate::entry::event::{Event, TermKind};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::slot::{Ref, Slot};
use crate::id::position::Position;
use crate::id::{FundId, PartyId};
use std::collections::BTreeSet;

/// What is known of entries, for telling whom others reach.
pub struct Entries<'a> {
    /// Reads what an entry said.
    pub lookup: &'a dyn Fn(Position) -> Option<Content>,
    /// Names the entries that refer to something, corrected ones included.
    pub mentions: &'a dyn Fn(&Ref) -> Vec<Position>,
}

/// Whose lines entries may move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RollReach {
    /// Whether everybody's: the founding, law, its vocabulary and funds.
    pub everybody: bool,
    /// Whether a session was convened, put off or called off: everybody's, if law hangs on that.
    pub sessions: bool,
    /// Whether something was said that is no party's own: of sessions, decisions, annulments.
    pub book: bool,
    /// The parties that entries are about.
    pub parties: BTreeSet<PartyId>,
    /// The funds to which dues are assessed.
    funds: BTreeSet<FundId>,
}

impl RollReach {
    /// Adds an entry.
    pub fn add(&mut self, content: &Content, entries: &Entries<'_>) {
        let mut reaching = Reaching {
            reach: self,
            entries,
            open: content.corrects.into_iter().collect(),
            seen: BTreeSet::new(),
        };
        if let Some(event) = &content.event {
            reaching.add(event);
        }
        // Acts upon acts, and what hangs on a session, may be long rows: they are walked.
        while let Some(entry) = reaching.open.pop() {
            if !reaching.seen.insert(entry) {
                continue;
            }
            let content = (entries.lookup)(entry);
            if let Some(event) = content.and_then(|content| content.event) {
                reaching.add(&event);
            }
        }
    }

    /// Adds everybody where dues to a fund are now assessed for more years than before, or for
    /// fewer (rule 28). `moved` says of which funds that is so.
    pub fn assessed(&mut self, moved: &dyn Fn(&FundId) -> bool) {
        self.everybody |= self.funds.iter().any(moved);
        self.funds.clear();
    }

    /// Adds those that follow the parties reached, however far. `successors` names those that ever
    /// followed a party.
    pub fn follow(&mut self, successors: &dyn Fn(&PartyId) -> BTreeSet<PartyId>) {
        let mut open: Vec<PartyId> = self.parties.iter().cloned().collect();
        while let Some(party) = open.pop() {
            for next in successors(&party) {
                if self.parties.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
    }

    /// Adds whom another reaches.
    pub fn join(&mut self, other: &Self) {
        self.everybody |= other.everybody;
        self.sessions |= other.sessions;
        self.book |= other.book;
        self.parties.extend(other.parties.iter().cloned());
        self.funds.extend(other.funds.iter().cloned());
    }

    /// Returns whether nobody is reached, and nothing but parties spoken of.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !(self.everybody || self.sessions || self.book) && self.parties.is_empty()
    }
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
    fn add(&mut self, event: &Event) {
        if let Some(OnAccount::Assessed(dues)) = event.on_account() {
            self.reach.funds.insert(dues.fund.clone());
        }
        self.reach.everybody |= event.changed_instrument().is_some();
        for key in keys(event) {
            match key {
                Key::Registration(party)
                | Key::Class(party)
                | Key::Application(party)
                | Key::Dues(party, _) => {
                    self.reach.parties.insert(party);
                }
                Key::Name(..) => {}
                Key::Annulment(entry) => {
                    self.reach.book = true;
                    self.open.push(entry);
                }
                Key::Book(slot) => self.add_slot(slot),
            }
        }
    }

    fn add_slot(&mut self, slot: Slot) {
        self.reach.book = true;
        match slot {
            Slot::Session(session) => {
                self.reach.sessions = true;
                self.hanging(&Ref::Session(session));
            }
            Slot::Decision(decision) => self.hanging(&Ref::Decision(decision)),
            Slot::Successors(party) | Slot::Predecessors(party) => {
                self.reach.parties.insert(party);
            }
            Slot::Association
            | Slot::Term(TermKind::Class | TermKind::Right | TermKind::Body, _)
            | Slot::Instrument(_)
            | Slot::Amendments(_)
            | Slot::Article(_)
            | Slot::Rules
            | Slot::Fund(_) => self.reach.everybody = true,
            Slot::Term(TermKind::Function | TermKind::Office | TermKind::PartyKind, _)
            | Slot::Name(..)
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

    /// Adds what hangs on a session or a decision.
    fn hanging(&mut self, on: &Ref) {
        self.open.extend((self.entries.mentions)(on));
    }
}
