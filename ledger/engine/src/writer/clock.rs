//! The days that begin while the ledger runs. A day begins with the first entry recorded on it, or when the writer looks at the
//! clock and nothing was recorded: then its beginning is made durable before anybody is told, so that no later entry can have an
//! earlier record time, whatever the clock says.

use super::{Group, Writer};
use crate::Role;
use crate::basis::Head;
use crate::frontier::{Frontier, day_of};
use crate::shared::Shared;
use crate::writer::request::chain;
use jiff::tz::TimeZone;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::time::day::Day;
use standing_store::{DayFloor, ReadError};
use std::sync::atomic::Ordering;

/// The day that has begun.
pub(super) struct Days {
    /// The last day that has begun; none for an empty ledger.
    pub day: Option<Day>,
    /// Later entries have later record times than this, in microseconds since 1970-01-01T00:00:00Z.
    pub floor: u64,
    zone: TimeZone,
}

impl Days {
    /// Returns the day that has begun as the log tells.
    pub fn at(shared: &Shared, head: Head) -> Result<Self, ReadError> {
        let zone = shared.zone(head.position);
        if head.position == 0 || shared.over.is_some() {
            let (day, floor) = (None, 0);
            return Ok(Self { day, floor, zone });
        }
        let announced = shared.log.day_floor()?;
        let recorded = day_of(&zone, head.record_time);
        let day = announced.and_then(|floor| Day::try_from(floor.day).ok());
        Ok(Self {
            day: Some(day.map_or(recorded, |day| day.max(recorded))),
            floor: announced.map_or(0, |floor| floor.instant),
            zone,
        })
    }

    /// Takes note of what the log holds after it was opened again: whether a day was announced had not been known.
    pub fn reload(&mut self, shared: &Shared, head: Head) {
        match Self::at(shared, head) {
            Ok(found) => {
                self.day = self.day.max(found.day);
                self.floor = self.floor.max(found.floor);
                self.zone = found.zone;
            }
            // The day is begun again when the clock is looked at.
            Err(error) => {
                tracing::error!(error = chain(&error), "the announced day cannot be read");
            }
        }
    }

    /// Takes note of entries that became visible: the day of the last has begun.
    pub fn advance(&mut self, shared: &Shared, head: Head, contents: &[Content]) {
        let may_move_zone = |content: &Content| {
            content.corrects.is_some()
                || matches!(
                    content.event,
                    Some(Event::AssociationFounded { .. } | Event::ActAnnulled { .. })
                )
        };
        if contents.iter().any(may_move_zone) {
            self.zone = shared.zone(head.position);
        }
        self.day = self.day.max(Some(day_of(&self.zone, head.record_time)));
    }
}

impl Writer {
    /// Tells those who wait how far the ledger has come.
    pub(super) fn tell(&self) {
        self.shared
            .day_floor
            .store(self.days.floor, Ordering::Relaxed);
        self.shared.frontier.send_replace(Frontier {
            head: self.head,
            day: self.days.day,
        });
    }

    /// Begins the day that the clock tells, if it is a later one.
    pub(super) fn look_at_clock(&mut self) {
        self.look_at_wall();
        if self.role == Role::Follower || self.head.position == 0 {
            return;
        }
        let now = (self.shared.clock)();
        self.begin(day_of(&self.days.zone, now), now);
    }

    /// Begins a day that the ledger this one follows has seen begin.
    pub(super) fn begin_day(&mut self, day: Day) {
        if self.head.position > 0 {
            self.begin(day, 0);
        }
    }

    fn begin(&mut self, day: Day, instant: u64) {
        if self.days.day.is_some_and(|begun| day <= begun) {
            return;
        }
        if self.shared.troubles.stopping().is_some() {
            // It begins when recording goes on. A clock that is too far ahead begins no day at all.
            return;
        }
        let floor = DayFloor {
            day: day.into(),
            instant: instant.max(self.days.floor),
        };
        match self.shared.log.announce_day(floor) {
            Ok(()) => {
                self.days.day = Some(day);
                self.days.floor = floor.instant;
                self.tell();
            }
            Err(error) => {
                tracing::error!(
                    error = chain(&error),
                    "the beginning of a day was not written"
                );
                // As with a failed commit: whether it is on disk shows when the log is opened again.
                self.recover(Group::default());
                self.days.reload(&self.shared, self.head);
                self.tell();
            }
        }
    }
}
