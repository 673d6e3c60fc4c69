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
    let known = known(args)?;
    // A history that is resumed has a later epoch than the one in whose place it stands, whatever
    // the clock of this machine says.
    let now = now.max(known.epoch.saturating_add(1));
    let wanted = Wanted {
        acknowledged: known.acknowledged.map(Position::new),
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

/// What is known of the history that a backup is of, beside the backup.
#[derive(Debug, Default, PartialEq, Eq)]
struct Known {
    /// The last position that was acknowledged; none where that is not known.
    acknowledged: Option<u64>,
    /// The epoch of the history that is published; 0 where none is, or it was never resumed.
    epoch: u64,
}

/// How far the streams hold the history.
struct InStream {
    stream: String,
    epoch: u64,
    last: u64,
    /// Up to where it is the backup's; none where it is the same history.
    kept: Option<u64>,
}

/// Returns what is known, by whoever restores and by the stream.
fn known(args: &args::Restore) -> Result<Known, Failure> {
    let said = Known {
        acknowledged: args.expect_head,
        epoch: 0,
    };
    let Some(servers) = &args.nats else {
        return Ok(said);
    };
    let report = look_beside(&args.file, None)?;
    if report["sound"] != true {
        // What is wrong with it is told by whoever restores it.
        return Ok(said);
    }
    match in_stream(servers, &args.login, &report)? {
        Some(found) => judged(args, report["head"].as_u64().unwrap_or_default(), &found),
        None => Ok(said),
    }
}

/// Judges what the streams hold against a backup with a head. A stream is never ahead of what was
/// acknowledged, and may be behind it: only whoever restores can know that nothing is lost.
fn judged(args: &args::Restore, head: u64, found: &InStream) -> Result<Known, Failure> {
    let (stream, last) = (&found.stream, found.last);
    let given_up = found.kept.filter(|kept| head > *kept);
    if !args.accept_loss {
        let (backup, data) = (args.file.display(), args.data.display());
        let instead = format!(
            "follow it back instead: start `standing replica --data {data} --nats ...`, wait until it has caught up, end it, and serve \
             that file; or give it up with --accept-loss"
        );
        if let Some(kept) = given_up {
            let what = format!(
                "{backup} is of a history that was given up: it was resumed after position {kept}, in stream {stream}"
            );
            return Err(Failure::refused(what).detail(instead));
        }
        if last > head {
            let more = last - head;
            let what = format!(
                "stream {stream} holds {last} entries, and {backup} ends at {head}: {more} would be lost"
            );
            return Err(Failure::refused(what).detail(instead));
        }
    }
    let acknowledged = if given_up.is_some() || last > head {
        // Something is lost, whatever else was acknowledged.
        Some(last.max(head + 1))
    } else {
        args.expect_head
    };
    Ok(Known {
        acknowledged,
        epoch: found.epoch,
    })
}

/// Tells how far the streams hold the history that a backup is of.
#[cfg(feature = "nats")]
fn in_stream(
    servers: &str,
    login: &args::Login,
    report: &Value,
) -> Result<Option<InStream>, Failure> {
    use crate::nats::{connect, reach};
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
    let found = reach(&connect, &Names::new(association).in_epoch(epoch))?;
    Ok(found.map(|found| InStream {
        stream: found.names.entries_stream(),
        epoch: found.names.epoch().number(),
        last: found.last.number(),
        kept: found.kept.map(Position::number),
    }))
}

#[cfg(not(feature = "nats"))]
fn in_stream(_: &str, _: &args::Login, _: &Value) -> Result<Option<InStream>, Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, Command};
    use clap::Parser as _;

    fn judge(flags: &[&str], head: u64, last: u64, kept: Option<u64>) -> Result<Option<u64>, ()> {
        let args = ["standing", "restore", "a.backup", "--data", "a.redb"];
        let parsed = Cli::try_parse_from(args.iter().chain(flags)).unwrap();
        let Command::Restore(args) = parsed.command else {
            panic!("another command")
        };
        let found = InStream {
            stream: "standing-near-entries".to_owned(),
            epoch: 0,
            last,
            kept,
        };
        let known = judged(&args, head, &found).map_err(drop)?;
        Ok(known.acknowledged)
    }

    #[test]
    fn a_stream_shows_that_something_is_lost_and_never_that_nothing_is() {
        let expects = ["--expect-head", "60"];
        let accepts = ["--accept-loss"];
        for (flags, head, last, kept, known) in [
            (&expects[..], 60, 60, None, Ok(Some(60))),
            (&expects, 60, 50, None, Ok(Some(60))),
            (&expects, 60, 61, None, Err(())),
            // Of a history that was given up, however far the other goes.
            (&expects, 60, 55, Some(50), Err(())),
            (&expects, 60, 61, Some(60), Err(())),
            (&expects, 60, 60, Some(60), Ok(Some(60))),
            // The stream may be behind what was acknowledged.
            (&accepts, 60, 50, None, Ok(None)),
            (&accepts, 60, 60, None, Ok(None)),
            (&accepts, 60, 61, None, Ok(Some(61))),
            (&accepts, 60, 55, Some(50), Ok(Some(61))),
        ] {
            assert_eq!(
                judge(flags, head, last, kept),
                known,
                "{flags:?} {head} {last} {kept:?}"
            );
        }
    }
}
