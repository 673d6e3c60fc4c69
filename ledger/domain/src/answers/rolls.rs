//! The rolls of a session: for each day on which it decided, who had the vote (rule 23).
//!
//! Stratum (rule 27): rights; reads no other.

pub(crate) mod governing;
pub(crate) mod listing;

use crate::answers::session::{RollEntry, SessionFrame};
use crate::answers::weighing::Attended;
use crate::id::PartyId;
use crate::id::position::Position;
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

/// The line of a party before a roll, and the one from it on.
type Turn<'a> = (Option<&'a RollEntry>, Option<&'a RollEntry>);

/// The rolls of a session.
#[derive(Debug, Clone)]
pub struct Rolls {
    /// By party.
    lines: Vec<PartyLines>,
    /// What each roll comes down to.
    attended: Vec<Attended>,
}

impl Rolls {
    /// Puts the lines of all parties together.
    #[must_use]
    pub fn of(frame: &SessionFrame, mut lines: Vec<PartyLines>) -> Self {
        lines.sort_by(|a, b| a.party.cmp(&b.party));
        // What comes and goes from one roll to the next: none is gone through for itself.
        let mut turns: BTreeMap<usize, Vec<Turn<'_>>> = BTreeMap::new();
        for of in &lines {
            let mut before = None;
            for (from, line) in &of.lines {
                let turn = (before, line.as_ref());
                turns.entry(*from).or_default().push(turn);
                before = line.as_ref();
            }
        }
        let mut counted = Attended::default();
        let mut attended = Vec::with_capacity(frame.rolls.len());
        for roll in 0..frame.rolls.len() {
            for (before, line) in turns.get(&roll).into_iter().flatten() {
                // First what comes, so that no count falls below nothing.
                if let Some(line) = line {
                    counted.add(line);
                }
                if let Some(before) = before {
                    counted.take(before);
                }
            }
            attended.push(counted.as_recorded(frame));
        }
        Self { lines, attended }
    }

    /// Returns the parties on a roll, by its place, or present beside it, by id.
    pub fn lines(&self, roll: usize) -> impl Iterator<Item = (&PartyId, &RollEntry)> {
        let lines = self.lines.iter();
        lines.filter_map(move |of| Some((&of.party, of.on(roll)?)))
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
        let (mut parties, mut entries) = (BTreeSet::new(), BTreeSet::new());
        for of in &self.lines {
            if !of.annulled_later.is_empty() {
                parties.insert(of.party.clone());
                entries.extend(&of.annulled_later);
            }
        }
        (parties, entries)
    }
}
