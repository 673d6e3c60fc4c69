//! The log: append, read, scan.

mod append;
mod read;

use parking_lot::{MappedRecursiveRwLockReadGuard, RecursiveRwLock, RecursiveRwLockReadGuard};
use redb::{Database, StorageBackend};
use std::error::Error;
use std::fmt::{Debug, Formatter};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use append::AppendError;
pub use read::ReadError;

use crate::guard::is_damage;
use crate::open;
use crate::open::{How, Identity, OpenError, Opened, Options};
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;

/// The entries of a ledger on disk, positions 1 to the head. Any number of threads may read while
/// one appends.
#[derive(Debug)]
pub struct Log {
    /// None from the closing of a log until it is open again.
    db: RecursiveRwLock<Option<Database>>,
    /// True while it is closed: those who read then let the lock be instead of holding up whoever
    /// opens it again.
    closed: AtomicBool,
    /// The position of the last durable entry.
    head: AtomicU64,
    /// Held from the check of the head until the head has moved; redb's own transaction ends before
    /// that, and another append would write over this one.
    writer: Mutex<Writer>,
    source: Source,
    options: Options,
    /// Whether opening gave up the last commit of the file.
    fell_back: AtomicBool,
    on_damage: OnceLock<OnDamage>,
}

/// Is told of damage, and at which position if it is that of an entry.
struct OnDamage(Box<Tell>);

type Tell = dyn Fn(&dyn Error, Option<Position>) + Send + Sync;

impl Debug for OnDamage {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("OnDamage")
    }
}

#[derive(Debug)]
struct Writer {
    /// True once a commit failed: what is on disk is then known only after opening it again.
    failed: bool,
}

/// Where a log is opened again.
enum Source {
    File {
        path: PathBuf,
        identity: Identity,
    },
    /// Makes the storage.
    Storage(Box<MakeStorage>),
}

type MakeStorage = dyn Fn() -> io::Result<Arc<dyn StorageBackend>> + Send + Sync;

impl Debug for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
            Self::Storage(_) => f.write_str("Storage"),
        }
    }
}

/// The last day that was announced as begun although no entry was recorded on it. It is no part of
/// the history; it keeps a clock that is set back from recording an entry before a day that
/// followers have seen begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayFloor {
    /// The civil day, counted from 1970-01-01.
    pub day: i32,
    /// When it was announced: every later entry has a later record time.
    pub instant: RecordTime,
}

/// What redb reported; its own type stays inside this crate.
#[derive(Debug, thiserror::Error)]
#[error("the log's storage failed")]
pub struct StorageFailure(#[source] Box<redb::Error>);

impl StorageFailure {
    /// Returns whether what is stored is not what was written, and not that the machine failed.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        is_damage(&self.0)
    }
}

impl<E: Into<redb::Error>> From<E> for StorageFailure {
    fn from(error: E) -> Self {
        Self(Box::new(error.into()))
    }
}

impl Log {
    /// Opens the log in a file, making a new one if there is no file.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; whatever is not a log is left as it was.
    pub fn create_or_open(path: impl AsRef<Path>, options: Options) -> Result<Self, OpenError> {
        Self::create_or_open_telling(path, options, &|_, _| {})
    }

    /// The same, telling how far it has come if the file has an older format and is brought to
    /// today's: the entries done and their total.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; whatever is not a log is left as it was.
    pub fn create_or_open_telling(
        path: impl AsRef<Path>,
        options: Options,
        progress: &dyn Fn(u64, u64),
    ) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let how = how(options, progress);
        match Self::open_file(path, options, how) {
            Err(OpenError::Missing { .. }) => {
                open::create_file(path, how)?;
                Self::open_file(path, options, how)
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
        Self::open_file(path.as_ref(), options, how(options, &|_, _| {}))
    }

    /// Returns how many bytes the file has; none of a log in another storage, or if it cannot be
    /// looked at.
    #[must_use]
    pub fn file_bytes(&self) -> Option<u64> {
        match &self.source {
            Source::File { path, .. } => std::fs::metadata(path).ok().map(|file| file.len()),
            Source::Storage { .. } => None,
        }
    }

    fn open_file(path: &Path, options: Options, how: How<'_>) -> Result<Self, OpenError> {
        let (opened, identity) = open::open_file(path, how, None)?;
        let path = path.to_owned();
        Ok(Self::new(opened, Source::File { path, identity }, options))
    }

    /// Opens the log in a storage, making a new one if the storage is empty. For tests: a storage
    /// can lose writes, fail, or live in memory. Errors call it `(storage)`. Opened again, it is
    /// the same storage that is used on.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn with_backend(storage: impl StorageBackend, options: Options) -> Result<Self, OpenError> {
        let storage: Arc<dyn StorageBackend> = Arc::new(storage);
        Self::on(Box::new(move || Ok(Arc::clone(&storage))), options)
    }

    /// The same in storages that a function makes: one now, and one whenever the log is opened
    /// again.
    ///
    /// # Errors
    ///
    /// See [`OpenError`].
    pub fn with_storages<S: StorageBackend>(
        make: impl Fn() -> io::Result<S> + Send + Sync + 'static,
        options: Options,
    ) -> Result<Self, OpenError> {
        Self::on(Box::new(move || Ok(Arc::new(make()?))), options)
    }

