//! Opening a log again where it stands, and whether it still stands there.

use crate::support::{Memory, all, append, batch};
use standing_domain::id::position::Position;
use standing_store::{AppendError, Log, OpenError, Options, ReadError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, io};

#[test]
fn a_log_in_a_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    append(&log, &batch(1, 10, 50));
    assert_eq!(log.reopen().unwrap(), Position::new(10));
    append(&log, &batch(11, 12, 50));
    assert_eq!(log.reopen().unwrap(), Position::new(12));
    assert_eq!(all(&log).len(), 12);
    assert!(log.is_in_place().unwrap());
    log.close().unwrap();
    assert_eq!(
        all(&Log::open_existing(&path, Options::default()).unwrap()).len(),
        12
    );
}

#[test]
fn a_file_in_its_place_is_seen_and_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("log"), folder.path().join("other"));
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    append(&log, &batch(1, 10, 50));
    Log::create_or_open(&other, Options::default())
        .unwrap()
        .close()
        .unwrap();

    let moved = folder.path().join("moved");
    fs::rename(&path, &moved).unwrap();
    assert!(!log.is_in_place().unwrap(), "nothing stands there");
    fs::rename(&moved, &path).unwrap();
    assert!(log.is_in_place().unwrap(), "the same file is back");
    fs::rename(&other, &path).unwrap();
    assert!(!log.is_in_place().unwrap(), "another stands there");

    // The open file goes on for those who hold it; opened again it is not taken for the other.
    append(&log, &batch(11, 11, 50));
    let before = fs::read(&path).unwrap();
    assert!(matches!(log.reopen(), Err(OpenError::Replaced { .. })));
    assert!(fs::read(&path).unwrap() == before);
    assert!(matches!(log.read(Position::FIRST), Err(ReadError::Closed)));
}

#[test]
fn until_it_is_open_again_nothing_is_read_or_written() {
    let memory = Memory::default();
    let away = Arc::new(AtomicBool::new(false));
    let make = {
        let (memory, away) = (memory.clone(), Arc::clone(&away));
        move || {
            if away.load(Ordering::Relaxed) {
                return Err(io::Error::other("the disk is away"));
            }
            Ok(memory.clone())
        }
    };
    let log = Log::with_storages(make, Options::default()).unwrap();
    append(&log, &batch(1, 10, 50));
    away.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        assert!(matches!(log.reopen(), Err(OpenError::Io { .. })));
        assert!(matches!(log.read(Position::FIRST), Err(ReadError::Closed)));
        assert!(matches!(
            log.read_each([Position::FIRST], |_, _| ()),
            Err(ReadError::Closed)
        ));
        assert!(matches!(log.day_floor(), Err(ReadError::Closed)));
        let scanned = log.scan(Position::FIRST..=Position::new(10), |_, _| {
            std::ops::ControlFlow::<()>::Continue(())
        });
        assert!(matches!(scanned, Err(ReadError::Closed)));
        let entry = batch(11, 11, 50);
        let appended = log.append(Position::new(11), [entry[0].as_slice()]);
        assert!(matches!(appended, Err(AppendError::Closed)));
    }
    away.store(false, Ordering::Relaxed);
    assert_eq!(log.reopen().unwrap(), Position::new(10));
    append(&log, &batch(11, 11, 50));
    assert_eq!(all(&log).len(), 11);
}

#[test]
fn readers_and_an_appender_go_on_while_it_is_opened_again_and_again() {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 100, 50));
    let expected = batch(1, 100, 50);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    // One read within another must not wait for it.
                    let outer = log.read_with(Position::new(7), |outer| {
                        let inner = log.read(Position::new(8));
                        (outer.to_vec(), inner)
                    });
                    match outer {
                        Ok(Some((outer, Ok(inner)))) => {
                            assert_eq!(outer, expected[6]);
                            assert_eq!(inner.unwrap(), expected[7]);
                        }
                        Ok(Some((_, Err(ReadError::Closed)))) | Err(ReadError::Closed) => {}
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
        for round in 0..20 {
            assert_eq!(log.reopen().unwrap(), Position::new(100 + round));
            append(&log, &batch(101 + round, 101 + round, 10));
        }
        over.store(true, Ordering::Relaxed);
    });
    assert_eq!(log.head(), Position::new(120));
}
