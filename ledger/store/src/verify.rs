//! The full check of a log: what an operator runs on a copy, and a test after a crash.

use std::{path::Path, thread};

use redb::{ReadableDatabase, ReadableTable};

use crate::{
    codec::{self, CodecError},
    envelope::{Envelope, EnvelopeError},
    log::StorageFailure,
    open::{self, ENTRIES, How, OpenError, Opened, Options},
};

/// The most problems a report lists.
const MAX_LISTED: usize = 1_000;
/// The stack a payload is decoded on, in bytes. Conditions nest; damaged bytes may look like tens of
/// thousands of them, one in another.
const STACK: usize = 256 << 20;

/// What is wrong with a log.
#[derive(Debug, Default)]
pub struct Report {
    /// How many entries were read.
    pub entries: u64,
    /// The position of the last one; 0 if there is none.
    pub head: u64,
    /// How many problems there are.
    pub count: u64,
    /// The first of them, in order of position.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Problem {
    /// The entry it is found at.
    pub position: u64,
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
        expected: u64,
    },
    /// Its bytes are no entry.
    #[error("the stored bytes are no entry")]
    Envelope(#[from] EnvelopeError),
    /// Its payload is not of its kind.
    #[error("the payload is not of its kind")]
    Payload(#[from] CodecError),
    /// Its record time is not later than the one before.
    #[error("the record time {record_time} is not after {before}, that of the entry before")]
    RecordTime {
        /// Its own, in microseconds since the Unix epoch, UTC.
        record_time: u64,
        /// That of the entry before.
        before: u64,
    },
    /// It names another batch, or another request, than the entries around it.
    #[error("the batch {first} to {last} does not fit the entries before")]
    Batch {
        /// The first position it names.
        first: u64,
        /// The last position it names.
        last: u64,
    },
    /// The log ends inside its batch.
    #[error("the log ends before the batch does, at {last}")]
    CutBatch {
        /// The last position of the batch.
        last: u64,
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
/// header, the batch, the record time and the payload. Changes nothing: what redb writes to repair a
/// file stays in memory. The log must not be in use.
///
/// On a damaged file redb may panic, which is reported, and has been seen to abort: where that must
/// not happen, call this in a process of its own. What a check cannot see is entries missing from
/// the end of a file that was not closed: compare the head with one that was acknowledged.
///
/// # Errors
///
/// Fails if the file cannot be read as a log at all; what is wrong inside is in the report.
pub fn verify(path: impl AsRef<Path>) -> Result<Report, VerifyError> {
    let path = path.as_ref();
    let how = How {
        cache_bytes: Options::default().cache_bytes,
        check: true,
        release: false,
    };
    let check = move || -> Result<Report, VerifyError> {
        let (Opened { db, .. }, _) = open::open_file(path, how, None)?;
        let read = db.begin_read().map_err(StorageFailure::from)?;
        let table = read.open_table(ENTRIES).map_err(StorageFailure::from)?;
        let mut checker = Checker::default();
        for item in table.iter().map_err(StorageFailure::from)? {
            let (position, bytes) = item.map_err(StorageFailure::from)?;
            checker.entry(position.value(), bytes.value());
        }
        Ok(checker.end())
    };
    thread::scope(|scope| {
        let builder = thread::Builder::new()
            .name("verify".to_owned())
            .stack_size(STACK);
        let handle = builder
            .spawn_scoped(scope, check)
            .map_err(|source| OpenError::Io {
                path: path.to_owned(),
                source,
            })?;
        handle.join().unwrap_or(Err(VerifyError::Panicked))
    })
}

/// Verifies the entries of a log as they come: give it each in order of position.
#[derive(Debug, Default)]
pub struct Checker {
    report: Report,
    /// The record time of the last entry that had one.
    record_time: Option<u64>,
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
    first: u64,
    last: u64,
    actor: String,
    request_id: String,
    digest: [u8; 16],
}

impl Checker {
    /// Looks at the next entry.
    pub fn entry(&mut self, position: u64, bytes: &[u8]) {
        let expected = self.report.head.saturating_add(1);
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
    }

    fn envelope(&mut self, position: u64, envelope: &Envelope<'_>) {
        if let Err(error) = codec::entry(position, envelope) {
            self.found(position, error.into());
        }
        let record_time = envelope.record_time;
        if let Some(before) = self.record_time.replace(record_time)
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

    /// Ends the check; returns what was found.
    #[must_use]
    pub fn end(mut self) -> Report {
        if let Expected::Same(batch) = &self.batch {
            let last = batch.last;
            self.found(self.report.head, Wrong::CutBatch { last });
        }
        self.report
    }

    fn found(&mut self, position: u64, what: Wrong) {
        self.report.count += 1;
        if self.report.problems.len() < MAX_LISTED {
            self.report.problems.push(Problem { position, what });
        }
    }
}
