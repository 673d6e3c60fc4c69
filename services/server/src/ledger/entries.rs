//! Reads of the log: the head, one entry, entries in order.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::call::point::beyond_head;
use crate::dear::Ask;
use prost::Message as _;
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Ledger, StoredEntry};
use standing_proto::ask::ledger::{GetEntry, ListEntries};
use standing_proto::ask::point::PointInTime;
use standing_proto::entry::write_entry;
use standing_proto::time::timestamp;
use standing_proto::v1;

/// How many entries are read from the log at a time, so that a page that ends for its size reads
/// little in vain.
const AT_ONCE: usize = 16;

/// Writes an entry as read.
pub(crate) fn write(read: StoredEntry) -> v1::Entry {
    write_entry(&read.entry, read.payload_version, read.stored)
}

/// Returns where the log stood at a position.
fn head_at(ledger: &Ledger, position: Position) -> Result<v1::Head, Problem> {
    let basis = ledger.basis(Day::MIN, position)?;
    let reader = ledger.at(position);
    let founded = reader
        .view()
        .book
        .known(&Slot::Association, position)
        .last();
    let founding = founded.and_then(|fact| fact.value.founding());
    let association = founding.map(|founding| founding.association.to_string());
    Ok(v1::Head {
        position: position.number(),
        record_time: basis.record_time.map(timestamp),
        rules_version: basis.rules_version,
        association: association.unwrap_or_default(),
        epoch: basis.epoch.number(),
    })
}

pub(crate) fn get_head(ledger: &Ledger) -> Result<v1::GetHeadResponse, Problem> {
    Ok(v1::GetHeadResponse {
        head: Some(head_at(ledger, ledger.head().position)?),
        today: ledger.today().to_string(),
    })
}

pub(crate) fn get_entry(
    ledger: &Ledger,
    asked: &GetEntry,
) -> Result<v1::GetEntryResponse, Problem> {
    let position = asked.position;
    if let Some(epoch) = asked.epoch {
        ledger.is_of(epoch, position)?;
    }
    match ledger.entry(position)? {
        Some(read) => Ok(v1::GetEntryResponse {
            entry: Some(write(read)),
        }),
        None => Err(beyond_head("entry", position, ledger.head().position)),
    }
}

pub(crate) fn list_entries(
    ledger: &Ask<'_>,
    asked: &ListEntries,
) -> Result<v1::ListEntriesResponse, Problem> {
    if let Some(epoch) = asked.epoch {
        ledger.is_of(epoch, asked.first.max(asked.last))?;
    }
    // A log has no day; the first page pins the head.
    let at = PointInTime {
        on: Some(Day::MIN),
        ..PointInTime::default()
    };
    let page = open(ledger, &at, &asked.page)?;
    let head = page.at.position;
    if asked.last > head {
        let description = format!("{} is beyond the head, which is {head}", asked.last);
        let problem = Problem::of_field("KNOWN_AT_FUTURE", "last_position", description);
        return Err(problem.with("asked", asked.last).with("head", head));
    }
    let last = match asked.last {
        Position::ZERO => head,
        position => position,
    };
    if let Some(party) = &asked.party
        && ledger.at(last).last_mention(&Ref::Party(party.clone())) == Position::ZERO
    {
        return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
    }
    let reached = Position::new(page.reached_by(head.number())?);
    let first = reached.next().max(asked.first);
    // One more than fits says whether there is another page.
    let positions = ledger.positions(asked.party.as_ref(), first, last, page.limit + 1);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    'page: for some in positions[..positions.len().min(page.limit)].chunks(AT_ONCE) {
        ledger.stop.check()?;
        for read in ledger.entries(some.iter().copied())? {
            let entry = write(read);
            bytes += entry.encoded_len();
            if bytes > MOST_BYTES && !entries.is_empty() {
                break 'page;
            }
            entries.push(entry);
        }
    }
    let reached = entries.last().map_or(0, |entry: &v1::Entry| entry.position);
    let more = positions.last().is_some_and(|last| last.number() > reached);
    Ok(v1::ListEntriesResponse {
        next_page_token: if more {
            page.token(&reached.to_string())
        } else {
            String::new()
        },
        entries,
        head: Some(head_at(ledger, head)?),
    })
}
