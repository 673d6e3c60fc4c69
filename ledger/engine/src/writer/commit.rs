//! Commits: what passed is made durable, then visible, then known to the callers.
//!
//! While a thread beside the writer's makes a group durable, the writer decides the next above it.
//! Where that fails, both are taken back, the newest first, and whoever waits in either is told.

pub(super) mod pace;
mod recover;
pub(super) mod syncer;

use super::{GROUP, Writer};
use crate::chain::chain;
use crate::point::Head;
use crate::trouble::TroubleKind;
use crate::writer::commit::syncer::{SyncError, Synced, Syncer};
use crate::writer::error::RecordError;
use crate::writer::group::Group;
use standing_store::keys::KeyFileError;
use std::time::Duration;

/// What a caller is told whose batch is not on disk.
const NOTHING: &str =
    "the storage failed and nothing was recorded: send the request again, under the same id";

/// What a caller is told whose batch may be on disk.
const UNKNOWN: &str = "the storage failed, and whether the batch is on disk is not known yet: send the request again, under the \
                       same id, and the answer tells";

impl Writer {
    /// Has the group made durable, unless the one before it is still on its way and there is room
    /// to decide more.
    pub(super) fn send_off(&mut self, group: &mut Group) {
        if self.under_way.is_some() {
            if group.contents.len() < GROUP {
                return;
            }
            self.wait(group);
        }
        if group.contents.is_empty() {
            return self.pace.forget();
        }
        if !self.pace.pays() || !self.hand_over(group) {
            self.commit(group);
        }
    }

    /// Hands the group to the thread that makes it durable. Returns whether it did, or had to
    /// refuse it; if not, the group is as it was.
    pub(super) fn hand_over(&mut self, group: &mut Group) -> bool {
        if let Err(error) = self.keep_keys(group) {
            self.refuse(group, error);
            return true;
        }
        if !self.syncer.begin(&self.shared, group) {
            return false;
        }
        self.under_way = Some(self.turn(group));
        true
    }

    /// Makes durable all that was decided, and waits for it: afterwards nothing lies above the
    /// head.
    pub(super) fn finish(&mut self, group: &mut Group) {
        self.wait(group);
        self.commit(group);
    }

    /// Waits for the group that is on its way to the disk.
    fn wait(&mut self, above: &mut Group) {
        if self.under_way.is_some() {
            let outcome = syncer::told(self.syncer.outcomes().recv());
            self.conclude(outcome, above);
        }
    }

    /// Shows the group that was on its way to the disk, and has what was decided meanwhile follow
    /// it at once, if that pays: the disk need not wait until nobody asks for anything.
    pub(super) fn go_on(&mut self, outcome: Synced, group: &mut Group) {
        self.conclude(outcome, group);
        if self.pace.pays() {
            self.send_off(group);
        }
    }

    /// Shows the group that was on its way to the disk, and tells those who wait for it. If it did
    /// not get there, what was decided above it falls with it.
    fn conclude(&mut self, outcome: Synced, above: &mut Group) {
        if matches!(outcome, Err(SyncError::Gone)) {
            self.syncer = Syncer::default();
        }
        let Some(group) = self.under_way.take() else {
            return;
        };
        match outcome {
            Ok(took) => {
                self.pace.synced(took);
                self.tell_commit(&group, took);
                self.acknowledge(group, above);
            }
            Err(error) => self.fail(group, above, &error),
        }
    }

    /// Makes the group durable on the writer's own thread, then visible, then known to the callers.
    /// Nothing is on its way to the disk.
    pub(super) fn commit(&mut self, group: &mut Group) {
        if group.contents.is_empty() {
            return;
        }
        if let Err(error) = self.keep_keys(group) {
            return self.refuse(group, error);
        }
        let own = self.turn(group);
        match syncer::append(&self.shared, own.after.next(), &own.entries) {
            Ok(took) => {
                self.pace.synced(took);
                self.tell_commit(&own, took);
                self.acknowledge(own, group);
            }
            Err(error) => self.fail(own, group, &error),
        }
    }

    fn tell_commit(&self, group: &Group, took: Duration) {
        if let Some(on_commit) = &self.on_commit {
            on_commit(group.contents.len(), took);
        }
    }

    /// Takes a group as decided; the next begins behind it.
    fn turn(&mut self, group: &mut Group) -> Group {
        self.pace.turn();
        let next = Group::after(group.last());
        std::mem::replace(group, next)
    }

