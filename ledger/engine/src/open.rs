//! Opening a ledger: the log is read once from the start, and everything else follows from it (replay never decides).

use crate::reader::EntryError;
use crate::replay;
use crate::shared::Shared;
use crate::writer;
use crate::{Engine, Role};
use parking_lot::Mutex;
use standing_store::keys::{KeyFile, KeyFileError};
use standing_store::{Log, ReadError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time: microseconds since 1970-01-01T00:00:00Z.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// What an operator may choose.
#[derive(Clone)]
pub struct Options {
    /// About the log.
    pub log: standing_store::Options,
    /// Where the keys are; none is beside the log, with `.keys` for an ending.
    pub keys: Option<PathBuf>,
    /// Tells the time.
    pub clock: Clock,
    /// Called with the entries read so far and their total while the log is read.
    pub progress: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            log: standing_store::Options::default(),
            keys: None,
            clock: Arc::new(wall_clock),
            progress: None,
        }
    }
}

fn wall_clock() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Why a ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log cannot be opened.
    #[error(transparent)]
    Log(#[from] standing_store::OpenError),
    /// The keys cannot be opened.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// An entry does not decode.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The writer cannot be started.
    #[error("the writer cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Engine {
    /// Opens the ledger at a path, or makes a new one there.
    ///
    /// # Errors
    /// The log or its keys cannot be opened or read; nothing is changed then.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let keys_path = keys_path(path, options);
        // The keys come first: a crash in between leaves keys without a log, which are taken for the new one, and a log
        // whose keys are missing is refused before anything touches it.
        let keys = match KeyFile::open(&keys_path) {
            Err(KeyFileError::Missing { .. }) if !path.exists() => KeyFile::create(&keys_path)?,
            other => other?,
        };
        let log = open_log(path, options)?;
        Self::start(log, keys, options)
    }

    /// Starts a ledger on an open log.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn start(log: Log, keys: KeyFile, options: &Options) -> Result<Self, OpenError> {
        Self::start_as(Role::Writer, log, keys, options)
    }

    /// Opens the ledger at a path to follow another, or makes an empty one there. It needs no keys: without them the names of
    /// natural persons stay sealed.
    ///
    /// # Errors
    /// The log or its keys cannot be opened or read; nothing is changed then.
    pub fn open_follower(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let keys_path = keys_path(path, options);
        let keys = match KeyFile::open(&keys_path) {
            Err(KeyFileError::Missing { .. }) => KeyFile::absent(&keys_path),
            other => other?,
        };
        let log = open_log(path, options)?;
        Self::start_as(Role::Follower, log, keys, options)
    }

    /// Starts a ledger on an open log, as one that follows another.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn start_follower(log: Log, options: &Options) -> Result<Self, OpenError> {
        let keys = KeyFile::absent(Path::new("(none)"));
        Self::start_as(Role::Follower, log, keys, options)
    }

    fn start_as(role: Role, log: Log, keys: KeyFile, options: &Options) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::new(log, keys, Arc::clone(&options.clock)));
        shared.watch_for_damage(role);
        shared.tell_if_fallen_back();
        replay::replay(&shared, options)?;
        let (orders, queue) = sync_channel(writer::QUEUE);
        let writer = writer::Writer::new(Arc::clone(&shared), role)?;
        let thread = std::thread::Builder::new().name("ledger-writer".to_owned());
        let handle = thread
            .spawn(move || writer.run(&queue))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            shared,
            orders: Some(orders),
            role,
            writer: Mutex::new(Some(handle)),
            readings: Vec::new(),
        })
    }
}

/// Opens the log, or makes it, and tells how far it has come if its file is brought to today's format.
fn open_log(path: &Path, options: &Options) -> Result<Log, OpenError> {
    let progress = |done, total| {
        if let Some(progress) = &options.progress {
            progress(done, total);
        }
    };
    Ok(Log::create_or_open_telling(path, options.log, &progress)?)
}

fn keys_path(path: &Path, options: &Options) -> PathBuf {
    let beside = || path.with_extension("keys");
    options.keys.clone().unwrap_or_else(beside)
}
