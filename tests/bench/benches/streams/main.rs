//! The streams: what a bare JetStream can do against what the ledger does with it, side by side in one run, and a crowd of
//! watchers. Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo bench -p standing-bench --bench streams                      all of it, some minutes
//!     cargo bench -p standing-bench --bench streams -- --only received   one of received, published, caught-up, watchers
//!
//! It starts a NATS server of its own: the one that `STANDING_TOOLS_NATS` names, or that `tests/tools.sh` has put below `target`.
//! Sizes: see [`scale::Scale`].

mod bare;
mod caught_up;
mod clients;
mod ledger;
mod nats;
mod published;
mod received;
mod scale;
#[path = "../shared/mod.rs"]
#[allow(dead_code, reason = "the other benchmark uses the rest")]
mod shared;
mod watchers;

use scale::Scale;
use shared::{Outcome, environment, memory, rounds, table, world};
use table::Table;

/// A benchmark: measures, and adds its rows to the table.
type Benchmark = fn(&Scale, &mut Table) -> Outcome;

const BENCHMARKS: [(&str, Benchmark); 4] = [
    ("received", received::received),
    ("published", published::published),
    ("caught-up", caught_up::caught_up),
    ("watchers", watchers::watchers),
];

fn main() -> Outcome {
    let scale = Scale::from_environment();
    if environment::has(watchers::CHILD_FLAG) {
        return watchers::serve_and_tell(&scale);
    }
    if let Some(address) = environment::after(clients::CHILD_FLAG) {
        return clients::watch_and_tell(address, scale.watchers, scale.connections);
    }
    // Only `cargo bench` says so; `cargo test --benches` must not wait for minutes.
    if !environment::has("--bench") {
        return Ok(());
    }
    let only = environment::after("--only");
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
