//! Room on the disk: below a reserve nothing is recorded, before a commit can fail for want of
//! room.

use crate::chain::chain;
use crate::opening::{Free, Options};

/// How much must stay free, and what tells how much is.
pub(crate) struct Disk {
    pub reserve: u64,
    free: Option<Free>,
    /// How much of the group had been taken when the disk was looked at.
    taken: usize,
}

impl Disk {
    pub fn new(options: &Options) -> Self {
        Self {
            reserve: options.disk_reserve,
            free: options.free.clone(),
            taken: 0,
        }
    }

    /// Returns whether it is time to look again: with a new group, and when an eighth of the
    /// reserve was taken since.
    pub fn is_due(&mut self, taken: usize) -> bool {
        let part = usize::try_from(self.reserve / 8).unwrap_or(usize::MAX);
        let is_due = taken == 0 || taken < self.taken || taken - self.taken >= part;
        if is_due {
            self.taken = taken;
        }
        is_due
    }

    /// Returns how many bytes are free, if they are fewer than the reserve. Where nobody can tell
    /// there is room: a commit that fails is not lost either.
    pub fn short(&self) -> Option<u64> {
        if self.reserve == 0 {
            return None;
        }
        let free = self.free.as_ref()?();
        match free {
            Ok(free) => (free < self.reserve).then_some(free),
            Err(error) => {
                tracing::debug!(error = chain(&error), "the free disk cannot be told");
                None
            }
        }
    }
}
