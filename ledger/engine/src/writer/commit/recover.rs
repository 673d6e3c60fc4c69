//! A log that failed: it is opened again and compared. A group found on disk becomes visible after
//! all, one that is not there is as if it had never been. Until the log can be opened and written,
//! it is tried again and again, and nothing is recorded.

use super::{NOTHING, UNKNOWN};
use crate::chain::chain;
use crate::trouble::TroubleKind;
use crate::writer::error::RecordError;
use crate::writer::group::{Group, Lost, answer};
use crate::writer::{LOOK, Writer};
use standing_domain::id::position::Position;
use standing_store::OpenError;
use std::time::Instant;

/// What the log holds after it was opened again.
enum Found {
    /// The group, whole, and nothing more.
    Group,
    /// What it held before.
    Nothing,
    /// Something else.
    Other,
}

impl Writer {
    /// Opens the log again after it failed, and finds out what came of a group. Nothing lies above
    /// it.
    pub(in crate::writer) fn recover(&mut self, mut group: Group) {
        let began = Instant::now();
        let found = self.reopen(&group);
        let is_gone = found.as_ref().is_err_and(|error| self.is_for_good(error));
        let outcome = match &found {
            Ok(Found::Group) => self.show_in_place(&mut group, &mut Group::default()),
            other => {
                self.take_back(&group);
                Err(match other {
                    // What the commit met may be damage: then it is for good.
                    Ok(Found::Nothing) => self
                        .shared
                        .damage()
                        .map_or_else(|| RecordError::Storage(NOTHING.into()), RecordError::from),
                    Err(_) if !is_gone => RecordError::Storage(UNKNOWN.into()),
                    _ => self.held_back(),
                })
            }
        };
        // Whoever is told finds recording held back, if it is.
        let answers = std::mem::take(&mut group.answers);
        match found {
            Ok(Found::Group | Found::Nothing) => self.probe(began),
            Err(_) if !is_gone => self.lose(group, began),
            Ok(Found::Other) | Err(_) => {}
        }
        answer(answers, &outcome);
    }

    /// Tries again to open a log that failed.
    fn try_again(&mut self, Lost { mut group, .. }: Lost) {
        let began = Instant::now();
        match self.reopen(&group) {
            Ok(Found::Group) => self.take_over(&mut group),
            Ok(Found::Nothing) => {}
            Ok(Found::Other) => {
                self.shared.troubles.clear(TroubleKind::StorageFailed);
                return;
            }
            Err(error) if self.is_for_good(&error) => return,
            Err(_) => return self.lose(group, began),
        }
        self.days.reload(&self.shared, self.head);
        self.tell();
        self.probe(began);
    }

    /// Finds out whether a log that failed and was opened again can be written: recording goes on
    /// only then. Else it is opened once more, as a log that failed cannot even be read.
    fn probe(&mut self, began: Instant) {
        let Err(error) = self.shared.log.probe() else {
            self.shared.troubles.clear(TroubleKind::StorageFailed);
            return;
        };
        self.log_once("the log cannot be written", &error);
        match self.reopen(&Group::default()) {
            Ok(Found::Other) => {}
            Err(error) if self.is_for_good(&error) => {}
            _ => self.lose(Group::default(), began),
        }
    }

    /// Holds recording back until the log can be opened and written. A log that takes long to open
    /// is tried less often, so that it is open for most of the time, if it can be read at least.
    fn lose(&mut self, group: Group, began: Instant) {
        self.shared.troubles.raise(TroubleKind::StorageFailed, || {
            "the storage failed: nothing is recorded, and as long as the log cannot be opened what has to be read from it is not \
             answered; it is tried again, and recording goes on by itself"
                .to_owned()
        });
        let again = Instant::now() + LOOK.max(began.elapsed() * 10);
        self.lost = Some(Lost { group, again });
    }

    /// Tells an error in the log of the process, but not every second again.
    fn log_once(&self, what: &str, error: &dyn std::error::Error) {
        let error = chain(error);
        if self.shared.troubles.has(TroubleKind::StorageFailed) {
            tracing::debug!(error, "{what} still");
        } else {
            tracing::error!(error, "{what}");
        }
    }

    /// Tells in the log of the process why the log cannot be opened again; returns whether that is
    /// for good.
    fn is_for_good(&self, error: &OpenError) -> bool {
        self.log_once("the log cannot be opened again", error);
        let is_gone = matches!(
            error,
            OpenError::Replaced { .. } | OpenError::Missing { .. }
        );
        if is_gone {
            self.fence_replaced("the file of the log was replaced or removed");
        }
        is_gone
    }

    /// Opens the log again and compares it with what a group would have made of it.
    fn reopen(&self, group: &Group) -> Result<Found, OpenError> {
        let before = self.head.position;
        let with = before.after(group.contents.len());
        let found = self.shared.log.reopen()?;
        let is_same = || {
            let mut entries = before.next().onwards().zip(group.entries.iter());
            entries.all(|(position, entry)| {
                let read = self
                    .shared
                    .log
                    .read_with(position, |stored| stored == entry);
                matches!(read, Ok(Some(true)))
            })
        };
        if found == before {
            return Ok(Found::Nothing);
        }
        if found == with && is_same() {
            return Ok(Found::Group);
        }
        self.shared.take_note(
            None,
            format!(
                "the log was opened again after a failure and is at position {found}, with other entries than were recorded up \
                 to {before}: stop this server and restore a backup"
            ),
        );
        Ok(Found::Other)
    }

    /// Looks whether the log is still the one that was opened, and still answers; opens it again if
    /// it does not.
    pub(in crate::writer) fn look_at_log(&mut self) {
        let now = Instant::now();
        if let Some(lost) = self.lost.take_if(|lost| lost.again <= now) {
            self.try_again(lost);
        }
        if self.lost.is_some() {
            return;
        }
        if !self.is_in_place() || self.head.position == Position::ZERO {
            return;
        }
        // A read that failed once leaves a log that answers nothing any more.
        let read = self.shared.log.read_with(self.head.position, |_| ());
        if let Err(standing_store::ReadError::Storage(error)) = read {
            tracing::error!(error = chain(&error), "the log cannot be read");
            self.recover(Group::default());
        }
    }

    /// Takes over a group that is on disk although its commit failed.
    fn take_over(&mut self, group: &mut Group) {
        let contents = std::mem::take(&mut group.contents);
        let trial = self
            .above(&Group::after(self.head.position))
            .apply(contents);
        if let Some(error) = self.unread.take() {
            // Damage, which recording stops at; nothing is shown that rests on what could not be
            // read.
            tracing::error!(error = chain(&error), "what is on disk is not shown");
            return trial.retract(&self.shared);
        }
        group.contents = trial.contents;
        self.shared.note_ids(|note| group.each_id(note));
        self.show(group);
    }
}
