//! Reads of the log: the head, one entry, entries in order.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::call::point::{beyond_head, instant};
use crate::dear::Ask;
use prost::Message as _;
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::Position;
use standing_domain::time::day::Day;
use standing_engine::{Engine, StoredEntry};
use standing_proto::ask::ledger::ListEntries;
use standing_proto::ask::point::PointInTime;
use standing_proto::entry::write_entry;
use standing_proto::v1;

/// How many entries are read from the log at a time, so that a page that ends for its size reads little in vain.
const AT_ONCE: usize = 16;

/// Writes an entry as read.
pub(crate) fn write(read: StoredEntry) -> v1::Entry {
    write_entry(&read.entry, read.payload_version, read.stored)
}

/// Returns where the log stood at a position.
fn head_at(engine: &Engine, position: Position) -> Result<v1::Head, Problem> {
    let basis = engine.basis(Day::MIN, position)?;
    let reader = engine.at(position);
    let founded = reader
        .view()
        .book
        .known(&Slot::Association, position)
        .last();
    let association = if let Some(Event::AssociationFounded { association, .. }) =
        founded.map(|fact| &*fact.value)
    {
        association.to_string()
    } else {
        String::new()
    };
    Ok(v1::Head {
        position,
        record_time: basis.record_time.map(instant),
        rules_version: basis.rules_version,
        association,
    })
}

pub(crate) fn get_head(engine: &Engine) -> Result<v1::GetHeadResponse, Problem> {
    Ok(v1::GetHeadResponse {
        head: Some(head_at(engine, engine.head().position)?),
        today: engine.today().to_string(),
    })
}

pub(crate) fn get_entry(
    engine: &Engine,
    position: Position,
) -> Result<v1::GetEntryResponse, Problem> {
    match engine.entry(position)? {
        Some(read) => Ok(v1::GetEntryResponse {
            entry: Some(write(read)),
        }),
        None => Err(beyond_head("entry", position, engine.head().position)),
    }
}

pub(crate) fn list_entries(
    engine: &Ask<'_>,
    asked: &ListEntries,
) -> Result<v1::ListEntriesResponse, Problem> {
    // A log has no day; the first page pins the head.
    let at = PointInTime {
        on: Some(Day::MIN),
        ..PointInTime::default()
    };
    let page = open(engine, &at, &asked.page)?;
    let head = page.at.position;
    if asked.last > head {
        let description = format!("{} is beyond the head, which is {head}", asked.last);
        let problem = Problem::of_field("KNOWN_AT_FUTURE", "last_position", description);
        return Err(problem.with("asked", asked.last).with("head", head));
    }
    let last = match asked.last {
        0 => head,
        position => position,
    };
    if let Some(party) = &asked.party
        && engine.at(last).last_mention(&Ref::Party(party.clone())) == 0
    {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    }
    let first = page.reached_by(head)?.saturating_add(1);
    let first = first.max(asked.first);
    // One more than fits says whether there is another page.
    let positions = engine.positions(asked.party.as_ref(), first, last, page.limit + 1);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    'page: for some in positions[..positions.len().min(page.limit)].chunks(AT_ONCE) {
        engine.stop.check()?;
        for read in engine.entries(some.iter().copied())? {
            let entry = write(read);
            bytes += entry.encoded_len();
            if bytes > MOST_BYTES && !entries.is_empty() {
                break 'page;
            }
            entries.push(entry);
        }
    }
    let reached = entries.last().map_or(0, |entry: &v1::Entry| entry.position);
    let more = positions.last().is_some_and(|last| *last > reached);
    Ok(v1::ListEntriesResponse {
        next_page_token: if more {
            page.token(&reached.to_string())
        } else {
            String::new()
        },
        entries,
        head: Some(head_at(engine, head)?),
    })
}
