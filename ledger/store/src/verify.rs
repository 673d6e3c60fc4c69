//! The full check of a log: what an operator runs on a copy, and a test after a crash.

use crate::codec;
use crate::codec::CodecError;
use crate::envelope::{Envelope, EnvelopeError};
use crate::guard::{caught, guarded};
use crate::leaf::LeafHash;
use crate::log::StorageFailure;
use crate::open;
use crate::open::{Check, ENTRIES, How, LEAVES, OpenError, Opened, Options};
use crate::tree::Tree;
use redb::{Database, ReadOnlyTable, ReadableDatabase, ReadableTable, TableError};
use standing_domain::entry::Entry;
use standing_domain::entry::event::{Event, Resumption};
use standing_domain::id::AssociationId;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use std::path::Path;
use std::{io, thread};

/// The most problems a report lists.
const MAX_LISTED: usize = 1_000;
/// The stack a payload is decoded on, in bytes. Conditions nest; damaged bytes may look like tens
/// of thousands of them, one in another.
const STACK: usize = 256 << 20;

/// What is wrong with a log.
#[derive(Debug, Default)]
pub struct Report {
    /// How many entries were read.
    pub entries: u64,
    /// The position of the last one; 0 if there is none.
    pub head: Position,
    /// The root of the tree of RFC 6962 over all entries that were read.
    pub root: [u8; 32],
    /// The association that was founded in it last; none if none is.
    pub association: Option<AssociationId>,
    /// The epoch of its history: 0 unless it was resumed after entries were lost.
    pub epoch: Epoch,
    /// The record times of the first entry that has one and of the last; none if none has.
    pub recorded: Option<(RecordTime, RecordTime)>,
    /// The format of the file: 2, or 1 for one without hashes; 0 of a backup.
    pub format: u32,
    /// What is wrong with the pages of the file, whose checksums are verified before all else.
    pub pages: Option<String>,
    /// Whether the last commit in the file does not verify, so that what was read is the one
    /// before: see [`crate::Log::fell_back`].
    pub fell_back: bool,
    /// How many problems there are with entries.
    pub count: u64,
    /// The first of them, in order of position.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Returns whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.count == 0 && self.pages.is_none() && !self.fell_back
    }
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Problem {
    /// The entry it is found at.
    pub position: Position,
    /// What it is.
    pub what: Wrong,
}

/// What can be wrong with an entry.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// The positions before it are missing.
    #[error("the positions from {expected} are missing")]
    Gap {
        /// The first that is.
        expected: Position,
    },
    /// It cannot be read: redb fails or panics on its page.
    #[error("it cannot be read: {what}")]
    Unreadable {
        /// What redb says.
        what: String,
    },
    /// Its bytes are not those that were recorded.
    #[error("the stored bytes do not have the hash that was stored with them")]
    Leaf,
    /// No hash is stored with it.
    #[error("no hash is stored with it")]
    NoLeaf,
    /// There is a hash, and the log ends before.
    #[error("there is a hash for it, but the log ends at {head}")]
    LeafBeyond {
        /// The last position that has an entry.
        head: Position,
    },
    /// Its bytes are no entry.
    #[error("the stored bytes are no entry")]
    Envelope(#[from] EnvelopeError),
    /// Its payload is not of its kind.
    #[error("the payload is not of its kind")]
    Payload(#[from] CodecError),
    /// Its record time is not later than the one before.
    #[error(
        "the record time {} is not after {}, that of the entry before",
        record_time.micros(),
        before.micros()
    )]
    RecordTime {
        /// Its own.
        record_time: RecordTime,
        /// That of the entry before.
        before: RecordTime,
    },
    /// It names another batch, or another request, than the entries around it.
    #[error("the batch {first} to {last} does not fit the entries before")]
    Batch {
        /// The first position it names.
        first: Position,
        /// The last position it names.
        last: Position,
    },
    /// It resumes the history after other entries than those before it, or at another time than its
    /// own.
    #[error(
        "it resumes the history after entry {}, in epoch {}, and neither that nor its root is what stands before it",
        .0.after,
        .0.epoch
    )]
    Resumption(Resumption),
    /// The log ends inside its batch.
    #[error("the log ends before the batch does, at {last}")]
    CutBatch {
        /// The last position of the batch.
        last: Position,
    },
}

/// Why a log could not be verified to its end.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be opened, or the checksums of its pages do not hold.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read to its end.
    #[error("the log could not be read to its end")]
    Storage(#[from] StorageFailure),
    /// The check itself failed: redb panicked on what it read.
    #[error("the check was given up: redb panicked on what it read")]
    Panicked,
}

