//! The key file: the secrets that must not stand in the log. One key for request digests, one for
//! each person whose name is sealed. Its text is told in `text`.
//!
//! New keys are appended and synced, many at once, before the entries that need them are committed:
//! so nothing durable is ever sealed under a key that a crash could lose. If that commit then
//! fails, its keys stay, open nothing, and are used when the persons are named after all.
//!
//! Only an erasure, and the first write to a file of an older layout, writes a new file beside the
//! old one, syncs it, and renames it over it, so a crash leaves the old keys or the new ones.
//! Erasing a key unlinks the file that held it; the blocks it stood in are the file system's to
//! reuse. One process at a time may change the file: the one that has the log open. It notices if
//! the file is replaced or changed by another, and writes nothing then.

mod held;
mod text;

use crate::digest::DigestKey;
use crate::disk::{folder, sync_folder};
use crate::seal::{PersonKey, SealError, random};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use text::{Flaw, Found};

/// New keys, by person id.
pub type NewKeys = BTreeMap<String, PersonKey>;

/// The keys of one ledger, in memory and in their file. Any number of threads may ask while one
/// writes; who asks never waits for the disk.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    digest: DigestKey,
    persons: RwLock<Persons>,
    /// Changes whenever the persons do; begins somewhere else each time.
    version: AtomicU64,
    /// Held for as long as the file is written.
    place: Mutex<Place>,
}

/// The persons of a key file. Both are sorted, so that the file has one order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Persons {
    keys: NewKeys,
    /// Those of whom a key was erased, whether or not they were named again under a new one.
    erased: BTreeSet<String>,
}

/// What is known of the file on disk.
#[derive(Debug)]
struct Place {
    /// Where it is, links resolved: a rename would otherwise leave the file that a link leads to.
    path: PathBuf,
    /// Which file it is.
    identity: Identity,
    /// How many of its bytes count. What stands behind them was never acknowledged.
    length: u64,
    /// Whether there may be bytes that do not count, for the next write to cut off.
    is_torn: bool,
    /// Whether the next write has to write all of it, as it has an older layout.
    is_old: bool,
}

