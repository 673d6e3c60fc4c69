//! The stream of computed changes of rights, step by step: a pure function of the log. Batches of
//! entries are merged by record time with the starts of the association's days; each is a step.
//! Nothing is kept between steps but a cursor, so whoever has one goes on from there, on any node,
//! with the same changes.

use crate::entry::EntryError;
use crate::ledger::Ledger;
use crate::point::{Frontier, PointError};
use crate::shared::index::Among;
use crate::shared::sessions::drawn::AT_ONCE;
use crate::shared::shards::Shards;
use crate::shared::unread::Unread;
use standing_domain::answers::changes::RightChange;
use standing_domain::answers::view::View;
use standing_domain::entry::Entry;
use standing_domain::entry::reach::Reach;
use standing_domain::entry::slot::Slot;
use standing_domain::id::PartyId;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::ReadError;
use std::collections::BTreeSet;

/// A place between two steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The position known: 0, or the last of a batch.
    pub position: Position,
    /// The day that has begun; none before the first entry.
    pub day: Option<Day>,
}

impl Cursor {
    /// Before the first step.
    pub const START: Self = Self {
        position: Position::ZERO,
        day: None,
    };
}

/// A batch, or the start of a day, and what it does to rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The place after it.
    pub cursor: Cursor,
    /// The epoch of the history there.
    pub epoch: Epoch,
    /// The first position of the batch; none for the start of a day.
    pub first: Option<Position>,
    /// The record time of the entry at the cursor's position.
    pub record_time: RecordTime,
    /// What is answered otherwise, by party, right and first day.
    pub changes: Vec<RightChange>,
}

/// Why the next step cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The cursor lies beyond the head.
    #[error("position {asked} is beyond the head, which is {head}")]
    Beyond {
        /// The cursor's position.
        asked: Position,
        /// The head.
        head: Position,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Point(#[from] PointError),
    /// An entry cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Nobody waits for the step any more.
    #[error(transparent)]
    GivenUp(#[from] Stopped),
}

impl ChangeError {
    /// Returns whether it may pass: the log is closed or failed, and is being opened again.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Beyond { .. } | Self::GivenUp(_) => false,
            Self::Point(error) => error.passes(),
            Self::Entry(error) => error.passes(),
        }
    }
}

impl Ledger {
    /// Returns the place right after the batch that ends at or before a position.
    ///
    /// # Errors
    /// The position lies beyond the head, or the log cannot be read.
    pub fn cursor_at(&self, position: Position) -> Result<Cursor, ChangeError> {
        let head = self.head().position;
        if position > head {
            return Err(ChangeError::Beyond {
                asked: position,
                head,
            });
        }
        let position = self.shared.batch_end(position)?;
        if position == Position::ZERO {
            return Ok(Cursor::START);
        }
        let recorded = self.shared.stamp(position)?.record_time;
        let day = self.shared.day_at(position, recorded);
        Ok(Cursor {
            position,
            day: Some(day),
        })
    }

    /// Returns the step after a place, up to a frontier; none if there is none yet.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::stop::Stop;
    /// use standing_engine::Cursor;
    ///
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let (mut at, mut changes) = (Cursor::START, vec![]);
    /// while let Some(step) = ledger.next_step(at, ledger.frontier(), Stop::NEVER)? {
    ///     at = step.cursor;
    ///     changes.extend(step.changes);
    /// }
    /// // East holds the vote, which is otherwise than before there was a ledger.
    /// assert_eq!(changes.len(), 1);
    /// assert_eq!(changes[0].party.as_str(), "east");
    /// assert_eq!(changes[0].right.as_str(), "vote");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The place lies beyond the frontier's head, the log cannot be read, or the walk was given up.
    pub fn next_step(
        &self,
        after: Cursor,
        to: Frontier,
        stop: Stop<'_>,
    ) -> Result<Option<Step>, ChangeError> {
        let head = to.head.position;
        if after.position > head {
            return Err(ChangeError::Beyond {
                asked: after.position,
                head,
            });
        }
        if after.position == head {
            return match (after.day, to.day) {
                (Some(day), Some(begun)) if day < begun => {
                    self.begin_day(after, day.next(), stop).map(Some)
                }
                _ => Ok(None),
            };
        }
        let position = after.position.next();
        let read = self.entry(position)?;
        let read = read.ok_or(EntryError::Log(ReadError::Gap { position }))?;
        let last = read.entry.batch.last;
        let record_time = if last == position {
            read.entry.record_time
        } else {
            self.shared.stamp(last)?.record_time
        };
        let known = if after.day.is_some() {
            after.position
        } else {
            last
        };
        let day = self.shared.day_at(known, record_time);
        match after.day {
            Some(begun) if begun < day => self.begin_day(after, begun.next(), stop).map(Some),
            begun => {
                let cursor = Cursor {
                    position: last,
                    day: Some(begun.map_or(day, |begun| begun.max(day))),
                };
                self.take_batch(after, cursor, &read.entry, record_time, stop)
                    .map(Some)
            }
        }
    }

