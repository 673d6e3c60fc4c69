//! The point in time of a question.

use crate::draft::read_draft;
use crate::limit;
use crate::malformed::Malformed;
use crate::read::{At, Read, build, read};
use crate::time::{read_day, record_time};
use crate::v1;
use crate::v1::point_in_time::KnownAt as Wire;
use standing_domain::entry::draft::Draft;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;

/// A point in time as asked, with what is taken for granted there. By default it is today, at the
/// head, and nothing is taken for granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PointInTime {
    /// The day; none is today.
    pub on: Option<Day>,
    /// As known when.
    pub known_at: KnownAt,
    /// The epoch of the history that the positions are of.
    pub epoch: Epoch,
    /// The position the answer must rest on; [`Position::ZERO`] is any.
    pub at_least: Position,
    /// Drafts that are assumed.
    pub assume: Vec<Draft>,
    /// Whether the instant is now, as the day asked for is not over; whoever knows the time says
    /// so.
    pub now: bool,
    /// Names of readings to apply; whether they are known is for the law to say.
    pub readings: Vec<String>,
}

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownAt {
    /// At the head.
    #[default]
    Head,
    /// After the entry at a position.
    Position(Position),
    /// At an instant.
    Instant(RecordTime),
    /// At the end of a day where the association is.
    Day(Day),
}

/// Reads a point in time by itself.
///
/// # Errors
/// Something in it is malformed.
pub fn read_point_in_time(wire: v1::PointInTime) -> Result<PointInTime, Malformed> {
    read(|at| read_point(at, Some(wire)))
}

/// Reads the point in time of a question; nothing said is today, at the head.
pub(crate) fn read_point(at: &At, wire: Option<v1::PointInTime>) -> Read<PointInTime> {
    let Some(wire) = wire else {
        return Ok(PointInTime::default());
    };
    read_point_here(&at.field("at"), wire)
}

/// Reads a point in time that stands here.
pub(crate) fn read_point_here(at: &At, wire: v1::PointInTime) -> Read<PointInTime> {
    build!(PointInTime {
        on: read_optional_day(at, "on", &wire.on),
        known_at: read_known_at(at, wire.known_at),
        epoch: Ok(Epoch::new(wire.epoch)),
        at_least: Ok(Position::new(wire.min_position)),
        assume: at.list("assume", wire.assume, &limit::ASSUMED, read_draft),
        now: Ok(false),
        readings: Ok(wire.readings),
    })
}

fn read_known_at(at: &At, wire: Option<Wire>) -> Read<KnownAt> {
    match wire {
        None => Ok(KnownAt::Head),
        Some(Wire::Position(position)) => Ok(KnownAt::Position(Position::new(position))),
        Some(Wire::Instant(instant)) => match record_time(&instant) {
            Some(instant) => Ok(KnownAt::Instant(instant)),
            None => at
                .field("instant")
                .refuse("NOT_AN_INSTANT", "is not an instant"),
        },
        Some(Wire::Day(day)) => read_day(&at.field("day"), &day).map(KnownAt::Day),
    }
}

/// Reads a civil date that may be left empty.
pub(crate) fn read_optional_day(at: &At, name: &'static str, text: &str) -> Read<Option<Day>> {
    if text.is_empty() {
        return Ok(None);
    }
    read_day(&at.field(name), text).map(Some)
}

/// Reads the last of some days, which may be left empty; before the first there is none.
pub(crate) fn read_last_day(
    at: &At,
    name: &'static str,
    text: &str,
    first: &Read<Option<Day>>,
) -> Read<Option<Day>> {
    let last = read_optional_day(at, name, text)?;
    match (first, last) {
        (Ok(Some(first)), Some(last)) if last < *first => at.field(name).refuse(
            "ENDS_BEFORE_IT_BEGINS",
            format_args!("{last} is before the first day, {first}"),
        ),
        _ => Ok(last),
    }
}
