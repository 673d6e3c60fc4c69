//! What the ledger is held against where it appends: the same bytes committed to redb by hand, one
//! writer that takes what is waiting, as the ledger's does.

use crate::Outcome;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");

/// A hash of each entry, where hashes are measured: beside what the log may have, and as much.
const HASHES: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("bench hashes");

/// How many may wait, and how many one commit takes at most: as in the ledger.
const WAITING: usize = 4_096;

type Reply = Box<dyn FnOnce(u64) + Send>;

/// Where the hash of each entry stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hashes {
    /// Nowhere: none is made.
    None,
    /// In a table of its own.
    Table,
    /// Before the bytes of the entry.
    Prefix,
}

/// A writer of bytes.
pub struct Bare {
    jobs: Option<SyncSender<(Vec<u8>, Reply)>>,
    writer: Option<JoinHandle<()>>,
}

impl Bare {
    /// Opens a copy of a ledger's log, so that both sides write to the same tree.
    ///
    /// # Errors
    /// The log cannot be copied, or the copy not be opened.
    pub fn on_copy_of(log: &Path, copy: &Path, hashes: Hashes) -> Outcome<Self> {
        std::fs::copy(log, copy)?;
        let mut database = redb::Builder::new();
        let database = database.set_cache_size(64 << 20).open(copy)?;
        if hashes == Hashes::Table {
            hash_all(&database)?;
        }
        let head = {
            let entries = database.begin_read()?.open_table(ENTRIES)?;
            entries.last()?.map_or(0, |(position, _)| position.value())
        };
        let (jobs, queue) = sync_channel(WAITING);
        let writer = std::thread::spawn(move || {
            if let Err(error) = write(&database, head, hashes, &queue) {
                eprintln!("the bare writer failed: {error}");
            }
        });
        Ok(Self {
            jobs: Some(jobs),
            writer: Some(writer),
        })
    }

    /// Hands bytes to the writer; `reply` gets their position once they are on disk.
    pub fn submit(&self, bytes: Vec<u8>, reply: impl FnOnce(u64) + Send + 'static) {
        if let Some(jobs) = &self.jobs {
            // A writer that failed has said so, and drops the reply: whoever waits for it is told.
            let _ = jobs.send((bytes, Box::new(reply)));
        }
    }

    /// Writes bytes and waits for it; returns their position.
    ///
    /// # Errors
    /// The writer failed.
    pub fn record(&self, bytes: Vec<u8>) -> Outcome<u64> {
        let (send, receive) = sync_channel(1);
        self.submit(bytes, move |position| {
            let _ = send.send(position);
        });
        Ok(receive.recv()?)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn hash_all(database: &Database) -> Outcome {
    let entries = database.begin_read()?.open_table(ENTRIES)?;
    let transaction = database.begin_write()?;
    {
        let mut hashes = transaction.open_table(HASHES)?;
        for entry in entries.iter()? {
            let (position, bytes) = entry?;
            hashes.insert(position.value(), &hash(bytes.value()))?;
        }
    }
    Ok(transaction.commit()?)
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix([0]);
    hasher.update(bytes);
    hasher.finalize().into()
}

fn write(
    database: &Database,
    mut head: u64,
    stand: Hashes,
    queue: &Receiver<(Vec<u8>, Reply)>,
) -> Outcome {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        while group.len() < WAITING {
            let Ok(job) = queue.try_recv() else { break };
            group.push(job);
        }
        let transaction = database.begin_write()?;
        {
            let mut entries = transaction.open_table(ENTRIES)?;
            for (position, (bytes, _)) in (head + 1..).zip(&group) {
                if stand == Hashes::Prefix {
                    let with = [&hash(bytes)[..], bytes].concat();
                    entries.insert(position, with.as_slice())?;
                } else {
                    entries.insert(position, bytes.as_slice())?;
                }
            }
        }
        if stand == Hashes::Table {
            let mut hashes = transaction.open_table(HASHES)?;
            for (position, (bytes, _)) in (head + 1..).zip(&group) {
                hashes.insert(position, &hash(bytes))?;
            }
        }
        transaction.commit()?;
        for (_, reply) in group {
            head += 1;
            reply(head);
        }
    }
    Ok(())
}
