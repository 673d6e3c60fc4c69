//! How much is measured.

use standing_bench::environment::number;
use std::time::Duration;

/// Sizes and times. Every field has a variable of the environment, `STANDING_BENCH_` and its name.
pub struct Scale {
    /// Interleaved rounds of every ratio.
    pub rounds: usize,
    /// How many messages each side sends, one at a time, in a round.
    pub messages: usize,
    /// Parties of the ledger that is published whole, three entries each.
    pub published: u32,
    /// How many watch one server.
    pub watchers: usize,
    /// How many connections they share.
    pub connections: usize,
    /// How many entries are recorded one after the other, with nobody watching, and with all of
    /// them.
    pub recorded: usize,
    /// The time from one of those to the next.
    pub pace: Duration,
}

impl Scale {
    pub fn from_environment() -> Self {
        Self {
            rounds: number("ROUNDS", 5) as usize,
            messages: number("MESSAGES", 300) as usize,
            published: number("PUBLISHED", 16_600),
            watchers: number("WATCHERS", 10_000) as usize,
            connections: number("CONNECTIONS", 20) as usize,
            recorded: number("RECORDED", 300) as usize,
            pace: Duration::from_millis(number("PACE", 50).into()),
        }
    }
}
