//! A backup: the stored bytes of all entries in order, in a file that says itself whether it is
//! whole. Of the same entries it is the same bytes, whoever made it and when.
//!
//! The form is frozen: what stands here is never edited; another layout is another number. All
//! integers are little-endian.
//!
//! | bytes | field |
//! |---|---|
//! | 16 | `standing backup` and a line feed |
//! | 2 | the form, 1 |
//! | | for each entry, from position 1 on: its length in 4 bytes, and its stored bytes |
//! | 4 | 0 |
//! | 8 | how many entries there are, which is the position of the last |
//! | 8 | the record time of the last, microseconds since 1970-01-01T00:00:00Z; 0 without entries |
//! | 32 | the root of the tree of RFC 6962 over the leaf hashes of all entries |
//! | 32 | SHA-256 of everything before |
//!
//! Natural persons' names are sealed in it as they are in the log; the keys are elsewhere.

use crate::envelope::{Envelope, MAX_ENTRY};
use crate::leaf::LeafHash;
use crate::tree::Tree;
use crate::verify::{Checker, Report, on_deep_stack};
use sha2::{Digest, Sha256};
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use std::fs::File;
use std::io;
use std::io::{BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

/// What every backup begins with.
pub const MAGIC: [u8; 16] = *b"standing backup\n";

/// The form this crate writes, and the newest it reads.
pub const FORM: u16 = 1;

/// How many bytes stand at the end, from the position of the last entry on.
const TRAILER: i64 = 8 + 8 + 32 + 32;

/// What stands behind the last entry, and what the entries come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The position of the last entry; 0 if there is none.
    pub head: Position,
    /// When it was recorded; 0 if there is none.
    pub record_time: RecordTime,
    /// The root of the tree of RFC 6962 over all entries.
    pub root: [u8; 32],
}

/// Why a file is no backup, or no whole one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It begins as no backup does.
    #[error("this is no backup: it does not begin as one")]
    NotABackup,
    /// A newer release wrote it.
    #[error("the backup has form {found}, newer than {FORM}: a newer release wrote it")]
    NewerForm {
        /// Its form.
        found: u16,
    },
    /// It ends too early.
    #[error("the backup ends in the middle, behind entry {after}: it was cut off")]
    Cut {
        /// The last entry that is there in full.
        after: Position,
    },
    /// An entry has a length that none has.
    #[error("entry {position} has a length of {length}, which no entry has")]
    Length {
        /// Its position.
        position: Position,
        /// Its length in bytes, as it stands there.
        length: u32,
    },
    /// The bytes are not those that were written.
    #[error("the backup's checksum does not hold: its bytes are not those that were written")]
    Sum,
    /// The trailer does not fit the entries, although the checksum holds.
    #[error("the end of the backup does not fit its entries: whoever wrote it was at fault")]
    Trailer,
    /// Something stands behind its end.
    #[error("something stands behind the end of the backup")]
    Beyond,
    /// It is not of the ledger that another backup is of.
    #[error("up to entry {head} it is another history than that of the backup before")]
    OtherHistory {
        /// How far the other goes.
        head: Position,
    },
    /// Whoever had it read gave up.
    #[error("the backup was not read to its end")]
    GivenUp,
    /// It cannot be read.
    #[error("the backup cannot be read")]
    Io(#[from] io::Error),
}

/// A backup as it is written, into buffers that are the caller's to pass on.
#[derive(Debug)]
pub struct Writer {
    sum: Sha256,
    tree: Tree,
    record_time: RecordTime,
}

impl Writer {
    /// Begins a backup.
    #[must_use]
    pub fn begin(out: &mut Vec<u8>) -> Self {
        let mut writer = Self {
            sum: Sha256::new(),
            tree: Tree::default(),
            record_time: RecordTime::ZERO,
        };
        writer.put(&MAGIC, out);
        writer.put(&FORM.to_le_bytes(), out);
        writer
    }

    /// Adds the stored bytes of the next entry, [`MAX_ENTRY`] at most.
    pub fn entry(&mut self, stored: &[u8], out: &mut Vec<u8>) {
        let length = u32::try_from(stored.len()).unwrap_or(u32::MAX);
        self.put(&length.to_le_bytes(), out);
        self.put(stored, out);
        self.tree.push(LeafHash::of(stored));
        self.record_time = recorded(stored).unwrap_or(self.record_time);
    }

    /// Ends it.
    pub fn end(mut self, out: &mut Vec<u8>) -> Trailer {
        let trailer = trailer(&self.tree, self.record_time);
        self.put(&[0; 4], out);
        self.put(&trailer.head.number().to_le_bytes(), out);
        self.put(&trailer.record_time.micros().to_le_bytes(), out);
        self.put(&trailer.root, out);
        out.extend_from_slice(&self.sum.finalize());
        trailer
    }

    fn put(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.sum.update(bytes);
        out.extend_from_slice(bytes);
    }
}

fn recorded(stored: &[u8]) -> Option<RecordTime> {
    Envelope::decode(stored).ok().map(|entry| entry.record_time)
}

fn trailer(tree: &Tree, record_time: RecordTime) -> Trailer {
    Trailer {
        head: Position::new(tree.leaves()),
        record_time,
        root: tree.root(),
    }
}

/// Returns whether a file begins as a backup does.
///
/// # Errors
/// It cannot be read.
pub fn is_backup(path: impl AsRef<Path>) -> io::Result<bool> {
    let mut begin = Vec::with_capacity(MAGIC.len());
    let most = MAGIC.len() as u64;
    File::open(path)?.take(most).read_to_end(&mut begin)?;
    Ok(begin == MAGIC)
}

