//! Instants, days, and what tells them.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::record::book::Book;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Tells the time: microseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Returns the time of day.
pub(crate) fn wall_clock() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Returns a clock that counts from now on and is never set.
pub(crate) fn steady_clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX))
}

/// The zones whose data is built in. The machine's own are never asked: every node tells the same
/// day.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Returns the association's time zone as known at a position: UTC until it is founded, or if its
/// zone is not known here.
pub(crate) fn zone(book: &Book, known_at: Position) -> TimeZone {
    let founded = book.known(&Slot::Association, known_at).last();
    let founding = founded.and_then(|fact| fact.value.founding());
    let zone = founding.and_then(|founding| ZONES.get(founding.time_zone).ok());
    zone.unwrap_or(TimeZone::UTC)
}

/// Returns the instant at which a civil day begins.
pub(crate) fn start_of(zone: &TimeZone, day: Day) -> RecordTime {
    let start = zone.to_ambiguous_timestamp(day.date().into()).compatible();
    let micros = start.map_or(i64::MAX, Timestamp::as_microsecond);
    RecordTime::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// Returns the civil day of an instant.
pub(crate) fn day_of(zone: &TimeZone, instant: RecordTime) -> Day {
    let micros = i64::try_from(instant.micros()).unwrap_or(i64::MAX);
    let instant = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    Day::from_date(zone.to_datetime(instant).date()).unwrap_or(Day::MAX)
}
