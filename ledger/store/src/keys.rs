//! The key file: the secrets that must not stand in the log. One key for request digests, one for
//! each person whose name is sealed.
//!
//! The file is text, one key a line, mode 0600:
//!
//! ```text
//! standing-keys 1
//! digest 64 hex digits
//! person <id> 64 hex digits
//! ```
//!
//! Every change writes a new file beside it, syncs it, and renames it over the old one, so a crash
//! leaves the old keys or the new ones. Erasing a key unlinks the file that held it; the blocks it
//! stood in are the file system's to reuse. One process at a time may change the file: the one that
//! has the log open.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::{
    digest::DigestKey,
    seal::{PersonKey, SealError, random},
};

/// The first line; the number changes with the layout.
const HEADER: &str = "standing-keys 1";
/// What a first line of any version starts with.
const HEADER_NAME: &str = "standing-keys ";

/// The keys of one ledger, in memory and in their file.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    digest: DigestKey,
    /// By person id; a `BTreeMap`, so that the file has one order.
    persons: BTreeMap<String, PersonKey>,
}

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
    /// A line is not what this module writes. The line itself is a secret and is not shown.
    #[error("{}:{line}: not a key file's line", path.display())]
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
        let digest = DigestKey::new(random().map_err(KeyFileError::Random)?);
        let keys = Self {
            path,
            digest,
            persons: BTreeMap::new(),
        };
        let file = keys.write_beside()?;
        file.persist_noclobber(&keys.path)
            .map_err(|error| match error.error.kind() {
                ErrorKind::AlreadyExists => KeyFileError::Exists {
                    path: keys.path.clone(),
                },
                _ => keys.io(error.error),
            })?;
        keys.sync_folder()?;
        Ok(keys)
    }

    /// Returns keys that open nothing and stand in no file: for a ledger that follows another and records nothing itself.
    /// `path` is where its keys would be.
    #[must_use]
    pub fn absent(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            digest: DigestKey::new([0; 32]),
            persons: BTreeMap::new(),
        }
    }

    /// Opens a key file.
    ///
    /// # Errors
    ///
    /// Fails if it is missing, open to others, newer, malformed or unreadable.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
        let path = path.as_ref().to_owned();
        let io = |source: std::io::Error| match source.kind() {
            ErrorKind::NotFound => KeyFileError::Missing { path: path.clone() },
            _ => KeyFileError::Io {
                path: path.clone(),
                source,
            },
        };
        let file = File::open(&path).map_err(io)?;
        refuse_exposed(&path, &file.metadata().map_err(io)?)?;
        let text = std::io::read_to_string(file).map_err(io)?;
        parse(path, &text)
    }

    /// Returns the key of request digests.
    #[must_use]
    pub fn digest_key(&self) -> &DigestKey {
        &self.digest
    }

    /// Returns a person's key; none if the person was never named or was erased.
    #[must_use]
    pub fn person(&self, person: &str) -> Option<&PersonKey> {
        self.persons.get(person)
    }

    /// Returns the persons with a key, in order.
    pub fn persons(&self) -> impl Iterator<Item = &str> {
        self.persons.keys().map(String::as_str)
    }

    /// Returns a person's key, making one if there is none. A new key is on disk when this returns,
    /// so nothing is ever sealed under a key that a crash could lose.
    ///
    /// # Errors
    ///
    /// Fails if the id is malformed or the file cannot be rewritten; nothing is changed then.
    pub fn person_or_new(&mut self, person: &str) -> Result<PersonKey, KeyFileError> {
        if let Some(key) = self.persons.get(person) {
            return Ok(key.clone());
        }
        if !is_person(person) {
            return Err(KeyFileError::PersonId);
        }
        let key = PersonKey::new(random().map_err(KeyFileError::Random)?);
        self.persons.insert(person.to_owned(), key.clone());
        if let Err(error) = self.rewrite() {
            self.persons.remove(person);
            return Err(error);
        }
        Ok(key)
    }

    /// Erases a person's key: the names sealed under it are unreadable ever after. Returns whether
    /// there was one.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be rewritten; the key may then still be on disk, and is kept in
    /// memory so that the call can be repeated.
    pub fn erase(&mut self, person: &str) -> Result<bool, KeyFileError> {
        let Some(key) = self.persons.remove(person) else {
            return Ok(false);
        };
        if let Err(error) = self.rewrite() {
            self.persons.insert(person.to_owned(), key);
            return Err(error);
        }
        Ok(true)
    }

    fn rewrite(&self) -> Result<(), KeyFileError> {
        let file = self.write_beside()?;
        file.persist(&self.path)
            .map_err(|error| self.io(error.error))?;
        self.sync_folder()
    }

    /// Writes and syncs the keys to a new file in the same folder; it has mode 0600 from the start.
    fn write_beside(&self) -> Result<tempfile::NamedTempFile, KeyFileError> {
        let mut file = tempfile::Builder::new()
            .prefix(".standing-keys-")
            .tempfile_in(folder(&self.path))
            .map_err(|error| self.io(error))?;
        file.write_all(self.text().as_bytes())
            .map_err(|error| self.io(error))?;
        file.as_file().sync_all().map_err(|error| self.io(error))?;
        Ok(file)
    }

    fn text(&self) -> String {
        let mut text = format!("{HEADER}\ndigest {}\n", hex(&self.digest.0));
        for (person, key) in &self.persons {
            // Writing to a String never fails.
            let _ = writeln!(text, "person {person} {}", hex(&key.0));
        }
        text
    }

    fn sync_folder(&self) -> Result<(), KeyFileError> {
        sync_folder(&self.path).map_err(|error| self.io(error))
    }

    fn io(&self, source: std::io::Error) -> KeyFileError {
        KeyFileError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

/// Returns the folder a file stands in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a rename or a new file in `path`'s folder durable.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()
    } else {
        Ok(())
    }
}

fn parse(path: PathBuf, text: &str) -> Result<KeyFile, KeyFileError> {
    let malformed = |line| KeyFileError::Malformed {
        path: path.clone(),
        line,
    };
    let mut digest = None;
    let mut persons = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if index == 0 {
            match line {
                HEADER => continue,
                newer if newer.starts_with(HEADER_NAME) => {
                    return Err(KeyFileError::Newer { path: path.clone() });
                }
                _ => return Err(malformed(number)),
            }
        }
        let mut words = line.split(' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("digest"), Some(key), None, None) if digest.is_none() => {
                digest = Some(DigestKey::new(unhex(key).ok_or_else(|| malformed(number))?));
            }
            (Some("person"), Some(person), Some(key), None) if is_person(person) => {
                let key = PersonKey::new(unhex(key).ok_or_else(|| malformed(number))?);
                if persons.insert(person.to_owned(), key).is_some() {
                    return Err(malformed(number));
                }
            }
            _ => return Err(malformed(number)),
        }
    }
    let digest = digest.ok_or_else(|| malformed(text.lines().count() + 1))?;
    Ok(KeyFile {
        path,
        digest,
        persons,
    })
}

fn is_person(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
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

fn hex(bytes: &[u8; 32]) -> String {
    HEXLOWER.encode(bytes)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}
