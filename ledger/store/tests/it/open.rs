//! Opening: what is not a log is named and left as it was.

pub(crate) mod pages;
pub(crate) mod reopen;

use crate::support::{Memory, all, append, batch};
use standing_domain::id::position::Position;
use standing_store::{Log, OpenError, Options};
use std::fs;
use std::path::Path;

/// Makes a log of a few hundred entries that was closed properly.
fn closed() -> Vec<u8> {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 100, 200));
    append(&log, &batch(101, 300, 200));
    log.close().unwrap();
    memory.bytes()
}

/// Makes the same log as a crash leaves it.
fn unclosed() -> Vec<u8> {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 100, 200));
    append(&log, &batch(101, 300, 200));
    let bytes = memory.bytes();
    drop(log);
    bytes
}

/// Writes the bytes to a file, opens it in every way, and checks that it is refused and unchanged.
fn refused(path: &Path, bytes: &[u8]) -> OpenError {
    fs::write(path, bytes).unwrap();
    let first = Log::open_existing(path, Options::default()).unwrap_err();
    let second = Log::create_or_open(path, Options::default()).unwrap_err();
    assert_eq!(first.to_string(), second.to_string());
    assert!(
        fs::read(path).unwrap() == bytes,
        "the file was changed: {first}"
    );
    first
}

#[test]
fn a_log_is_made_once_and_opened_ever_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let missing = Log::open_existing(&path, Options::default()).unwrap_err();
    assert!(matches!(missing, OpenError::Missing { .. }));
    assert!(!path.exists());
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    append(&log, &batch(1, 10, 50));
    log.close().unwrap();
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    assert_eq!(all(&log), batch(1, 10, 50));
    // Nothing but the log stays in its folder.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_log_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    append(&log, &batch(1, 10, 50));
    for result in [
        Log::create_or_open(&path, Options::default()),
        Log::open_existing(&path, Options::default()),
    ] {
        match result {
            Err(OpenError::InUse { path: named }) => assert_eq!(named, path),
            other => panic!("{other:?}"),
        }
    }
    append(&log, &batch(11, 20, 50));
    drop(log);
    assert_eq!(
        Log::open_existing(&path, Options::default())
            .unwrap()
            .head(),
        Position::new(20)
    );
}

#[test]
fn a_truncated_log_is_named_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let whole = closed();
    let lengths = (1..400).chain((400..whole.len()).step_by(1_999)).chain([
        4_095,
        4_096,
        4_097,
        8_192,
        whole.len() - 4_096,
        whole.len() - 1,
    ]);
    for length in lengths {
        let error = refused(&path, &whole[..length]);
        assert!(
            matches!(error, OpenError::Truncated { .. }),
            "{length}: {error:?}"
        );
    }
    assert!(matches!(refused(&path, b""), OpenError::Empty { .. }));
    fs::write(&path, &whole).unwrap();
    assert_eq!(
        Log::open_existing(&path, Options::default())
            .unwrap()
            .head(),
        Position::new(300)
    );
}

#[test]
fn a_truncated_log_that_was_not_closed_is_refused_or_whole_batches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let whole = unclosed();
    for length in (4_096..whole.len())
        .step_by(4_096)
        .chain((1..whole.len()).step_by(31_013))
    {
        fs::write(&path, &whole[..length]).unwrap();
        match Log::open_existing(&path, Options::default()) {
            // The pages of the last commit, or of the last two, were not in what was cut off.
            Ok(log) => assert!([0, 100, 300].contains(&all(&log).len()), "{length}"),
            Err(error) => {
                assert!(
                    matches!(error, OpenError::Truncated { .. }),
                    "{length}: {error:?}"
                );
                assert!(fs::read(&path).unwrap() == whole[..length], "{length}");
            }
        }
    }
}

#[test]
fn a_foreign_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut almost = closed();
    almost[8] ^= 1;
    let zeros = vec![0; 100_000];
    for bytes in [
        &b"x"[..],
        b"SQLite format 3\0",
        b"redb",
        b"{\"id\":1}\n",
        &almost,
        &zeros,
    ] {
        let error = refused(&path, bytes);
        if bytes == b"redb" {
            assert!(matches!(error, OpenError::Truncated { .. }), "{error:?}");
        } else {
            assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
        }
    }
}

#[test]
fn a_redb_database_of_something_else_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let memory = Memory::default();
    let db = redb::Builder::new()
        .create_with_backend(memory.clone())
        .unwrap();
    let write = db.begin_write().unwrap();
    let table = redb::TableDefinition::<u64, &[u8]>::new("entries");
    write
        .open_table(table)
        .unwrap()
        .insert(1, b"x".as_slice())
        .unwrap();
    write.commit().unwrap();
    // Both as a crash leaves it and closed.
    let unclosed = memory.bytes();
    drop(db);
    for bytes in [unclosed, memory.bytes()] {
        assert!(matches!(refused(&path, &bytes), OpenError::Foreign { .. }));
    }
}

#[test]
fn a_newer_redb_format_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    for (slot, found) in [(64, 4), (192, 4), (64, 200)] {
        let mut bytes = closed();
        bytes[slot] = found;
        match refused(&path, &bytes) {
            OpenError::NewerRedb {
                found: named,
                supported: 3,
                ..
            } => assert_eq!(named, found),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_newer_log_format_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let memory = Memory::default();
    let db = redb::Builder::new()
        .create_with_backend(memory.clone())
        .unwrap();
    let write = db.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, &[u8]>::new("meta");
    let format = 3_u32.to_le_bytes();
    write
        .open_table(meta)
        .unwrap()
        .insert("standing log format", format.as_slice())
        .unwrap();
    write.commit().unwrap();
    let unclosed = memory.bytes();
    drop(db);
    for bytes in [unclosed, memory.bytes()] {
        assert!(matches!(
            refused(&path, &bytes),
            OpenError::NewerLog { found: 3, .. }
        ));
    }
}

#[test]
fn a_damaged_header_is_refused_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let whole = closed();
    for at in 0..320 {
        for bit in [1, 0x80] {
            let mut bytes = whole.clone();
            bytes[at] ^= bit;
            fs::write(&path, &bytes).unwrap();
            match Log::open_existing(&path, Options::default()) {
                Ok(log) => assert_eq!(log.head(), Position::new(300), "byte {at}"),
                Err(error) => {
                    assert!(fs::read(&path).unwrap() == bytes, "byte {at}: {error}");
                    assert!(
                        !matches!(error, OpenError::Io { .. }),
                        "byte {at}: {error:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_storage_that_cannot_be_read_is_an_error_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let error = Log::open_existing(folder.path(), Options::default()).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
    let error = Log::create_or_open(folder.path().join("no/log"), Options::default()).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
}
