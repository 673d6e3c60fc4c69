//! Which entries may move what is answered about everybody: law, sessions, the years for which dues
//! are assessed. What is about one party stands in its record.

use crate::entry::slot::Slot;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::record::book::Book;
use std::collections::BTreeSet;

impl Book {
    /// Returns the positions of entries that may move what is answered about everybody, after one
    /// position up to another, ascending: those that change law, those that say when a session is,
    /// and those by which dues to a fund are assessed for a year, or no longer (rule 28); with all
    /// that correct or annul them.
    #[must_use]
    pub fn stirring(&self, after: Position, up_to: Position) -> BTreeSet<Position> {
        let mut found = BTreeSet::new();
        let first = self.law_changes.partition_point(|at| *at <= after);
        found.extend(self.law_changes[first..].iter().copied());
        for session in self.sessions(None) {
            for fact in self.facts(&Slot::Session(session.clone())) {
                self.add_with_all_about(fact.position, &mut found);
            }
        }
        for entries in self.assessed.all_years() {
            for entry in entries {
                // From the first that stands on the year is assessed, whoever else is.
                if self.add_with_all_about(*entry, &mut found) == 1 {
                    break;
                }
            }
        }
        let beyond = found.split_off(&up_to.next());
        drop(beyond);
        found.split_off(&after.next())
    }

    /// Adds an entry, what corrects and what annuls it, and what corrects and annuls those. Returns
    /// how many these are.
    fn add_with_all_about(&self, entry: Position, found: &mut BTreeSet<Position>) -> usize {
        let mut open = vec![entry];
        let mut about = BTreeSet::new();
        while let Some(entry) = open.pop() {
            if !about.insert(entry) {
                continue;
            }
            open.extend(self.superseded.get(&entry));
            open.extend(
                self.annulments(entry)
                    .iter()
                    .map(|annulment| annulment.position),
            );
        }
        let count = about.len();
        found.append(&mut about);
        count
    }

    /// Returns a party and all whose membership or account ever came to it, known or corrected,
    /// however far.
    #[must_use]
    pub fn forebears(&self, party: &PartyId) -> BTreeSet<PartyId> {
        let mut found = BTreeSet::new();
        let mut open = vec![party.clone()];
        while let Some(party) = open.pop() {
            if !found.insert(party.clone()) {
                continue;
            }
            let facts = self.facts(&Slot::Predecessors(party)).iter();
            open.extend(facts.filter_map(|fact| Some(fact.value.succession()?.from.clone())));
        }
        found
    }
}
