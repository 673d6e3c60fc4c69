//! Making a ledger of a backup.

use crate::args;
use crate::failure::Failure;
use crate::file::fresh::Fresh;
use crate::file::keys::decrypted;
use crate::file::look::look_beside;
use crate::output;
use serde_json::Value;
use standing_domain::entry::event::Resumption;
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
        acknowledged: acknowledged(args)?.map(Position::new),
        accepts_loss: args.accept_loss,
        now: RecordTime::from_micros(now),
        keys: keys.as_ref().map(|keys| keys.fingerprint),
    };
    // The keys come first: a log never stands without them.
    let write_keys = || keys.as_ref().map_or(Ok(()), |keys| keys.write(&beside));
    let restored = restore::restore(&args.file, &args.data, &wanted, write_keys);
    let restored = restored.map_err(|error| told(&error, args))?;
    let (head, lost) = match restored.resumed {
        None => (restored.backup.head, String::new()),
        Some(resumed) => (resumed.after.next(), loss(&resumed)),
    };
    let beside = beside.display();
    let next = match keys {
        Some(_) => format!("The key file is {beside}."),
        None => format!(
            "Put its own key file beside it, as {beside}, before it is served, if names of persons are sealed in it."
        ),
    };
    output::say(&format!(
        "restored {backup} to {data}: the head is {head}\n{lost}{next} Then:\n  \
         standing serve --data {data} --expect-head {head}\n",
    ))
}

/// Tells what resuming the history means.
fn loss(resumed: &Resumption) -> String {
    let (kept, epoch) = (resumed.after, resumed.epoch);
    format!(
        "What was recorded after position {kept} is lost. The history is resumed by entry {}, in epoch {epoch}: who holds what was \
         lost is told HISTORY_CHANGED, and goes on from {kept}. Streams of NATS are made anew, and those before say where; give the \
         users of NATS the same permissions for them.\n",
        kept.next()
    )
}

/// Returns the last position that is known to have been acknowledged, by whoever restores or by the
/// stream.
fn acknowledged(args: &args::Restore) -> Result<Option<u64>, Failure> {
    let Some(servers) = &args.nats else {
        return Ok(args.expect_head);
    };
    let report = look_beside(&args.file, None)?;
    let head = report["head"].as_u64().unwrap_or_default();
    let Some((stream, last)) = in_stream(servers, &args.login, &report)? else {
        return Ok(args.expect_head);
    };
    if last > head && !args.accept_loss {
        let (backup, data) = (args.file.display(), args.data.display());
        return Err(Failure::refused(format!(
            "stream {stream} holds {last} entries, and {backup} ends at {head}: {} would be lost",
            last - head
        ))
        .detail(format!(
            "follow it back instead: start `standing replica --data {data} --nats {servers}`, wait until it has caught up, end it, and \
             serve that file; or give them up with --accept-loss"
        )));
    }
    Ok(Some(args.expect_head.unwrap_or(0).max(last)))
}

/// Tells how far the streams hold the history that a backup is of.
#[cfg(feature = "nats")]
fn in_stream(
    servers: &str,
    login: &args::Login,
    report: &Value,
) -> Result<Option<(String, u64)>, Failure> {
    use crate::nats::{connect, held_there};
    use standing_domain::id::AssociationId;
    use standing_domain::id::epoch::Epoch;
    use standing_stream::Names;
    let connect = connect(servers, login)?;
    let association = report["association"].as_str().map(AssociationId::new);
    let Some(Ok(association)) = association else {
        // Before the founding nothing is published.
        return Ok(None);
    };
    let epoch = Epoch::new(report["epoch"].as_u64().unwrap_or_default());
    held_there(&connect, &Names::new(association).in_epoch(epoch))
}

#[cfg(not(feature = "nats"))]
fn in_stream(_: &str, _: &args::Login, _: &Value) -> Result<Option<(String, u64)>, Failure> {
    Err(Failure::failed(
        "--nats: this binary was built without NATS; build it with the feature `nats`",
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
            "take a later backup; or a replica, or the stream, that holds the rest: a replica's file is the ledger, and is backed up and served as one; \
             or give it up with --accept-loss",
        ),
        RestoreError::NotSound(_) | RestoreError::Backup(BackupError::Sum | BackupError::Cut { .. }) => failed
            .because(error)
            .detail("standing verify says what is wrong with it; take another backup"),
        _ => failed.because(error),
    }
}
