//! A ledger as it is asked: where it stands, what is known when, under which readings.

pub(crate) mod noted;

use crate::clock::{day_of, start_of};
use crate::entry::EntryError;
use crate::point::{Basis, Frontier, Head, OtherHistory, Point, PointError, Until};
use crate::role::Role;
use crate::shared::Shared;
use crate::shared::read::booked;
use crate::trouble::Trouble;
use noted::Noted;
use standing_domain::id::Word;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::law::LawView;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use std::sync::Arc;
use tokio::sync::watch;

/// A ledger that is asked; what records is a [`Recorder`](crate::Recorder). Cheap to clone, and
/// every clone tells the same. It is the ledger itself, or a layer of drafts that are only assumed,
/// or either under other readings.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) shared: Arc<Shared>,
    /// The readings that questions are answered under (rule 25).
    pub(crate) readings: Arc<[Word]>,
    /// Whether sealed names are opened.
    pub(crate) opens: bool,
    /// Where it is noted what is read.
    pub(crate) noted: Option<Arc<Noted>>,
}

impl Ledger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let readings = Arc::from([]);
        let opens = true;
        Self {
            shared,
            readings,
            opens,
            noted: None,
        }
    }

    /// Returns the same ledger, to be asked under other readings.
    #[must_use]
    pub fn reading(&self, readings: Vec<Word>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            readings: readings.into(),
            opens: self.opens,
            noted: self.noted.clone(),
        }
    }

    /// Returns the same ledger, which notes what is read of it: through this handle, and through
    /// those that are made of it.
    #[must_use]
    pub fn noting(&self, noted: Arc<Noted>) -> Self {
        Self {
            noted: Some(noted),
            ..self.clone()
        }
    }

    /// Returns the same ledger, to be asked by somebody who may not read the names of natural
    /// persons: it answers as one that holds no key.
    #[must_use]
    pub fn without_names(&self) -> Self {
        Self {
            opens: false,
            ..self.clone()
        }
    }

    /// Returns the readings that questions are answered under.
    #[must_use]
    pub fn readings(&self) -> &[Word] {
        &self.readings
    }

    /// Returns the assumed entries as they would be stored; none of a ledger that assumes nothing.
    pub fn assumed(&self) -> impl Iterator<Item = &[u8]> {
        self.shared.assumed_entries().iter().map(Vec::as_slice)
    }

    /// Returns all that is wrong with this ledger now, the worst first.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        self.shared.troubles.all()
    }

    /// Returns where the log stands.
    #[must_use]
    pub fn head(&self) -> Head {
        self.shared.head()
    }

    /// Returns today in the association's time zone; in UTC until it is founded, or if its zone is
    /// not known here. It is never before a day that has begun, whatever the clock says, nor before
    /// one that has begun below a layer of assumed drafts.
    #[must_use]
    pub fn today(&self) -> Day {
        let today = self.shared.day_at(self.head().position, self.shared.now());
        let begun = self.shared.begun();
        begun.map_or(today, |begun| begun.max(today))
    }

    /// Returns the instant at which a day ends where the association is, in its zone as known at
    /// the head; of today, which is not over, it is now.
    ///
    /// # Errors
    /// The day is after today.
    pub fn until(&self, day: Day) -> Result<Until, PointError> {
        let zone = self.shared.zone(self.head().position);
        let now = self.now();
        let today = self.today().max(day_of(&zone, now));
        if day > today {
            return Err(PointError::FutureDay { asked: day, today });
        }
        let now_or_end = if day == today {
            now
        } else {
            start_of(&zone, day.next()).previous()
        };
        Ok(Until {
            instant: now_or_end,
            now: day == today,
        })
    }

    /// Returns the instant that has to be closed before a point in time can be answered about, if
    /// any: entries may still be recorded at it or before it. See
    /// [`Recorder::close`](crate::Recorder::close).
    #[must_use]
    pub fn unsettled(&self, point: Point) -> Option<RecordTime> {
        let Point::Instant(asked) = point else {
            return None;
        };
        let settled = self.shared.closed().max(self.head().record_time);
        (settled < asked && asked <= self.now()).then_some(asked)
    }

    /// Returns how many bytes the log's file has; none where it is in no file, or cannot be looked
    /// at.
    #[must_use]
    pub fn file_bytes(&self) -> Option<u64> {
        self.shared.log.file_bytes()
    }

    /// Returns the time of day, which is never before what was recorded.
    fn now(&self) -> RecordTime {
        self.shared.now().max(self.head().record_time)
    }

    /// Returns how far the clock stands ahead of the last entry, or of the moment at which the last
    /// day was announced, in microseconds; negative if behind.
    #[must_use]
    pub fn clock_ahead(&self) -> i64 {
        let last = self.head().record_time;
        let last = last.max(self.shared.day_floor());
        let difference = i128::from(self.shared.now().micros()) - i128::from(last.micros());
        i64::try_from(difference).unwrap_or(i64::MAX)
    }

    /// Returns the law as known at a position that [`Ledger::resolve`] gave.
    #[must_use]
    pub fn law(&self, known_at: Position) -> Arc<LawView> {
        self.shared.law(known_at)
    }

    /// Returns whether the law as known at a position is laid out, so that a question about it
    /// waits for nobody. Takes no time.
    #[must_use]
    pub fn is_law_laid(&self, known_at: Position) -> bool {
        self.shared.is_law_laid(known_at)
    }

    /// Returns what an answer for a day, as known at a position that [`Ledger::resolve`] gave, is
    /// computed from.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn basis(&self, on: Day, known_at: Position) -> Result<Basis, PointError> {
        if let Some(noted) = &self.noted {
            noted.note_basis(on, known_at);
        }
        let law = self.law(known_at);
        let booked = booked(&self.shared.book.read(), on, known_at);
        self.shared.basis(&law, on, known_at, booked)
    }

    /// Returns the epoch of the history at a position (rule 37).
    #[must_use]
    pub fn epoch(&self, known_at: Position) -> Epoch {
        self.shared.epoch(known_at)
    }

    /// Returns the position of the entry by which the history was resumed last (rule 37); none if
    /// it never was.
    #[must_use]
    pub fn resumed(&self) -> Option<Position> {
        self.shared.book.read().history.last()
    }

    /// Returns the epochs of the history up to the head, the first included, in order.
    #[must_use]
    pub fn epochs(&self) -> Vec<Epoch> {
        let head = self.head().position;
        self.shared.book.read().history.epochs(head).collect()
    }

    /// Makes sure that a position that somebody names is one of this history (rule 37); it may lie
    /// beyond the head. With [`Position::ZERO`] only the epoch is looked at.
    ///
    /// # Errors
    /// It is one of another history, or of one that this follower has not taken over yet.
    pub fn is_of(&self, said: Epoch, position: Position) -> Result<(), PointError> {
        // What is assumed changes no history, and has no position in one.
        let (shared, position) = match self.shared.below() {
            Some((below, at)) => (below, position.min(at)),
            None => (&*self.shared, position),
        };
        if said == Epoch::FIRST && shared.epoch(position) == said {
            return Ok(());
        }
        let head = shared.head().position;
        let history = &shared.book.read().history;
        match OtherHistory::check(history, head, said, position) {
            Err(OtherHistory {
                kept: None, epoch, ..
            }) if said > epoch && shared.role == Role::Follower => {
                Err(PointError::NotYetResumed { asked: said, epoch })
            }
            checked => Ok(checked?),
        }
    }

    /// Resolves a point in time to a position at the end of a batch (rule 9).
    ///
    /// # Errors
    /// It lies beyond the head or after now, or the ledger has not reached `at_least`, or an entry
    /// may still be recorded at that instant or before it, or the log cannot be read.
    pub fn resolve(&self, point: Point, at_least: Position) -> Result<Position, PointError> {
        // Before the head: what was closed is visible in any head that is read later.
        let closed = self.shared.closed();
        let head = self.head();
        if self.shared.lies_on().is_some() {
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
            Point::Position(asked) if asked == head.position || asked == Position::ZERO => {
                Ok(asked)
            }
            Point::Position(asked) if asked > head.position => Err(PointError::Future {
                asked,
                head: head.position,
            }),
            Point::Position(asked) => self.shared.batch_end(asked),
            Point::Instant(asked) if asked > head.record_time && asked <= closed => {
                Ok(head.position)
            }
            Point::Instant(asked) if asked > head.record_time => {
                Err(self.not_closed(asked, closed))
            }
            Point::Instant(asked) => match self.last_by(asked, head.position)? {
                Position::ZERO => Ok(Position::ZERO),
                last => self.shared.batch_end(last),
            },
        }
    }

    /// Resolves a point in time of the ledger below what is assumed, of this one where nothing is.
    ///
    /// # Errors
    /// As [`Ledger::resolve`], or it lies beyond the position on top of which something is assumed.
    pub fn resolve_below(&self, point: Point, at_least: Position) -> Result<Position, PointError> {
        let (Some(shared), Some(at)) = (self.shared.base(), self.shared.lies_on()) else {
            return self.resolve(point, at_least);
        };
        let below = Self {
            shared,
            ..self.clone()
        };
        match below.resolve(point, at_least)? {
            asked if asked > at => Err(PointError::Future { asked, head: at }),
            position => Ok(position),
        }
    }

    /// Returns the last position up to another that was recorded at an instant or before it; 0 if
    /// none was.
    pub(crate) fn last_by(
        &self,
        asked: RecordTime,
        up_to: Position,
    ) -> Result<Position, EntryError> {
        let (mut low, mut high) = (Position::ZERO, up_to);
        while low < high {
            let middle = low.plus(high.since(low).div_ceil(2));
            if self.shared.stamp(middle)?.record_time <= asked {
                low = middle;
            } else {
                high = middle.previous();
            }
        }
        Ok(low)
    }

    /// Says why nothing is answered about an instant after the last entry.
    fn not_closed(&self, asked: RecordTime, closed: RecordTime) -> PointError {
        let now = self.now();
        if asked > now {
            return PointError::FutureInstant { asked, now };
        }
        let closed = closed.max(self.head().record_time);
        PointError::NotClosed { asked, closed }
    }

    /// Returns how far the ledger has come.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        self.shared.frontier()
    }

    /// Returns what tells whenever the ledger has moved. It is for a few that pass it on: the
    /// writer wakes each of them.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// let recorder = league(folder.path())?;
    /// let mut moved = recorder.ledger().watch();
    /// moved.mark_unchanged();
    /// recorder.record(request("west", vec![admitted("west", "2002-07-01")?])?)?;
    /// assert!(moved.has_changed()?);
    /// assert_eq!(moved.borrow_and_update().head, recorder.ledger().head());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Frontier> {
        self.shared.watch()
    }
}
