//! Whether an answer costs what it is about, not what the ledger holds: the same questions to
//! ledgers of several sizes over gRPC, by one caller and by several, while a writer records.
//! Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo bench -p standing-bench --bench flat
//!     cargo bench -p standing-bench --bench flat -- --only few     one of few, registered, members
//!
//! Each size has a process of its own, which opens the ledger, serves it and asks, so that the
//! memory told is that of one ledger. There is a table for each size, and one that holds the larger
//! ledgers against the smallest. What is not answered in time is told, and not waited for. Sizes
//! and times: see [`scale::Scale`].
#![allow(
    clippy::cast_precision_loss,
    reason = "counts and bytes become rates and ratios"
)]

mod callers;
mod law;
mod questions;
mod row;
mod scale;
mod size;
mod writer;

use row::Row;
use scale::Scale;
use standing_bench::crowd;
use standing_bench::crowd::Size;
use standing_bench::rounds::Round;
use standing_bench::table::{Bound, Table};
use standing_bench::{Outcome, environment};
use std::process::{Command, Stdio};

/// What makes this binary a process that serves a ledger and asks it; its path follows, and then
/// its size.
const CHILD_FLAG: &str = "--serve-and-ask";

/// How much more a question may cost in a larger ledger, where it should cost the same.
const FLAT: f64 = 1.5;

fn main() -> Outcome {
    let scale = Scale::from_environment();
    let arguments: Vec<String> = std::env::args().collect();
    if let Some([_, path, size @ ..]) = arguments
        .iter()
        .position(|argument| argument == CHILD_FLAG)
        .map(|at| &arguments[at..])
    {
        return size::serve_and_ask(path.as_ref(), size::read(size)?, &scale);
    }
    if !environment::has("--bench") {
        return Ok(());
    }
    let only = environment::after("--only");
    let mut measured: Vec<(&str, Vec<Row>)> = Vec::new();
    for (name, size) in scale.sizes() {
        if only.as_deref().is_none_or(|only| name.starts_with(only)) {
            eprintln!("{name} ...");
            let rows = one(size)?;
            println!("{}\n{}", title(name, size), table(&rows));
            measured.push((name, rows));
        }
    }
    if let Some(((least, small), larger)) = measured.split_first() {
        for (name, large) in larger {
            println!("{name} against {least}\n{}", against(large, small));
        }
    }
    Ok(())
}

/// Measures one size in a process of its own, whose memory holds nothing from before.
fn one(size: Size) -> Outcome<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger.redb");
    crowd::build(&path, size)?;
    let output = Command::new(std::env::current_exe()?)
        .arg(CHILD_FLAG)
        .arg(&path)
        .args(size::written(size))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("serving and asking failed".into());
    }
    String::from_utf8(output.stdout)?
        .lines()
        .map(Row::read)
        .collect()
}

fn title(name: &str, size: Size) -> String {
    let Size {
        registered,
        members,
        sessions,
    } = size;
    format!("{name}: {registered} registered, {members} members, {sessions} sessions")
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::default();
    for row in rows {
        match &row.value {
            Ok(value) => table.value(&row.what, &row.unit, *value, bound(&row.what)),
            Err(why) => table.without(&row.what, why),
        }
    }
    table
}

/// Returns what a row is held against: only what one caller waits, and what a change of law does.
fn bound(what: &str) -> Option<Bound> {
    let questions = questions::ALL.iter().flat_map(|question| {
        let one = callers::told(question, 1);
        [("p50", question.p50), ("p99", question.p99)]
            .map(|(part, bound)| (format!("{one}: {part}"), bound))
    });
    let law = law::BOUNDS.map(|(what, bound)| (what.to_owned(), Some(bound)));
    questions
        .chain(law)
        .find_map(|(bounded, bound)| bound.filter(|_| bounded == what))
        .map(Bound::AtMost)
}

/// Holds a larger ledger against the smallest, row by row. Rates follow from what callers wait.
fn against(large: &[Row], small: &[Row]) -> Table {
    let flat: Vec<String> = questions::ALL
        .iter()
        .filter(|question| question.flat)
        .map(|question| format!("{}: p50", callers::told(question, 1)))
        .collect();
    let mut table = Table::default();
    for ours in large.iter().filter(|row| !["/s", ""].contains(&&*row.unit)) {
        let Some(theirs) = small.iter().find(|theirs| theirs.what == ours.what) else {
            continue;
        };
        match (&ours.value, &theirs.value) {
            (Ok(large), Ok(small)) => {
                let round = Round {
                    ours: *large,
                    theirs: *small,
                };
                let bound = flat.contains(&ours.what).then_some(Bound::AtMost(FLAT));
                table.ratio(&ours.what, &ours.unit, &[round], bound);
            }
            (Err(why), _) | (_, Err(why)) => table.without(&ours.what, why),
        }
    }
    table
}
