//! What a commit writes, counted in pages by the storage: the hash of each entry stands in a table
//! of its own, and that costs a few pages a commit and no more, whatever the machine.

use crate::support::{Memory, batch};
use redb::{Builder, Database, TableDefinition};
use standing_domain::id::position::Position;
use standing_store::{Log, Options, StorageBackend};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of a page.
const PAGE: u64 = 4_096;

/// How many entries the log has first, and how many are appended then.
const BEFORE: u64 = 10_000;
const APPENDED: u64 = 200;

/// The most pages that the hashes add to a commit, on the average.
const ADDED: u64 = 3;

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");

/// Memory that counts the pages that are written.
#[derive(Clone, Debug, Default)]
struct Counting {
    memory: Memory,
    pages: Arc<AtomicU64>,
}

impl Counting {
    fn pages(&self) -> u64 {
        self.pages.load(Ordering::Relaxed)
    }
}

impl StorageBackend for Counting {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.memory.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let pages = (data.len() as u64).div_ceil(PAGE);
        self.pages.fetch_add(pages, Ordering::Relaxed);
        self.memory.write(offset, data)
    }
}

/// Returns how many pages the log writes for so many entries, `each` of them a commit.
fn of_the_log(each: u64) -> u64 {
    let storage = Counting::default();
    let log = Log::with_backend(storage.clone(), Options::default()).unwrap();
    pages(&storage, each, |first, entries| {
        log.append(Position::new(first), entries.iter().map(Vec::as_slice))
            .unwrap();
    })
}

/// Returns how many pages one table of the same bytes takes.
fn by_hand(each: u64) -> u64 {
    let storage = Counting::default();
    let database: Database = Builder::new().create_with_backend(storage.clone()).unwrap();
    pages(&storage, each, |first, entries| {
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(ENTRIES).unwrap();
        for (position, entry) in (first..).zip(entries) {
            table.insert(position, entry.as_slice()).unwrap();
        }
        drop(table);
        transaction.commit().unwrap();
    })
}

fn pages(storage: &Counting, each: u64, mut append: impl FnMut(u64, &[Vec<u8>])) -> u64 {
    for first in (1..=BEFORE).step_by(500) {
        append(first, &batch(first, first + 499, 120));
    }
    let before = storage.pages();
    for first in (BEFORE + 1..=BEFORE + APPENDED).step_by(usize::try_from(each).unwrap()) {
        append(first, &batch(first, first + each - 1, 120));
    }
    storage.pages() - before
}

#[test]
fn the_hashes_cost_a_few_pages_a_commit() {
    for each in [1, 10, 50] {
        let commits = APPENDED / each;
        let (ours, theirs) = (of_the_log(each), by_hand(each));
        println!(
            "{each} entries a commit: {ours} pages in {commits} commits, one table by hand {theirs}"
        );
        assert!(
            ours <= theirs + commits * ADDED,
            "{each} entries a commit: {ours} pages in {commits} commits, {theirs} without hashes"
        );
    }
}
