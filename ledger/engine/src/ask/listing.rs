//! Lists of entries: where they stand, and which of them pass. What entries are about is looked up;
//! who recorded them, and of which kind they are, is read off each, without its payload.

use crate::clock::start_of;
use crate::entry::{EntryError, Label};
use crate::ledger::Ledger;
use crate::point::PointError;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::slot::Ref;
use standing_domain::id::ActorId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;

/// Which entries are sought: those for which all of it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// What they concern, all of these.
    pub concerned: Vec<Ref>,
    /// Who recorded them; everybody if none is said.
    pub actor: Option<ActorId>,
    /// The numbers of their kinds; every kind if there are none.
    pub kinds: Vec<u16>,
}

/// What a look at some entries found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The positions of those that pass, in order.
    pub found: Vec<Position>,
    /// How many were looked at.
    pub count: usize,
    /// Up to where all that pass are found.
    pub reached: Position,
}

impl Sought {
    /// Returns whether it has to be read off an entry whether it passes.
    fn is_read(&self) -> bool {
        self.actor.is_some() || !self.kinds.is_empty()
    }

    fn passes(&self, entry: Label<'_>) -> bool {
        let is_of = |actor: &ActorId| actor.as_str() == entry.actor;
        self.actor.as_ref().is_none_or(is_of)
            && (self.kinds.is_empty() || self.kinds.contains(&entry.kind))
    }
}

impl Ledger {
    /// Returns up to `limit` positions from `first` to `last` of entries that concern something, or
    /// of all.
    #[must_use]
    pub fn positions(
        &self,
        concerned: Option<&Ref>,
        first: Position,
        last: Position,
        limit: usize,
    ) -> Vec<Position> {
        let last = last.min(self.head().position);
        let within = |mentions: &[Position]| {
            let start = mentions.partition_point(|position| *position < first);
            let from = mentions[start..].iter().copied();
            from.take_while(|position| *position <= last)
                .take(limit)
                .collect()
        };
        match concerned {
            None => first.max(Position::FIRST).to(last).take(limit).collect(),
            Some(what) => self.mentions(what, within),
        }
    }

    /// Looks at up to `limit` entries from `first` to `last` for those that are sought. Beside the
    /// first thing that they concern, whatever else is sought is looked for in each.
    ///
    /// # Errors
    /// The log cannot be read, or an entry does not decode.
    pub fn look_for(
        &self,
        sought: &Sought,
        first: Position,
        last: Position,
        limit: usize,
    ) -> Result<Looked, EntryError> {
        let (by, besides) = match sought.concerned.split_first() {
            Some((by, besides)) => (Some(by), besides),
            None => (None, &[][..]),
        };
        let mut found = self.positions(by, first, last, limit);
        let count = found.len();
        let reached = match found.last() {
            Some(reached) if count == limit => *reached,
            _ => last,
        };
        for what in besides {
            self.mentions(what, |mentions| {
                found.retain(|position| mentions.binary_search(position).is_ok());
            });
        }
        if sought.is_read() {
            found = self.passing(sought, found)?;
        }
        Ok(Looked {
            found,
            count,
            reached,
        })
    }

    /// Returns those of some positions whose entries pass by what is read off them.
    fn passing(
        &self,
        sought: &Sought,
        positions: Vec<Position>,
    ) -> Result<Vec<Position>, EntryError> {
        let mut passing = Vec::new();
        let mut failure = None;
        self.shared.read_each(positions, |position, stored| {
            match Label::read(position, stored) {
                Ok(entry) if sought.passes(entry) => passing.push(position),
                Ok(_) => {}
                Err(error) => failure = failure.take().or(Some(error)),
            }
        })?;
        match failure {
            Some(error) => Err(error),
            None => Ok(passing),
        }
    }

    /// Hands the positions of all entries that concern something to a function, ascending.
    fn mentions<T>(&self, what: &Ref, read: impl FnOnce(&[Position]) -> T) -> T {
        match what {
            Ref::Party(party) => self.shared.shards().with(party, |record| {
                read(record.map_or(&[], |record| record.mentions()))
            }),
            other => read(self.shared.book.read().mentions(other)),
        }
    }

    /// Returns the positions of the first and the last entry recorded from one day to another, both
    /// included, of those up to a position; where the association is, in its zone as known there.
    /// Where nothing was recorded on these days the first comes after the last.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn recorded(
        &self,
        (first, last): (Option<Day>, Option<Day>),
        known_at: Position,
    ) -> Result<(Position, Position), PointError> {
        let zone = self.shared.zone(known_at);
        let first = match first {
            None => Position::FIRST,
            Some(day) => {
                let before = start_of(&zone, day).previous();
                self.last_by(before, known_at)?.next()
            }
        };
        let last = match last {
            // After the last day there is none.
            None | Some(Day::MAX) => known_at,
            Some(day) => {
                let end = start_of(&zone, day.next()).previous();
                self.last_by(end, known_at)?
            }
        };
        Ok((first, last))
    }
}
