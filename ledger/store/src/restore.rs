//! Making a log of a backup: whole, or not at all.

use crate::backup::{self, BackupError, Trailer, Verified};
use crate::disk::{folder, sync_folder};
use crate::leaf::LeafHash;
use crate::log::{AppendError, Log, ReadError, StorageFailure};
use crate::open::{OpenError, Options};
use crate::tree::Tree;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use std::fs::File;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::{io, mem};
use tempfile::TempPath;

/// About how many bytes are written in one transaction.
const AT_ONCE: usize = 8 << 20;

/// Why a backup was not restored. There is no new file.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There is a file already where the log is to be.
    #[error("{} is there already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It holds fewer entries than it has to.
    #[error("the backup ends at entry {head}, and {expected} was recorded: {} would be lost", expected.since(*head))]
    Behind {
        /// Its last position.
        head: Position,
        /// The position that it has to hold.
        expected: Position,
    },
    /// It is not whole, or cannot be read.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// It is whole, but the log of no ledger.
    #[error("the backup is not sound")]
    NotSound(Box<Verified>),
    /// A new log cannot be made.
    #[error("a log cannot be made")]
    Open(#[from] OpenError),
    /// The new log cannot be written.
    #[error("the log cannot be written")]
    Append(#[from] AppendError),
    /// The new log cannot be closed.
    #[error("the log cannot be closed")]
    Close(#[from] StorageFailure),
    /// The new log cannot be read again, or holds something else than the backup.
    #[error("what was written cannot be read again")]
    Read(#[from] ReadError),
    /// What was written does not come to the same root as the backup.
    #[error("what was written is not what the backup holds")]
    Differs,
    /// The file system fails.
    #[error("cannot write {}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What a log is restored for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The last position that was acknowledged to anybody: a backup that ends before is refused.
    pub acknowledged: Position,
    /// The moment of the restore: nothing is recorded before it, as somebody may have been answered
    /// about any instant until then. See [`Log::reserve`].
    pub now: RecordTime,
    /// The fingerprint of the key file that belongs to it, where that is known.
    pub keys: Option<[u8; 32]>,
}

/// Makes a log in a new file of a backup. The backup is verified first, and what was written is
/// read again; the file gets its name at the end, so that a crash leaves none. Before that `last`
/// is called, for what has to be there before the log is.
///
/// # Errors
/// See [`RestoreError`].
pub fn restore(
    backup: impl AsRef<Path>,
    log: impl AsRef<Path>,
    wanted: &Wanted,
    last: impl FnOnce() -> io::Result<()>,
) -> Result<Trailer, RestoreError> {
    let (backup, log) = (backup.as_ref(), log.as_ref());
    let path = log.to_owned();
    if log.try_exists().unwrap_or(true) {
        return Err(RestoreError::Exists { path });
    }
    let verified = backup::verify(backup).map_err(BackupError::from)?;
    if let (Ok(trailer), true) = (&verified.trailer, verified.report.is_sound()) {
        let (head, expected) = (trailer.head, wanted.acknowledged);
        if head < expected {
            return Err(RestoreError::Behind { head, expected });
        }
    } else {
        return Err(match verified.trailer {
            Err(error) => error.into(),
            Ok(_) => RestoreError::NotSound(Box::new(verified)),
        });
    }
    let io = |source| RestoreError::Io {
        path: path.clone(),
        source,
    };
    std::fs::create_dir_all(folder(log)).map_err(io)?;
    let beside = tempfile::Builder::new()
        .prefix(".standing-restore-")
        .tempdir_in(folder(log))
        .map_err(io)?;
    let made = beside.path().join("log");
    let trailer = fill(backup, &made, wanted)?;
    last().map_err(io)?;
    match TempPath::try_from_path(made)
        .map_err(io)?
        .persist_noclobber(log)
    {
        Ok(()) => {}
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            return Err(RestoreError::Exists { path });
        }
        Err(error) => return Err(io(error.error)),
    }
    sync_folder(log).map_err(io)?;
    Ok(trailer)
}

/// Writes a backup's entries into a new log, and reads them again.
fn fill(backup: &Path, path: &Path, wanted: &Wanted) -> Result<Trailer, RestoreError> {
    let log = Log::create_or_open(path, Options::default())?;
    let source = File::open(backup).map_err(BackupError::from)?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let write = |entries: Vec<Vec<u8>>| {
        let entries = entries.iter().map(Vec::as_slice);
        log.append(log.head().next(), entries).map(drop)
    };
    let trailer = backup::read(source, |_, stored| {
        bytes += stored.len();
        entries.push(stored.to_vec());
        if bytes >= AT_ONCE {
            bytes = 0;
            write(mem::take(&mut entries))?;
        }
        Ok::<_, RestoreError>(())
    })?;
    write(entries)?;
    let mut tree = Tree::default();
    let every = Position::FIRST..=Position::MAX;
    let _: ControlFlow<()> = log.scan(every, |_, stored| {
        tree.push(LeafHash::of(stored));
        ControlFlow::Continue(())
    })?;
    if (tree.leaves(), tree.root()) != (trailer.head.number(), trailer.root) {
        return Err(RestoreError::Differs);
    }
    log.reserve(wanted.now)?;
    if let Some(keys) = wanted.keys {
        log.set_fingerprint(keys)?;
    }
    log.close()?;
    Ok(trailer)
}