    fn on(make: Box<MakeStorage>, options: Options) -> Result<Self, OpenError> {
        let opened = open_made(&make, options)?;
        Ok(Self::new(opened, Source::Storage(make), options))
    }

    fn new(opened: Opened, source: Source, options: Options) -> Self {
        Self {
            db: RecursiveRwLock::new(Some(opened.db)),
            closed: AtomicBool::new(false),
            head: AtomicU64::new(opened.head.number()),
            writer: Mutex::new(Writer { failed: false }),
            source,
            options,
            fell_back: AtomicBool::new(opened.fell_back),
            on_damage: OnceLock::new(),
        }
    }

    /// Returns the position of the last durable entry; 0 if there is none.
    #[must_use]
    pub fn head(&self) -> Position {
        Position::new(self.head.load(Ordering::Acquire))
    }

    fn set_head(&self, head: Position) {
        self.head.store(head.number(), Ordering::Release);
    }

    /// Returns whether opening the log, or opening it again, gave up the last commit that stood in
    /// the file for the one before, because its pages do not verify. After a loss of power in the
    /// middle of a commit that is right: nobody was told of that commit. After anything else,
    /// entries that were acknowledged are lost. The file does not tell the two apart; who knows a
    /// position that was acknowledged does.
    #[must_use]
    pub fn fell_back(&self) -> bool {
        self.fell_back.load(Ordering::Acquire)
    }

    /// Names a function that is told of every damage that is met from now on, with the position if
    /// it is that of an entry: on the thread that meets it, before its caller hears of it. Only the
    /// first one named is told.
    pub fn on_damage(&self, tell: impl Fn(&dyn Error, Option<Position>) + Send + Sync + 'static) {
        // The first stays, as is said.
        let _ = self.on_damage.set(OnDamage(Box::new(tell)));
    }

    fn tell(&self, error: &dyn Error, position: Option<Position>) {
        if let Some(told) = self.on_damage.get() {
            (told.0)(error, position);
        }
    }

    /// Returns whether the path the log was opened at still leads to the file that is open: it does
    /// not if the file was removed, renamed, or another took its place. Costs one look at the path.
    /// A storage that is no file is always in place.
    ///
    /// # Errors
    ///
    /// Fails if the operating system does not tell.
    pub fn is_in_place(&self) -> io::Result<bool> {
        let Source::File { path, identity } = &self.source else {
            return Ok(true);
        };
        match std::fs::metadata(path) {
            Ok(metadata) => Ok(Identity::of(&metadata) == *identity),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Closes the log and opens it again where it was, with every check of opening; returns the
    /// head that is found. This is how it is learnt, after [`AppendError::Commit`], whether the
    /// commit is on disk. From the call until one succeeds every read fails with
    /// [`ReadError::Closed`] and every append with [`AppendError::Closed`]; afterwards both work.
    /// Waits for an append and for reads under way, so it must not be called from within one.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; the log is closed then, and may be opened again later. A file that took
    /// the other's place is not opened: [`OpenError::Replaced`].
    pub fn reopen(&self) -> Result<Position, OpenError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.failed = true;
        self.closed.store(true, Ordering::Release);
        let mut db = self.db.write();
        // What closing could not write, opening repairs; what it has to say is known already.
        drop(db.take());
        let opened = match &self.source {
            Source::File { path, identity } => {
                open::open_file(path, how(self.options, &|_, _| {}), Some(*identity))?.0
            }
            Source::Storage(make) => open_made(make, self.options)?,
        };
        self.set_head(opened.head);
        self.fell_back.fetch_or(opened.fell_back, Ordering::AcqRel);
        *db = Some(opened.db);
        writer.failed = false;
        self.writer.clear_poison();
        self.closed.store(false, Ordering::Release);
        Ok(opened.head)
    }

    /// Closes the log, so that opening it again needs no repair. Dropping it does the same and
    /// ignores the error.
    ///
    /// # Errors
    ///
    /// Fails if the storage does; the entries are on disk all the same.
    pub fn close(self) -> Result<(), StorageFailure> {
        match self.db.into_inner() {
            Some(db) => Ok(db.close()?),
            None => Ok(()),
        }
    }

    /// Returns the database, to be held as long as something is read or written, or none if the log
    /// is closed. A function that is handed an entry may read another one, so whoever wants to
    /// close the log must not come between the two: hence the closed mark, and a lock that may be
    /// taken twice.
    fn database(&self) -> Option<Open<'_>> {
        if self.closed.load(Ordering::Acquire) {
            return None;
        }
        let guard = self.db.read();
        RecursiveRwLockReadGuard::try_map(guard, Option::as_ref).ok()
    }
}

/// An open database, held open.
type Open<'a> = MappedRecursiveRwLockReadGuard<'a, Database>;

fn open_made(make: &MakeStorage, options: Options) -> Result<Opened, OpenError> {
    let path = PathBuf::from("(storage)");
    match make() {
        Ok(storage) => open::open_storage(&storage, &path, how(options, &|_, _| {})),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}

fn how(options: Options, progress: &dyn Fn(u64, u64)) -> How<'_> {
    How {
        options,
        release: true,
        progress,
    }
}
