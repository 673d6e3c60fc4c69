//! How much is asked of how large a ledger.

use standing_bench::crowd::Size;
use standing_bench::environment::number;
use std::time::Duration;

/// Sizes and times. Every field has a variable of the environment, `STANDING_BENCH_` and its name.
#[derive(Clone, Copy)]
pub struct Scale {
    /// Interleaved rounds of every row; a round before them warms everybody up.
    pub rounds: usize,
    /// How long a side is asked in a round, in milliseconds.
    pub millis: Duration,
    /// Members, all who are registered.
    pub members: u32,
    /// Sessions of the assembly.
    pub sessions: u32,
    /// How many call at a time at most.
    pub callers: usize,
    /// How many connections the callers share where calls share connections.
    pub connections: usize,
    /// How long the ledger has to work out ahead what it keeps before it is timed, in seconds.
    pub ahead: Duration,
}

impl Scale {
    pub fn from_environment() -> Self {
        Self {
            rounds: number("ROUNDS", 5).max(1) as usize,
            millis: Duration::from_millis(number("MILLIS", 1_000).into()),
            members: number("MEMBERS", 100_000),
            sessions: number("SESSIONS", 200),
            callers: number("CALLERS", 64).max(1) as usize,
            connections: number("CONNECTIONS", 4).max(1) as usize,
            ahead: Duration::from_secs(number("AHEAD", 60).into()),
        }
    }

    /// Returns the size of the ledger: nobody is registered who does not belong.
    pub fn size(&self) -> Size {
        Size {
            registered: self.members,
            members: self.members,
            sessions: self.sessions,
        }
    }

    /// Returns how many call at a time: one, a quarter of the most, and the most.
    pub fn callers(&self) -> Vec<usize> {
        let mut callers = vec![1, (self.callers / 4).max(1), self.callers];
        callers.dedup();
        callers
    }

    /// Returns one, and a quarter of the most.
    pub fn few_callers(&self) -> Vec<usize> {
        let mut callers = vec![1, (self.callers / 4).max(1)];
        callers.dedup();
        callers
    }
}
