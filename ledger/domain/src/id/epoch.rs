//! Which of the histories that went by one ledger's name.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What tells a history from others that begin as it does (rule 37): the record time, in
/// microseconds since 1970-01-01T00:00:00Z, of the entry with which it was resumed; 0 for one that
/// never was.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[repr(transparent)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// The history as it began.
    pub const FIRST: Self = Self(0);

    /// The epoch of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns its number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
