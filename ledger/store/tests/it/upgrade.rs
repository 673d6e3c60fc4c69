//! A file of the format before: brought to today's whole, or left as it was.

use crate::crash::{Disk, Fate};
use crate::support::{Memory, all, append};
use crate::verify::entry;
use redb::{Builder, ReadableDatabase, TableDefinition};
use standing_store::{Check, LeafHash, Log, OpenError, Options};
use std::cell::RefCell;

const ENTRIES: TableDefinition<u64, &[u8]> = TableDefinition::new("entries");
const LEAVES: TableDefinition<u64, &[u8; 32]> = TableDefinition::new("leaves");
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const FORMAT: &str = "standing log format";

/// Makes a file as the releases of format 1 did, with a change of its last entry.
fn format_1(entries: &[Vec<u8>]) -> Vec<u8> {
    let memory = Memory::default();
    let db = Builder::new().create_with_backend(memory.clone()).unwrap();
    let write = db.begin_write().unwrap();
    write
        .open_table(META)
        .unwrap()
        .insert(FORMAT, 1_u32.to_le_bytes().as_slice())
        .unwrap();
    write.open_table(ENTRIES).unwrap();
    write.commit().unwrap();
    for (position, bytes) in (1..).zip(entries) {
        let write = db.begin_write().unwrap();
        write
            .open_table(ENTRIES)
            .unwrap()
            .insert(position, bytes.as_slice())
            .unwrap();
        write.commit().unwrap();
    }
    drop(db);
    memory.bytes()
}

fn entries(count: u64) -> Vec<Vec<u8>> {
    (1..=count).map(|at| entry(at, at, at)).collect()
}

/// What a release of format 1 saw in a file: the format and how many entries and hashes.
fn seen_by_redb(memory: &Memory) -> (u32, u64, u64) {
    use redb::ReadableTableMetadata as _;
    let db = Builder::new().create_with_backend(memory.clone()).unwrap();
    let read = db.begin_read().unwrap();
    let meta = read.open_table(META).unwrap();
    let format = meta.get(FORMAT).unwrap().unwrap();
    let format = u32::from_le_bytes(format.value().try_into().unwrap());
    let entries = read.open_table(ENTRIES).unwrap().len().unwrap();
    let leaves = read.open_table(LEAVES);
    (
        format,
        entries,
        leaves.map_or(0, |leaves| leaves.len().unwrap()),
    )
}

#[test]
fn a_file_of_format_1_gets_its_hashes_and_the_new_format() {
    for count in [0, 1, 7, 300] {
        let memory = Memory::new(format_1(&entries(count)));
        assert_eq!(seen_by_redb(&memory), (1, count, 0));
        let log = memory.open();
        assert_eq!(all(&log), entries(count));
        let next = entry(count + 1, count + 1, count + 1);
        append(&log, std::slice::from_ref(&next));
        log.close().unwrap();
        assert_eq!(seen_by_redb(&memory), (2, count + 1, count + 1));
        let log = memory.open();
        assert_eq!(all(&log).last(), Some(&next));
    }
}

#[test]
fn how_far_it_has_come_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    std::fs::write(&path, format_1(&entries(250))).unwrap();
    let told = RefCell::new(Vec::new());
    let options = Options {
        upgrade_entries: 100,
        ..Options::default()
    };
    let progress = |done, total| told.borrow_mut().push((done, total));
    let log = Log::create_or_open_telling(&path, options, &progress).unwrap();
    assert_eq!(all(&log), entries(250));
    assert_eq!(told.into_inner(), [(350, 500), (450, 500), (500, 500)]);
}

#[test]
fn what_does_not_verify_is_refused_and_left_as_it_was() {
    let sound = entries(50);
    let mut cases = Vec::new();
    // A page that does not have its checksum, anywhere in the entries.
    let image = format_1(&sound);
    for bytes in &sound {
        let at = image.windows(bytes.len()).rposition(|part| part == bytes);
        let mut flipped = image.clone();
        flipped[at.unwrap() + 30] ^= 4;
        cases.push(flipped);
    }
    // An entry that is none, one out of place, one of another time, in pages that are sound.
    let mut no_entry = sound.clone();
    no_entry[20] = b"no entry".to_vec();
    cases.push(format_1(&no_entry));
    let mut twice = sound.clone();
    twice[20] = sound[19].clone();
    cases.push(format_1(&twice));
    // A hash that is not that of its entry, from an upgrade that was cut off.
    let memory = Memory::new(image.clone());
    let db = Builder::new().create_with_backend(memory.clone()).unwrap();
    let write = db.begin_write().unwrap();
    {
        let mut leaves = write.open_table(LEAVES).unwrap();
        leaves.insert(1, &LeafHash::of(&sound[0]).0).unwrap();
        leaves.insert(2, &LeafHash::of(&sound[0]).0).unwrap();
    }
    write.commit().unwrap();
    drop(db);
    cases.push(memory.bytes());

    let mut refused = 0;
    for (case, bytes) in cases.iter().enumerate() {
        for check in [Check::Always, Check::Never] {
            let memory = Memory::new(bytes.clone());
            let options = Options {
                check,
                ..Options::default()
            };
            match Log::with_backend(memory.clone(), options) {
                Err(error) => {
                    assert!(
                        matches!(error, OpenError::Damaged { .. }),
                        "{case}: {error:?}"
                    );
                    assert!(memory.bytes() == *bytes, "{case}: the file was changed");
                    refused += 1;
                }
                // The last copy of the bytes may stand in a page that is free.
                Ok(log) => assert_eq!(all(&log), sound, "{case}"),
            }
        }
    }
    assert!(refused > 80, "{refused}");
}

#[test]
fn an_upgrade_that_dies_at_any_step_goes_on_where_it_was() {
    let entries = entries(40);
    let base = format_1(&entries);
    let options = Options {
        upgrade_entries: 7,
        ..Options::default()
    };
    let (mut half, mut fuse) = (0, 0);
    loop {
        let disk = Disk::new(&base, fuse);
        let done = disk.open(options).is_ok();
        for fate in [Fate::Lost, Fate::Kept, Fate::Torn(fuse as u64)] {
            let memory = Memory::new(disk.image(fate));
            let (format, count, leaves) = seen_by_redb(&Memory::new(memory.bytes()));
            assert_eq!(count, 40, "step {fuse}, {fate:?}");
            assert!(format == 1 || leaves == 40, "step {fuse}, {fate:?}");
            half += u64::from((1..40).contains(&leaves));
            let log = Log::with_backend(memory.clone(), options)
                .unwrap_or_else(|error| panic!("step {fuse}, {fate:?}: {error:?}"));
            assert_eq!(all(&log), entries, "step {fuse}, {fate:?}");
            log.close().unwrap();
            assert_eq!(seen_by_redb(&memory), (2, 40, 40));
        }
        if done {
            break;
        }
        fuse += 1;
    }
    assert!(half > 20 && fuse > 50, "{half} {fuse}");
}
