//! Making a ledger of a backup.

use crate::args;
use crate::failure::Failure;
use crate::file::fresh::Fresh;
use crate::file::keys::decrypted;
use crate::output;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_server::engine::chain;
use standing_server::engine::store::backup::BackupError;
use standing_server::engine::store::keys::KeyFile;
use standing_server::engine::store::restore;
use standing_server::engine::store::restore::{RestoreError, Wanted};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

/// Makes a ledger of a backup, in a file that is not there yet.
///
/// # Errors
/// The backup is not sound, acknowledged entries are not in it, or the file is there or cannot be
/// written.
pub fn restore(args: &args::Restore) -> Result<(), Failure> {
    let (backup, data) = (args.file.display(), args.data.display());
    let beside = args.data.with_extension("keys");
    let keys = keys(args, &beside)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| {
        u64::try_from(since.as_micros()).unwrap_or_default()
    });
    let wanted = Wanted {
        acknowledged: Position::new(args.expect_head),
        now: RecordTime::from_micros(now),
        keys: keys.as_ref().map(|keys| keys.fingerprint),
    };
    // The keys come first: a log never stands without them.
    let write_keys = || keys.as_ref().map_or(Ok(()), |keys| keys.write(&beside));
    let restored = restore::restore(&args.file, &args.data, &wanted, write_keys);
    let head = restored.map_err(|error| told(&error, args))?.head;
    let beside = beside.display();
    let next = match keys {
        Some(_) => format!("The key file is {beside}."),
        None => format!(
            "Put its own key file beside it, as {beside}, before it is served, if names of persons are sealed in it."
        ),
    };
    output::say(&format!(
        "restored {backup} to {data}: the head is {head}\n{next} Then:\n  \
         standing serve --data {data} --expect-head {head}\n",
    ))
}

/// A key file that was decrypted, in memory.
struct Keys {
    text: Vec<u8>,
    fingerprint: [u8; 32],
}

impl Keys {
    /// Writes it; what is there already is the same.
    fn write(&self, path: &Path) -> io::Result<()> {
        if path.try_exists()? {
            return Ok(());
        }
        let mut fresh = Fresh::begin(path)?;
        fresh.file().write_all(&self.text)?;
        fresh.keep()
    }
}

/// Decrypts the key file, if it is to be restored too.
fn keys(args: &args::Restore, path: &Path) -> Result<Option<Keys>, Failure> {
    let Some((keys, identity)) = args.keys.as_ref().zip(args.identity.as_ref()) else {
        return Ok(None);
    };
    let text = decrypted(keys, identity)?;
    let fingerprint = KeyFile::fingerprint_of(&text);
    let fingerprint = fingerprint.ok_or_else(|| {
        Failure::failed(format!(
            "{} holds no key file, or one of a newer release",
            keys.display()
        ))
    })?;
    let shown = path.display();
    match fs::read(path) {
        Ok(there) if there == text => {}
        Ok(_) => {
            return Err(Failure::refused(format!("{shown} is there already"))
                .detail("a key file is never written over: move it away, or leave --keys out"));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::failed(format!("cannot read {shown}")).because(&error)),
    }
    Ok(Some(Keys { text, fingerprint }))
}

fn told(error: &RestoreError, args: &args::Restore) -> Failure {
    let failed = Failure::failed(format!("cannot restore {}", args.file.display()));
    match error {
        RestoreError::Exists { .. } => Failure::refused(chain(error)).detail(
            "a ledger that may hold entries is never written over: move it away, with its key file, or name another file with --data",
        ),
        RestoreError::Behind { .. } => Failure::refused(chain(error)).detail(
            "take a later backup; or a replica, or the stream, that holds the rest: a replica's file is the ledger, and is backed up and served as one",
        ),
        RestoreError::NotSound(_) | RestoreError::Backup(BackupError::Sum | BackupError::Cut { .. }) => failed
            .because(error)
            .detail("standing verify says what is wrong with it; take another backup"),
        _ => failed.because(error),
    }
}
