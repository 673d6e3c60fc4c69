//! Benchmarks: what the machine can do against what the ledger does, side by side in one run, as one
//! table of ratios. Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo bench -p standing-bench                        all of it, some minutes
//!     cargo bench -p standing-bench -- --only check        one of append, check, roll, replay, latency, shape
//!     STANDING_BENCH_LARGE=1 cargo bench -p standing-bench the shape at ten million entries too
//!
//! Sizes and times: see [`scale::Scale`].
#![allow(
    clippy::cast_precision_loss,
    clippy::similar_names,
    clippy::type_complexity,
    reason = "counts become rates, and what is measured beside what is named alike"
)]

mod append;
mod bare;
mod calls;
mod check;
mod grpc;
mod latency;
mod replay;
mod roll;
mod rounds;
mod scale;
mod shape;
mod table;
mod world;

use scale::Scale;
use std::error::Error;
use table::Table;

/// What a benchmark ends with.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A benchmark: measures, and adds its rows to the table.
type Benchmark = fn(&Scale, &mut Table) -> Outcome;

const BENCHMARKS: [(&str, Benchmark); 8] = [
    ("append", append::appends),
    ("append-grpc", calls::records),
    ("check", check::verdicts),
    ("check-grpc", calls::checks),
    ("roll", roll::counts),
    ("replay", replay::replay),
    ("latency", latency::latency),
    ("shape", shape::shape),
];

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |flag: &str| {
        let place = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(place + 1).cloned()
    };
    if let Some(path) = after(replay::CHILD_FLAG) {
        return replay::open_and_tell(path.as_ref());
    }
    // Only `cargo bench` says so; `cargo test --benches` must not wait for minutes.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let only = after("--only");
    let scale = Scale::from_environment();
    let mut table = Table::default();
    for (name, benchmark) in BENCHMARKS {
        if only.as_deref().is_none_or(|only| name.starts_with(only)) {
            eprintln!("{name} ...");
            benchmark(&scale, &mut table)?;
        }
    }
    println!("{table}");
    Ok(())
}
