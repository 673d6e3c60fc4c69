//! Bringing a log of the format without leaf hashes to today's. The hashes bind what is there from
//! then on, so what is there is checked first: every page by opening, every entry here. The format
//! is raised in the transaction that stores the last hash; until then the file is one of the older
//! format with a table that nobody reads, and an upgrade that was cut off goes on where it was.

use crate::leaf::LeafHash;
use crate::open::{ENTRIES, FORMAT_KEY, How, LEAVES, LOG_FORMAT, META, OpenError, Opened};
use crate::verify::{Checker, on_deep_stack};
use redb::{ReadableDatabase, ReadableTable, TableError};
use standing_domain::id::position::Position;
use std::path::Path;

/// How many entries are checked between two words about it.
const TOLD: u64 = 4_096;

/// Checks every entry, and the hashes that an upgrade stored before it was cut off; returns the
/// first position that has none. Changes nothing.
pub(crate) fn check(
    opened: &Opened,
    path: &Path,
    progress: &dyn Fn(u64, u64),
) -> Result<Position, OpenError> {
    let (told, positions) = std::sync::mpsc::channel();
    let total = opened.head.number().saturating_mul(2);
    // Progress is told on the thread that opens; the channel ends with the check.
    let work = move || {
        checked(opened, &|position| {
            let _ = told.send(position);
        })
    };
    let checked = on_deep_stack(work, || {
        for position in positions {
            progress(position.number(), total);
        }
    });
    let what = match checked {
        Ok(Ok(from)) => return Ok(from),
        Ok(Err(what)) => what,
        Err(error) => error.to_string(),
    };
    Err(OpenError::Damaged {
        path: path.to_owned(),
        what: format!("{what}; it was not brought to log format {LOG_FORMAT}"),
    })
}

fn checked(opened: &Opened, tell: &dyn Fn(Position)) -> Result<Position, String> {
    let read = opened.db.begin_read().map_err(text)?;
    let entries = read.open_table(ENTRIES).map_err(text)?;
    let leaves = match read.open_table(LEAVES) {
        Ok(leaves) => Some(leaves),
        Err(TableError::TableDoesNotExist(_)) => None,
        Err(error) => return Err(text(error)),
    };
    let mut checker = Checker::default();
    let mut next_leaf = Position::FIRST;
    let mut leaves = match &leaves {
        Some(leaves) => Some(leaves.iter().map_err(text)?),
        None => None,
    };
    for item in entries.iter().map_err(text)? {
        let (position, bytes) = item.map_err(text)?;
        let position = Position::new(position.value());
        checker.entry(position, bytes.value());
        let leaf = leaves.as_mut().and_then(Iterator::next);
        if let Some((at, leaf)) = leaf.transpose().map_err(text)? {
            if (Position::new(at.value()), *leaf.value())
                != (position, LeafHash::of(bytes.value()).0)
            {
                return Err(format!(
                    "the hash at position {position} is not that of the entry"
                ));
            }
            next_leaf = position.next();
        }
        if position.number().is_multiple_of(TOLD) {
            tell(position);
        }
    }
    let report = checker.end();
    match report.problems.first() {
        None => Ok(next_leaf),
        Some(problem) => Err(format!(
            "{} problems, the first at position {}: {}",
            report.count, problem.position, problem.what
        )),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Stores the hashes of the entries from a position on, and the format with the last of them.
pub(crate) fn run(opened: &Opened, from: Position, how: How<'_>) -> Result<(), redb::Error> {
    let (db, head) = (&opened.db, opened.head);
    let mut next = from;
    loop {
        let last = head.min(next.plus(how.options.upgrade_entries.max(1) - 1));
        let mut transaction = db.begin_write()?;
        transaction.set_quick_repair(how.options.quick_repair);
        {
            let entries = transaction.open_table(ENTRIES)?;
            let mut leaves = transaction.open_table(LEAVES)?;
            let mut end = leaves.upper_bound_mut(std::ops::Bound::<u64>::Unbounded)?;
            if next <= last {
                for item in entries.range(next.number()..=last.number())? {
                    let (position, bytes) = item?;
                    let leaf = LeafHash::of(bytes.value());
                    end.insert_before(position.value(), &leaf.0)?;
                }
            }
            end.close()?;
        }
        if last == head {
            let mut meta = transaction.open_table(META)?;
            meta.insert(FORMAT_KEY, LOG_FORMAT.to_le_bytes().as_slice())?;
        }
        transaction.commit()?;
        let (done, total) = (last.number(), head.number());
        (how.progress)(total.saturating_add(done), total.saturating_mul(2));
        if last == head {
            return Ok(());
        }
        next = last.next();
    }
}
