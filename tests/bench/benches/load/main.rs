//! One caller beside others: the binary as it is released, callers that ask for all they can get in
//! processes of their own at the lowest priority, and a probe that asks, as somebody else and as
//! the same, what everybody asks all day. Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo build --release -p standing && cargo bench -p standing-bench --bench load
//!     cargo bench -p standing-bench --bench load -- --only memory    one of dear, memory, law
//!
//! Each row tells what a probe waited beside a load, by its own clock; what the server's histogram
//! says of it; how long the server went on working after the callers were killed; and what it held
//! in memory above an idle one. Sizes: see [`scale::Scale`].
#![allow(
    clippy::cast_precision_loss,
    clippy::similar_names,
    reason = "counts become rates, and what is measured beside what is named alike"
)]

mod dear;
mod heavy;
mod law;
mod memory;
mod probe;
mod process;
mod scale;
mod server;
mod wire;

use scale::Scale;
use standing_bench::{Benchmark, Outcome, environment};

const BENCHMARKS: [Benchmark<Scale>; 3] = [
    ("dear", dear::dear),
    ("memory", memory::memory),
    ("law", law::law),
];

fn main() -> Outcome {
    let scale = Scale::from_environment();
    if let Some(load) = environment::after(heavy::CHILD_FLAG) {
        return heavy::load(&load);
    }
    if environment::has(probe::CHILD_FLAG) {
        return probe::probe_and_tell(&scale);
    }
    standing_bench::run(&BENCHMARKS, &scale)
}
