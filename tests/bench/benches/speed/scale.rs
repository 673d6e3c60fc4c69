//! How much is measured.

use standing_bench::environment::number;
use std::time::Duration;

/// Sizes and times. Every field has a variable of the environment, `STANDING_BENCH_` and its name.
pub struct Scale {
    /// Interleaved rounds of every ratio.
    pub rounds: usize,
    /// How long a side is measured in a round, where it is measured by the clock.
    pub slice: Duration,
    /// How many appends each caller makes in a round.
    pub calls: usize,
    /// Parties of the ledger that appends go to.
    pub appended: u32,
    /// Parties of the ledger that checks go to.
    pub checked: u32,
    /// Parties on the roll.
    pub roll: u32,
    /// Parties of the ledger that is replayed, ten entries each.
    pub replayed: u32,
    /// Whether the shape is measured at ten million entries too.
    pub large: bool,
}

impl Scale {
    pub fn from_environment() -> Self {
        Self {
            rounds: number("ROUNDS", 5) as usize,
            slice: Duration::from_millis(number("MILLIS", 1_000).into()),
            calls: number("CALLS", 400) as usize,
            appended: number("APPENDED", 20_000),
            checked: number("CHECKED", 1_000_000),
            roll: number("ROLL", 100_000),
            replayed: number("REPLAYED", 150_000),
            large: number("LARGE", 0) != 0,
        }
    }
}
