//! What the hash of each entry costs: redb by hand with hashes, in a table of their own or before
//! the bytes, against redb by hand without; and, where `STANDING_BENCH_AGAINST` names this
//! benchmark as built from another commit, this ledger against that one, appending and replaying.
//! Nothing here is a test: a slow machine fails nothing. How many pages a commit writes is one, in
//! the tests of the store.
//!
//!     cargo bench -p standing-bench --bench hashes
//!     STANDING_BENCH_AGAINST=FILE cargo bench -p standing-bench --bench hashes -- --only ledger
//!
//! `STANDING_BENCH_ROUNDS` sets the interleaved rounds (15), `STANDING_BENCH_CALLS` the appends of
//! each caller in one (400), `STANDING_BENCH_APPENDED` and `STANDING_BENCH_REPLAYED` the parties of
//! the ledgers appended to and replayed.
#![allow(
    clippy::cast_precision_loss,
    clippy::similar_names,
    reason = "counts become rates, and what is measured beside what is named alike"
)]

mod side;

use side::{Side, calls};
use standing_bench::bare::{Bare, Hashes};
use standing_bench::environment;
use standing_bench::environment::number;
use standing_bench::rounds::interleaved;
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::SHORT;
use standing_bench::{Benchmark, Outcome};
use standing_domain::id::position::Position;

/// How many callers wait at a time, and what should be left of the speed then.
const CALLERS: [(usize, f64); 3] = [(1, 0.85), (16, 0.9), (64, 0.9)];

/// What should be left of the speed of a replay.
const REPLAY: f64 = 0.9;

/// How much is measured.
struct Scale {
    /// Interleaved rounds of every ratio.
    rounds: usize,
    /// Parties of the ledgers that are appended to.
    parties: u32,
}

const BENCHMARKS: [Benchmark<Scale>; 2] = [("hand", by_hand), ("ledger", ledger)];

fn main() -> Outcome {
    if environment::has(side::CHILD_FLAG) {
        return side::answer_orders();
    }
    let scale = Scale {
        rounds: number("ROUNDS", 15) as usize,
        parties: number("APPENDED", 20_000),
    };
    standing_bench::run(&BENCHMARKS, &scale)
}

fn by_hand(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger.redb");
    world::build(&path, scale.parties, SHORT)?;
    let copy = |name: &str, hashes| Bare::on_copy_of(&path, &folder.path().join(name), hashes);
    let without = copy("without.redb", Hashes::None)?;
    let template = world::stored(Position::FIRST, &world::fresh(0, scale.parties)?)?;
    let append = |bare: &Bare, callers| {
        let make = || Ok(template.clone());
        calls(callers, make, |bytes| bare.record(bytes).map(drop))
    };
    for (name, hashes, bound) in [
        ("hashes in a table", Hashes::Table, true),
        ("hashes before the bytes", Hashes::Prefix, false),
    ] {
        let with = copy("with.redb", hashes)?;
        for (callers, least) in CALLERS {
            let (ours, theirs) = (|| append(&with, callers), || append(&without, callers));
            let measured = interleaved(scale.rounds, ours, theirs)?;
            let what = format!("redb by hand, {name}, {callers} callers; without");
            let bound = bound.then_some(Bound::AtLeast(least));
            table.ratio(&what, "/s", &measured, bound);
        }
    }
    Ok(())
}

fn ledger(scale: &Scale, table: &mut Table) -> Outcome {
    let Some(other) = std::env::var_os("STANDING_BENCH_AGAINST") else {
        return Ok(());
    };
    let mut this = Side::start(std::env::current_exe()?.as_os_str())?;
    let mut other = Side::start(&other)?;
    for (callers, least) in CALLERS {
        let order = format!("append {callers}");
        let measured = interleaved(scale.rounds, || this.told(&order), || other.told(&order))?;
        let what = format!("durable append, {callers} callers; the other commit");
        table.ratio(&what, "/s", &measured, Some(Bound::AtLeast(least)));
    }
    let measured = interleaved(
        scale.rounds,
        || this.told("replay"),
        || other.told("replay"),
    )?;
    let what = "replay; the other commit";
    table.ratio(what, "/s", &measured, Some(Bound::AtLeast(REPLAY)));
    Ok(())
}
