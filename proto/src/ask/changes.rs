//! What is watched, and from where on.

use crate::ask::Asked;
use crate::ask::ledger::read_kind;
use crate::ask::point::read_optional_day;
use crate::limit;
use crate::limit::Limit;
use crate::read::{At, Id, Read, build};
use crate::time::record_time;
use crate::v1;
use crate::v1::watch_entries_request::Start as EntriesStart;
use crate::v1::watch_rights_request::Start as RightsStart;
use prost_types::Timestamp;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, RightId};
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;

/// Where a watch begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start<T> {
    /// After a place.
    After(T),
    /// With what was recorded at an instant or later.
    From(RecordTime),
    /// With what comes next.
    Now,
}

/// Entries as they are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchEntries {
    /// Where to begin: after a position.
    pub start: Start<Position>,
    /// The numbers of kinds; every kind if there are none.
    pub kinds: Vec<u32>,
    /// Whom they concern, any of these; everybody if there are none.
    pub parties: Vec<PartyId>,
    /// The epoch of the history that the position is of.
    pub epoch: Epoch,
}

/// Changes of rights as they are worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRights {
    /// Where to begin: after a place; none is before the first step.
    pub start: Start<Option<Cursor>>,
    /// Whose, any of these; everybody's if there are none.
    pub parties: Vec<PartyId>,
    /// Of which rights; of every right if there are none.
    pub rights: Vec<RightId>,
}

/// A place among changes of rights, as a client gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The position.
    pub position: Position,
    /// The epoch of the history that it is of.
    pub epoch: Epoch,
    /// None: after everything of the day on which the position was recorded.
    pub day: Option<Day>,
    /// How many changes of the step there were taken; never more than the count.
    pub index: usize,
    /// How many changes the step has.
    pub count: usize,
}

impl Asked for WatchEntries {
    type Request = v1::WatchEntriesRequest;

    fn read(at: &At<'_>, wire: v1::WatchEntriesRequest) -> Read<Self> {
        build!(WatchEntries {
            start: match wire.start {
                None => Ok(Start::After(Position::ZERO)),
                Some(EntriesStart::AfterPosition(position)) =>
                    Ok(Start::After(Position::new(position))),
                Some(EntriesStart::FromRecordTime(from)) => read_from(at, &from),
                Some(EntriesStart::FromNow(now)) => read_now(at, now),
            },
            kinds: at.list("kinds", &wire.kinds, &limit::WATCHED, |at, name| {
                read_kind(at, name).map(|kind| kind.number.into())
            }),
            parties: ids(at, "parties", &wire.parties, &limit::WATCHED_PARTIES),
            epoch: Ok(Epoch::new(wire.epoch)),
        })
    }
}

impl Asked for WatchRights {
    type Request = v1::WatchRightsRequest;

    fn read(at: &At<'_>, wire: v1::WatchRightsRequest) -> Read<Self> {
        build!(WatchRights {
            start: match wire.start {
                None => Ok(Start::After(None)),
                Some(RightsStart::After(cursor)) => read_cursor(&at.field("after"), &cursor)
                    .map(|cursor| Start::After(Some(cursor))),
                Some(RightsStart::FromRecordTime(from)) => read_from(at, &from),
                Some(RightsStart::FromNow(now)) => read_now(at, now),
            },
            parties: ids(at, "parties", &wire.parties, &limit::WATCHED_PARTIES),
            rights: ids(at, "rights", &wire.rights, &limit::WATCHED),
        })
    }
}

fn ids<T: Id>(at: &At, name: &'static str, texts: &[String], limit: &Limit) -> Read<Vec<T>> {
    at.list(name, texts, limit, |at, text| at.asked_id_here(text))
}

fn read_from<T>(at: &At, from: &Timestamp) -> Read<Start<T>> {
    // What was recorded within the microsecond was recorded before the instant.
    let is_within = from.nanos % 1_000 != 0;
    match record_time(from) {
        Some(before) if is_within => Ok(Start::From(before.next())),
        Some(at) => Ok(Start::From(at)),
        None => at
            .field("from_record_time")
            .refuse("NOT_AN_INSTANT", "is not an instant"),
    }
}

fn read_now<T>(at: &At, now: bool) -> Read<Start<T>> {
    if now {
        return Ok(Start::Now);
    }
    at.field("from_now")
        .refuse("NOT_TRUE", "is true or left out")
}

fn read_cursor(at: &At, wire: &v1::ChangeCursor) -> Read<Cursor> {
    let (index, count) = (wire.index, wire.count);
    let said = match read_optional_day(at, "day", &wire.day) {
        Ok(None) if count > 0 => at.field("day").refuse("MISSING", "is missing"),
        day => day,
    };
    build!(Cursor {
        position: Ok(Position::new(wire.position)),
        epoch: Ok(Epoch::new(wire.epoch)),
        day: said,
        index: if index > count {
            let description = format_args!("{index} is more than the count, {count}");
            at.field("index").refuse("OUT_OF_RANGE", description)
        } else {
            Ok(usize::try_from(index).unwrap_or(usize::MAX))
        },
        count: Ok(usize::try_from(count).unwrap_or(usize::MAX)),
    })
}
