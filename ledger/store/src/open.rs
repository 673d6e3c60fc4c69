//! Opening a log: the header first, then redb on held-back writes, then the format, and only then
//! may the file change.

mod header;
mod held;
mod upgrade;

use crate::disk::{folder, sync_folder};
use crate::guard::caught;
use crate::open::header::{Commits, Verdict};
use crate::open::held::Held;
use redb::backends::FileBackend;
use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, StorageBackend, StorageError, TableDefinition, TableError,
};
use standing_domain::id::position::Position;
use std::fs::{File, Metadata, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The entries: position, from 1, to stored bytes.
pub(crate) const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
/// The leaf hash of each entry, see [`crate::leaf`].
pub(crate) const LEAVES: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("leaves");
/// What there is to know of the file itself.
pub(crate) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// The key in `META` under which the format of the file stands: a u32, little-endian.
pub(crate) const FORMAT_KEY: &str = "standing log format";
/// The key in `META` under which the last announced day stands, see [`crate::log::DayFloor`]: i32,
/// then u64, little-endian.
pub(crate) const DAY_KEY: &str = "standing day floor";
/// The key in `META` under which the reserved instant stands, see [`crate::Log::reserve`]: u64,
/// little-endian.
pub(crate) const RESERVED_KEY: &str = "standing reserved instant";
/// The key in `META` under which the fingerprint of the key file stands, see
/// [`crate::digest::DigestKey::fingerprint`].
pub(crate) const FINGERPRINT_KEY: &str = "standing key file";
/// The key in `META` under which a log that failed is tried to be written.
pub(crate) const PROBE_KEY: &str = "standing probe";
/// The format of the file this crate writes, and the newest it reads. The format of an entry is
/// another matter: see [`crate::envelope`]. Format 2 has the leaf hash of each entry in a table of
/// its own.
pub const LOG_FORMAT: u32 = 2;
/// The format without leaf hashes, which is brought to today's when it is opened.
pub(crate) const FORMAT_WITHOUT_LEAVES: u32 = 1;

/// What an operator may choose about a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Makes opening after a crash instant, where it otherwise reads the whole file (0.6 s at a
    /// million entries), for 0.5 to 0.9 of the commit speed. Default: false.
    pub quick_repair: bool,
    /// The most memory redb may use to cache pages, in bytes. Default: 64 MiB.
    pub cache_bytes: usize,
    /// Whether the checksums of all pages are verified at opening. Default: always.
    pub check: Check,
    /// How many entries one transaction takes at most when a file of an older format is brought to
    /// today's; from 1. Default: 100,000.
    pub upgrade_entries: u64,
}

/// When the checksums of all pages are verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// At every opening: the whole file is read.
    #[default]
    Always,
    /// Only where a crash makes it necessary. What damaged pages say is then found out entry by
    /// entry, by their hashes.
    Never,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            quick_repair: false,
            cache_bytes: 64 << 20,
            check: Check::Always,
            upgrade_entries: 100_000,
        }
    }
}

/// Why a log could not be opened. In every case but [`OpenError::Io`] the file is left as it was,
/// to the byte.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file.
    #[error("there is no log at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file has no bytes. A log is never empty, so this is a lost or misnamed file.
    #[error("{} is an empty file, not a log; remove it to start a new one", path.display())]
    Empty {
        /// Its path.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a log: {what}", path.display())]
    Foreign {
        /// Its path.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// The file ends too early.
    #[error("{} is truncated: it has {length} bytes of at least {expected}", path.display())]
    Truncated {
        /// Its path.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
        /// The length its header tells of, in bytes.
        expected: u64,
    },
    /// A newer redb wrote the file.
    #[error("{} has redb file format {found}, newer than {supported}: a newer release wrote it",
        path.display())]
    NewerRedb {
        /// Its path.
        path: PathBuf,
        /// The format it has.
        found: u8,
        /// The format this release reads.
        supported: u8,
    },
    /// A newer release of Standing wrote the file.
    #[error("{} has log format {found}, newer than {LOG_FORMAT}: a newer release wrote it",
        path.display())]
    NewerLog {
        /// Its path.
        path: PathBuf,
        /// The format it has.
        found: u32,
    },
    /// Another process has the log open, or this one has it open twice.
    #[error("{} is in use: another process has the log open", path.display())]
    InUse {
        /// Its path.
        path: PathBuf,
    },
    /// The file is a log, but not one that can be read in full.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// Its path.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// Another file stands where the log was opened; the log that was open is elsewhere or gone.
    #[error("{} was replaced by another file while the log was open", path.display())]
    Replaced {
        /// Its path.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error("cannot open the log {}", path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

/// How a storage is opened.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub(crate) options: Options,
    /// Lets writes through at last, and brings an older format to today's. Without, the storage is
    /// only looked at, and opened whatever is wrong with its entries.
    pub(crate) release: bool,
    /// Is told how far an upgrade has come: what is done, and the total.
    pub(crate) progress: &'a dyn Fn(u64, u64),
}