/// Reads what stands at the end of a backup, and verifies none of it.
///
/// # Errors
/// It cannot be read, or is no backup.
pub fn peek(path: impl AsRef<Path>) -> Result<Trailer, BackupError> {
    if !is_backup(&path)? {
        return Err(BackupError::NotABackup);
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-TRAILER))?;
    let mut source = Source {
        source: BufReader::new(file),
        sum: Sha256::new(),
    };
    source.trailer(Position::ZERO)
}

/// Reads a backup to its end, and hands every entry to a function as it comes: **before** it is
/// known whether the backup is whole, which the outcome says.
///
/// # Errors
/// It is no backup, not whole, or cannot be read; or the function fails.
pub fn read<E: From<BackupError>>(
    source: impl Read,
    mut visit: impl FnMut(Position, &[u8]) -> Result<(), E>,
) -> Result<Trailer, E> {
    let mut source = Source {
        source: BufReader::with_capacity(256 << 10, source),
        sum: Sha256::new(),
    };
    source.begin()?;
    let (mut tree, mut record_time) = (Tree::default(), RecordTime::ZERO);
    let mut stored = Vec::new();
    loop {
        let after = Position::new(tree.leaves());
        let length = u32::from_le_bytes(source.array(after)?);
        if length == 0 {
            break;
        }
        let position = after.next();
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        if bytes > MAX_ENTRY {
            return Err(BackupError::Length { position, length }.into());
        }
        stored.resize(bytes, 0);
        source.fill(&mut stored, after)?;
        tree.push(LeafHash::of(&stored));
        record_time = recorded(&stored).unwrap_or(record_time);
        visit(position, &stored)?;
    }
    let trailer = trailer(&tree, record_time);
    source.end(&trailer)?;
    Ok(trailer)
}

/// A backup that is read, and what has come of it.
struct Source<R> {
    source: R,
    sum: Sha256,
}

impl<R: Read> Source<R> {
    fn begin(&mut self) -> Result<(), BackupError> {
        let begun: [u8; MAGIC.len() + 2] = match self.array(Position::ZERO) {
            Err(BackupError::Cut { .. }) => return Err(BackupError::NotABackup),
            begun => begun?,
        };
        let (magic, form) = begun.split_at(MAGIC.len());
        match form {
            _ if magic != MAGIC => Err(BackupError::NotABackup),
            [0, 0] => Err(BackupError::NotABackup),
            form if form == FORM.to_le_bytes() => Ok(()),
            form => {
                let found = form
                    .iter()
                    .rev()
                    .fold(0, |all, byte| all << 8 | u16::from(*byte));
                Err(BackupError::NewerForm { found })
            }
        }
    }

    fn trailer(&mut self, after: Position) -> Result<Trailer, BackupError> {
        Ok(Trailer {
            head: Position::new(u64::from_le_bytes(self.array(after)?)),
            record_time: RecordTime::from_micros(u64::from_le_bytes(self.array(after)?)),
            root: self.array(after)?,
        })
    }

    fn end(&mut self, expected: &Trailer) -> Result<(), BackupError> {
        let after = expected.head;
        let said = self.trailer(after)?;
        let sum: [u8; 32] = self.sum.clone().finalize().into();
        if sum != self.array::<32>(after)? {
            return Err(BackupError::Sum);
        }
        if said != *expected {
            return Err(BackupError::Trailer);
        }
        match self.source.read(&mut [0])? {
            0 => Ok(()),
            _ => Err(BackupError::Beyond),
        }
    }

    fn array<const N: usize>(&mut self, after: Position) -> Result<[u8; N], BackupError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, after)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8], after: Position) -> Result<(), BackupError> {
        let filled = self.source.read_exact(bytes);
        filled.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => BackupError::Cut { after },
            _ => error.into(),
        })?;
        self.sum.update(bytes);
        Ok(())
    }
}

/// What is found when a backup is verified.
#[derive(Debug)]
pub struct Verified {
    /// What is wrong with its entries, as far as it can be read.
    pub report: Report,
    /// What it says at its end; or why it is not whole.
    pub trailer: Result<Trailer, BackupError>,
}

impl Verified {
    /// Returns whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.trailer.is_ok() && self.report.is_sound()
    }
}

/// Verifies a backup: its checksum, its root, and of every entry the header, the batch, the record
/// time and the payload.
///
/// # Errors
/// It cannot be opened, or there is no thread to verify it on.
pub fn verify(path: impl AsRef<Path>) -> io::Result<Verified> {
    verify_after(path, None, || true)
}

/// The same, of a backup that has to go on after another one of the same ledger, and for as long as
/// somebody wants it, which is asked at every entry.
///
/// # Errors
/// As [`verify`].
pub fn verify_after(
    path: impl AsRef<Path>,
    earlier: Option<&Trailer>,
    is_wanted: impl Fn() -> bool + Send,
) -> io::Result<Verified> {
    let file = File::open(path)?;
    on_deep_stack(
        move || {
            let mut checker = Checker::default();
            let trailer = read(file, |position, stored| {
                checker.entry(position, stored);
                if !is_wanted() {
                    return Err(BackupError::GivenUp);
                }
                match earlier.filter(|earlier| position == earlier.head) {
                    Some(Trailer { head, root, .. }) if checker.root() != *root => {
                        Err(BackupError::OtherHistory { head: *head })
                    }
                    _ => Ok(()),
                }
            });
            Verified {
                report: checker.end(),
                trailer,
            }
        },
        || {},
    )
}
