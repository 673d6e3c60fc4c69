//! The backups that a node makes by itself: of what was recorded since the last, as often as it is
//! told to; and a copy of its keys, whenever those are others.

use crate::args;
use crate::failure::Failure;
use crate::file::fresh::{Fresh, is_left_over};
use crate::file::keys::encrypted;
use data_encoding::HEXLOWER;
use standing_domain::id::position::Position;
use standing_server::Metrics;
use standing_server::engine::Recorder;
use standing_server::engine::store::backup;
use standing_server::engine::store::backup::{BackupError, Trailer};
use standing_server::engine::store::keys::KeyFile;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

/// What the names of backups end in; before it stands the position, in so many digits that names
/// stand in its order.
const ENDING: &str = ".backup";

/// How many bytes of a backup are made at once.
const PIECE: usize = 1 << 20;

/// How often it is looked whether the keys are others.
const LOOK: Duration = Duration::from_secs(5);

/// How long to wait after a failure, at most.
const AGAIN: Duration = Duration::from_mins(1);

/// What backups are made of, and where.
#[derive(Clone)]
struct Making {
    recorder: Arc<Recorder>,
    folder: PathBuf,
    keep: NonZeroU32,
    /// Whether the last backup was found to be of this ledger since the node began.
    is_compared: Arc<AtomicBool>,
    /// Whether the node ends.
    ends: Arc<AtomicBool>,
    metrics: Arc<Metrics>,
}

/// Where a copy of the keys is kept, and for whom.
#[derive(Clone)]
struct Copying {
    recorder: Arc<Recorder>,
    folder: PathBuf,
    to: String,
}

/// A copy of the keys that was written: of which version, where, and how many bytes it has.
#[derive(Clone)]
struct Copied {
    version: u64,
    path: PathBuf,
    bytes: u64,
}