/// Device and inode; nothing where there is no such thing.
type Identity = Option<(u64, u64)>;

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no key file.
    #[error("there is no key file at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key file is there already, and is never overwritten by a fresh one.
    #[error("{} exists already", path.display())]
    Exists {
        /// Its path.
        path: PathBuf,
    },
    /// Anybody on the machine may read it.
    #[error("{} can be read or written by others (mode {mode:o}): chmod 600", path.display())]
    Exposed {
        /// Its path.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A newer release wrote it.
    #[error("{} was written by a newer release", path.display())]
    Newer {
        /// Its path.
        path: PathBuf,
    },
    /// It is not the file any more that was opened, or somebody else has written to it.
    #[error("{} was replaced or changed while the ledger was open: restart with the right one", path.display())]
    Changed {
        /// Its path.
        path: PathBuf,
    },
    /// A line is not what this module writes, or is damaged. The line itself is a secret and is not
    /// shown.
    #[error("{}:{line}: not a key file's line, or a damaged one", path.display())]
    Malformed {
        /// Its path.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Not a person id.
    #[error("a person id has 1 to 64 characters of [a-z0-9-]")]
    PersonId,
    /// The operating system gives no random bytes.
    #[error("cannot make a key")]
    Random(#[source] SealError),
    /// The file cannot be read or written.
    #[error("cannot use the key file {}", path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

impl KeyFile {
    /// Makes a key file with a fresh digest key and no persons.
    ///
    /// Do this only together with a new log: without the old keys, sealed names stay shut and old
    /// requests are not recognised.
    ///
    /// # Errors
    ///
    /// Fails if the file exists or cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref().to_owned();
        let io = |source| io(&path, source);
        let digest = DigestKey::new(random().map_err(KeyFileError::Random)?);
        let persons = Persons::default();
        let text = text::write(&digest, &persons);
        let file = write_beside(&path, &text).map_err(io)?;
        let file = file
            .persist_noclobber(&path)
            .map_err(|error| match error.error.kind() {
                ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.clone() },
                _ => io(error.error),
            })?;
        sync_folder(&path).map_err(io)?;
        let place = Place {
            path: std::fs::canonicalize(&path).map_err(io)?,
            identity: identity(&file.metadata().map_err(io)?),
            length: text.len() as u64,
            is_torn: false,
            is_old: false,
        };
        Ok(Self::new(path, digest, persons, place))
    }

    /// Returns keys that open nothing and stand in no file: for a ledger that follows another and
    /// records nothing itself. `path` is where its keys would be.
    #[must_use]
    pub fn absent(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        let place = Place {
            path: path.clone(),
            identity: None,
            length: 0,
            is_torn: false,
            is_old: false,
        };
        let digest = DigestKey::new([0; 32]);
        Self::new(path, digest, Persons::default(), place)
    }

    fn new(path: PathBuf, digest: DigestKey, persons: Persons, place: Place) -> Self {
        Self {
            path,
            digest,
            persons: RwLock::new(persons),
            version: AtomicU64::new(random().map_or(0, u64::from_le_bytes)),
            place: Mutex::new(place),
        }
    }

    /// Opens a key file. A last line that a crash cut off is passed over: no entry was committed
    /// that needs it.
    ///
    /// # Errors
    ///
    /// Fails if it is missing, open to others, newer, malformed, damaged or unreadable.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref().to_owned();
        let io = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => KeyFileError::Missing { path: path.clone() },
            _ => io(&path, source),
        };
        let mut file = File::open(&path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        refuse_exposed(&path, &metadata)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let found = text::read(&bytes).map_err(|flaw| match flaw {
            Flaw::Newer => KeyFileError::Newer { path: path.clone() },
            Flaw::Line(line) => KeyFileError::Malformed {
                path: path.clone(),
                line,
            },
        })?;
        let Found {
            digest,
            persons,
            length,
            is_old,
        } = found;
        let place = Place {
            path: std::fs::canonicalize(&path).map_err(io)?,
            identity: identity(&metadata),
            length: length as u64,
            is_torn: length < bytes.len(),
            is_old,
        };
        Ok(Self::new(path, digest, persons, place))
    }

    /// Returns the path it was opened by.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether there is a file, and not only the place where one would be.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.place().length > 0
    }

    /// Returns the key of request digests.
    #[must_use]
    pub fn digest_key(&self) -> &DigestKey {
        &self.digest
    }

    /// Returns a person's key; none if the person was never named or was erased.
    #[must_use]
    pub fn person(&self, person: &str) -> Option<PersonKey> {
        self.read().keys.get(person).cloned()
    }

    /// Returns whether a key of a person was ever erased.
    #[must_use]
    pub fn was_erased(&self, person: &str) -> bool {
        self.read().erased.contains(person)
    }

    /// Returns the persons with a key, in order.
    #[must_use]
    pub fn persons(&self) -> Vec<String> {
        self.read().keys.keys().cloned().collect()
    }

    /// Adds keys: all of them are on disk when this returns, after one write and one sync, however
    /// many there are. The key of a person who has one already stays.
    ///
    /// # Errors
    ///
    /// Fails if an id is malformed, the file cannot be written, or it is not the one that was
    /// opened; none of the keys counts then.
    pub fn add(&self, new: &NewKeys) -> Result<(), KeyFileError> {
        if new.keys().any(|person| !text::is_person(person)) {
            return Err(KeyFileError::PersonId);
        }
        let mut place = self.place();
        let known = self.read();
        let is_new = |(person, _): &(&String, &PersonKey)| !known.keys.contains_key(*person);
        let new: Vec<_> = new.iter().filter(is_new).collect();
        drop(known);
        if new.is_empty() {
            return Ok(());
        }
        let new = new
            .into_iter()
            .map(|(person, key)| (person.clone(), key.clone()));
        let new: NewKeys = new.collect();
        if place.is_old {
            let mut persons = self.read().clone();
            persons.keys.extend(new.clone());
            self.rewrite(&mut place, &persons)?;
        } else {
            let lines: String = new
                .iter()
                .map(|(person, key)| text::person(person, key))
                .collect();
            self.append(&mut place, lines.as_bytes())?;
        }
        self.change(|persons| persons.keys.extend(new));
        Ok(())
    }

    /// Erases a person's key: the names sealed under it are unreadable ever after, and that it was
    /// erased and not lost stays known. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be rewritten; the key may then still be on disk, and is kept in
    /// memory so that the call can be repeated.
    pub fn erase(&self, person: &str) -> Result<bool, KeyFileError> {
        let mut place = self.place();
        let mut persons = self.read().clone();
        if persons.keys.remove(person).is_none() {
            return Ok(false);
        }
        persons.erased.insert(person.to_owned());
        self.rewrite(&mut place, &persons)?;
        self.change(|held| *held = persons);
        Ok(true)
    }

    /// Removes what a crash while the file was written anew has left beside it: it may hold keys
    /// that are erased later. Only for who has the log open, as another process may be writing.
    ///
    /// # Errors
    ///
    /// Fails if the folder cannot be read or a file not be removed.
    pub fn remove_leftovers(&self) -> Result<(), KeyFileError> {
        let io = |source| io(&self.path, source);
        let place = self.place();
        let prefix = prefix(&place.path);
        let prefix = prefix.as_encoded_bytes();
        for file in std::fs::read_dir(folder(&place.path)).map_err(io)? {
            let file = file.map_err(io)?;
            if file.file_name().as_encoded_bytes().starts_with(prefix) {
                std::fs::remove_file(file.path()).map_err(io)?;
            }
        }
        Ok(())
    }

    /// Writes lines behind those that count, and syncs them.
    fn append(&self, place: &mut Place, lines: &[u8]) -> Result<(), KeyFileError> {
        let io = |source| io(&self.path, source);
        let mut file = OpenOptions::new()
            .append(true)
            .open(&place.path)
            .map_err(io)?;
        self.refuse_changed(place, &file.metadata().map_err(io)?)?;
        if place.is_torn {
            file.set_len(place.length).map_err(io)?;
            place.is_torn = false;
        }
        if let Err(error) = file.write_all(lines).and_then(|()| file.sync_data()) {
            // What came to disk of it, if anything, is cut off now or by the next write.
            place.is_torn = file.set_len(place.length).is_err();
            return Err(io(error));
        }
        place.length += lines.len() as u64;
        Ok(())
    }

    /// Writes all of it anew.
    fn rewrite(&self, place: &mut Place, persons: &Persons) -> Result<(), KeyFileError> {
        let io = |source| io(&self.path, source);
        self.refuse_changed(place, &std::fs::metadata(&place.path).map_err(io)?)?;
        let text = text::write(&self.digest, persons);
        let file = write_beside(&place.path, &text).map_err(io)?;
        let metadata = file.as_file().metadata().map_err(io)?;
        file.persist(&place.path).map_err(|error| io(error.error))?;
        *place = Place {
            path: place.path.clone(),
            identity: identity(&metadata),
            length: text.len() as u64,
            is_torn: false,
            is_old: false,
        };
        sync_folder(&place.path).map_err(io)
    }

    fn refuse_changed(&self, place: &Place, metadata: &Metadata) -> Result<(), KeyFileError> {
        let is_length = if place.is_torn {
            metadata.len() >= place.length
        } else {
            metadata.len() == place.length
        };
        if is_length && identity(metadata) == place.identity {
            Ok(())
        } else {
            Err(KeyFileError::Changed {
                path: self.path.clone(),
            })
        }
    }

    // What the locks guard is whole after every statement, so a panic elsewhere spoils nothing.

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Persons> {
        self.persons.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Persons> {
        self.persons.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn io(path: &Path, source: std::io::Error) -> KeyFileError {
    KeyFileError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Writes and syncs a text to a new file in the same folder; it has mode 0600 from the start.
fn write_beside(path: &Path, text: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new()
        .prefix(&prefix(path))
        .tempfile_in(folder(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Returns how the names of new files begin that are written beside one.
fn prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".new-");
    prefix
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have no such thing")]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    None
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &std::fs::Metadata) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    // The group may have it: Kubernetes opens a volume's files to the group of the pod.
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o007 != 0 => Err(KeyFileError::Exposed {
            path: path.to_owned(),
            mode,
        }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &std::fs::Metadata) -> Result<(), KeyFileError> {
    Ok(())
}
