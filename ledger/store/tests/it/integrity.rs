//! Damage: no byte of an entry that is not the one recorded is ever handed out, and no entry that
//! is there is said not to be.

use crate::support::{Memory, all, append, batch};
use redb::{Builder, Database, ReadableTable, TableDefinition};
use standing_domain::id::position::Position;
use standing_store::{Check, Log, OpenError, Options, ReadError};
use std::ops::ControlFlow;
use std::sync::mpsc;

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const LEAVES: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("leaves");

/// How a log is opened whose pages nobody verifies, and of which nothing stays in memory.
const BLIND: Options = Options {
    quick_repair: false,
    cache_bytes: 0,
    check: Check::Never,
    upgrade_entries: 100_000,
};

/// Makes a closed log of a dozen entries.
fn small() -> Vec<u8> {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 5, 30));
    append(&log, &batch(6, 12, 30));
    log.close().unwrap();
    memory.bytes()
}

/// Returns its entries.
fn entries() -> Vec<Vec<u8>> {
    let mut entries = batch(1, 5, 30);
    entries.extend(batch(6, 12, 30));
    entries
}

/// Reads every position in every way: each gives what was recorded, or says that it is damaged.
/// Returns how many positions were damaged.
fn read_in_every_way(log: &Log, expected: &[Vec<u8>]) -> usize {
    let mut damaged = 0;
    for (position, bytes) in (1..).zip(expected) {
        let ours = |error: &ReadError| {
            error.is_damage() && error.position() == Some(Position::new(position))
        };
        let read = log.read(Position::new(position));
        match &read {
            Ok(Some(read)) => assert_eq!(read, bytes),
            Ok(None) => panic!("{position} is said not to be there"),
            Err(error) => assert!(ours(error), "{error:?}"),
        }
        damaged += usize::from(read.is_err());
        let mut each = Vec::new();
        let visited = log.read_each([Position::new(position)], |_, read| {
            each.push(read.to_vec());
        });
        assert_eq!(visited.is_err(), read.is_err());
        assert!(visited.is_err() || each == [bytes.clone()]);
    }
    let mut scanned = Vec::new();
    let end = log.scan(Position::FIRST..=Position::MAX, |_, read| {
        scanned.push(read.to_vec());
        ControlFlow::<()>::Continue(())
    });
    assert!(
        scanned
            .iter()
            .zip(expected)
            .all(|(read, bytes)| read == bytes)
    );
    match end {
        Ok(_) => assert_eq!((scanned.len(), damaged), (expected.len(), 0)),
        Err(error) => {
            assert!(error.is_damage() && damaged > 0, "{error:?}");
            assert_eq!(error.position(), Some(Position::FIRST.after(scanned.len())));
        }
    }
    damaged
}

/// Returns where the bytes stand in an image, which must be once.
fn places(image: &[u8], bytes: &[u8]) -> Vec<usize> {
    let found = image.windows(bytes.len()).enumerate();
    let found: Vec<usize> = found
        .filter(|(_, window)| *window == bytes)
        .map(|(at, _)| at)
        .collect();
    assert!(!found.is_empty());
    found
}

#[test]
fn every_flipped_byte_of_every_entry_is_refused_or_said_to_be_damaged() {
    let (image, entries) = (small(), entries());
    for (position, bytes) in (1_u64..).zip(&entries) {
        // Older versions of a page may still stand there: all of them are flipped.
        let places = places(&image, bytes);
        for offset in 0..bytes.len() {
            let mut flipped = image.clone();
            for at in &places {
                flipped[at + offset] ^= 1 << (offset % 8);
            }
            let checked = Log::with_backend(Memory::new(flipped.clone()), Options::default());
            assert!(
                matches!(checked, Err(OpenError::Damaged { .. })),
                "byte {offset} of {position}"
            );
            let log = Log::with_backend(Memory::new(flipped), BLIND).unwrap();
            assert_eq!(
                read_in_every_way(&log, &entries),
                1,
                "byte {offset} of {position}"
            );
        }
    }
}

