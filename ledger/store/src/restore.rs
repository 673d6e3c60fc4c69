//! Making a log of a backup: whole, or not at all.

use crate::backup::{self, BackupError, Trailer, Verified};
use crate::codec;
use crate::codec::CodecError;
use crate::digest::RequestDigest;
use crate::disk::{folder, sync_folder};
use crate::envelope::{Envelope, EnvelopeError};
use crate::leaf::LeafHash;
use crate::log::{AppendError, Log, ReadError, StorageFailure};
use crate::open::{OpenError, Options};
use crate::tree::Tree;
use standing_domain::entry::Content;
use standing_domain::entry::event::{Event, Resumption};
use standing_domain::id::epoch::Epoch;
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

/// Who resumes a history: whoever has the files.
const RESTORER: &str = "local/operator";

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
    /// The entry that resumes the history cannot be written.
    #[error("the entry that resumes the history cannot be written")]
    Codec(#[from] CodecError),
    /// The last entry of the backup, or the one that resumes the history, is none.
    #[error("an entry is none")]
    Envelope(#[from] EnvelopeError),
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
    /// The last position that was acknowledged to anybody; none where nobody knows.
    pub acknowledged: Option<Position>,
    /// Whether what was acknowledged may be lost. Where it may not, a backup that ends before is
    /// refused; where it may, and nobody knows that nothing is, the history is resumed by an entry
    /// (MODEL 37).
    pub accepts_loss: bool,
    /// The moment of the restore: nothing is recorded before it, as somebody may have been answered
    /// about any instant until then. See [`Log::reserve`].
    pub now: RecordTime,
    /// The fingerprint of the key file that belongs to it, where that is known.
    pub keys: Option<[u8; 32]>,
}

impl Wanted {
    /// Returns whether entries after a head may be lost with it.
    fn loses(&self, head: Position) -> bool {
        self.accepts_loss && self.acknowledged.is_none_or(|expected| head < expected)
    }
}

/// What a log was restored to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// What the backup came to.
    pub backup: Trailer,
    /// How the history was resumed, by one entry more than the backup holds; none where nothing of
    /// it was lost.
    pub resumed: Option<Resumption>,
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
) -> Result<Restored, RestoreError> {
    let (backup, log) = (backup.as_ref(), log.as_ref());
    let path = log.to_owned();
    if log.try_exists().unwrap_or(true) {
        return Err(RestoreError::Exists { path });
    }
    let verified = backup::verify(backup).map_err(BackupError::from)?;
    if let (Ok(trailer), true) = (&verified.trailer, verified.report.is_sound()) {
        let head = trailer.head;
        match wanted.acknowledged.filter(|expected| head < *expected) {
            Some(expected) if !wanted.accepts_loss => {
                return Err(RestoreError::Behind { head, expected });
            }
            _ => {}
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
    let restored = fill(backup, &made, wanted)?;
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
    Ok(restored)
}

/// Writes a backup's entries into a new log, and reads them again.
fn fill(backup: &Path, path: &Path, wanted: &Wanted) -> Result<Restored, RestoreError> {
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
    let resumed = wanted
        .loses(trailer.head)
        .then(|| resume(&log, &trailer, wanted.now))
        .transpose()?;
    log.reserve(wanted.now)?;
    if let Some(keys) = wanted.keys {
        log.set_fingerprint(keys)?;
    }
    log.close()?;
    Ok(Restored {
        backup: trailer,
        resumed,
    })
}

/// Resumes a history that has lost its end, by an entry.
fn resume(log: &Log, trailer: &Trailer, now: RecordTime) -> Result<Resumption, RestoreError> {
    let record_time = now.max(trailer.record_time.next());
    let resumption = Resumption {
        epoch: Epoch::new(record_time.micros()),
        after: trailer.head,
        root: trailer.root,
    };
    let mut payload = Vec::new();
    let content = Content::bare(None, Some(Event::HistoryResumed(resumption)));
    let kind = codec::encode(&content, &mut payload)?;
    let position = trailer.head.next();
    let last = log.read(trailer.head)?;
    let last = last.as_deref().map(Envelope::decode).transpose()?;
    let mut stored = Vec::new();
    Envelope {
        kind: kind.number,
        payload_version: kind.version,
        // As nothing else is decided by it.
        rules_version: last.map_or(1, |last| last.rules_version),
        first: position,
        last: position,
        record_time,
        request_digest: RequestDigest([0; 16]),
        actor: RESTORER,
        request_id: &format!("resumed-{}", resumption.epoch),
        payload: &payload,
    }
    .encode(&mut stored)?;
    log.append(position, [stored.as_slice()])?;
    Ok(resumption)
}
