//! The ledger beside what a user would pick instead: PostgreSQL, UmaDB, and the least that a server
//! of one's own could be. The same work on the same machine, in rounds in which each takes its
//! turn; the answers are compared before anything is timed. Nothing here is a test: a slow machine
//! fails nothing.
//!
//!     cargo build --release -p standing && cargo bench -p standing-bench --bench peers
//!     cargo bench -p standing-bench --bench peers -- --only append    one of check, ten, count,
//!                                                           roll, page, history, append
//!
//! A side that is not there is named as missing, with the reason. What each does: see the README of
//! the benchmarks, which holds the last table; it is printed as it stands there. Sizes and times:
//! see [`scale::Scale`].
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "counts become rates, and products have names of their own"
)]

mod asked;
mod bare;
mod callers;
mod compared;
mod history;
mod machine;
mod ours;
mod postgres;
mod ready;
mod report;
mod scale;
mod side;
mod umadb;

use asked::Asked;
use bare::BareServer;
use callers::together;
use ours::Ours;
use postgres::Postgres;
use report::{Cell, Report, Row};
use scale::Scale;
use side::{Side, Work};
use standing_bench::crowd;
use standing_bench::{Outcome, environment};
use std::sync::Arc;
use tempfile::TempDir;
use umadb::Umadb;

/// A side that is there, or why it is not.
type Present = Result<Arc<dyn Side>, String>;

/// What the sides are called.
const SIDES: [&str; 4] = ["standing", "bare server", "PostgreSQL", "UmaDB"];

fn main() -> Outcome {
    if let Some(log) = environment::after(bare::CHILD_FLAG) {
        return bare::serve(log.as_ref());
    }
    if !environment::has("--bench") {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(&Scale::from_environment()))
}

/// The works in order, with who calls. Appends come last, so that all that is asked before is asked
/// of the same ledger.
fn works(scale: &Scale) -> [(&'static str, String, Work, Vec<usize>); 8] {
    let members = scale.members;
    let few = scale.few_callers();
    [
        (
            "check",
            "may it vote?".to_owned(),
            Work::Check,
            scale.callers(),
        ),
        (
            "ten",
            "ten such questions in a call".to_owned(),
            Work::CheckTen,
            scale.callers(),
        ),
        (
            "count",
            format!("count of {members} members on a day"),
            Work::Count,
            vec![1],
        ),
        (
            "roll",
            format!("list of {members} members that may vote"),
            Work::Roll,
            vec![1],
        ),
        (
            "page",
            "page of 100 of them".to_owned(),
            Work::Page,
            few.clone(),
        ),
        (
            "history",
            "history of a party".to_owned(),
            Work::History,
            few,
        ),
        (
            "append",
            "durable append".to_owned(),
            Work::Append,
            scale.callers(),
        ),
        (
            "append",
            "durable appends of a caller that does not wait".to_owned(),
            Work::AppendMany,
            vec![1],
        ),
    ]
}

async fn run(scale: &Scale) -> Outcome {
    let described = machine::described()?;
    let folder = TempDir::new()?;
    let ledger = folder.path().join("ledger.redb");
    eprintln!("recording ...");
    crowd::build(&ledger, scale.size())?;
    let bare = BareServer::start(&ledger, scale).await?;
    let ours = Ours::start(&ledger, scale).await?;
    let asked = Arc::new(Asked::of(&ours, scale).await?);
    ours.asked(&asked);
    let mut told = vec![format!("standing {}", env!("CARGO_PKG_VERSION"))];
    eprintln!("loading PostgreSQL ...");
    let postgres = Postgres::start(&asked, scale).await.map(Arc::new);
    told.extend(postgres.as_ref().ok().map(|postgres| postgres.told()));
    eprintln!("loading UmaDB ...");
    let umadb = Umadb::start(&asked, scale).await.map(Arc::new);
    told.extend(umadb.as_ref().ok().map(|_| Umadb::told()));
    let sides: [Present; 4] = [
        Ok(Arc::new(ours)),
        Ok(Arc::new(bare)),
        postgres
            .map(|side| side as _)
            .map_err(|error| error.to_string()),
        umadb
            .map(|side| side as _)
            .map_err(|error| error.to_string()),
    ];
    compared::compare(&sides).await?;
    tokio::time::sleep(scale.ahead).await;
    let report = measure(&sides, scale).await?;
    println!("{described}\n\n{}.\n", told.join("; "));
    println!("{}\n\n{report}", size(scale, &asked)?);
    Ok(())
}

/// Tells how large the ledger is and how it was asked.
fn size(scale: &Scale, asked: &Asked) -> Outcome<String> {
    let bytes = bare::bytes(0, &scale.size())?.len();
    let Scale {
        rounds,
        members,
        connections,
        ..
    } = scale;
    let millis = scale.millis.as_millis();
    Ok(format!(
        "{members} members, {} entries; an appended event has {bytes} bytes. Medians of {rounds} \
         interleaved rounds of {millis} ms: how often in a second, and what 99 of 100 calls took \
         at most; then how many times as often the ledger did it, with the least and the most of \
         the rounds. gRPC over {connections} connections, PostgreSQL over one for each caller.",
        asked.head,
    ))
}

async fn measure(sides: &[Present], scale: &Scale) -> Outcome<Report> {
    let only = environment::after("--only");
    let mut rows = Vec::new();
    for (name, what, work, callers) in works(scale) {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        for callers in callers {
            eprintln!("{what}, {callers} callers ...");
            let cells = row(sides, work, callers, scale).await;
            rows.push(Row {
                what: what.clone(),
                callers,
                cells,
            });
        }
    }
    let missing = SIDES.into_iter().zip(sides);
    Ok(Report {
        sides: SIDES.to_vec(),
        rows,
        missing: missing
            .filter_map(|(name, side)| Some((name, side.as_ref().err()?.clone())))
            .collect(),
    })
}

/// Lets every side do a work in each round; who begins moves on from round to round.
async fn row(sides: &[Present], work: Work, callers: usize, scale: &Scale) -> Vec<Cell> {
    let mut cells: Vec<Cell> = sides
        .iter()
        .map(|side| match side {
            Ok(side) if side.does(work) => Cell::Did(Vec::new()),
            Ok(_) => Cell::NoNotion,
            Err(_) => Cell::Missing,
        })
        .collect();
    for round in 0..=scale.rounds {
        for turn in 0..sides.len() {
            let place = (round + turn) % sides.len();
            let (Ok(side), Cell::Did(done)) = (&sides[place], &mut cells[place]) else {
                continue;
            };
            match together(side, work, callers, scale.millis).await {
                // The first round warms up.
                Ok(_) if round == 0 => {}
                Ok(measured) => done.push(measured),
                Err(error) => cells[place] = Cell::Failed(error.to_string()),
            }
        }
    }
    cells
}