/// A log that was opened.
pub(crate) struct Opened {
    pub(crate) db: Database,
    /// The position of the last entry; 0 if there is none.
    pub(crate) head: Position,
    /// Its format, as it stood in the file.
    pub(crate) format: u32,
    /// Whether the last commit of the file was given up for the one before.
    pub(crate) fell_back: bool,
}

/// Which file a path leads to. A file that takes another's place has another identity, whatever its
/// name; where the system tells of none, all are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Metadata) -> Self {
        Self {
            device: 0,
            inode: 0,
        }
    }
}

/// Makes a log in a new file. It gets its name once it is complete, so that a crash leaves a log or
/// no file.
pub(crate) fn create_file(path: &Path, how: How<'_>) -> Result<(), OpenError> {
    let io = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    let file = tempfile::Builder::new()
        .prefix(".standing-log-")
        .tempfile_in(folder(path))
        .map_err(io)?;
    let handle = file.as_file().try_clone().map_err(io)?;
    let storage: Arc<dyn StorageBackend> = Arc::new(file_storage(handle, path)?);
    drop(open_storage(&storage, path, how)?.db);
    file.as_file().sync_all().map_err(io)?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(path).map_err(io),
        // Another process was faster; its log is as good.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io(error.error)),
    }
}

/// Opens the log in a file that is there, and says which file that is. Given the identity of one,
/// no other is opened.
pub(crate) fn open_file(
    path: &Path,
    how: How<'_>,
    same: Option<Identity>,
) -> Result<(Opened, Identity), OpenError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                ErrorKind::NotFound => OpenError::Missing { path },
                _ => OpenError::Io { path, source },
            }
        })?;
    let metadata = file.metadata().map_err(|source| OpenError::Io {
        path: path.to_owned(),
        source,
    })?;
    let identity = Identity::of(&metadata);
    if same.is_some_and(|same| same != identity) {
        return Err(OpenError::Replaced {
            path: path.to_owned(),
        });
    }
    if metadata.len() == 0 {
        return Err(OpenError::Empty {
            path: path.to_owned(),
        });
    }
    let storage: Arc<dyn StorageBackend> = Arc::new(file_storage(file, path)?);
    Ok((open_storage(&storage, path, how)?, identity))
}

fn file_storage(file: File, path: &Path) -> Result<FileBackend, OpenError> {
    FileBackend::new(file).map_err(|error| refusal(error, path, 0, None))
}

/// Opens the log in a storage, making one if the storage is empty. `path` is what messages call it.
pub(crate) fn open_storage(
    storage: &Arc<dyn StorageBackend>,
    path: &Path,
    how: How<'_>,
) -> Result<Opened, OpenError> {
    let io = |source| OpenError::Io {
        path: path.to_owned(),
        source,
    };
    let damaged = |what| OpenError::Damaged {
        path: path.to_owned(),
        what,
    };
    let foreign = |what| OpenError::Foreign {
        path: path.to_owned(),
        what,
    };
    let length = storage.len().map_err(io)?;
    let (fresh, missing) = match header::look(storage.as_ref()).map_err(io)? {
        Verdict::Empty => (true, None),
        Verdict::Ours { missing } => (false, missing),
        Verdict::Foreign => return Err(foreign("it does not begin like one")),
        Verdict::Truncated { expected } => {
            return Err(OpenError::Truncated {
                path: path.to_owned(),
                length,
                expected,
            });
        }
        Verdict::Newer { found } => {
            let path = path.to_owned();
            return Err(OpenError::NewerRedb {
                path,
                found,
                supported: header::REDB_FORMAT,
            });
        }
        Verdict::Damaged { what } => return Err(damaged(what.to_owned())),
    };

    let before = Commits::of(storage.as_ref()).map_err(io)?;
    let attempt = |check: bool| {
        let held = Held::new(Arc::clone(storage));
        let opened = caught(|| {
            let db = Builder::new()
                .set_cache_size(how.options.cache_bytes)
                .set_check_integrity_on_open(check && !fresh)
                .create_with_backend(held.clone())
                .map_err(|error| refusal(error, path, length, missing))?;
            if fresh {
                initialise(&db).map_err(|error| damaged(error.to_string()))?;
            }
            let (format, last) = inspect(&db, path, how.release)?;
            let after = Commits::of(&held).map_err(io)?;
            let fell_back = match (&before, &after) {
                (Some(before), Some(after)) => before.gave_up_the_last(after),
                _ => false,
            };
            Ok(Opened {
                db,
                head: last,
                format,
                fell_back,
            })
        });
        let opened = opened.map_err(damaged)??;
        Ok((held, opened))
    };

    let check = how.options.check == Check::Always;
    let (held, opened) = attempt(check)?;
    if !how.release {
        return Ok(opened);
    }
    if opened.format == LOG_FORMAT {
        held.release().map_err(io)?;
        return Ok(opened);
    }
    // Hashes are only made of what is known to be sound, page by page and entry by entry.
    let (held, opened) = if check {
        (held, opened)
    } else {
        drop(opened);
        attempt(true)?
    };
    let from = caught(|| upgrade::check(&opened, path, how.progress)).map_err(damaged)??;
    held.release().map_err(io)?;
    caught(|| upgrade::run(&opened, from, how))
        .map_err(damaged)?
        .map_err(|error| fault(path, error))?;
    Ok(opened)
}