/// Verifies the log in a file: the checksum of every page, and of every entry the position, the
/// hash, the header, the batch, the record time and the payload. Where pages do not verify, entries
/// are looked at all the same, as far as they can be found. Changes nothing: what redb writes to
/// repair a file stays in memory. The log must not be in use.
///
/// On a damaged file redb may panic, which is reported, and has been seen to abort: where that must
/// not happen, call this in a process of its own. What a check cannot see is entries missing from
/// the end of a file that was not closed: compare the head with one that was acknowledged.
///
/// ```
/// use standing_store::verify::verify;
/// use standing_store::{Log, Options};
///
/// # let folder = tempfile::tempdir()?;
/// let file = folder.path().join("league.redb");
/// drop(Log::create_or_open(&file, Options::default())?);
/// let report = verify(&file)?;
/// assert!(report.is_sound());
/// assert_eq!(report.entries, 0);
///
/// let text = folder.path().join("notes.txt");
/// std::fs::write(&text, "no ledger")?;
/// assert!(verify(&text).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Fails if the file cannot be read as a log at all; what is wrong inside is in the report.
pub fn verify(path: impl AsRef<Path>) -> Result<Report, VerifyError> {
    let path = path.as_ref();
    let how = |check| How {
        options: Options {
            check,
            ..Options::default()
        },
        release: false,
        progress: &|_, _| {},
    };
    let check = move || -> Result<Report, VerifyError> {
        let (opened, pages) = match open::open_file(path, how(Check::Always), None) {
            Ok((opened, _)) => (opened, None),
            Err(OpenError::Damaged { what, path }) => {
                let entries = open::open_file(path.as_path(), how(Check::Never), None);
                match entries {
                    Ok((opened, _)) => (opened, Some(what)),
                    Err(_) => return Err(OpenError::Damaged { path, what }.into()),
                }
            }
            Err(error) => return Err(error.into()),
        };
        let report = entries(&opened)?;
        Ok(Report { pages, ..report })
    };
    on_deep_stack(check, || {}).unwrap_or_else(|source| {
        let path = path.to_owned();
        Err(OpenError::Io { path, source }.into())
    })
}

/// Runs a piece of work on a stack that payloads of any depth are decoded on, and another one
/// beside it. A panic comes back as an error.
///
/// # Errors
///
/// Fails if there is no thread to be had, or if the work panics.
pub(crate) fn on_deep_stack<T: Send>(
    work: impl FnOnce() -> T + Send,
    beside: impl FnOnce(),
) -> io::Result<T> {
    thread::scope(|scope| {
        let builder = thread::Builder::new()
            .name("verify".to_owned())
            .stack_size(STACK);
        let handle = builder.spawn_scoped(scope, || caught(work))?;
        beside();
        handle
            .join()
            .map_err(|_| io::Error::other("the check panicked"))?
            .map_err(io::Error::other)
    })
}

/// Looks at every entry of an open log. Where one cannot be read it goes on behind it, as long as
/// that leads anywhere.
fn entries(opened: &Opened) -> Result<Report, VerifyError> {
    let tables = guarded(|| Tables::open(&opened.db)).map_err(StorageFailure::from)?;
    let mut checker = Checker::default();
    let mut unreadable = 0;
    while unreadable < MAX_LISTED {
        let next = checker.report.head.next();
        let read = guarded(|| {
            for item in tables.entries.range(next.number()..)? {
                let (position, bytes) = item?;
                let (position, bytes) = (Position::new(position.value()), bytes.value());
                checker.entry(position, bytes);
                if let Some(leaves) = &tables.leaves {
                    match guarded(|| Ok(leaves.get(position.number())?.map(|leaf| *leaf.value()))) {
                        Ok(leaf) => checker.leaf(position, leaf),
                        Err(error) => checker.unreadable(position, error.to_string()),
                    }
                }
            }
            Ok(())
        });
        let Err(error) = read else { break };
        unreadable += 1;
        let position = next.max(checker.report.head.next());
        checker.unreadable(position, error.to_string());
    }
    let head = checker.report.head;
    if let Some(leaves) = &tables.leaves {
        let last = guarded(|| {
            Ok(leaves
                .last()?
                .map_or(Position::ZERO, |(last, _)| Position::new(last.value())))
        });
        match last {
            Ok(last) if last > head => checker.found(last, Wrong::LeafBeyond { head }),
            Ok(_) => {}
            Err(error) => checker.unreadable(head, error.to_string()),
        }
    }
    Ok(Report {
        format: opened.format,
        fell_back: opened.fell_back,
        ..checker.end()
    })
}

/// The tables of a log; that of the hashes only where its format has one.
struct Tables {
    entries: ReadOnlyTable<u64, &'static [u8]>,
    leaves: Option<ReadOnlyTable<u64, &'static [u8; 32]>>,
}

impl Tables {
    fn open(db: &Database) -> Result<Self, redb::Error> {
        let read = db.begin_read()?;
        let entries = read.open_table(ENTRIES)?;
        let leaves = match read.open_table(LEAVES) {
            Ok(leaves) => Some(leaves),
            Err(TableError::TableDoesNotExist(_)) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self { entries, leaves })
    }
}

