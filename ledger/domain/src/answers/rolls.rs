//! The rolls of a session: for each day on which it decided, who had the vote (rule 23).
//!
//! Stratum (rule 27): rights; reads no other.

pub mod governing;
pub(crate) mod listing;
mod turned;

use crate::answers::rolls::turned::Turned;
use crate::answers::session::{RollEntry, SessionFrame};
use crate::answers::weighing::Attended;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// The lines of a party on the rolls of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyLines {
    /// The party.
    pub party: PartyId,
    /// Its line from a roll on, by their places; none where it is not listed.
    pub(crate) lines: Vec<(usize, Option<RollEntry>)>,
    /// The annulments that were made after the day of a roll, and with which it would have the vote
    /// there otherwise.
    pub(crate) annulled_later: BTreeSet<Position>,
}

impl PartyLines {
    /// Returns the line on a roll, by its place; none where the party is not listed.
    #[must_use]
    pub fn on(&self, roll: usize) -> Option<&RollEntry> {
        let reached = self.lines.partition_point(|(from, _)| *from <= roll);
        self.lines.get(reached.checked_sub(1)?)?.1.as_ref()
    }
}

/// The rolls of a session: how many stand on each, and what findings tell of them. Who they are is
/// drawn anew when it is asked, so that a session of many takes no more memory than one of few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rolls {
    /// What comes to each roll that was not on the one before, less what goes.
    turns: Vec<Turned>,
    /// What each roll comes down to.
    attended: Vec<Attended>,
    /// The parties that would be otherwise on some roll with annulments that were made later, and
    /// these.
    annulled_later: BTreeMap<PartyId, BTreeSet<Position>>,
    /// The parties that a frozen roll counts otherwise than they had the vote on the first.
    otherwise: BTreeSet<PartyId>,
}

impl Rolls {
    /// Counts the lines of all parties.
    #[must_use]
    pub fn of(frame: &SessionFrame, lines: impl IntoIterator<Item = PartyLines>) -> Self {
        let mut rolls = Self {
            turns: vec![Turned::default(); frame.rolls.len()],
            attended: Vec::new(),
            annulled_later: BTreeMap::new(),
            otherwise: BTreeSet::new(),
        };
        for of in lines {
            rolls.come(frame, of);
        }
        rolls.close(frame);
        rolls
    }

    /// Returns the same rolls where some parties have other lines: those that go, and those that
    /// come.
    #[must_use]
    pub fn turned(
        &self,
        frame: &SessionFrame,
        go: impl IntoIterator<Item = PartyLines>,
        come: impl IntoIterator<Item = PartyLines>,
    ) -> Self {
        let mut rolls = self.clone();
        for of in go {
            rolls.turn(&of, -1);
            rolls.annulled_later.remove(&of.party);
            rolls.otherwise.remove(&of.party);
        }
        for of in come {
            rolls.come(frame, of);
        }
        rolls.close(frame);
        rolls
    }

    fn come(&mut self, frame: &SessionFrame, of: PartyLines) {
        self.turn(&of, 1);
        let differs = |line: &RollEntry| line.vote != Truth::Unknown && line.vote != line.counted;
        if frame.frozen.is_some() && of.on(0).is_some_and(differs) {
            self.otherwise.insert(of.party.clone());
        }
        if !of.annulled_later.is_empty() {
            self.annulled_later.insert(of.party, of.annulled_later);
        }
    }

    /// Counts the lines of a party so many times. What comes and goes from one roll to the next is
    /// counted: none is gone through for itself.
    fn turn(&mut self, of: &PartyLines, times: i64) {
        let mut before: Option<&RollEntry> = None;
        for (from, line) in &of.lines {
            if let Some(turned) = self.turns.get_mut(*from) {
                if let Some(line) = line {
                    turned.count(line, times);
                }
                if let Some(before) = before {
                    turned.count(before, -times);
                }
            }
            before = line.as_ref();
        }
    }

    fn close(&mut self, frame: &SessionFrame) {
        let mut counted = Turned::default();
        let turns = self.turns.iter().map(|turned| {
            counted.add(turned);
            counted.attended().as_recorded(frame)
        });
        self.attended = turns.collect();
    }

    /// Returns what a roll comes down to, by its place.
    #[must_use]
    pub fn attended(&self, roll: usize) -> Attended {
        self.attended.get(roll).copied().unwrap_or_default()
    }

    /// Returns the parties that would be otherwise on some roll with annulments that were made
    /// later, and these.
    #[must_use]
    pub fn annulled_later(&self) -> (BTreeSet<PartyId>, BTreeSet<Position>) {
        let parties = self.annulled_later.keys().cloned().collect();
        let entries = self.annulled_later.values().flatten().copied().collect();
        (parties, entries)
    }

    /// Returns the parties that a frozen roll counts otherwise than they had the vote, as far as
    /// that is known.
    #[must_use]
    pub fn frozen_otherwise(&self) -> &BTreeSet<PartyId> {
        &self.otherwise
    }
}
