//! The backups that a node makes by itself: of what was recorded since the last, as often as it is
//! told to.

use crate::args;
use crate::failure::Failure;
use crate::file::fresh::{Fresh, is_left_over};
use crate::file::keys::encrypted;
use parking_lot::Mutex;
use standing_domain::id::position::Position;
use standing_server::engine::Recorder;
use standing_server::engine::store::backup;
use std::fs;
use std::io::Write as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// What the names of backups end in; before it stands the position, in so many digits that names
/// stand in its order.
const ENDING: &str = ".backup";

/// How many bytes of a backup are made at once.
const PIECE: usize = 1 << 20;

/// How long to wait after a failure, at most.
const AGAIN: Duration = Duration::from_mins(1);

/// What backups are made of, and where.
struct Making {
    recorder: Arc<Recorder>,
    folder: PathBuf,
    keep: NonZeroU32,
    /// Where a copy of the keys is kept, and for whom.
    keys: Option<(PathBuf, String)>,
    /// Which keys the copy holds; none before there is one.
    copied: Mutex<Option<u64>>,
    /// Whether the node ends.
    ends: Arc<AtomicBool>,
}

/// Ends the making of backups when it is dropped: what is being written goes.
struct Ending(Arc<AtomicBool>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes backups for as long as this is awaited, if the arguments say where.
pub async fn make(args: &args::Backups, recorder: Arc<Recorder>) {
    let Some(folder) = &args.backup_folder else {
        return std::future::pending().await;
    };
    let every = Duration::from_secs(args.backup_every.get());
    let ends = Arc::new(AtomicBool::new(false));
    let _ending = Ending(Arc::clone(&ends));
    let making = Arc::new(Making {
        recorder,
        folder: folder.clone(),
        keep: args.backup_keep,
        keys: args.backup_keys.clone().zip(args.backup_keys_to.clone()),
        copied: Mutex::new(None),
        ends,
    });
    loop {
        let making = Arc::clone(&making);
        let made = spawn_blocking(move || {
            // One may fail where the other does not.
            let copied = making.copy_keys();
            making.make().and(copied)
        });
        let made = made.await;
        let failed = match made {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure.to_string()),
            Err(error) => Some(error.to_string()),
        };
        let rest = match failed {
            None => every,
            Some(failure) => {
                tracing::error!("a backup failed: {failure}");
                every.min(AGAIN)
            }
        };
        sleep(rest).await;
    }
}

impl Making {
    /// Makes a backup, if anything was recorded since the last, and removes those that are not
    /// kept.
    fn make(&self) -> Result<(), Failure> {
        let folder = self.folder.display();
        let cannot = |error| Failure::failed(format!("cannot use {folder}")).because(&error);
        fs::create_dir_all(&self.folder).map_err(cannot)?;
        let (made, left_over) = found(&self.folder).map_err(cannot)?;
        for path in left_over {
            fs::remove_file(path).map_err(cannot)?;
        }
        let head = self.recorder.ledger().head().position;
        match made.last() {
            None if head == Position::ZERO => return Ok(()),
            Some((last, _)) if *last == head => return Ok(()),
            Some((last, path)) if *last > head => {
                return Err(Failure::failed(format!(
                    "{} goes up to entry {last}, and this ledger ends at {head}: it is an older copy, or another's",
                    path.display()
                )));
            }
            _ => {}
        }
        if self.write()? {
            self.prune().map_err(cannot)?;
        }
        Ok(())
    }

    /// Writes a backup; returns whether it was written to its end.
    fn write(&self) -> Result<bool, Failure> {
        let mut backup = self.recorder.ledger().backup();
        let path = self.folder.join(name(backup.head()));
        let shown = path.display();
        let cannot = |error| Failure::failed(format!("cannot write {shown}")).because(&error);
        let mut fresh = Fresh::begin(&path).map_err(cannot)?;
        loop {
            if self.ends.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let piece = backup.piece(PIECE);
            let piece = piece.map_err(|error| {
                Failure::failed("the log cannot be read to its end").because(&error)
            })?;
            let Some(piece) = piece else { break };
            fresh.file().write_all(&piece).map_err(cannot)?;
        }
        let verified = backup::verify(fresh.part()).map_err(cannot)?;
        if !verified.is_sound() {
            return Err(Failure::failed(
                "what was written is not sound: have the ledger's file verified",
            ));
        }
        fresh.keep().map_err(cannot)?;
        tracing::info!(position = %backup.head(), "a backup was made");
        Ok(true)
    }

    /// Keeps a copy of the key file, if its keys are others than those of the last.
    fn copy_keys(&self) -> Result<(), Failure> {
        let Some((path, to)) = &self.keys else {
            return Ok(());
        };
        let Some((text, version)) = self.recorder.key_file() else {
            return Err(Failure::failed("--backup-keys: this node has no key file"));
        };
        if *self.copied.lock() == Some(version) {
            return Ok(());
        }
        let shown = path.display();
        let cannot = |error| Failure::failed(format!("cannot write {shown}")).because(&error);
        let sealed = encrypted(&text, to)?;
        let mut fresh = Fresh::over(path).map_err(cannot)?;
        fresh.file().write_all(&sealed).map_err(cannot)?;
        fresh.replace().map_err(cannot)?;
        *self.copied.lock() = Some(version);
        Ok(())
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