#[test]
fn every_flipped_byte_of_the_pages_of_entries_and_hashes_is_refused_or_damage() {
    let (image, entries) = (small(), entries());
    let leaf = |bytes: &[u8]| standing_store::LeafHash::of(bytes).0;
    let pages: std::collections::BTreeSet<usize> = entries
        .iter()
        .flat_map(|bytes| {
            let of_entry = places(&image, bytes);
            of_entry.into_iter().chain(places(&image, &leaf(bytes)))
        })
        .map(|at| at / 4_096 * 4_096)
        .collect();
    let (mut refused, mut damaged, mut harmless) = (0, 0, 0);
    // Every byte of every entry is another test's; here the pages around them.
    let stride = if std::env::var_os("STANDING_LONG").is_some() {
        1
    } else {
        23
    };
    let bytes = pages.iter().flat_map(|page| *page..page + 4_096);
    for at in bytes.step_by(stride) {
        let mut flipped = image.clone();
        flipped[at] ^= 1 << (at % 8);
        match Log::with_backend(Memory::new(flipped), BLIND) {
            Err(OpenError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("byte {at}: {other:?}"),
            Ok(log) => match read_in_every_way(&log, &entries) {
                0 => harmless += 1,
                _ => damaged += 1,
            },
        }
    }
    println!("refused {refused}, damaged {damaged}, harmless {harmless}");
    assert!(
        damaged > 30 && harmless > 0 && refused > 0,
        "{refused} {damaged} {harmless}"
    );
}

/// Opens an image with redb alone, changes it, and returns it.
fn changed(image: Vec<u8>, change: impl FnOnce(&Database)) -> Vec<u8> {
    let memory = Memory::new(image);
    let db = Builder::new().create_with_backend(memory.clone()).unwrap();
    change(&db);
    drop(db);
    memory.bytes()
}

#[test]
fn a_hash_that_is_changed_or_gone_is_damage() {
    let entries = entries();
    let other = changed(small(), |db| {
        let write = db.begin_write().unwrap();
        write
            .open_table(LEAVES)
            .unwrap()
            .insert(7, &[7; 32])
            .unwrap();
        write.commit().unwrap();
    });
    // Every page is sound.
    let log = Log::with_backend(Memory::new(other), Options::default()).unwrap();
    assert_eq!(read_in_every_way(&log, &entries), 1);
    assert!(matches!(
        log.read(Position::new(7)),
        Err(ReadError::Damaged { position, .. }) if position == Position::new(7)
    ));

    let moved = changed(small(), |db| {
        let write = db.begin_write().unwrap();
        {
            let mut leaves = write.open_table(LEAVES).unwrap();
            leaves.remove(7).unwrap();
            leaves.insert(0, &[7; 32]).unwrap();
        }
        write.commit().unwrap();
    });
    let log = Log::with_backend(Memory::new(moved), Options::default()).unwrap();
    assert_eq!(read_in_every_way(&log, &entries), 1);

    let fewer = changed(small(), |db| {
        let write = db.begin_write().unwrap();
        write.open_table(LEAVES).unwrap().remove(7).unwrap();
        write.commit().unwrap();
    });
    let refused = Log::with_backend(Memory::new(fewer), Options::default()).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused:?}");
}

#[test]
fn a_position_that_is_missing_is_never_said_to_be_beyond_the_end() {
    let entries = entries();
    // One entry gone and one too many: as many as the head says.
    let moved = changed(small(), |db| {
        let write = db.begin_write().unwrap();
        {
            let mut table = write.open_table(ENTRIES).unwrap();
            let last = table.last().unwrap().unwrap().0.value();
            assert_eq!(last, 12);
            table.remove(7).unwrap();
            table.insert(0, b"stray".as_slice()).unwrap();
        }
        write.commit().unwrap();
    });
    let log = Log::with_backend(Memory::new(moved), Options::default()).unwrap();
    assert_eq!(read_in_every_way(&log, &entries), 1);
    assert!(
        matches!(log.read(Position::new(7)), Err(ReadError::Gap { position }) if position == Position::new(7))
    );
    assert!(matches!(
        log.read(Position::ZERO),
        Err(ReadError::Damaged { .. })
    ));
    assert!(log.read(Position::new(13)).unwrap().is_none());
}

#[test]
fn a_panic_of_redb_is_damage_and_told() {
    let memory = Memory::new(small());
    let log = Log::with_backend(memory.clone(), BLIND).unwrap();
    let (told, damage) = mpsc::channel();
    log.on_damage(move |error, position| {
        told.send((error.to_string(), position)).unwrap();
    });
    assert_eq!(all(&log).len(), 12);
    assert!(damage.try_recv().is_err());
    // Under the open log, pages turn into something that is none.
    let entry = entries()[11].clone();
    let mut bytes = memory.bytes();
    for at in places(&memory.bytes(), &entry) {
        let page = at / 4_096 * 4_096;
        bytes[page] = 0xee;
    }
    *memory.0.lock().unwrap() = bytes;
    for position in Position::FIRST.to(Position::new(12)) {
        let error = log.read(position).unwrap_err();
        assert!(error.is_damage(), "{error:?}");
        let (text, at) = damage.recv().unwrap();
        assert_eq!((text, at), (error.to_string(), Some(position)));
    }
    // Nor does it bring down who appends.
    let next = batch(13, 13, 30);
    let error = log
        .append(Position::new(13), [next[0].as_slice()])
        .unwrap_err();
    assert!(error.is_damage(), "{error:?}");
    assert_eq!(damage.recv().unwrap().1, None);
    assert!(log.reopen().is_err());
    assert!(matches!(log.read(Position::FIRST), Err(ReadError::Closed)));
}