/// Verifies the entries of a log as they come: give it each in order of position.
#[derive(Debug, Default)]
pub struct Checker {
    report: Report,
    tree: Tree,
    /// The hash of the entry that was looked at last.
    leaf: Option<LeafHash>,
    batch: Expected,
}

/// What the next entry must say of its batch.
#[derive(Debug, Default)]
enum Expected {
    /// That it is the first of one.
    #[default]
    First,
    /// The same as the entry before.
    Same(Box<Batch>),
    /// Anything: what stood before it could not be read.
    Anything,
}

/// What the entries of a batch have in common.
#[derive(Debug, PartialEq, Eq)]
struct Batch {
    first: Position,
    last: Position,
    actor: String,
    request_id: String,
    digest: [u8; 16],
}

impl Checker {
    /// Looks at the next entry.
    pub fn entry(&mut self, position: Position, bytes: &[u8]) {
        let expected = self.report.head.next();
        if position != expected {
            self.found(position, Wrong::Gap { expected });
            self.batch = Expected::Anything;
        }
        self.report.entries += 1;
        self.report.head = position;
        match Envelope::decode(bytes) {
            Ok(envelope) => self.envelope(position, &envelope),
            Err(error) => {
                self.found(position, error.into());
                self.batch = Expected::Anything;
            }
        }
        let leaf = LeafHash::of(bytes);
        self.tree.push(leaf);
        self.leaf = Some(leaf);
    }

    /// Looks at an entry that resumes the history: it says what stands before it, and when.
    fn resumed(&mut self, entry: &Entry, resumed: &Resumption) {
        let is_so = resumed.after == entry.position.previous()
            && resumed.epoch.number() == entry.record_time.micros()
            && resumed.root == self.tree.root();
        if !is_so {
            self.found(entry.position, Wrong::Resumption(*resumed));
        }
        self.report.epoch = resumed.epoch;
    }

    fn envelope(&mut self, position: Position, envelope: &Envelope<'_>) {
        match codec::entry(position, envelope) {
            Ok(entry) => {
                let event = entry.content.event.as_ref();
                if let Some(founding) = event.and_then(Event::founding) {
                    self.report.association = Some(founding.association.clone());
                }
                if let Some(resumed) = event.and_then(Event::resumed) {
                    self.resumed(&entry, resumed);
                }
            }
            Err(error) => self.found(position, error.into()),
        }
        let record_time = envelope.record_time;
        let earlier = self.report.recorded;
        self.report.recorded = Some((earlier.map_or(record_time, |(first, _)| first), record_time));
        if let Some((_, before)) = earlier
            && record_time <= before
        {
            self.found(
                position,
                Wrong::RecordTime {
                    record_time,
                    before,
                },
            );
        }
        let (first, last) = (envelope.first, envelope.last);
        let batch = Batch {
            first,
            last,
            actor: envelope.actor.to_owned(),
            request_id: envelope.request_id.to_owned(),
            digest: envelope.request_digest.0,
        };
        let fits = match &self.batch {
            Expected::First => first == position,
            Expected::Same(before) => **before == batch,
            Expected::Anything => true,
        };
        if !fits {
            self.found(position, Wrong::Batch { first, last });
        }
        self.batch = if position < last {
            Expected::Same(Box::new(batch))
        } else {
            Expected::First
        };
    }

    /// Looks at the hash stored with the entry that was looked at last.
    pub fn leaf(&mut self, position: Position, leaf: Option<[u8; 32]>) {
        match leaf {
            Some(leaf) if self.leaf == Some(LeafHash(leaf)) => {}
            Some(_) => self.found(position, Wrong::Leaf),
            None => self.found(position, Wrong::NoLeaf),
        }
    }

    /// Returns the root of the tree of RFC 6962 over the entries that were looked at.
    #[must_use]
    pub fn root(&self) -> [u8; 32] {
        self.tree.root()
    }

    /// Takes note of an entry that cannot be read.
    fn unreadable(&mut self, position: Position, what: String) {
        self.found(position, Wrong::Unreadable { what });
        self.report.head = self.report.head.max(position);
        self.batch = Expected::Anything;
    }

    /// Ends the check; returns what was found.
    #[must_use]
    pub fn end(mut self) -> Report {
        if let Expected::Same(batch) = &self.batch {
            let last = batch.last;
            self.found(self.report.head, Wrong::CutBatch { last });
        }
        self.report.root = self.root();
        self.report
    }

    fn found(&mut self, position: Position, what: Wrong) {
        self.report.count += 1;
        if self.report.problems.len() < MAX_LISTED {
            self.report.problems.push(Problem { position, what });
        }
    }
}
