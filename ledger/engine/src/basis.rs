//! Points in time, and what an answer was computed from.

use crate::Engine;
use crate::ask::reader::EntryError;
use crate::frontier::day_of;
use crate::shared::Shared;
use standing_domain::id::Position;
use standing_domain::law::LawView;
use standing_domain::time::day::Day;
use standing_store::{Envelope, ReadError};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last visible position; 0 for an empty ledger.
    pub position: Position,
    /// Its record time in microseconds since 1970-01-01T00:00:00Z; 0 for an empty ledger.
    pub record_time: u64,
}

impl Head {
    /// The head of an empty ledger.
    pub const START: Self = Self {
        position: 0,
        record_time: 0,
    };
}

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Point {
    /// At the head.
    #[default]
    Head,
    /// After the entry at a position.
    Position(Position),
    /// At an instant, in microseconds since 1970-01-01T00:00:00Z.
    Instant(u64),
}

/// Why a point in time is refused.
#[derive(Debug, thiserror::Error)]
pub enum PointError {
    /// It lies in the future of the ledger.
    #[error("known at {asked} is beyond the head, which is {head}")]
    Future {
        /// The position or instant asked for.
        asked: u64,
        /// The position or record time of the head.
        head: u64,
    },
    /// The ledger is not there yet.
    #[error("position {asked} is asked for, the head is {head}")]
    NotYet {
        /// The position the answer must rest on.
        asked: Position,
        /// The head.
        head: Position,
    },
    /// An entry cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

impl PointError {
    /// Returns whether it may pass: the log is closed or failed, and is being opened again.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Entry(error) if error.passes())
    }
}

/// What an answer was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The day answered for.
    pub on: Day,
    /// The position known.
    pub position: Position,
    /// The record time of the entry there, in microseconds since 1970-01-01T00:00:00Z; none at position 0.
    pub record_time: Option<u64>,
    /// SHA-256 over the article versions that may be in force.
    pub norms_digest: String,
    /// The version of the rule semantics.
    pub rules_version: u32,
    /// How many drafts are assumed above the position.
    pub assumed: u64,
}

impl Engine {
    /// Returns where the log stands.
    #[must_use]
    pub fn head(&self) -> Head {
        **self.shared.head.load()
    }

    /// Returns today in the association's time zone; in UTC until it is founded, or if its zone is not known here. It is never
    /// before a day that has begun, whatever the clock says.
    #[must_use]
    pub fn today(&self) -> Day {
        let zone = self.shared.zone(self.head().position);
        let today = day_of(&zone, (self.shared.clock)());
        let begun = self.shared.frontier.borrow().day;
        begun.map_or(today, |begun| begun.max(today))
    }

    /// Returns how far the clock stands ahead of the last entry, or of the moment at which the last day was announced, in
    /// microseconds; negative if behind.
    #[must_use]
    pub fn clock_ahead(&self) -> i64 {
        let last = self.head().record_time;
        let last = last.max(self.shared.day_floor.load(Ordering::Relaxed));
        let difference = i128::from((self.shared.clock)()) - i128::from(last);
        i64::try_from(difference).unwrap_or(i64::MAX)
    }

    /// Returns the law as known at a position that [`Engine::resolve`] gave.
    #[must_use]
    pub fn law(&self, known_at: Position) -> Arc<LawView> {
        self.shared.law(known_at)
    }

    /// Returns whether the law as known at a position is laid out, so that a question about it waits for nobody. Takes no time.
    #[must_use]
    pub fn is_law_laid(&self, known_at: Position) -> bool {
        self.shared.is_law_laid(known_at)
    }

    /// Returns what an answer for a day, as known at a position that [`Engine::resolve`] gave, is computed from.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn basis(&self, on: Day, known_at: Position) -> Result<Basis, PointError> {
        self.shared.basis(&self.law(known_at), on, known_at)
    }

    /// Resolves a point in time to a position at the end of a batch (rule 9).
    ///
    /// # Errors
    /// It lies beyond the head, or the ledger has not reached `at_least`, or the log cannot be read.
    pub fn resolve(&self, point: Point, at_least: Position) -> Result<Position, PointError> {
        let head = self.head();
        if self.shared.over.is_some() {
            return Ok(head.position);
        }
        if at_least > head.position {
            return Err(PointError::NotYet {
                asked: at_least,
                head: head.position,
            });
        }
        match point {
            Point::Head => Ok(head.position),
            Point::Position(asked) if asked == head.position || asked == 0 => Ok(asked),
            Point::Position(asked) if asked > head.position => Err(PointError::Future {
                asked,
                head: head.position,
            }),
            Point::Position(asked) => self.shared.batch_end(asked),
            Point::Instant(asked) if asked > head.record_time => Err(PointError::Future {
                asked,
                head: head.record_time,
            }),
            Point::Instant(asked) => {
                let (mut low, mut high) = (0, head.position);
                while low < high {
                    let middle = low + (high - low).div_ceil(2);
                    if self.shared.stamp(middle)?.0 <= asked {
                        low = middle;
                    } else {
                        high = middle - 1;
                    }
                }
                if low == 0 {
                    Ok(0)
                } else {
                    self.shared.batch_end(low)
                }
            }
        }
    }
}

impl Shared {
    /// Returns what an answer for a day is computed from, under the law as known at the position.
    pub fn basis(&self, law: &LawView, on: Day, known_at: Position) -> Result<Basis, PointError> {
        let head = **self.head.load();
        // What is assumed has no position of its own.
        let assumed = self.over.as_ref().map_or(0, |over| known_at - over.at);
        let known_at = known_at - assumed;
        let record_time = match known_at {
            0 => None,
            position if position == head.position && self.over.is_none() => Some(head.record_time),
            position => Some(self.stamp(position)?.0),
        };
        Ok(Basis {
            on,
            position: known_at,
            record_time,
            norms_digest: law.digest(on).to_owned(),
            rules_version: law.rules_version,
            assumed,
        })
    }

    /// Returns the record time of an entry, and the bounds of its batch; of position 0, that of an empty ledger.
    pub fn stamp(&self, position: Position) -> Result<(u64, Position, Position), EntryError> {
        if position == 0 {
            return Ok((0, 0, 0));
        }
        let read = self.read_with(position, |bytes| {
            Envelope::decode(bytes)
                .map(|envelope| (envelope.record_time, envelope.first, envelope.last))
        })?;
        let stamp = read.ok_or(EntryError::Log(ReadError::Gap { position }))?;
        stamp.map_err(|source| EntryError::Envelope { position, source })
    }

    /// Rounds a position down to the end of a batch.
    pub fn batch_end(&self, position: Position) -> Result<Position, PointError> {
        let (_, first, last) = self.stamp(position)?;
        Ok(if last <= position {
            position
        } else {
            first - 1
        })
    }
}
