//! Reading: by position, many positions at once, a run of positions.

use std::ops::{ControlFlow, RangeInclusive};

use redb::ReadableDatabase;

use super::{DayFloor, Log, StorageFailure};
use crate::open::{DAY_KEY, ENTRIES, FINGERPRINT_KEY, META};

/// How many entries a scan reads before it renews its read transaction, so that a long scan does not
/// keep the pages of old commits from being used again.
const SCAN_PAGE: u64 = 4_096;

/// Why entries could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The storage failed.
    #[error("cannot read the log")]
    Storage(#[from] StorageFailure),
    /// A position at or below the head has no entry.
    #[error("the log has no entry at position {position}, below its head")]
    Gap {
        /// The position.
        position: u64,
    },
    /// The stored bytes of an entry are not those that were recorded.
    #[error("the stored bytes at position {position} do not verify: {what}")]
    Damaged {
        /// The position.
        position: u64,
        /// What was found.
        what: String,
    },
    /// What is stored about the file itself is not what was written.
    #[error("what the log says of itself does not verify: {what}")]
    Meta {
        /// What was found.
        what: String,
    },
    /// The log is being opened again after a commit failed.
    #[error("the log is closed until it is opened again")]
    Closed,
}

impl ReadError {
    /// Returns whether stored bytes are not what was written: no later attempt will do better.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Gap { .. } | Self::Damaged { .. } | Self::Meta { .. }
        )
    }

    /// Returns the position of the entry that is missing or damaged.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        match self {
            Self::Gap { position } | Self::Damaged { position, .. } => Some(*position),
            Self::Storage(_) | Self::Meta { .. } | Self::Closed => None,
        }
    }
}

impl Log {
    /// Returns the last announced day; none if there never was one.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn day_floor(&self) -> Result<Option<DayFloor>, ReadError> {
        let db = self.database().ok_or(ReadError::Closed)?;
        let read = db.begin_read().map_err(StorageFailure::from)?;
        let table = read.open_table(META).map_err(StorageFailure::from)?;
        let stored = table.get(DAY_KEY).map_err(StorageFailure::from)?;
        Ok(stored.and_then(|stored| {
            let (day, instant) = stored.value().split_first_chunk()?;
            Some(DayFloor {
                day: i32::from_le_bytes(*day),
                instant: u64::from_le_bytes(instant.try_into().ok()?),
            })
        }))
    }

    /// Returns by which fingerprint this log knows its key file; none if it never had one.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or if what stands there is no fingerprint.
    pub fn fingerprint(&self) -> Result<Option<[u8; 32]>, ReadError> {
        let db = self.database().ok_or(ReadError::Closed)?;
        let read = db.begin_read().map_err(StorageFailure::from)?;
        let table = read.open_table(META).map_err(StorageFailure::from)?;
        let stored = table.get(FINGERPRINT_KEY).map_err(StorageFailure::from)?;
        let read = stored.map(|stored| stored.value().try_into());
        read.transpose().map_err(|_| ReadError::Meta {
            what: "the fingerprint of its key file has another length".to_owned(),
        })
    }

    /// Copies one entry's stored bytes; none if the position is 0 or above the head.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn read(&self, position: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.read_with(position, <[u8]>::to_vec)
    }

    /// Hands one entry's stored bytes to a function; none if the position is 0 or above the head.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn read_with<T>(
        &self,
        position: u64,
        function: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, ReadError> {
        let db = self.database().ok_or(ReadError::Closed)?;
        let read = db.begin_read().map_err(StorageFailure::from)?;
        let table = read.open_table(ENTRIES).map_err(StorageFailure::from)?;
        let entry = table.get(position).map_err(StorageFailure::from)?;
        Ok(entry.map(|entry| function(entry.value())))
    }

    /// Hands the entries at the given positions to a function, in the order given and from one state
    /// of the log, and passes over those that are 0 or above the head. Cheaper than as many reads:
    /// most of a read is the beginning of its transaction.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn read_each(
        &self,
        positions: impl IntoIterator<Item = u64>,
        mut visit: impl FnMut(u64, &[u8]),
    ) -> Result<(), ReadError> {
        let db = self.database().ok_or(ReadError::Closed)?;
        let read = db.begin_read().map_err(StorageFailure::from)?;
        let table = read.open_table(ENTRIES).map_err(StorageFailure::from)?;
        for position in positions {
            if let Some(entry) = table.get(position).map_err(StorageFailure::from)? {
                visit(position, entry.value());
            }
        }
        Ok(())
    }

    /// Hands the entries at the given positions to a function in order of position, without copying
    /// them, until it breaks. Positions above the head of the moment of the call are left out.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or if an entry is missing.
    pub fn scan<B>(
        &self,
        positions: RangeInclusive<u64>,
        mut visit: impl FnMut(u64, &[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, ReadError> {
        let end = self.head().min(*positions.end());
        let mut next = (*positions.start()).max(1);
        while next <= end {
            let page_end = end.min(next.saturating_add(SCAN_PAGE - 1));
            let db = self.database().ok_or(ReadError::Closed)?;
            let read = db.begin_read().map_err(StorageFailure::from)?;
            let table = read.open_table(ENTRIES).map_err(StorageFailure::from)?;
            for item in table.range(next..=page_end).map_err(StorageFailure::from)? {
                let (position, entry) = item.map_err(StorageFailure::from)?;
                if position.value() != next {
                    return Err(ReadError::Gap { position: next });
                }
                if let ControlFlow::Break(value) = visit(next, entry.value()) {
                    return Ok(ControlFlow::Break(value));
                }
                next += 1;
            }
            if next <= page_end {
                return Err(ReadError::Gap { position: next });
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}
