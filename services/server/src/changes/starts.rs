//! Reading what a watch is asked for: where it begins, and what passes.

use super::entries::Entries;
use super::hub::reached;
use super::rights::{Place, Rights};
use crate::call::errors::Problem;
use crate::dear::Ask;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{ChangeError, Cursor, Ledger};
use standing_proto::ask::changes;
use standing_proto::ask::changes::{Start, WatchEntries, WatchRights};
use standing_proto::ask::read_request;
use standing_proto::v1;
use tonic::Code;

/// Reads which entries are watched, and after which position.
pub(crate) fn entries(
    ledger: &Ledger,
    request: v1::WatchEntriesRequest,
) -> Result<(Entries, Position), Problem> {
    let asked: WatchEntries = read_request(request)?;
    let head = ledger.head().position;
    if let Start::After(position) = asked.start {
        ledger.is_of(asked.epoch, position)?;
    }
    let after = match asked.start {
        Start::After(position) if position > head => return Err(beyond(position, head)),
        Start::After(position) => position,
        Start::From(from) => first_from(ledger, from)?.previous(),
        Start::Now => head,
    };
    let filter = Entries {
        kinds: asked.kinds.into_iter().collect(),
        parties: asked.parties.into_iter().collect(),
    };
    Ok((filter, after))
}

/// Reads which changes of rights are watched, and after which place.
pub(crate) fn rights(
    ledger: &Ask<'_>,
    request: v1::WatchRightsRequest,
) -> Result<(Rights, Place), Problem> {
    let asked: WatchRights = read_request(request)?;
    let after = match asked.start {
        Start::After(None) => Place::after(Cursor::START),
        Start::After(Some(cursor)) => place(ledger, cursor)?,
        Start::From(from) => {
            let first = first_from(ledger, from)?;
            match ledger.entry(first)? {
                Some(read) => Place::after(ledger.cursor_at(read.entry.batch.first.previous())?),
                None => Place::after(reached(ledger.frontier())),
            }
        }
        Start::Now => Place::after(reached(ledger.frontier())),
    };
    let filter = Rights {
        parties: asked.parties.iter().map(ToString::to_string).collect(),
        rights: asked.rights.iter().map(ToString::to_string).collect(),
    };
    Ok((filter, after))
}

/// Finds a place that a client gives.
fn place(ledger: &Ask<'_>, asked: changes::Cursor) -> Result<Place, Problem> {
    let frontier = ledger.frontier();
    let position = asked.position;
    ledger.is_of(asked.epoch, position)?;
    let recorded = ledger.cursor_at(position)?;
    let Some(day) = asked.day else {
        return Ok(Place::after(recorded));
    };
    if recorded.position != position || position == Position::ZERO {
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
    let first = ledger
        .entry(position)?
        .map_or(position, |read| read.entry.batch.first);
    let batch = match first.previous() {
        Position::ZERO => Cursor::START,
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
        let step = ledger.next_step(before, frontier, ledger.stop)?;
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

/// Returns the position of the first entry recorded at an instant or later; that after the head if
/// there is none.
fn first_from(ledger: &Ledger, from: RecordTime) -> Result<Position, Problem> {
    let (mut low, mut high) = (Position::FIRST, ledger.head().position.next());
    while low < high {
        let middle = low.plus(high.since(low) / 2);
        let recorded = ledger.entry(middle)?.map(|read| read.entry.record_time);
        let earlier = recorded.is_some_and(|time| time < from);
        if earlier {
            low = middle.next();
        } else {
            high = middle;
        }
    }
    Ok(low)
}
