//! Reading what a watch is asked for: where it begins, and what passes.

use super::entries::Entries;
use super::hub::reached;
use super::rights::{Place, Rights};
use crate::call::errors::Problem;
use crate::call::fields::Fields;
use crate::dear::Ask;
use standing_domain::entry::event::Position;
use standing_domain::id::{IdError, PartyId, RightId};
use standing_domain::time::day::Day;
use standing_engine::{ChangeError, Cursor, Ledger};
use standing_proto::kind::{KINDS, WITHDRAWAL};
use standing_proto::v1::watch_entries_request::Start as EntriesStart;
use standing_proto::v1::watch_rights_request::Start as RightsStart;
use standing_proto::{time, v1};
use tonic::Code;

/// The most parties of a filter.
const MOST_PARTIES: usize = 1_000;

/// The most kinds or rights of a filter.
const MOST_WORDS: usize = 100;

/// Where a watch begins.
enum Start<T> {
    /// After a place.
    After(T),
    /// With what was recorded at an instant, in microseconds since 1970-01-01T00:00:00Z, or later.
    From(u64),
    /// With what comes next.
    Now,
}

/// Reads which entries are watched, and after which position.
pub(crate) fn entries(
    engine: &Ledger,
    request: &v1::WatchEntriesRequest,
) -> Result<(Entries, Position), Problem> {
    let mut fields = Fields::default();
    let start = match &request.start {
        None => Some(Start::After(0)),
        Some(EntriesStart::AfterPosition(position)) => Some(Start::After(*position)),
        Some(EntriesStart::FromRecordTime(from)) => record_time(&mut fields, from),
        Some(EntriesStart::FromNow(now)) => from_now(&mut fields, *now),
    };
    let kinds = words(&mut fields, "kinds", &request.kinds, |fields, at, name| {
        kind(fields, at, name)
    });
    let parties = ids(
        &mut fields,
        "parties",
        MOST_PARTIES,
        &request.parties,
        PartyId::new,
    );
    let (Some(start), Some(kinds), Some(parties)) = (start, kinds, parties) else {
        return Err(fields.problem());
    };
    let head = engine.head().position;
    let after = match start {
        Start::After(position) if position > head => return Err(beyond(position, head)),
        Start::After(position) => position,
        Start::From(micros) => first_from(engine, micros)? - 1,
        Start::Now => head,
    };
    let filter = Entries {
        kinds: kinds.into_iter().collect(),
        parties: parties.into_iter().collect(),
    };
    Ok((filter, after))
}

/// Reads which changes of rights are watched, and after which place.
pub(crate) fn rights(
    engine: &Ask<'_>,
    request: &v1::WatchRightsRequest,
) -> Result<(Rights, Place), Problem> {
    let mut fields = Fields::default();
    let start = match &request.start {
        None => Some(Start::After(None)),
        Some(RightsStart::After(cursor)) => {
            asked_place(&mut fields, cursor).map(|asked| Start::After(Some(asked)))
        }
        Some(RightsStart::FromRecordTime(from)) => record_time(&mut fields, from),
        Some(RightsStart::FromNow(now)) => from_now(&mut fields, *now),
    };
    let parties = ids(
        &mut fields,
        "parties",
        MOST_PARTIES,
        &request.parties,
        PartyId::new,
    );
    let rights = ids(
        &mut fields,
        "rights",
        MOST_WORDS,
        &request.rights,
        RightId::new,
    );
    let (Some(start), Some(parties), Some(rights)) = (start, parties, rights) else {
        return Err(fields.problem());
    };
    let after = match start {
        Start::After(None) => Place::after(Cursor::START),
        Start::After(Some(asked)) => place(engine, asked)?,
        Start::From(micros) => {
            let first = first_from(engine, micros)?;
            match engine.entry(first)? {
                Some(read) => Place::after(engine.cursor_at(read.entry.batch.0 - 1)?),
                None => Place::after(reached(engine.frontier())),
            }
        }
        Start::Now => Place::after(reached(engine.frontier())),
    };
    let filter = Rights {
        parties: parties.iter().map(ToString::to_string).collect(),
        rights: rights.iter().map(ToString::to_string).collect(),
    };
    Ok((filter, after))
}

/// A place as a client gives it.
#[derive(Debug, Clone, Copy)]
struct AskedPlace {
    position: Position,
    /// None: after everything of the day on which the position was recorded.
    day: Option<Day>,
    index: usize,
    count: usize,
}

fn asked_place(fields: &mut Fields, cursor: &v1::ChangeCursor) -> Option<AskedPlace> {
    let day = fields.optional_day("after.day", &cursor.day)?;
    if cursor.index > cursor.count {
        let description = format!("{} is more than the count, {}", cursor.index, cursor.count);
        return fields.refuse("after.index", "OUT_OF_RANGE", description);
    }
    if day.is_none() && cursor.count > 0 {
        return fields.refuse("after.day", "MISSING", "is missing");
    }
    Some(AskedPlace {
        position: cursor.position,
        day,
        index: usize::try_from(cursor.index).ok()?,
        count: usize::try_from(cursor.count).ok()?,
    })
}

