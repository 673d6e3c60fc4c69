//! Appending: one durable transaction, all of it or nothing.

use std::{ops::Bound, sync::atomic::Ordering};

use redb::WriteTransaction;

use super::{DayFloor, Log, StorageFailure};
use crate::{
    envelope::MAX_ENTRY,
    open::{DAY_KEY, ENTRIES, FINGERPRINT_KEY, META, PROBE_KEY},
};

/// Why entries were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The first position is not the one after the head; nothing was written.
    #[error("cannot append at position {first}: the head is {head}")]
    NotNext {
        /// The position asked for.
        first: u64,
        /// The head.
        head: u64,
    },
    /// An entry is empty or longer than [`MAX_ENTRY`]; nothing was written.
    #[error("the entry for position {position} has {bytes} bytes, not 1 to {MAX_ENTRY}")]
    Length {
        /// Its position.
        position: u64,
        /// Its length in bytes.
        bytes: usize,
    },
    /// The storage failed before the commit; nothing was written.
    #[error("nothing was appended")]
    Storage(#[from] StorageFailure),
    /// The commit failed: all of the entries are on disk or none, and only opening the log again
    /// tells which. Until then every append fails with [`AppendError::Closed`].
    #[error("the commit failed; whether it is on disk shows when the log is opened again")]
    Commit(#[source] StorageFailure),
    /// An earlier commit failed and the log was not opened again, or it is being opened again;
    /// nothing was written.
    #[error("the log takes no entries since a commit failed: open it again")]
    Closed,
}

impl Log {
    /// Appends entries at positions `first` and up in one durable transaction: when this returns
    /// they are on disk, all of them. Returns the new head. Waits for another append to end.
    ///
    /// # Errors
    ///
    /// On every error but [`AppendError::Commit`] nothing was written.
    pub fn append<'a>(
        &self,
        first: u64,
        entries: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<u64, AppendError> {
        // A poisoned lock is a panic in the middle of an append: as good as a failed commit.
        let mut writer = self.writer.lock().map_err(|_| AppendError::Closed)?;
        if writer.failed {
            return Err(AppendError::Closed);
        }
        let head = self.head();
        if head.checked_add(1) != Some(first) {
            return Err(AppendError::NotNext { first, head });
        }
        let transaction = self.begin_write()?;

        let mut position = first;
        {
            let mut table = transaction
                .open_table(ENTRIES)
                .map_err(StorageFailure::from)?;
            let end = Bound::<u64>::Unbounded;
            let mut cursor = table.upper_bound_mut(end).map_err(StorageFailure::from)?;
            for entry in entries {
                let bytes = entry.len();
                if !(1..=MAX_ENTRY).contains(&bytes) {
                    return Err(AppendError::Length { position, bytes });
                }
                // Refuses a position that is there, unlike an insert into the table.
                cursor
                    .insert_before(position, entry)
                    .map_err(StorageFailure::from)?;
                position += 1;
            }
            cursor.close().map_err(StorageFailure::from)?;
        }
        if position == first {
            return Ok(head);
        }
        transaction.commit().map_err(|error| {
            writer.failed = true;
            AppendError::Commit(error.into())
        })?;
        self.head.store(position - 1, Ordering::Release);
        Ok(position - 1)
    }

    /// Makes the announcement of a day durable.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn announce_day(&self, floor: DayFloor) -> Result<(), AppendError> {
        let mut stored = floor.day.to_le_bytes().to_vec();
        stored.extend_from_slice(&floor.instant.to_le_bytes());
        self.set_meta(DAY_KEY, &stored)
    }

    /// Makes durable by which fingerprint this log knows its key file.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn set_fingerprint(&self, fingerprint: [u8; 32]) -> Result<(), AppendError> {
        self.set_meta(FINGERPRINT_KEY, &fingerprint)
    }

    /// Writes a mark that means nothing, to find out whether the log can be written.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn probe(&self) -> Result<(), AppendError> {
        self.set_meta(PROBE_KEY, &[])
    }

    fn set_meta(&self, key: &str, value: &[u8]) -> Result<(), AppendError> {
        let mut writer = self.writer.lock().map_err(|_| AppendError::Closed)?;
        if writer.failed {
            return Err(AppendError::Closed);
        }
        let transaction = self.begin_write()?;
        transaction
            .open_table(META)
            .map_err(StorageFailure::from)?
            .insert(key, value)
            .map_err(StorageFailure::from)?;
        transaction.commit().map_err(|error| {
            writer.failed = true;
            AppendError::Commit(error.into())
        })
    }

    fn begin_write(&self) -> Result<WriteTransaction, AppendError> {
        let db = self.database().ok_or(AppendError::Closed)?;
        let mut transaction = db.begin_write().map_err(StorageFailure::from)?;
        transaction.set_quick_repair(self.options.quick_repair);
        Ok(transaction)
    }
}
