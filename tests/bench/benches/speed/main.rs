//! Benchmarks: what the machine can do against what the ledger does, side by side in one run, as
//! one table of ratios. Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo bench -p standing-bench --bench speed                   all of it, some minutes
//!     cargo bench -p standing-bench --bench speed -- --only check   one of append, append-grpc,
//!                                     check, check-grpc, roll, replay, latency, shape, workers,
//!                                     guarded
//!     STANDING_BENCH_LARGE=1 cargo bench -p standing-bench --bench speed
//!                                     the shape at ten million entries too
//!
//! Sizes and times: see [`scale::Scale`].
#![allow(
    clippy::cast_precision_loss,
    clippy::similar_names,
    clippy::type_complexity,
    reason = "counts become rates, and what is measured beside what is named alike"
)]

mod append;
mod calls;
mod check;
mod grpc;
mod guarded;
mod latency;
mod replay;
mod roll;
mod scale;
mod shape;
mod workers;

use scale::Scale;
use standing_bench::{Benchmark, Outcome, environment};

const BENCHMARKS: [Benchmark<Scale>; 10] = [
    ("append", append::appends),
    ("append-grpc", calls::records),
    ("check", check::verdicts),
    ("check-grpc", calls::checks),
    ("roll", roll::counts),
    ("replay", replay::replay),
    ("latency", latency::latency),
    ("shape", shape::shape),
    ("workers", workers::workers),
    ("guarded", guarded::guarded),
];

fn main() -> Outcome {
    if let Some(path) = environment::after(replay::CHILD_FLAG) {
        return replay::open_and_tell(path.as_ref());
    }
    standing_bench::run(&BENCHMARKS, &Scale::from_environment())
}
