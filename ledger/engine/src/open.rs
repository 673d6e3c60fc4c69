//! Opening a ledger: the log is read once from the start, and everything else follows from it
//! (replay never decides).

use crate::ledger::Ledger;
use crate::opening::{OpenError, Options};
use crate::recorder::keeper::Keeper;
use crate::recorder::{Recorder, Working};
use crate::replay;
use crate::role::Role;
use crate::shared::Shared;
use crate::trouble::TroubleKind;
use crate::writer;
use crate::writer::series::{Line, Turns};
use standing_store::keys::{KeyFile, KeyFileError};
use standing_store::{Log, disk};
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Recorder {
    /// Opens the ledger at a path, or makes a new one there.
    ///
    /// ```
    /// use standing_engine::{Head, Options, Recorder};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("league.redb");
    /// let recorder = Recorder::open(&path, &Options::default())?;
    /// assert_eq!(recorder.ledger().head(), Head::START);
    /// // Its keys are in a file of their own, without which it does not open again.
    /// assert!(path.with_extension("keys").exists());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The log or its keys cannot be opened or read, or are not of one ledger; no entry and no key
    /// is changed then.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let keys_path = keys_path(path, options);
        // The keys come first: a crash in between leaves keys without a log, which are taken for
        // the new one, and a log whose keys are missing is refused before anything touches it.
        let keys = match KeyFile::open(&keys_path) {
            Err(KeyFileError::Missing { .. }) if !path.exists() => KeyFile::create(&keys_path)?,
            other => other?,
        };
        let log = open_log(path, options)?;
        Self::start_as(
            Role::Writer,
            log,
            keys,
            &in_files(path, &keys_path, options),
        )
    }

    /// Starts a ledger on an open log.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn start(log: Log, keys: KeyFile, options: &Options) -> Result<Self, OpenError> {
        Self::start_as(Role::Writer, log, keys, options)
    }

    /// Opens the ledger at a path to follow another, or makes an empty one there. It needs no keys:
    /// without them the names of natural persons stay sealed.
    ///
    /// # Errors
    /// The log or its keys cannot be opened or read; nothing is changed then.
    pub fn open_follower(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let keys_path = keys_path(path, options);
        let keys = match KeyFile::open(&keys_path) {
            Err(KeyFileError::Missing { .. }) => KeyFile::absent(&keys_path),
            other => other?,
        };
        let log = open_log(path, options)?;
        Self::start_as(
            Role::Follower,
            log,
            keys,
            &in_files(path, &keys_path, options),
        )
    }

    /// Starts a ledger on an open log, as one that follows another.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn start_follower(log: Log, options: &Options) -> Result<Self, OpenError> {
        let keys = KeyFile::absent(Path::new("(none)"));
        Self::start_as(Role::Follower, log, keys, options)
    }

    fn start_as(role: Role, log: Log, keys: KeyFile, options: &Options) -> Result<Self, OpenError> {
        let is_known = refuse_other_keys(&log, &keys)?;
        let takes_note = role == Role::Writer && keys.is_present();
        if takes_note {
            keys.remove_leftovers()?;
        }
        let mut shared = Shared::new(role, log, keys, Arc::clone(&options.clock));
        shared.watch_for_damage();
        shared.tell_if_fallen_back();
        let unkeyed = replay::replay(&shared, options, is_known)?;
        if takes_note && unkeyed.is_empty() && !is_known {
            // A log that was never opened to record, or only by an older release.
            let own = shared.keys.digest_key().fingerprint();
            shared.log.set_fingerprint(own)?;
        }
        if role == Role::Writer && !unkeyed.is_empty() {
            shared.troubles.raise(TroubleKind::KeysMissing, || {
                let who = match unkeyed.len() {
                    1 => "1 person has".to_owned(),
                    many => format!("{many} persons have"),
                };
                format!(
                    "{who} a sealed name and no key: such names stay shut, and nobody is named anew over them; restore the key \
                     file that was made with this ledger"
                )
            });
            shared.miss_keys(unkeyed);
        }
        let shared = Arc::new(shared);
        let keeper = options.keeps_ahead.then(|| Arc::clone(&shared));
        let (orders, queue) = crossbeam_channel::bounded(writer::QUEUE);
        let turns = Arc::new(Turns::default());
        let line = Line::new(queue, Arc::clone(&turns));
        let writer = writer::Writer::new(Arc::clone(&shared), role, options)?;
        let thread = std::thread::Builder::new().name("ledger-writer".to_owned());
        let handle = thread
            .spawn(move || writer.run(line))
            .map_err(OpenError::Thread)?;
        let keeper = keeper.map(Keeper::start).transpose();
        let working = Working {
            orders,
            turns,
            writer: handle,
            keeper: keeper.map_err(OpenError::Thread)?,
        };
        Ok(Self::new(Ledger::new(shared), role, working))
    }
}

/// Refuses the key file of another ledger; returns whether the log knows the one that is given. A
/// log that follows another may have no keys, or a copy of the writer's.
fn refuse_other_keys(log: &Log, keys: &KeyFile) -> Result<bool, OpenError> {
    if !keys.is_present() {
        return Ok(false);
    }
    match log.fingerprint()? {
        Some(known) if known == keys.digest_key().fingerprint() => Ok(true),
        Some(_) => Err(OpenError::OtherKeys {
            path: keys.path().to_owned(),
        }),
        None => Ok(false),
    }
}

/// Adds how the free disk is asked about where the log and the keys are in files.
fn in_files(path: &Path, keys: &Path, options: &Options) -> Options {
    let path = path.to_owned();
    // A link may lead to another disk.
    let keys = std::fs::canonicalize(keys).unwrap_or_else(|_| keys.to_owned());
    let ask = move || -> std::io::Result<u64> { Ok(disk::free(&path)?.min(disk::free(&keys)?)) };
    let free = options.free.clone().unwrap_or_else(|| Arc::new(ask));
    Options {
        free: Some(free),
        ..options.clone()
    }
}

/// Opens the log, or makes it, and tells how far it has come if its file is brought to today's
/// format.
fn open_log(path: &Path, options: &Options) -> Result<Log, OpenError> {
    let progress = |done, total| {
        if let Some(progress) = &options.progress {
            progress(done, total);
        }
    };
    Ok(Log::create_or_open_telling(path, options.log, &progress)?)
}

fn keys_path(path: &Path, options: &Options) -> PathBuf {
    let beside = || path.with_extension("keys");
    options.keys.clone().unwrap_or_else(beside)
}