/// Ends the making of backups when it is dropped: what is being written goes.
struct Ending(Arc<AtomicBool>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Refuses what could not be done later.
///
/// # Errors
/// A folder is not there, or there is no key file that could be copied.
pub fn check(args: &args::Backups, recorder: &Recorder) -> Result<(), Failure> {
    let folders = [
        ("--backup-folder", &args.backup_folder),
        ("--backup-keys", &args.backup_keys),
    ];
    for (flag, folder) in folders {
        if let Some(folder) = folder
            && !folder.is_dir()
        {
            let shown = folder.display();
            return Err(Failure::failed(format!("{flag}: {shown} is no folder"))
                .detail("make it, or mount what belongs there: it is not made here, as it may be on another disk"));
        }
    }
    if args.backup_keys.is_some() && recorder.key_file().is_none() {
        return Err(Failure::failed("--backup-keys: this node has no key file")
            .detail("the writer has it: keep the copy there"));
    }
    Ok(())
}

/// Makes backups for as long as this is awaited, if the arguments say where.
pub async fn make(args: &args::Backups, recorder: Arc<Recorder>, metrics: Arc<Metrics>) {
    let Some(folder) = &args.backup_folder else {
        return std::future::pending().await;
    };
    let every = Duration::from_secs(args.backup_every.get());
    let ends = Arc::new(AtomicBool::new(false));
    let _ending = Ending(Arc::clone(&ends));
    let keys = args.backup_keys.clone().zip(args.backup_keys_to.clone());
    let copying = keys.map(|(folder, to)| Copying {
        recorder: Arc::clone(&recorder),
        folder,
        to,
    });
    let making = Making {
        recorder,
        folder: folder.clone(),
        keep: args.backup_keep,
        is_compared: Arc::default(),
        ends,
        metrics,
    };
    making.tell_last();
    let mut copied = None;
    let (mut next, mut next_copy) = (Instant::now(), Instant::now());
    loop {
        if next <= Instant::now() {
            let making = making.clone();
            let made = aside("a backup", move || making.make()).await;
            let rest = made.map_or(every.min(AGAIN), |()| every);
            next = Instant::now() + rest;
        }
        // The keys of a ledger that is not the one whose backups these are would take the place of
        // those that open the names in them.
        let may_copy = making.is_compared.load(Ordering::Relaxed);
        if let Some(copying) = copying.clone().filter(|_| may_copy)
            && next_copy <= Instant::now()
        {
            let before = copied.clone();
            let done = aside("the copy of the keys", move || copying.copy(before)).await;
            next_copy = Instant::now() + if done.is_some() { LOOK } else { AGAIN };
            copied = done;
        }
        let wake = match copying {
            Some(_) if may_copy => next.min(next_copy),
            _ => next,
        };
        sleep_until(wake).await;
    }
}

/// Does what takes its time, and tells where it fails.
async fn aside<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Option<T> {
    let failure = match spawn_blocking(work).await {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(failure)) => failure.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::error!("{what} failed: {failure}");
    None
}

impl Making {
    /// Tells of the last backup that is there already.
    fn tell_last(&self) {
        self.metrics.expect_backups();
        let Ok((made, _)) = found(&self.folder) else {
            return;
        };
        if let Some((position, path)) = made.last()
            && let Ok(at) = fs::metadata(path).and_then(|file| file.modified())
        {
            self.metrics.note_backup(*position, at);
        }
    }

    /// Makes a backup, if anything was recorded since the last, and removes those that are not
    /// kept.
    fn make(&self) -> Result<(), Failure> {
        let folder = self.folder.display();
        let cannot = |error| Failure::failed(format!("cannot use {folder}")).because(&error);
        let (made, left_over) = found(&self.folder).map_err(cannot)?;
        for path in left_over {
            fs::remove_file(path).map_err(cannot)?;
        }
        let last = made
            .last()
            .map(|(_, path)| (path.as_path(), backup::peek(path)));
        let last = match last {
            None => None,
            Some((_, Ok(trailer))) => Some(trailer),
            Some((path, Err(error))) => {
                let failed = Failure::failed(format!("{} cannot be read", path.display()));
                return Err(failed.because(&error).detail("move it away"));
            }
        };
        let head = self.recorder.ledger().head().position;
        match last {
            None if head == Position::ZERO => {}
            Some(last) if last.head > head => {
                return Err(Failure::failed(format!(
                    "the last backup in {folder} goes up to entry {}, and this ledger ends at {head}: it is an older copy, or another's",
                    last.head
                )));
            }
            // Looked at once: what was recorded since is only added.
            Some(last) if last.head == head && self.is_compared.load(Ordering::Relaxed) => {}
            last if self.write(last.as_ref())? => self.prune().map_err(cannot)?,
            _ => return Ok(()),
        }
        self.is_compared.store(true, Ordering::Relaxed);
        self.metrics.note_backup(head, SystemTime::now());
        Ok(())
    }

    /// Writes a backup, which has to go on where the last ended; returns whether it was written to
    /// its end. Where nothing was recorded since, it is compared and goes.
    fn write(&self, last: Option<&Trailer>) -> Result<bool, Failure> {
        let mut backup = self.recorder.ledger().backup();
        let path = self.folder.join(name(backup.head()));
        let shown = path.display();
        let cannot = |error| Failure::failed(format!("cannot write {shown}")).because(&error);
        let mut fresh = Fresh::over(&path).map_err(cannot)?;
        let is_wanted = || !self.ends.load(Ordering::Relaxed);
        loop {
            if !is_wanted() {
                return Ok(false);
            }
            let piece = backup.piece(PIECE);
            let piece = piece.map_err(|error| {
                Failure::failed("the log cannot be read to its end").because(&error)
            })?;
            let Some(piece) = piece else { break };
            fresh.file().write_all(&piece).map_err(cannot)?;
        }
        let verified = backup::verify_after(fresh.part(), last, is_wanted).map_err(cannot)?;
        match verified.trailer {
            Ok(_) if verified.report.is_sound() => {}
            Err(BackupError::GivenUp) => return Ok(false),
            Err(error @ BackupError::OtherHistory { .. }) => {
                return Err(
                    Failure::failed("this is not the ledger that the last backup is of")
                        .because(&error)
                        .detail("name another folder, or move those backups away"),
                );
            }
            _ => {
                return Err(Failure::failed(
                    "what was written is not sound: have the ledger's file verified",
                ));
            }
        }
        if last.is_some_and(|last| last.head == backup.head()) {
            return Ok(true);
        }
        fresh.keep().map_err(cannot)?;
        tracing::info!(position = %backup.head(), "a backup was made");
        Ok(true)
    }

    /// Removes the backups that are not kept.
    fn prune(&self) -> std::io::Result<()> {
        let (made, _) = found(&self.folder)?;
        let keep = usize::try_from(self.keep.get()).unwrap_or(usize::MAX);
        let more = made.len().saturating_sub(keep);
        for (_, path) in made.into_iter().take(more) {
            fs::remove_file(path)?;
        }
        Ok(())
    }
}

impl Copying {
    /// Keeps a copy of the key file, if its keys are others than those of the last, or that is
    /// gone. It is named by the file's own fingerprint, so that a new key file takes no other's
    /// place.
    fn copy(&self, before: Option<Copied>) -> Result<Copied, Failure> {
        let (_, now) = self.recorder.keys("", 0);
        if let Some(before) = before
            && before.version == now
            && fs::metadata(&before.path).is_ok_and(|found| found.len() == before.bytes)
        {
            return Ok(before);
        }
        let key_file = self.recorder.key_file();
        let (text, version) = key_file.ok_or_else(|| Failure::failed("there is no key file"))?;
        let print = KeyFile::fingerprint_of(text.as_bytes());
        let print = print.ok_or_else(|| Failure::failed("the key file cannot be read"))?;
        let name = format!("keys-{}.age", HEXLOWER.encode(&print[..6]));
        let path = self.folder.join(name);
        let shown = path.display();
        let cannot = |error| Failure::failed(format!("cannot write {shown}")).because(&error);
        let sealed = encrypted(&text, &self.to)?;
        let mut fresh = Fresh::over(&path).map_err(cannot)?;
        fresh.file().write_all(&sealed).map_err(cannot)?;
        fresh.replace().map_err(cannot)?;
        Ok(Copied {
            version,
            path,
            bytes: sealed.len() as u64,
        })
    }
}

fn name(position: Position) -> String {
    format!("{:012}{ENDING}", position.number())
}

/// The backups in a folder by the position that each goes up to.
type Made = Vec<(Position, PathBuf)>;

/// Returns the backups in a folder, in order, and what was left of some that were not made to their
/// end.
fn found(folder: &Path) -> std::io::Result<(Made, Vec<PathBuf>)> {
    let (mut made, mut left_over) = (Made::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let position = name.strip_suffix(ENDING).map(str::parse);
        if let Some(Ok(position)) = position {
            made.push((Position::new(position), entry.path()));
        } else if is_left_over(&name) {
            left_over.push(entry.path());
        }
    }
    made.sort_unstable();
    Ok((made, left_over))
}
