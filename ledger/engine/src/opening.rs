//! What an operator may choose when a ledger is opened, and why it cannot be.

use crate::clock::{Clock, steady_clock, wall_clock};
use crate::entry::EntryError;
use standing_store::keys::KeyFileError;
use standing_store::{AppendError, ReadError};
use std::path::PathBuf;
use std::sync::Arc;

/// Tells how many bytes of disk are free for the log and the keys.
pub type Free = Arc<dyn Fn() -> std::io::Result<u64> + Send + Sync>;

/// Told of every group of batches that was made durable: how many entries it has, and how long that
/// took. It must not wait for anything.
pub type OnCommit = Arc<dyn Fn(usize, std::time::Duration) + Send + Sync>;

/// Whether requests are decided while others are on their way to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meanwhile {
    /// Where many wait and the disk is quick, as is measured all the time: deciding meanwhile makes
    /// two transactions of one.
    #[default]
    AsItPays,
    /// Whenever something waits.
    Always,
    /// Never: one thread decides and writes.
    Never,
}

/// What an operator may choose.
#[derive(Clone)]
pub struct Options {
    /// About the log.
    pub log: standing_store::Options,
    /// Where the keys are; none is beside the log, with `.keys` for an ending.
    pub keys: Option<PathBuf>,
    /// Tells the time.
    pub clock: Clock,
    /// Counts microseconds from anywhere on and is never set: what jumps of the time are told by.
    pub steady: Clock,
    /// Whether the time is right as it stands at the opening, even more than 366 days after the
    /// last entry.
    pub accept_clock: bool,
    /// How many bytes of disk must stay free, or nothing is recorded; 0 for any. Default: 64 MiB.
    pub disk_reserve: u64,
    /// Tells how much disk is free; none asks the system about the folders of the log and the keys,
    /// if they are in files.
    pub free: Option<Free>,
    /// Whether a thread works out ahead of questions what is kept of sessions and findings: it
    /// takes two thirds of a core until all is kept, and again for a while once entries have moved
    /// some of it. Makes no answer another. Default: false.
    pub keeps_ahead: bool,
    /// Whether requests are decided while others are on their way to the disk. Makes no answer
    /// another. Default: as it pays.
    pub decides_meanwhile: Meanwhile,
    /// Told of every group that was made durable.
    pub on_commit: Option<OnCommit>,
    /// Called with the entries read so far and their total while the log is read.
    pub progress: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            log: standing_store::Options::default(),
            keys: None,
            clock: Arc::new(wall_clock),
            steady: steady_clock(),
            accept_clock: false,
            disk_reserve: 64 << 20,
            free: None,
            keeps_ahead: false,
            decides_meanwhile: Meanwhile::AsItPays,
            on_commit: None,
            progress: None,
        }
    }
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
    /// The key file was made with another ledger.
    #[error(
        "{} is the key file of another ledger: name the one that was made with this log with --keys, or restore it from a backup",
        path.display()
    )]
    OtherKeys {
        /// The path of the key file.
        path: PathBuf,
    },
    /// The log cannot be read.
    #[error("the log cannot be read")]
    Read(#[from] ReadError),
    /// The log does not take note of its key file.
    #[error("the log cannot be written")]
    Write(#[from] AppendError),
    /// An entry does not decode.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The writer cannot be started.
    #[error("the writer cannot be started")]
    Thread(#[source] std::io::Error),
}
