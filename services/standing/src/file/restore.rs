//! Making a ledger of a backup.

use crate::args;
use crate::failure::Failure;
use crate::output;
use standing_domain::id::position::Position;
use standing_server::engine::chain;
use standing_server::engine::store::backup::BackupError;
use standing_server::engine::store::restore;
use standing_server::engine::store::restore::RestoreError;

/// Makes a ledger of a backup, in a file that is not there yet.
///
/// # Errors
/// The backup is not sound, acknowledged entries are not in it, or the file is there or cannot be
/// written.
pub fn restore(args: &args::Restore) -> Result<(), Failure> {
    let (backup, data) = (args.file.display(), args.data.display());
    let restored = restore::restore(&args.file, &args.data, Position::new(args.expect_head));
    let trailer = restored.map_err(|error| told(&error, args))?;
    let head = trailer.head;
    output::say(&format!(
        "restored {backup} to {data}: the head is {head}\n\
         Put the key file beside it, as {}, if names of persons are sealed in it. Then:\n  \
         standing serve --data {data} --expect-head {head}\n",
        args.data.with_extension("keys").display(),
    ))
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
