//! Reading: by position, many positions at once, a run of positions. No entry is handed out whose
//! bytes do not have the hash that was stored with them.

use super::{DayFloor, Log, StorageFailure};
use crate::guard::{guarded, is_damage};
use crate::leaf::LeafHash;
use crate::open::{DAY_KEY, ENTRIES, FINGERPRINT_KEY, LEAVES, META, RESERVED_KEY};
use redb::{AccessGuard, Database, ReadOnlyTable, ReadableDatabase};
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use std::ops::{ControlFlow, RangeInclusive};

/// How many entries a scan reads before it renews its read transaction, so that a long scan does
/// not keep the pages of old commits from being used again.
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
        position: Position,
    },
    /// The stored bytes of an entry are not those that were recorded.
    #[error("the stored bytes at position {position} do not verify: {what}")]
    Damaged {
        /// The position.
        position: Position,
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
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Gap { position } | Self::Damaged { position, .. } => Some(*position),
            Self::Storage(_) | Self::Meta { .. } | Self::Closed => None,
        }
    }

    /// Says what redb reported while an entry was read.
    fn at(position: Position, error: redb::Error) -> Self {
        if is_damage(&error) {
            let what = error.to_string();
            Self::Damaged { position, what }
        } else {
            Self::Storage(error.into())
        }
    }
}

/// The tables of entries and of their hashes in one state of the log.
struct Tables {
    entries: ReadOnlyTable<u64, &'static [u8]>,
    leaves: ReadOnlyTable<u64, &'static [u8; 32]>,
}

/// What is stored at a position.
struct Stored<'a> {
    entry: Option<AccessGuard<'a, &'static [u8]>>,
    leaf: Option<AccessGuard<'a, &'static [u8; 32]>>,
}

impl Tables {
    fn open(db: &Database) -> Result<Self, redb::Error> {
        let read = db.begin_read()?;
        let entries = read.open_table(ENTRIES)?;
        let leaves = read.open_table(LEAVES)?;
        Ok(Self { entries, leaves })
    }

    /// What is returned lies in pages that are free to be written again once these tables are gone:
    /// hence its lifetime.
    fn get(&self, position: Position) -> Result<Stored<'_>, redb::Error> {
        let entry = self.entries.get(position.number())?;
        let leaf = self.leaves.get(position.number())?;
        Ok(Stored { entry, leaf })
    }
}

