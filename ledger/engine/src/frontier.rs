//! How far the ledger has come: its head, and the day that has begun. Whoever follows the ledger waits for it to move.

use crate::Engine;
use crate::basis::Head;
use crate::shared::Shared;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Slot;
use standing_domain::id::Position;
use standing_domain::time::day::Day;
use tokio::sync::watch;

/// How far the ledger has come. Everything up to here is settled: later entries have later record times, and no earlier day begins
/// any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frontier {
    /// The visible head.
    pub head: Head,
    /// The last civil day that has begun in the association's time zone; none for an empty ledger. Not before the day of the
    /// head's record time.
    pub day: Option<Day>,
}

impl Engine {
    /// Returns how far the ledger has come.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        *self.shared.frontier.borrow()
    }

    /// Returns what tells whenever the ledger has moved. It is for a few that pass it on: the writer wakes each of them.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Frontier> {
        self.shared.frontier.subscribe()
    }
}

impl Shared {
    /// Returns the association's time zone as known at a position: UTC until it is founded, or if its zone is not known here.
    pub fn zone(&self, known_at: Position) -> TimeZone {
        let book = self.book.read();
        let founded = book.known(&Slot::Association, known_at).last();
        let zone = if let Some(Event::AssociationFounded { time_zone, .. }) =
            founded.map(|fact| &*fact.value)
        {
            TimeZone::get(time_zone).ok()
        } else {
            None
        };
        zone.unwrap_or(TimeZone::UTC)
    }
}

/// Returns the civil day of an instant, in microseconds since 1970-01-01T00:00:00Z.
pub(crate) fn day_of(zone: &TimeZone, micros: u64) -> Day {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    let instant = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    Day::from_date(zone.to_datetime(instant).date()).unwrap_or(Day::MAX)
}
