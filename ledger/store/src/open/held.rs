//! A storage that holds back every write until the file is known to be ours.
//!
//! redb rewrites the header when it opens a file, and repairs a file that was not closed, before
//! anybody can look into it. Through this storage it does so in memory: a file that turns out to be
//! foreign, newer or damaged is left as it was to the byte, and one that is ours gets the same
//! writes in the same order a moment later.

use redb::{BackendError, StorageBackend};
use std::fmt::{Debug, Formatter};
use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One handle of the storage; redb owns another.
#[derive(Clone)]
pub(crate) struct Held(Arc<Shared>);

struct Shared {
    inner: Arc<dyn StorageBackend>,
    /// True once writes go through.
    released: AtomicBool,
    held: Mutex<Changes>,
}

/// What was written since the storage was opened, oldest first.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    /// The length as changed; none if it was not.
    len: Option<u64>,
    /// How much of the storage below is still seen: the shortest length it was ever cut to.
    seen: Option<u64>,
}

enum Change {
    Write { offset: u64, data: Box<[u8]> },
    SetLen(u64),
    Sync,
}

impl Held {
    pub(crate) fn new(inner: Arc<dyn StorageBackend>) -> Self {
        let held = Mutex::default();
        Self(Arc::new(Shared {
            inner,
            released: AtomicBool::new(false),
            held,
        }))
    }

    /// Applies what was held back, in its order and with its syncs, and lets writes through from
    /// now on. Nothing may write meanwhile.
    pub(crate) fn release(&self) -> io::Result<()> {
        let mut held = self.0.held();
        for change in held.list.drain(..) {
            match change {
                Change::Write { offset, data } => self.0.inner.write(offset, &data)?,
                Change::SetLen(len) => self.0.inner.set_len(len)?,
                Change::Sync => self.0.inner.sync_data()?,
            }
        }
        self.0.released.store(true, Ordering::Release);
        Ok(())
    }
}

impl Shared {
    fn held(&self) -> std::sync::MutexGuard<'_, Changes> {
        // The changes are consistent after every statement, so a panic elsewhere spoils nothing.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn released(&self) -> bool {
        self.released.load(Ordering::Acquire)
    }
}

impl Changes {
    /// Reads through the changes.
    fn read(&self, inner: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let end = offset
            .checked_add(out.len() as u64)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let stored = inner.len()?;
        if end > self.len.unwrap_or(stored) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        out.fill(0);
        let seen = self.seen.unwrap_or(stored).min(stored);
        if let Some(below) = overlap(offset, out, 0, seen) {
            inner.read(offset, below.1)?;
        }
        for change in &self.list {
            match change {
                Change::Write { offset: at, data } => {
                    if let Some((skip, part)) = overlap(offset, out, *at, at + data.len() as u64) {
                        part.copy_from_slice(&data[skip..skip + part.len()]);
                    }
                }
                Change::SetLen(len) => {
                    if let Some((_, cut)) = overlap(offset, out, *len, u64::MAX) {
                        cut.fill(0);
                    }
                }
                Change::Sync => {}
            }
        }
        Ok(())
    }
}

/// Returns the part of `out`, which stands at `offset`, that lies in `start..end`, and how far
/// behind `start` it begins.
fn overlap(offset: u64, out: &mut [u8], start: u64, end: u64) -> Option<(usize, &mut [u8])> {
    let from = offset.max(start);
    let to = (offset + out.len() as u64).min(end);
    if from >= to {
        return None;
    }
    let index = |position: u64| usize::try_from(position).ok();
    let part = out.get_mut(index(from - offset)?..index(to - offset)?)?;
    Some((index(from - start)?, part))
}

impl Debug for Held {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Held").field(&self.0.inner).finish()
    }
}

impl StorageBackend for Held {
    fn len(&self) -> io::Result<u64> {
        if self.0.released() {
            return self.0.inner.len();
        }
        match self.0.held().len {
            Some(len) => Ok(len),
            None => self.0.inner.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.0.released() {
            return self.0.inner.read(offset, out);
        }
        self.0.held().read(self.0.inner.as_ref(), offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if self.0.released() {
            return self.0.inner.set_len(len);
        }
        let mut held = self.0.held();
        let seen = held.seen.unwrap_or(u64::MAX).min(len);
        held.seen = Some(seen);
        held.len = Some(len);
        held.list.push(Change::SetLen(len));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.0.released() {
            return self.0.inner.sync_data();
        }
        self.0.held().list.push(Change::Sync);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.0.released() {
            return self.0.inner.write(offset, data);
        }
        let mut held = self.0.held();
        let end = offset
            .checked_add(data.len() as u64)
            .ok_or(io::ErrorKind::InvalidInput)?;
        let len = match held.len {
            Some(len) => len,
            None => self.0.inner.len()?,
        };
        held.len = Some(len.max(end));
        held.list.push(Change::Write {
            offset,
            data: data.into(),
        });
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.0.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.inner.query_lock_range(start, end)
    }
}