impl Stored<'_> {
    /// Returns the bytes of the entry if they verify; none if there is and should be none, the
    /// position being 0 or above the head.
    fn verified(&self, position: Position, head: Position) -> Result<Option<&[u8]>, ReadError> {
        let damaged = |what: &str| ReadError::Damaged {
            position,
            what: what.to_owned(),
        };
        let (entry, leaf) = match (&self.entry, &self.leaf) {
            (Some(entry), Some(leaf)) => (entry, leaf),
            (None, None) if !(Position::FIRST..=head).contains(&position) => return Ok(None),
            (None, _) => return Err(ReadError::Gap { position }),
            (Some(_), None) => return Err(damaged("no hash is stored with them")),
        };
        // Where a value lies, its page says, which may be damaged too.
        let (bytes, hash) = guarded(|| Ok((entry.value(), leaf.value())))
            .map_err(|error| ReadError::at(position, error))?;
        if LeafHash::of(bytes).0 == *hash {
            Ok(Some(bytes))
        } else {
            Err(damaged(
                "they do not have the hash that was stored with them",
            ))
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
        self.meta(DAY_KEY, "the last announced day is none", |stored| {
            let (day, instant) = stored.split_first_chunk()?;
            Some(DayFloor {
                day: i32::from_le_bytes(*day),
                instant: RecordTime::from_micros(u64::from_le_bytes(instant.try_into().ok()?)),
            })
        })
    }

    /// Returns the reserved instant: every later entry has a later record time. None if there never
    /// was one.
    ///
    /// # Errors
    ///
    /// Fails if the storage does.
    pub fn reserved(&self) -> Result<Option<RecordTime>, ReadError> {
        self.meta(RESERVED_KEY, "the reserved instant is none", |stored| {
            let micros = u64::from_le_bytes(stored.try_into().ok()?);
            Some(RecordTime::from_micros(micros))
        })
    }

    /// Returns by which fingerprint this log knows its key file; none if it never had one.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, or if what stands there is no fingerprint.
    pub fn fingerprint(&self) -> Result<Option<[u8; 32]>, ReadError> {
        let what = "the fingerprint of its key file is none";
        self.meta(FINGERPRINT_KEY, what, |stored| stored.try_into().ok())
    }

    /// Returns what the log says of itself under a key; `wrong` is what is wrong with it if it does
    /// not read.
    fn meta<T>(
        &self,
        key: &str,
        wrong: &str,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, ReadError> {
        self.telling(|| {
            let db = self.database().ok_or(ReadError::Closed)?;
            let stored = guarded(|| {
                let meta = db.begin_read()?.open_table(META)?;
                let stored = meta.get(key)?;
                Ok(stored.map(|stored| stored.value().to_vec()))
            });
            let stored = stored.map_err(|error| {
                if is_damage(&error) {
                    let what = error.to_string();
                    ReadError::Meta { what }
                } else {
                    ReadError::Storage(error.into())
                }
            })?;
            match stored.as_deref().map(read) {
                None => Ok(None),
                Some(Some(found)) => Ok(Some(found)),
                Some(None) => Err(ReadError::Meta {
                    what: wrong.to_owned(),
                }),
            }
        })
    }

    /// Copies one entry's stored bytes; none if the position is 0 or above the head.
    ///
    /// # Errors
    ///
    /// Fails if the storage does, if the entry is missing, or if its bytes do not verify.
    pub fn read(&self, position: Position) -> Result<Option<Vec<u8>>, ReadError> {
        self.read_with(position, <[u8]>::to_vec)
    }

    /// Hands one entry's stored bytes to a function; none if the position is 0 or above the head.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::read`] does.
    pub fn read_with<T>(
        &self,
        position: Position,
        function: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, ReadError> {
        let head = self.head();
        self.telling(|| {
            let db = self.database().ok_or(ReadError::Closed)?;
            let tables = guarded(|| Tables::open(&db));
            let tables = tables.map_err(|error| ReadError::at(position, error))?;
            let stored = guarded(|| tables.get(position));
            let stored = stored.map_err(|error| ReadError::at(position, error))?;
            Ok(stored.verified(position, head)?.map(function))
        })
    }

    /// Hands the entries at the given positions to a function, in the order given and from one
    /// state of the log, and passes over those that are 0 or above the head. Cheaper than as many
    /// reads: most of a read is the beginning of its transaction.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::read`] does, at the first entry that cannot be read; those before it were
    /// handed over.
    pub fn read_each(
        &self,
        positions: impl IntoIterator<Item = Position>,
        mut visit: impl FnMut(Position, &[u8]),
    ) -> Result<(), ReadError> {
        let head = self.head();
        self.telling(|| {
            let mut positions = positions.into_iter().peekable();
            let Some(&first) = positions.peek() else {
                return Ok(());
            };
            let db = self.database().ok_or(ReadError::Closed)?;
            let tables = guarded(|| Tables::open(&db));
            let tables = tables.map_err(|error| ReadError::at(first, error))?;
            for position in positions {
                let stored = guarded(|| tables.get(position));
                let stored = stored.map_err(|error| ReadError::at(position, error))?;
                if let Some(bytes) = stored.verified(position, head)? {
                    visit(position, bytes);
                }
            }
            Ok(())
        })
    }

    /// Hands the entries at the given positions to a function in order of position, without copying
    /// them, until it breaks. Positions above the head of the moment of the call are left out.
    ///
    /// # Errors
    ///
    /// Fails as [`Log::read_each`] does.
    pub fn scan<B>(
        &self,
        positions: RangeInclusive<Position>,
        mut visit: impl FnMut(Position, &[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, ReadError> {
        let end = self.head().min(*positions.end());
        let mut next = (*positions.start()).max(Position::FIRST);
        self.telling(|| {
            while next <= end {
                let page = next..=end.min(next.plus(SCAN_PAGE - 1));
                if let ControlFlow::Break(value) = self.scan_page(page.clone(), &mut visit)? {
                    return Ok(ControlFlow::Break(value));
                }
                next = page.end().next();
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// Scans a run of positions at or below the head in one state of the log.
    fn scan_page<B>(
        &self,
        page: RangeInclusive<Position>,
        visit: &mut impl FnMut(Position, &[u8]) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B>, ReadError> {
        let db = self.database().ok_or(ReadError::Closed)?;
        let (first, head) = page.into_inner();
        let ranges = guarded(|| {
            let tables = Tables::open(&db)?;
            let keys = first.number()..=head.number();
            let entries = tables.entries.range(keys.clone())?;
            Ok((entries, tables.leaves.range(keys)?))
        });
        let (mut entries, mut leaves) = ranges.map_err(|error| ReadError::at(first, error))?;
        for position in first.to(head) {
            let stored = guarded(|| {
                let entry = entries.next().transpose()?;
                let leaf = leaves.next().transpose()?;
                Ok(Stored {
                    entry: entry
                        .filter(|(at, _)| at.value() == position.number())
                        .map(|e| e.1),
                    leaf: leaf
                        .filter(|(at, _)| at.value() == position.number())
                        .map(|l| l.1),
                })
            });
            let stored = stored.map_err(|error| ReadError::at(position, error))?;
            let visited = match stored.verified(position, head)? {
                Some(bytes) => visit(position, bytes),
                None => return Err(ReadError::Gap { position }),
            };
            if visited.is_break() {
                return Ok(visited);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Reads, and tells whoever asked to be told if what is stored is damaged.
    fn telling<T>(&self, read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
        read().inspect_err(|error| {
            if error.is_damage() {
                self.tell(error, error.position());
            }
        })
    }
}
