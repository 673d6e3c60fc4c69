//! The writer looks at what may change without being asked, and holds recording back where it must.

use super::Writer;
use crate::trouble::TroubleKind;
use crate::writer::error::RecordError;

impl Writer {
    /// Looks at all that may change without being asked.
    pub(super) fn look(&mut self) {
        self.look_at_log();
        self.look_at_disk();
        self.look_at_clock();
    }

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

    /// Refuses to record if the disk has no room, or the clock cannot be trusted, which is looked
    /// at once a group. So many bytes wait to be written already.
    pub(super) fn refuse_held_back(&mut self, taken: usize) -> Result<(), RecordError> {
        if self.disk.is_due(taken) {
            self.look_at_disk();
        }
        if taken == 0 {
            self.look_at_wall();
        }
        match self.shared.troubles.stopping() {
            Some(trouble) => Err(RecordError::HeldBack(trouble)),
            None => Ok(()),
        }
    }
}
