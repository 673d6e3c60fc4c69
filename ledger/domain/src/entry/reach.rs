//! Whose rights an entry may move: what has to be looked at again after it, and no more.

pub mod rolls;

use crate::entry::Content;
use crate::entry::event::ask::OnAccount;
use crate::entry::event::{Event, TermKind};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{FundId, PartyId};
use std::collections::{BTreeMap, BTreeSet};

/// How deep annulments of annulments are followed; what lies deeper is taken to reach everybody.
const DEEPEST: usize = 32;

/// How an entry reaches those whose rights it may move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Touch {
    /// An entry about the party itself, or about one it follows, reaches it; else the law or a
    /// session does.
    pub directly: bool,
    /// An entry that corrects another, or annuls an act, reaches it.
    pub restates: bool,
}

impl Touch {
    fn with(self, other: Self) -> Self {
        Self {
            directly: self.directly || other.directly,
            restates: self.restates || other.restates,
        }
    }
}

/// Whose rights a batch may move.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// How everybody is reached; none if not everybody is. Law, its vocabulary, sessions on which
    /// days and conditions hang, funds.
    pub everybody: Option<Touch>,
    /// The parties that entries are about, and those that follow them.
    pub parties: BTreeMap<PartyId, Touch>,
    /// The funds to which entries assess dues, with whether one restates.
    funds: BTreeMap<FundId, bool>,
    /// Whether a session was convened, put off or called off.
    pub sessions: bool,
    /// Whether a version of the rule semantics was adopted.
    pub rules: bool,
}

impl Reach {
    /// Adds an entry. `lookup` reads what an earlier one said, for corrections and annulments.
    pub fn add(&mut self, content: &Content, lookup: &dyn Fn(Position) -> Option<Content>) {
        let event = content.event.as_ref();
        self.rules |= event.and_then(Event::adopted_rules).is_some();
        let restates = content.corrects.is_some() || event.and_then(Event::annulled).is_some();
        let corrected = content.corrects.and_then(lookup);
        let corrected = corrected.and_then(|content| content.event);
        for event in content.event.iter().chain(&corrected) {
            self.add_event(event, restates, lookup, DEEPEST);
        }
    }

    fn add_event(
        &mut self,
        event: &Event,
        restates: bool,
        lookup: &dyn Fn(Position) -> Option<Content>,
        deepest: usize,
    ) {
        if let Some(OnAccount::Assessed(dues)) = event.on_account() {
            *self.funds.entry(dues.fund.clone()).or_default() |= restates;
        }
        for key in keys(event) {
            match key {
                Key::Registration(party)
                | Key::Class(party)
                | Key::Dues(party, _)
                | Key::Book(Slot::Successors(party) | Slot::Predecessors(party)) => {
                    self.touch(party, restates);
                }
                Key::Book(Slot::Session(_)) => {
                    self.sessions = true;
                    self.touch_everybody(restates);
                }
                Key::Book(
                    Slot::Term(TermKind::Class | TermKind::Right | TermKind::Body, _)
                    | Slot::Instrument(_)
                    | Slot::Article(_)
                    | Slot::Rules
                    | Slot::Fund(_),
                ) => self.touch_everybody(restates),
                Key::Annulment(entry) => match lookup(entry).and_then(|content| content.event) {
                    Some(_) if deepest == 0 => self.touch_everybody(restates),
                    Some(annulled) => {
                        // With an act that makes law go the articles that came with it.
                        if annulled.changed_instrument().is_some() {
                            self.touch_everybody(restates);
                        }
                        self.add_event(&annulled, restates, lookup, deepest - 1);
                    }
                    None => {}
                },
                Key::Application(_) | Key::Name(..) | Key::Book(_) => {}
            }
        }
    }

    fn touch(&mut self, party: PartyId, restates: bool) {
        let touch = Touch {
            directly: true,
            restates,
        };
        let found = self.parties.entry(party).or_default();
        *found = found.with(touch);
    }

    fn touch_everybody(&mut self, restates: bool) {
        let touch = Touch {
            directly: false,
            restates,
        };
        self.everybody = Some(self.everybody.unwrap_or_default().with(touch));
    }

    /// Adds everybody where dues to a fund are now assessed for more years than before, or for
    /// fewer: the years after them are open for all (rule 28). `moved` says of which funds that is
    /// so.
    pub fn assessed(&mut self, moved: &dyn Fn(&FundId) -> bool) {
        let funds = std::mem::take(&mut self.funds);
        for (_, restates) in funds.iter().filter(|(fund, _)| moved(fund)) {
            self.touch_everybody(*restates);
        }
    }

    /// Adds those that follow the parties reached, however far: a membership and an account that
    /// passed on are theirs. `successors` names those that ever followed a party.
    pub fn follow(&mut self, successors: &dyn Fn(&PartyId) -> BTreeSet<PartyId>) {
        let mut open: Vec<PartyId> = self.parties.keys().cloned().collect();
        while let Some(party) = open.pop() {
            let touch = self.parties.get(&party).copied().unwrap_or_default();
            for next in successors(&party) {
                let found = self.parties.get(&next).copied().unwrap_or_default();
                let reached = found.with(touch);
                if reached != found {
                    self.parties.insert(next.clone(), reached);
                    open.push(next);
                }
            }
        }
    }

    /// Returns how a party is reached; none if it is not.
    #[must_use]
    pub fn of(&self, party: &PartyId) -> Option<Touch> {
        match (self.parties.get(party), self.everybody) {
            (None, everybody) => everybody,
            (Some(touch), None) => Some(*touch),
            (Some(touch), Some(everybody)) => Some(touch.with(everybody)),
        }
    }
}