    /// Takes back what was decided above a group whose commit failed, and finds out what came of
    /// the group.
    fn fail(&mut self, group: Group, above: &mut Group, error: &dyn std::error::Error) {
        tracing::error!(error = chain(error), "a commit failed");
        let undone = std::mem::take(above);
        self.take_back(&undone);
        self.recover(group);
        // Nothing of it was written, whatever came of the other. Who is told finds recording held
        // back, if it is.
        undone.answer(&Err(RecordError::Storage(NOTHING.into())));
        *above = Group::after(self.head.position);
    }

    /// Makes the group's new keys durable, before anything sealed under them is. If the commit then
    /// fails, they stay and harm nothing.
    fn keep_keys(&self, group: &Group) -> Result<(), RecordError> {
        if group.keys.is_empty() {
            return Ok(());
        }
        let Err(error) = self.shared.keys.add(&group.keys) else {
            self.shared.troubles.clear(TroubleKind::KeysFailed);
            return Ok(());
        };
        tracing::error!(
            error = chain(&error),
            "the keys of new persons were not written"
        );
        if matches!(error, KeyFileError::Changed { .. }) {
            self.fence_replaced("the key file was replaced or changed");
        } else {
            self.shared.troubles.raise(TroubleKind::KeysFailed, || {
                "the keys of new persons cannot be written, so no batch that names one is recorded: see the log of this server"
                    .to_owned()
            });
        }
        Err(RecordError::Storage(NOTHING.into()))
    }

    /// Shows a durable group and tells those who wait for it.
    fn acknowledge(&mut self, mut group: Group, above: &mut Group) {
        let outcome = self.show_in_place(&mut group, above);
        group.answer(&outcome);
    }

    /// Shows a durable group, unless the file that those who wait believe in is another by now.
    /// Then what was decided above it falls with it.
    fn show_in_place(&mut self, group: &mut Group, above: &mut Group) -> Result<(), RecordError> {
        if self.is_in_place() {
            self.show(group);
            return Ok(());
        }
        self.refuse(above, self.held_back());
        self.take_back(group);
        *above = Group::after(self.head.position);
        Err(self.held_back())
    }

    /// Moves the head to the end of a durable group.
    fn show(&mut self, group: &mut Group) {
        let first = self.head.position.next();
        self.head = Head {
            position: group.last(),
            record_time: group.record_time().unwrap_or(self.head.record_time),
        };
        self.shared.show(self.head);
        self.shared.note_persons(first, &group.contents);
        self.days.advance(&self.shared, self.head, &group.contents);
        self.lay_ahead(group.law.take());
        self.tell();
    }

    /// Takes back a group, and tells those who wait for it why; it is empty then.
    fn refuse(&self, group: &mut Group, error: RecordError) {
        self.take_back(group);
        let next = Group::after(group.after);
        std::mem::replace(group, next).answer(&Err(error));
    }

    /// Returns what is told where something keeps the writer from the log.
    fn held_back(&self) -> RecordError {
        let fence = self.shared.troubles.fence();
        fence.map_or_else(
            || RecordError::Storage(UNKNOWN.into()),
            RecordError::HeldBack,
        )
    }

    pub(super) fn take_back(&self, group: &Group) {
        // The last first: each is taken back to where the one before it left off.
        let mut contents = group.contents.as_slice();
        let firsts = group.passed.iter().map(|batch| batch.recorded.first);
        for (touched, first) in group.touched.iter().zip(firsts).rev() {
            let before = first.nth_from(group.after.next()).unwrap_or(0);
            let own;
            (contents, own) = contents.split_at(before.min(contents.len()));
            self.shared.retract(first.previous(), touched, own);
        }
        self.shared.forget_ids(|forget| group.each_id(forget));
    }

    /// Returns whether the log's path still leads to the log. If not, whatever would be recorded
    /// would be lost with the file that was taken away, and nothing is recorded any more.
    fn is_in_place(&self) -> bool {
        match self.shared.log.is_in_place() {
            Ok(true) => true,
            Ok(false) => {
                self.fence_replaced("the file of the log was replaced or removed");
                false
            }
            Err(error) => {
                tracing::error!(
                    error = chain(&error),
                    "the file of the log cannot be looked at"
                );
                self.fence_replaced("the file of the log cannot be looked at any more");
                false
            }
        }
    }

    fn fence_replaced(&self, what: &str) {
        self.shared.troubles.raise(TroubleKind::Replaced, || {
            format!("{what} while the ledger was open: nothing is recorded any more; put the right file back and start again")
        });
    }
}
