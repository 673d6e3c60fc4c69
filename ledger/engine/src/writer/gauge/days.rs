//! The days that begin while the ledger runs.

use crate::chain::chain;
use crate::clock::day_of;
use crate::point::Head;
use crate::shared::Shared;
use jiff::tz::TimeZone;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::ReadError;

/// The day that has begun.
pub(crate) struct Days {
    /// The last day that has begun; none for an empty ledger.
    pub day: Option<Day>,
    /// Later entries have later record times than this.
    pub floor: RecordTime,
    /// So do they than this: up to it somebody was, or may have been, answered.
    pub closed: RecordTime,
    /// Up to where that is durable.
    pub reserved: RecordTime,
    pub zone: TimeZone,
}

impl Days {
    /// Returns the day that has begun as the log tells.
    pub fn at(shared: &Shared, head: Head) -> Result<Self, ReadError> {
        let zone = shared.zone(head.position);
        // Up to where answers went before the log was opened is not known: up to here, at most.
        let reserved = shared.log.reserved()?.unwrap_or(RecordTime::ZERO);
        if head.position == Position::ZERO {
            let (day, floor) = (None, RecordTime::ZERO);
            return Ok(Self {
                day,
                floor,
                closed: reserved,
                reserved,
                zone,
            });
        }
        let announced = shared.log.day_floor()?;
        let recorded = day_of(&zone, head.record_time);
        let day = announced.and_then(|floor| Day::try_from(floor.day).ok());
        Ok(Self {
            day: Some(day.map_or(recorded, |day| day.max(recorded))),
            floor: announced.map_or(RecordTime::ZERO, |floor| floor.instant),
            closed: reserved,
            reserved,
            zone,
        })
    }

    /// Takes note of what the log holds after it was opened again: whether a day was announced had
    /// not been known.
    pub fn reload(&mut self, shared: &Shared, head: Head) {
        match Self::at(shared, head) {
            Ok(found) => {
                self.day = self.day.max(found.day);
                self.floor = self.floor.max(found.floor);
                self.reserved = self.reserved.max(found.reserved);
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
            let event = content.event.as_ref();
            content.corrects.is_some() || event.is_some_and(Event::may_move_time_zone)
        };
        if contents.iter().any(may_move_zone) {
            self.zone = shared.zone(head.position);
        }
        self.day = self.day.max(Some(day_of(&self.zone, head.record_time)));
    }
}
