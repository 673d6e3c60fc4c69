//! How the number of lines turns from one roll to the next.
//!
//! Stratum (rule 27): rights; reads no other.

use crate::answers::session::RollEntry;
use crate::answers::weighing::{Attended, Tally};
use crate::time::truth::Truth;

/// How many more lines of each kind a roll has than the one before it, or fewer: certainly, and
/// perhaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Turned {
    entitled: (i64, i64),
    in_person: (i64, i64),
    in_writing: (i64, i64),
}

impl Turned {
    /// Counts a line so many times.
    pub fn count(&mut self, line: &RollEntry, times: i64) {
        let there = match (line.present, line.in_writing) {
            (true, _) => Some(&mut self.in_person),
            (false, true) => Some(&mut self.in_writing),
            (false, false) => None,
        };
        for (certain, possible) in std::iter::once(&mut self.entitled).chain(there) {
            *certain += times * i64::from(line.counted == Truth::Yes);
            *possible += times * i64::from(line.counted != Truth::No);
        }
    }

    /// Adds what turns with the next roll.
    pub fn add(&mut self, next: &Self) {
        let all = [
            (&mut self.entitled, next.entitled),
            (&mut self.in_person, next.in_person),
            (&mut self.in_writing, next.in_writing),
        ];
        for (all, next) in all {
            *all = (all.0 + next.0, all.1 + next.1);
        }
    }

    /// Returns how many lines there are, with all that turned up to here.
    pub fn attended(&self) -> Attended {
        // No line goes that had not come.
        let tally = |(certain, possible): (i64, i64)| Tally {
            certain: u64::try_from(certain).unwrap_or(0),
            possible: u64::try_from(possible).unwrap_or(0),
        };
        Attended {
            entitled: tally(self.entitled),
            in_person: tally(self.in_person),
            in_writing: tally(self.in_writing),
            ..Attended::default()
        }
    }
}
