//! Appending: one durable transaction, all of it or nothing.

use super::{DayFloor, Log, StorageFailure};
use crate::envelope::MAX_ENTRY;
use crate::guard::caught;
use crate::leaf::LeafHash;
use crate::open::{DAY_KEY, ENTRIES, FINGERPRINT_KEY, LEAVES, META, PROBE_KEY, RESERVED_KEY};
use redb::WriteTransaction;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use std::ops::Bound;

/// Why entries were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The first position is not the one after the head; nothing was written.
    #[error("cannot append at position {first}: the head is {head}")]
    NotNext {
        /// The position asked for.
        first: Position,
        /// The head.
        head: Position,
    },
    /// An entry is empty or longer than [`MAX_ENTRY`]; nothing was written.
    #[error("the entry for position {position} has {bytes} bytes, not 1 to {MAX_ENTRY}")]
    Length {
        /// Its position.
        position: Position,
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

impl AppendError {
    /// Returns whether what is stored is not what was written.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Storage(failure) | Self::Commit(failure) => failure.is_damage(),
            Self::NotNext { .. } | Self::Length { .. } | Self::Closed => false,
        }
    }
}

fn commit(error: impl Into<redb::Error>) -> AppendError {
    AppendError::Commit(error.into().into())
}

/// Inserts entries and their hashes from a position on; returns the position after the last.
fn insert<'a>(
    transaction: &WriteTransaction,
    first: Position,
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Position, AppendError> {
    let mut entry_table = transaction
        .open_table(ENTRIES)
        .map_err(StorageFailure::from)?;
    let mut leaf_table = transaction
        .open_table(LEAVES)
        .map_err(StorageFailure::from)?;
    let end = Bound::<u64>::Unbounded;
    let mut entry_end = entry_table
        .upper_bound_mut(end)
        .map_err(StorageFailure::from)?;
    let mut leaf_end = leaf_table
        .upper_bound_mut(end)
        .map_err(StorageFailure::from)?;
    let mut position = first;
    for entry in entries {
        let bytes = entry.len();
        if !(1..=MAX_ENTRY).contains(&bytes) {
            return Err(AppendError::Length { position, bytes });
        }
        // A cursor refuses a position that is there, unlike an insert into the table.
        entry_end
            .insert_before(position.number(), entry)
            .map_err(StorageFailure::from)?;
        let leaf = LeafHash::of(entry);
        leaf_end
            .insert_before(position.number(), &leaf.0)
            .map_err(StorageFailure::from)?;
        position = position.next();
    }
    entry_end.close().map_err(StorageFailure::from)?;
    leaf_end.close().map_err(StorageFailure::from)?;
    Ok(position)
}

impl Log {
    /// Appends entries at positions `first` and up, and the hash of each, in one durable
    /// transaction: when this returns they are on disk, all of them. Returns the new head. Waits
    /// for another append to end.
    ///
    /// # Errors
    ///
    /// On every error but [`AppendError::Commit`] nothing was written.
    pub fn append<'a>(
        &self,
        first: Position,
        entries: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Position, AppendError> {
        self.write(|log, head| {
            if first.since(head) != 1 {
                return Err(AppendError::NotNext { first, head });
            }
            let transaction = log.begin_write()?;
            let next = insert(&transaction, first, entries)?;
            if next == first {
                return Ok(head);
            }
            transaction.commit().map_err(commit)?;
            log.set_head(next.previous());
            Ok(next.previous())
        })
    }

    /// Makes the announcement of a day durable.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn announce_day(&self, floor: DayFloor) -> Result<(), AppendError> {
        let mut stored = floor.day.to_le_bytes().to_vec();
        stored.extend_from_slice(&floor.instant.micros().to_le_bytes());
        self.set_meta(DAY_KEY, &stored)
    }

    /// Makes durable that after the log is opened again no entry is recorded at or before an
    /// instant. It is no part of the history; it keeps a clock that is set back from recording an
    /// entry at an instant that somebody was answered about.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn reserve(&self, instant: RecordTime) -> Result<(), AppendError> {
        self.set_meta(RESERVED_KEY, &instant.micros().to_le_bytes())
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
        self.write(|log, _| {
            let transaction = log.begin_write()?;
            transaction
                .open_table(META)
                .map_err(StorageFailure::from)?
                .insert(key, value)
                .map_err(StorageFailure::from)?;
            transaction.commit().map_err(commit)
        })
    }

    /// Writes, one at a time, unless a commit failed before. A panic of redb is as good as a failed
    /// commit. Tells whoever asked to be told if what is stored is damaged.
    fn write<T>(
        &self,
        write: impl FnOnce(&Self, Position) -> Result<T, AppendError>,
    ) -> Result<T, AppendError> {
        let mut writer = self.writer.lock().map_err(|_| AppendError::Closed)?;
        if writer.failed {
            return Err(AppendError::Closed);
        }
        let head = self.head();
        let written = caught(|| write(self, head))
            .unwrap_or_else(|panic| Err(commit(redb::Error::Corrupted(panic))));
        if let Err(error) = &written {
            writer.failed |= matches!(error, AppendError::Commit(_));
            if error.is_damage() {
                self.tell(error, None);
            }
        }
        written
    }

    fn begin_write(&self) -> Result<WriteTransaction, AppendError> {
        let db = self.database().ok_or(AppendError::Closed)?;
        let mut transaction = db.begin_write().map_err(StorageFailure::from)?;
        transaction.set_quick_repair(self.options.quick_repair);
        Ok(transaction)
    }
}
