//! When acts were done (rule 23): kept as entries say it, worked out when asked, so that it moves
//! with the decision or the session it hangs on.

use crate::entry::about::facts;
use crate::entry::event::Event;
use crate::entry::facts::{Facts, OfParty};
use crate::entry::gathered::is_of_party;
use crate::id::DecisionId;
use crate::id::position::Position;
use crate::record::fact::At;
use crate::record::interned::Interned;
use crate::record::number::SessionIx;
use crate::time::when::Window;

/// When an act was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// Its days.
    pub window: Window,
    /// Whose day that is.
    pub day: DayOf,
}

/// Whose day a day is: of one and the same no two differ, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayOf {
    /// Of the entry at this position, and of all that was decided by it.
    Entry(Position),
    /// Of the opening of a session.
    Opening(SessionIx),
}

/// What entries say of when their acts were done, each in order of position.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Acts {
    /// Those that say it, where it may be after the day they take effect, or a decision bears on
    /// it.
    said: Vec<(Position, At)>,
    /// Those that rest on a decision.
    resting: Vec<Resting>,
    decisions: Interned<DecisionId>,
    annulling: Vec<Annulling>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Resting {
    position: Position,
    /// The decision, by its number.
    decision: u32,
    /// Whether it takes a party into a class.
    admits: bool,
    /// Whether all its facts are of a party's class, applications or money.
    of_party: bool,
}

/// An annulment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Annulling {
    /// Its entry.
    pub position: Position,
    /// What it annuls.
    pub annulled: Position,
    /// When that takes effect.
    pub at: At,
    /// Whether it is one from the start of which nothing says when it was done.
    pub undated: bool,
}

/// Finds an entry among others in order of position.
fn find<T>(all: &[T], position: Position, of: impl Fn(&T) -> Position) -> Option<&T> {
    let place = all.partition_point(|one| of(one) < position);
    all.get(place).filter(|one| of(one) == position)
}

impl Acts {
    pub fn say(&mut self, position: Position, at: At) {
        self.said.push((position, at));
    }

    /// Notes that an entry rests on a decision, and what it says.
    pub fn rest(&mut self, position: Position, decision: &DecisionId, event: &Event) {
        let decision = self.decisions.number(decision, position);
        self.resting.push(Resting {
            position,
            decision,
            admits: matches!(facts(event), Facts::Party(_, OfParty::Class(..))),
            of_party: is_of_party(event),
        });
    }

    /// Returns the entries that rest on a decision and whose facts are not all of a party's class,
    /// applications or money.
    pub fn of_the_book(&self) -> impl Iterator<Item = Position> {
        let of = self.resting.iter().filter(|one| !one.of_party);
        of.map(|one| one.position)
    }

    pub fn annul(&mut self, annulling: Annulling) {
        self.annulling.push(annulling);
    }

    /// Returns when an entry says that its act was done, where that is kept.
    pub fn said(&self, position: Position) -> Option<At> {
        find(&self.said, position, |(of, _)| *of).map(|(_, at)| *at)
    }

    /// Returns the decision that an entry rests on.
    pub fn decision_of(&self, position: Position) -> Option<&DecisionId> {
        self.decisions.get(self.resting(position)?.decision)
    }

    /// Returns whether an entry that rests on a decision takes a party into a class.
    pub fn admits(&self, position: Position) -> bool {
        self.resting(position).is_some_and(|one| one.admits)
    }

    /// Returns an annulment from the start of which nothing says when it was done.
    pub fn undated(&self, position: Position) -> Option<&Annulling> {
        find(&self.annulling, position, |one| one.position).filter(|one| one.undated)
    }

    /// Returns the annulments, known or corrected.
    pub fn annulling(&self) -> &[Annulling] {
        &self.annulling
    }

    fn resting(&self, position: Position) -> Option<&Resting> {
        find(&self.resting, position, |one| one.position)
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        let keep = self
            .said
            .partition_point(|(position, _)| *position <= above);
        self.said.truncate(keep);
        let keep = self.resting.partition_point(|one| one.position <= above);
        self.resting.truncate(keep);
        let keep = self.annulling.partition_point(|one| one.position <= above);
        self.annulling.truncate(keep);
        self.decisions.retract(above);
    }
}
