//! What somebody reads of a ledger, for whoever keeps account of it.

use parking_lot::Mutex;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use std::sync::atomic::{AtomicBool, Ordering};

/// What was read through one handle on a ledger; see [`Ledger::noting`](crate::Ledger::noting).
#[derive(Debug, Default)]
pub struct Noted {
    names: AtomicBool,
    basis: Mutex<Option<(Day, Position)>>,
}

impl Noted {
    /// Returns whether a name of a natural person was opened.
    pub fn has_names(&self) -> bool {
        self.names.load(Ordering::Acquire)
    }

    /// Returns the day and the position that the last answer rests on, if one says it.
    pub fn basis(&self) -> Option<(Day, Position)> {
        *self.basis.lock()
    }

    /// Takes note that names can be read.
    pub fn note_names(&self) {
        self.names.store(true, Ordering::Release);
    }

    pub(crate) fn note_basis(&self, on: Day, position: Position) {
        *self.basis.lock() = Some((on, position));
    }
}
