//! When acts were done (rule 23): kept as entries say it, worked out when asked, so that it moves
//! with the decision or the session it hangs on.

use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{DecisionId, SessionId};
use crate::record::book::Book;
use crate::record::fact::At;
use crate::record::interned::Interned;
use crate::record::number::SessionIx;
use crate::time::day::Day;
use crate::time::when::{Edge, Window};

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

    pub fn rest(&mut self, position: Position, decision: &DecisionId, admits: bool) {
        let decision = self.decisions.number(decision, position);
        self.resting.push(Resting {
            position,
            decision,
            admits,
        });
    }

    pub fn annul(&mut self, annulling: Annulling) {
        self.annulling.push(annulling);
    }

    fn resting(&self, position: Position) -> Option<&Resting> {
        find(&self.resting, position, |one| one.position)
    }

    fn undated(&self, position: Position) -> Option<&Annulling> {
        find(&self.annulling, position, |one| one.position).filter(|one| one.undated)
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

impl Book {
    /// Returns when the act of an entry was done, as known at a position: when the entry says so,
    /// else on the day of the decision it rests on, which is the opening of its session where it
    /// has no date of its own. An annulment from the start of which neither is recorded was done on
    /// or after the day of what it annuls, nobody knows when. None of whatever else: it was done on
    /// the day it takes effect.
    #[must_use]
    pub fn act(&self, position: Position, known_at: Position) -> Option<Act> {
        if let Some((_, at)) = find(&self.acts.said, position, |(of, _)| *of) {
            return self.act_at(*at, position, known_at);
        }
        if let Some(resting) = self.acts.resting(position) {
            return self.day_of_decision(resting, known_at);
        }
        let first = self.acts.undated(position)?;
        // Annulments of annulments may be many: they are walked, not followed by recursion.
        let mut last = first;
        while let Some(further) = self.acts.undated(last.annulled) {
            last = further;
        }
        let annulled = self.act(last.annulled, known_at).map(|act| act.window);
        let since = annulled.or_else(|| self.window(last.at, known_at));
        let window = Window {
            earliest: since.map_or(Day::MIN, |since| since.earliest),
            latest: Day::MAX,
        };
        Some(Act {
            window,
            day: DayOf::Entry(position),
        })
    }

    fn act_at(&self, at: At, position: Position, known_at: Position) -> Option<Act> {
        let window = self.window(at, known_at)?;
        let day = match at {
            At::Anchor(session, Edge::Opening) => DayOf::Opening(session),
            At::Anchor(_, Edge::Close) | At::Window(_) => DayOf::Entry(position),
        };
        Some(Act { window, day })
    }

    fn day_of_decision(&self, resting: &Resting, known_at: Position) -> Option<Act> {
        let decision = self.acts.decisions.get(resting.decision)?;
        let slot = Slot::Decision(decision.clone());
        let mut facts = self.facts(&slot).iter().rev();
        let fact = facts.find(|fact| fact.is_known(known_at))?;
        let session = &fact.value.decision()?.session;
        self.decided_on(fact.at, fact.position, session, known_at)
    }

    /// Returns the day of a decision: its own, else that of the opening of its session; none where
    /// that was called off.
    pub(crate) fn decided_on(
        &self,
        at: At,
        position: Position,
        session: &SessionId,
        known_at: Position,
    ) -> Option<Act> {
        let dated = at != At::Window(Window::day(Day::MIN));
        let own = dated.then(|| self.act_at(at, position, known_at)).flatten();
        own.or_else(|| {
            let opening = At::Anchor(self.session_ix(session)?, Edge::Opening);
            self.act_at(opening, position, known_at)
        })
    }

    /// Returns the annulments that are known at a position and not annulled themselves.
    pub(crate) fn annulling(&self, known_at: Position) -> impl Iterator<Item = Annulling> {
        let stands = move |one: &&Annulling| {
            let known = one.position <= known_at;
            let corrected = self.corrected_by(one.position, known_at).is_some();
            known && !corrected && !self.is_void(one.position, true, known_at)
        };
        self.acts.annulling.iter().filter(stands).copied()
    }

    /// Returns the decision that an entry rests on.
    pub(crate) fn rests_on(&self, position: Position) -> Option<&DecisionId> {
        let resting = self.acts.resting(position)?;
        self.acts.decisions.get(resting.decision)
    }

    /// Returns whether an entry that rests on a decision takes a party into a class.
    pub(crate) fn admits(&self, position: Position) -> bool {
        self.acts.resting(position).is_some_and(|one| one.admits)
    }
}
