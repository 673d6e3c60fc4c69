//! Making a ledger of a backup.

use crate::args;
use crate::failure::Failure;
use crate::file::fresh::Fresh;
use crate::file::keys::decrypted;
use crate::output;
use standing_domain::id::position::Position;
use standing_server::engine::chain;
use standing_server::engine::store::backup::BackupError;
use standing_server::engine::store::restore;
use standing_server::engine::store::restore::RestoreError;
use std::io;
use std::io::{ErrorKind, Write as _};

/// Makes a ledger of a backup, in a file that is not there yet.
///
/// # Errors
/// The backup is not sound, acknowledged entries are not in it, or the file is there or cannot be
/// written.
pub fn restore(args: &args::Restore) -> Result<(), Failure> {
    let (backup, data) = (args.file.display(), args.data.display());
    let keys = keys(args)?;
    let head = Position::new(args.expect_head);
    let restored = restore::restore(&args.file, &args.data, head);
    let head = restored.map_err(|error| told(&error, args))?.head;
    let beside = args.data.with_extension("keys");
    let beside = beside.display();
    let next = match keys {
        Some(keys) => {
            keys.keep().map_err(|error| {
                Failure::failed(format!("cannot write {beside}")).because(&error)
            })?;
            format!("The key file is {beside}.")
        }
        None => format!(
            "Put the key file beside it, as {beside}, if names of persons are sealed in it."
        ),
    };
    output::say(&format!(
        "restored {backup} to {data}: the head is {head}\n{next} Then:\n  \
         standing serve --data {data} --expect-head {head}\n",
    ))
}

/// Decrypts the key file, if it is to be restored too, and writes it where it gets its name when
/// the ledger has its own.
fn keys(args: &args::Restore) -> Result<Option<Fresh>, Failure> {
    let Some((keys, identity)) = args.keys.as_ref().zip(args.identity.as_ref()) else {
        return Ok(None);
    };
    let text = decrypted(keys, identity)?;
    let path = args.data.with_extension("keys");
    let shown = path.display();
    let cannot = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::refused(format!("{shown} is there already"))
            .detail("a key file is never written over: move it away, or leave --keys out"),
        _ => Failure::failed(format!("cannot write {shown}")).because(&error),
    };
    let mut fresh = Fresh::begin(&path).map_err(cannot)?;
    fresh.file().write_all(&text).map_err(cannot)?;
    Ok(Some(fresh))
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