    fn begin_day(&self, after: Cursor, day: Day, stop: Stop<'_>) -> Result<Step, ChangeError> {
        let record_time = self.shared.stamp(after.position)?.record_time;
        let mut changes = Vec::new();
        self.each_record(
            &Among::Concerned,
            after.position,
            stop,
            &mut |view, party, record| {
                changes.extend(view.changed_on(day, party, record));
            },
        )?;
        Ok(Step {
            cursor: Cursor {
                day: Some(day),
                ..after
            },
            epoch: self.epoch(after.position),
            first: None,
            record_time,
            changes,
        })
    }

    /// Returns the step of a batch whose first entry is given.
    pub(super) fn take_batch(
        &self,
        before: Cursor,
        after: Cursor,
        first: &Entry,
        record_time: RecordTime,
        stop: Stop<'_>,
    ) -> Result<Step, ChangeError> {
        let reach = self.reach(first, after.position)?;
        let today = after.day.unwrap_or(Day::MIN);
        let mut changes = Vec::new();
        let old_law = self.law(before.position);
        let mut compare = |view: View<'_, Shards>, party: &PartyId, record: &PartyRecord| {
            let old = View {
                law: &old_law,
                known_at: before.position,
                ..view
            };
            changes.extend(view.changed_since(&old, party, record, &reach, today));
        };
        if reach.everybody.is_some() {
            self.each_record(&Among::Concerned, after.position, stop, &mut compare)?;
        } else {
            self.each_of(reach.parties.keys(), after.position, stop, &mut compare)?;
        }
        Ok(Step {
            cursor: after,
            epoch: self.epoch(after.position),
            first: Some(first.batch.first),
            record_time,
            changes,
        })
    }

    /// Returns whose rights a batch may move: its first entry, which is read already, and the
    /// others up to the last.
    pub(super) fn reach(&self, first: &Entry, last: Position) -> Result<Reach, ChangeError> {
        let mut reach = Reach::default();
        let unread = Unread::default();
        let lookup = |position: Position| {
            let read = self.entry(position);
            unread.keep(read.map(|read| read.map(|read| read.entry.content)))
        };
        reach.add(&first.content, &lookup);
        if first.position < last {
            for read in self.entries(first.position.next().to(last))? {
                reach.add(&read.entry.content, &lookup);
            }
        }
        unread.or(())?;
        let book = self.shared.book.read();
        let before = first.position.previous();
        reach.assessed(&|fund| book.last_assessed(fund, before) != book.last_assessed(fund, last));
        // Corrected and annulled successions too: what they passed on is gone.
        reach.follow(&|party| {
            let facts = book.facts(&Slot::Successors(party.clone())).iter();
            let followed = facts.filter(|fact| fact.position <= last);
            let followed = followed.filter_map(|fact| Some(fact.value.succession()?.to.clone()));
            followed.collect::<BTreeSet<PartyId>>()
        });
        Ok(reach)
    }

    /// Hands the records of those parties that are registered to a function.
    fn each_of<'p>(
        &self,
        parties: impl Iterator<Item = &'p PartyId>,
        known_at: Position,
        stop: Stop<'_>,
        visit: &mut dyn FnMut(View<'_, Shards>, &PartyId, &PartyRecord),
    ) -> Result<(), Stopped> {
        let mut parties = parties.peekable();
        while parties.peek().is_some() {
            stop.check()?;
            let reader = self.at(known_at);
            for party in parties.by_ref().take(AT_ONCE) {
                if let Some(record) = reader.view().record(party) {
                    visit(reader.view(), party, &record);
                }
            }
        }
        Ok(())
    }
}
