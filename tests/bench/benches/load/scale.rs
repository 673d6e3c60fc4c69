//! How much is asked.

use standing_bench::environment::number;
use std::time::Duration;

/// Sizes and times. Every field has a variable of the environment, `STANDING_BENCH_` and its name.
pub struct Scale {
    /// How often each probe asks.
    pub probes: usize,
    /// How long it is from one question of a probe to the next.
    pub pace: Duration,
    /// Versions of articles in the large law.
    pub versions: u32,
    /// Classes in the large law.
    pub classes: u32,
    /// How often the large law is changed.
    pub changes: u32,
}

impl Scale {
    pub fn from_environment() -> Self {
        Self {
            probes: number("PROBES", 4_000) as usize,
            pace: Duration::from_millis(number("PACE", 5).into()),
            versions: number("VERSIONS", 4_000),
            classes: number("CLASSES", 1_000),
            changes: number("CHANGES", 21),
        }
    }
}
