//! What the benchmarks measure with: a made-up association, rounds that alternate, servers to hold
//! the ledger against, and the table that a run ends with.

pub mod bare;
pub mod bare_server;
pub mod crowd;
pub mod environment;
pub mod memory;
pub mod process;
pub mod released;
pub mod rounds;
pub mod served;
pub mod table;
pub mod wire;
pub mod world;

use table::Table;

/// What a benchmark ends with.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A benchmark and its name: measures at a scale, and adds its rows to the table.
pub type Benchmark<S> = (&'static str, fn(&S, &mut Table) -> Outcome);

/// Runs the benchmarks that `--only` names, or all, and prints their table. Does nothing unless
/// `cargo bench` asks: `cargo test --benches` must not wait for minutes.
///
/// # Errors
/// A benchmark failed.
pub fn run<S>(benchmarks: &[Benchmark<S>], scale: &S) -> Outcome {
    if !environment::has("--bench") {
        return Ok(());
    }
    let only = environment::after("--only");
    let mut table = Table::default();
    for (name, benchmark) in benchmarks {
        if only.as_deref().is_none_or(|only| name.starts_with(only)) {
            eprintln!("{name} ...");
            benchmark(scale, &mut table)?;
        }
    }
    println!("{table}");
    Ok(())
}
