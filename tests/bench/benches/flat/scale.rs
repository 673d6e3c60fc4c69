//! How much is asked, of how large ledgers.

use standing_bench::crowd::Size;
use standing_bench::environment::number;
use std::time::Duration;

/// Sizes and times. Every field has a variable of the environment, `STANDING_BENCH_` and its name.
pub struct Scale {
    /// Parties registered in the smallest ledger.
    pub few_registered: u32,
    /// Parties registered in the larger ones.
    pub registered: u32,
    /// Members where they are few.
    pub few_members: u32,
    /// Members where they are many.
    pub members: u32,
    /// Sessions of each ledger.
    pub sessions: u32,
    /// How many ask at a time, beside one who asks alone.
    pub callers: usize,
    /// How long a question is asked in each way, in milliseconds.
    pub millis: Duration,
    /// How long an answer is waited for, in seconds.
    pub patience: Duration,
    /// How long the ledger has to work out ahead what it keeps before anybody asks, in seconds.
    pub ahead: Duration,
    /// How long the first answer to a question is waited for, in seconds.
    pub first: Duration,
    /// How long it is from one recording to the next, in milliseconds.
    pub pace: Duration,
    /// How often the law is changed.
    pub changes: u32,
}

impl Scale {
    pub fn from_environment() -> Self {
        Self {
            few_registered: number("FEW_REGISTERED", 1_000),
            registered: number("REGISTERED", 1_000_000),
            few_members: number("FEW_MEMBERS", 100),
            members: number("MEMBERS", 100_000),
            sessions: number("SESSIONS", 200),
            callers: number("CALLERS", 16) as usize,
            millis: Duration::from_millis(number("MILLIS", 3_000).into()),
            patience: Duration::from_secs(number("PATIENCE", 20).into()),
            ahead: Duration::from_secs(number("AHEAD", 60).into()),
            first: Duration::from_secs(number("FIRST", 60).into()),
            pace: Duration::from_millis(number("PACE", 10).max(1).into()),
            changes: number("CHANGES", 5),
        }
    }

    /// Returns the sizes, the smallest first, with what they are called.
    pub fn sizes(&self) -> [(&'static str, Size); 3] {
        let size = |registered, members| Size {
            registered,
            members,
            sessions: self.sessions,
        };
        [
            ("few", size(self.few_registered, self.few_members)),
            ("registered", size(self.registered, self.few_members)),
            ("members", size(self.registered, self.members)),
        ]
    }
}
