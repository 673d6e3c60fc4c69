//! The log: append, read, scan.

use std::{
    ops::{Bound, ControlFlow, RangeInclusive},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use redb::{Database, ReadTransaction, ReadableDatabase, StorageBackend};

use crate::{
    envelope::MAX_ENTRY,
    open::{self, DAY_KEY, ENTRIES, How, META, OpenError, Opened, Options},
};

/// How many entries a scan reads before it renews its read transaction, so that a long scan does not
/// keep the pages of old commits from being used again.
const SCAN_PAGE: u64 = 4_096;

/// The entries of a ledger on disk, positions 1 to the head. Any number of threads may read while
/// one appends.
#[derive(Debug)]
pub struct Log {
    db: Database,
    /// The position of the last durable entry.
    head: AtomicU64,
    /// Held from the check of the head until the head has moved; redb's own transaction ends before
    /// that, and another append would write over this one.
    writer: Mutex<Writer>,
    quick_repair: bool,
}

#[derive(Debug)]
struct Writer {
    /// True once a commit failed: what is on disk is then known only after opening it again.
    failed: bool,
}

/// The last day that was announced as begun although no entry was recorded on it. It is no part of the history; it keeps a clock
/// that is set back from recording an entry before a day that followers have seen begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayFloor {
    /// The civil day, counted from 1970-01-01.
    pub day: i32,
    /// When it was announced, in microseconds since 1970-01-01T00:00:00Z: every later entry has a later record time.
    pub instant: u64,
}

/// What redb reported; its own type stays inside this crate.
#[derive(Debug, thiserror::Error)]
#[error("the log's storage failed")]
pub struct StorageFailure(#[source] Box<redb::Error>);

impl<E: Into<redb::Error>> From<E> for StorageFailure {
    fn from(error: E) -> Self {
        Self(Box::new(error.into()))
    }
}

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
    /// An earlier commit failed; nothing was written.
    #[error("the log takes no entries since a commit failed: open it again")]
    Closed,
}

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
}

impl Log {
    /// Opens the log in a file, making a new one if there is no file.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; whatever is not a log is left as it was.
    pub fn create_or_open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        let path = path.as_ref();
        match Self::open_existing(path, options) {
            Err(OpenError::Missing { .. }) => {
                open::create_file(path, how(options))?;
                Self::open_existing(path, options)
            }
            other => other,
        }
    }

    /// Opens the log in a file that must be there.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; whatever is not a log is left as it was.
    pub fn open_existing(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        Ok(Self::new(
            open::open_file(path.as_ref(), how(options))?,
            options,
        ))
    }

    /// Opens the log in a storage, making a new one if the storage is empty. For tests: a storage
    /// can lose writes, fail, or live in memory. Errors call it `(storage)`.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn with_backend(storage: impl StorageBackend, options: Options) -> Result<Self, OpenError> {
        let path = PathBuf::from("(storage)");
        Ok(Self::new(
            open::open_storage(storage, &path, how(options))?,
            options,
        ))
    }

    fn new(opened: Opened, options: Options) -> Self {
        Self {
            db: opened.db,
            head: AtomicU64::new(opened.head),
            writer: Mutex::new(Writer { failed: false }),
            quick_repair: options.quick_repair,
        }
    }

    /// Returns the position of the last durable entry; 0 if there is none.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

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
        let mut transaction = self.db.begin_write().map_err(StorageFailure::from)?;
        transaction.set_quick_repair(self.quick_repair);

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

    /// Returns the last announced day; none if there never was one.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn day_floor(&self) -> Result<Option<DayFloor>, ReadError> {
        let table = self
            .begin_read()?
            .open_table(META)
            .map_err(StorageFailure::from)?;
        let stored = table.get(DAY_KEY).map_err(StorageFailure::from)?;
        Ok(stored.and_then(|stored| {
            let (day, instant) = stored.value().split_first_chunk()?;
            Some(DayFloor {
                day: i32::from_le_bytes(*day),
                instant: u64::from_le_bytes(instant.try_into().ok()?),
            })
        }))
    }

    /// Makes the announcement of a day durable.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::append`] does; the entries are as they were.
    pub fn announce_day(&self, floor: DayFloor) -> Result<(), AppendError> {
        let mut writer = self.writer.lock().map_err(|_| AppendError::Closed)?;
        if writer.failed {
            return Err(AppendError::Closed);
        }
        let mut transaction = self.db.begin_write().map_err(StorageFailure::from)?;
        transaction.set_quick_repair(self.quick_repair);
        let mut stored = floor.day.to_le_bytes().to_vec();
        stored.extend_from_slice(&floor.instant.to_le_bytes());
        transaction
            .open_table(META)
            .map_err(StorageFailure::from)?
            .insert(DAY_KEY, stored.as_slice())
            .map_err(StorageFailure::from)?;
        transaction.commit().map_err(|error| {
            writer.failed = true;
            AppendError::Commit(error.into())
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
        let table = self
            .begin_read()?
            .open_table(ENTRIES)
            .map_err(StorageFailure::from)?;
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
        let table = self
            .begin_read()?
            .open_table(ENTRIES)
            .map_err(StorageFailure::from)?;
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
            let table = self
                .begin_read()?
                .open_table(ENTRIES)
                .map_err(StorageFailure::from)?;
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

    /// Closes the log, so that opening it again needs no repair. Dropping it does the same and
    /// ignores the error.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; the entries are on disk all the same.
    pub fn close(self) -> Result<(), StorageFailure> {
        Ok(self.db.close()?)
    }

    fn begin_read(&self) -> Result<ReadTransaction, StorageFailure> {
        Ok(self.db.begin_read()?)
    }
}

fn how(options: Options) -> How {
    How {
        cache_bytes: options.cache_bytes,
        check: false,
        release: true,
    }
}