/// Finds a place that a client gives.
fn place(engine: &Ask<'_>, asked: AskedPlace) -> Result<Place, Problem> {
    let frontier = engine.frontier();
    let position = asked.position;
    let recorded = engine.cursor_at(position)?;
    let Some(day) = asked.day else {
        return Ok(Place::after(recorded));
    };
    if recorded.position != position || position == 0 {
        return Err(unknown_place("no batch ends at its position"));
    }
    if Some(day) > frontier.day {
        let begun = frontier.day.map(|day| day.to_string()).unwrap_or_default();
        return Err(beyond(position, frontier.head.position)
            .with("asked_day", day)
            .with("day", begun));
    }
    let cursor = Cursor {
        position,
        day: Some(day),
    };
    if asked.index == asked.count {
        return Ok(Place::after(cursor));
    }
    // The step itself is worked out again: a batch, or the start of a day after it.
    let first = engine
        .entry(position)?
        .map_or(position, |read| read.entry.batch.0);
    let batch = match first - 1 {
        0 => Cursor::START,
        before => Cursor {
            position: before,
            day: Some(day),
        },
    };
    let start_of_day = Cursor {
        position,
        day: Some(day.previous()),
    };
    let likely = if Some(day) > recorded.day {
        [start_of_day, batch]
    } else {
        [batch, start_of_day]
    };
    for before in likely {
        let step = engine.next_step(before, frontier, engine.stop)?;
        if step.is_some_and(|step| step.cursor == cursor && step.changes.len() == asked.count) {
            return Ok(Place::within(before, asked.index));
        }
    }
    Err(unknown_place("no step there has so many changes"))
}

fn unknown_place(description: &str) -> Problem {
    Problem::of_field("UNKNOWN_CURSOR", "after", description)
}

/// Refuses a place that the ledger has not reached.
fn beyond(asked: Position, head: Position) -> Problem {
    let message = format!("position {asked} is beyond the head, which is {head}");
    Problem::new(Code::OutOfRange, "POSITION_BEYOND_HEAD", message)
        .with("asked", asked)
        .with("head", head)
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Beyond { asked, head } => beyond(asked, head),
            ChangeError::Point(error) => error.into(),
            ChangeError::Entry(error) => error.into(),
            ChangeError::GivenUp(stopped) => stopped.into(),
        }
    }
}

/// Returns the position of the first entry recorded at an instant or later; that after the head if there is none.
fn first_from(engine: &Ledger, micros: u64) -> Result<Position, Problem> {
    let (mut low, mut high) = (1, engine.head().position + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let recorded = engine.entry(middle)?.map(|read| read.entry.record_time);
        let earlier = recorded.is_some_and(|time| u64::try_from(time).unwrap_or(0) < micros);
        if earlier {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn record_time<T>(fields: &mut Fields, from: &prost_types::Timestamp) -> Option<Start<T>> {
    // What was recorded within the microsecond was recorded before the instant.
    let up = i64::from(from.nanos % 1_000 != 0);
    match time::record_time(from) {
        // Before 1970 the ledger knew nothing.
        Some(micros) => Some(Start::From(
            u64::try_from(micros.saturating_add(up)).unwrap_or(0),
        )),
        None => fields.refuse("from_record_time", "NOT_AN_INSTANT", "is not an instant"),
    }
}

fn from_now<T>(fields: &mut Fields, now: bool) -> Option<Start<T>> {
    if now {
        Some(Start::Now)
    } else {
        fields.refuse("from_now", "NOT_TRUE", "is true or left out")
    }
}

fn kind(fields: &mut Fields, at: String, name: &str) -> Option<u32> {
    let known = KINDS.iter().chain([&WITHDRAWAL]);
    let found = known
        .into_iter()
        .find(|kind| kind.name == name)
        .map(|kind| kind.number.into());
    found.or_else(|| {
        let description = format!("{name:?} is no kind of entry");
        fields.refuse(at, "UNKNOWN_KIND", description)
    })
}

fn ids<T>(
    fields: &mut Fields,
    field: &str,
    most: usize,
    texts: &[String],
    read: impl Fn(&str) -> Result<T, IdError>,
) -> Option<Vec<T>> {
    if texts.len() > most {
        let description = format!("{} items, {most} at most", texts.len());
        return fields.refuse(field, "TOO_MANY", description);
    }
    each(texts, |index, text| {
        fields.id(format!("{field}[{index}]"), text, &read)
    })
}

fn words<T>(
    fields: &mut Fields,
    field: &str,
    texts: &[String],
    read: impl Fn(&mut Fields, String, &str) -> Option<T>,
) -> Option<Vec<T>> {
    if texts.len() > MOST_WORDS {
        let description = format!("{} items, {MOST_WORDS} at most", texts.len());
        return fields.refuse(field, "TOO_MANY", description);
    }
    each(texts, |index, text| {
        read(fields, format!("{field}[{index}]"), text)
    })
}

/// Reads every item before any is missed.
fn each<T>(texts: &[String], mut read: impl FnMut(usize, &str) -> Option<T>) -> Option<Vec<T>> {
    let items = texts.iter().enumerate();
    let read: Vec<Option<T>> = items.map(|(index, text)| read(index, text)).collect();
    read.into_iter().collect()
}
