//! The streams: what a bare JetStream can do against what the ledger does with it, side by side in
//! one run, and a crowd of watchers. Nothing here is a test: a slow machine fails nothing.
//!
//!     cargo bench -p standing-bench --bench streams                      all of it, some minutes
//!     cargo bench -p standing-bench --bench streams -- --only received   one of received,
//!                                     published, computed, caught-up, watchers
//!
//! It starts a NATS server of its own: the one that `STANDING_TOOLS_NATS` names, or that
//! `tests/tools.sh` has put below `target`. Sizes: see [`scale::Scale`].

mod bare;
mod caught_up;
mod clients;
mod computed;
mod ledger;
mod nats;
mod published;
mod received;
mod scale;
mod watchers;

use scale::Scale;
use standing_bench::{Benchmark, Outcome, environment};

const BENCHMARKS: [Benchmark<Scale>; 5] = [
    ("received", received::received),
    ("published", published::published),
    ("computed", computed::computed),
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
    standing_bench::run(&BENCHMARKS, &scale)
}
