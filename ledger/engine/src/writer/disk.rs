//! Room on the disk: below a reserve nothing is recorded, before a commit can fail for want of room.

use super::Writer;
use crate::open::{Free, Options};
use crate::trouble::TroubleKind;
use crate::writer::request::{RecordError, chain};

/// How much must stay free, and what tells how much is.
pub(super) struct Disk {
    reserve: u64,
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

    /// Returns whether it is time to look again: with a new group, and when an eighth of the reserve was taken since.
    fn is_due(&mut self, taken: usize) -> bool {
        let part = usize::try_from(self.reserve / 8).unwrap_or(usize::MAX);
        let is_due = taken == 0 || taken < self.taken || taken - self.taken >= part;
        if is_due {
            self.taken = taken;
        }
        is_due
    }

    /// Returns how many bytes are free, if they are fewer than the reserve. Where nobody can tell there is room: a commit that
    /// fails is not lost either.
    fn short(&self) -> Option<u64> {
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

impl Writer {
    /// Looks how much disk is free.
    pub(super) fn look_at_disk(&self) {
        let troubles = &self.shared.troubles;
        let Some(free) = self.disk.short() else {
            troubles.clear(TroubleKind::DiskFull);
            return;
        };
        let reserve = self.disk.reserve;
        troubles.raise(TroubleKind::DiskFull, || {
            format!(
                "{free} bytes of disk are free where the log or the keys are, fewer than the reserve of {reserve}: nothing is \
                 recorded until there is room"
            )
        });
    }

    /// Refuses to record if the disk has no room, or the clock cannot be trusted. So many bytes wait to be written already.
    pub(super) fn refuse_held_back(&mut self, taken: usize) -> Result<(), RecordError> {
        if self.disk.is_due(taken) {
            self.look_at_disk();
        }
        self.look_at_wall();
        match self.shared.troubles.stopping() {
            Some(trouble) => Err(RecordError::HeldBack(trouble)),
            None => Ok(()),
        }
    }
}
