//! When acts were done, and what bears on them, worked out of the book when asked (rule 23).

use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{DecisionId, SessionId};
use crate::record::acts::{Act, Annulling, DayOf};
use crate::record::book::Book;
use crate::record::fact::{At, Fact};
use crate::time::day::Day;
use crate::time::when::{Edge, Window};

impl Book {
    /// Returns when the act of an entry was done, as known at a position: when the entry says so,
    /// else on the day of the decision it rests on, which is the opening of its session where it
    /// has no date of its own. An annulment from the start of which neither is recorded was done on
    /// or after the day of what it annuls, nobody knows when. None of whatever else: it was done on
    /// the day it takes effect.
    #[must_use]
    pub fn act(&self, position: Position, known_at: Position) -> Option<Act> {
        if let Some(at) = self.acts.said(position) {
            return self.act_at(at, position, known_at);
        }
        if let Some(decision) = self.acts.decision_of(position) {
            return self.day_of_decision(decision, known_at);
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

    fn day_of_decision(&self, decision: &DecisionId, known_at: Position) -> Option<Act> {
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
        self.acts.annulling().iter().filter(stands).copied()
    }

    /// Returns the decision that an entry rests on.
    pub(crate) fn rests_on(&self, position: Position) -> Option<&DecisionId> {
        self.acts.decision_of(position)
    }

    /// Returns whether an entry that rests on a decision takes a party into a class.
    pub(crate) fn admits(&self, position: Position) -> bool {
        self.acts.admits(position)
    }

    /// Returns the entry of a fact, and the annulments that bear on it as known at a position:
    /// those of it and of the acts that it came with, those of these, and so on.
    pub(crate) fn bearing<V>(&self, fact: &Fact<V>, known_at: Position) -> Vec<Position> {
        let known_of = |entry: Position| {
            let of = self.annulments(entry).iter();
            let known = of.filter(move |annulment| annulment.is_known(known_at));
            known.map(|annulment| annulment.position)
        };
        let mut bearing = vec![fact.position];
        let acts = self.with_acts(fact.position, known_at).skip(1);
        bearing.extend(acts.flat_map(known_of));
        if fact.annulled {
            bearing.extend(known_of(fact.position));
        }
        let mut walked = 1;
        while walked < bearing.len() {
            bearing.extend(known_of(bearing[walked]));
            walked += 1;
        }
        bearing
    }

    /// Returns whether an entry annuls another.
    pub(crate) fn is_annulment(&self, position: Position) -> bool {
        self.annulments.is_one(position)
    }
}