/// Writes the format and makes the tables.
fn initialise(db: &Database) -> Result<(), redb::Error> {
    let transaction = db.begin_write()?;
    transaction
        .open_table(META)?
        .insert(FORMAT_KEY, LOG_FORMAT.to_le_bytes().as_slice())?;
    transaction.open_table(ENTRIES)?;
    transaction.open_table(LEAVES)?;
    Ok(transaction.commit()?)
}

/// Checks that a database is a log of a format we read; returns the format and the head. Strictly,
/// every position up to the head must have an entry and, where the format has them, a hash.
fn inspect(db: &Database, path: &Path, strict: bool) -> Result<(u32, Position), OpenError> {
    let fault = |error: redb::Error| fault(path, error);
    let foreign = || OpenError::Foreign {
        path: path.to_owned(),
        what: "it is a redb database of something else",
    };
    let wrong = |what: &str| fault(redb::Error::Corrupted(what.to_owned()));

    let read = db.begin_read().map_err(|error| fault(error.into()))?;
    let meta = match read.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::Storage(error)) => return Err(fault(error.into())),
        Err(_) => return Err(foreign()),
    };
    let format = meta.get(FORMAT_KEY).map_err(|error| fault(error.into()))?;
    let format = format.ok_or_else(foreign)?;
    let format = format.value().try_into().map(u32::from_le_bytes);
    let format = match format {
        Ok(known @ FORMAT_WITHOUT_LEAVES..=LOG_FORMAT) => known,
        Ok(0) | Err(_) => return Err(wrong("its format is none that was ever written")),
        Ok(found) => {
            return Err(OpenError::NewerLog {
                path: path.to_owned(),
                found,
            });
        }
    };
    let entries = extent(&read, ENTRIES).map_err(fault)?;
    if strict && entries.0 != entries.1 {
        return Err(wrong("its positions have gaps"));
    }
    if strict && format == LOG_FORMAT && extent(&read, LEAVES).map_err(fault)? != entries {
        return Err(wrong("its hashes are not those of its positions"));
    }
    Ok((format, Position::new(entries.0)))
}

/// Returns the number of the last position of a table, 0 if it is empty, and how many it has.
fn extent<V: redb::Value>(
    read: &ReadTransaction,
    table: TableDefinition<u64, V>,
) -> Result<(u64, u64), redb::Error> {
    let table = read.open_table(table)?;
    let last = table.last()?.map_or(0, |(position, _)| position.value());
    Ok((last, table.len()?))
}

/// Names what redb found wrong with a log.
fn fault(path: &Path, error: redb::Error) -> OpenError {
    let path = path.to_owned();
    match error {
        redb::Error::Io(source) => OpenError::Io { path, source },
        other => OpenError::Damaged {
            path,
            what: other.to_string(),
        },
    }
}

/// Names redb's reason not to open a storage. `missing` is the length the header told of.
fn refusal(error: DatabaseError, path: &Path, length: u64, missing: Option<u64>) -> OpenError {
    let path = path.to_owned();
    match (error, missing) {
        (DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch, _) => {
            OpenError::InUse { path }
        }
        (DatabaseError::UpgradeRequired(_), _) => OpenError::Foreign {
            path,
            what: "it is a redb file older than any log",
        },
        (DatabaseError::Storage(StorageError::Io(source)), None) => OpenError::Io { path, source },
        (_, Some(expected)) => OpenError::Truncated {
            path,
            length,
            expected,
        },
        (other, None) => OpenError::Damaged {
            path,
            what: other.to_string(),
        },
    }
}
