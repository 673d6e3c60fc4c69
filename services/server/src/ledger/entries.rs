//! Reads of the log: the head, one entry, entries in order.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::call::point::beyond_head;
use crate::dear::Ask;
use crate::words::nearest::suggest;
use prost::Message as _;
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Ledger, Sought, StoredEntry};
use standing_proto::ask::ledger::{GetEntry, ListEntries};
use standing_proto::ask::point::PointInTime;
use standing_proto::entry::write_entry;
use standing_proto::time::timestamp;
use standing_proto::v1;

/// How many entries are read from the log at a time, so that a page that ends for its size reads
/// little in vain.
const AT_ONCE: usize = 16;

/// How many entries are looked at before others may have their turn.
const STRIDE: usize = 128;

/// How many entries are looked at for a page at most: one that finds little ends there, and the
/// next goes on.
const MOST_LOOKED: usize = 100_000;

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
    list(ledger, asked, MOST_LOOKED)
}

/// Lists entries, of which so many may be looked at for the page.
pub(crate) fn list(
    ledger: &Ask<'_>,
    asked: &ListEntries,
    most_looked: usize,
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
    let sought = sought(ledger, asked, last)?;
    let (from, to) = ledger.recorded((asked.first_recorded, asked.last_recorded), head)?;
    let listed = Position::new(page.reached_by(head.number())?);
    let first = listed.next().max(asked.first).max(from);
    let Found {
        mut positions,
        reached,
    } = look(
        ledger,
        &sought,
        (first, last.min(to)),
        (page.limit + 1, most_looked),
    )?;
    // One more than fits says that there is another page.
    let mut next = match reached {
        _ if positions.len() > page.limit => positions[..page.limit].last().copied(),
        reached => reached,
    };
    positions.truncate(page.limit);
    let entries = read(ledger, &positions)?;
    if entries.len() < positions.len() {
        next = entries.last().map(|entry| Position::new(entry.position));
    }
    Ok(v1::ListEntriesResponse {
        next_page_token: next
            .map(|next| page.token(&next.to_string()))
            .unwrap_or_default(),
        entries,
        head: Some(head_at(ledger, head)?),
    })
}

/// Returns which entries are listed, up to a position; what no entry concerns there is refused.
fn sought(ledger: &Ledger, asked: &ListEntries, last: Position) -> Result<Sought, Problem> {
    let is_known = |what: &Ref| {
        let first = ledger.positions(Some(what), Position::FIRST, last, 1);
        !first.is_empty()
    };
    let mut concerned = Vec::new();
    if let Some(party) = &asked.party {
        let what = Ref::Party(party.clone());
        if !is_known(&what) {
            return Err(Problem::unknown("UNKNOWN_PARTY", "party", party));
        }
        concerned.push(what);
    }
    if let Some(session) = &asked.session {
        let what = Ref::Session(session.clone());
        if !is_known(&what) {
            let unknown = Problem::unknown("UNKNOWN_SESSION", "session", session);
            return Err(suggest(ledger, last, unknown));
        }
        concerned.push(what);
    }
    Ok(Sought {
        concerned,
        actor: asked.actor.clone(),
        kinds: asked.kinds.iter().map(|kind| kind.number).collect(),
    })
}

/// Entries that were looked for.
struct Found {
    /// Where they stand, in order.
    positions: Vec<Position>,
    /// Up to where was looked, if that is not the end.
    reached: Option<Position>,
}

/// Looks from a position to another until so many entries are found or so many were looked at, or
/// the caller has to have an answer.
fn look(
    ledger: &Ask<'_>,
    sought: &Sought,
    (first, last): (Position, Position),
    (most_found, most_looked): (usize, usize),
) -> Result<Found, Problem> {
    let (mut positions, mut reached) = (Vec::new(), first.previous());
    let mut looked = 0;
    while reached < last && positions.len() < most_found {
        if looked >= most_looked || looked > 0 && ledger.is_late() {
            break;
        }
        ledger.stop.check()?;
        let some = ledger.look_for(sought, reached.next(), last, STRIDE)?;
        positions.extend(some.found);
        looked += some.count;
        reached = some.reached;
    }
    Ok(Found {
        positions,
        reached: (reached < last).then_some(reached),
    })
}

/// Reads entries, as many as fit a page; one at least.
fn read(ledger: &Ask<'_>, positions: &[Position]) -> Result<Vec<v1::Entry>, Problem> {
    let (mut entries, mut bytes) = (Vec::new(), 0);
    for some in positions.chunks(AT_ONCE) {
        ledger.stop.check()?;
        for read in ledger.entries(some.iter().copied())? {
            let entry = write(read);
            bytes += entry.encoded_len();
            if bytes > MOST_BYTES && !entries.is_empty() {
                return Ok(entries);
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}
