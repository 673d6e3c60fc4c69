//! Backups: pinned to the byte, and nothing that was changed or cut off passes for one.

use crate::golden;
use crate::verify::entry;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::backup::{self, BackupError, Trailer, Writer};
use standing_store::restore::{RestoreError, Restored, Wanted, restore};
use standing_store::verify;
use standing_store::{LeafHash, Log, Options, Tree};
use std::fs;
use std::path::Path;

/// Three entries, in two batches.
fn entries() -> Vec<Vec<u8>> {
    vec![entry(1, 1, 2), entry(2, 1, 2), entry(3, 3, 3)]
}

fn written(entries: &[Vec<u8>]) -> (Vec<u8>, Trailer) {
    let mut out = Vec::new();
    let mut writer = Writer::begin(&mut out);
    for stored in entries {
        writer.entry(stored, &mut out);
    }
    let trailer = writer.end(&mut out);
    (out, trailer)
}

fn read(bytes: &[u8]) -> Result<(Vec<Vec<u8>>, Trailer), BackupError> {
    let mut entries = Vec::new();
    let trailer = backup::read(bytes, |position, stored| {
        entries.push(stored.to_vec());
        assert_eq!(position.number(), entries.len() as u64);
        Ok::<_, BackupError>(())
    })?;
    Ok((entries, trailer))
}

#[test]
fn form_1_is_pinned() {
    golden::check("backup-v1.bin", &written(&entries()).0);
    let (found, _) = read(&golden::read("backup-v1.bin")).unwrap();
    assert_eq!(found, entries());
}

#[test]
fn what_is_written_comes_back_and_says_what_it_comes_to() {
    for count in 0..=3 {
        let entries = &entries()[..count];
        let (bytes, trailer) = written(entries);
        let mut tree = Tree::default();
        for stored in entries {
            tree.push(LeafHash::of(stored));
        }
        assert_eq!(trailer.root, tree.root());
        assert_eq!(trailer.head, Position::new(count as u64));
        assert_eq!(read(&bytes).unwrap(), (entries.to_vec(), trailer));
    }
}

#[test]
fn no_byte_that_was_changed_and_no_cut_passes() {
    let (bytes, _) = written(&entries());
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            assert!(read(&changed).is_err(), "byte {place}, bit {bit}");
        }
        let cut = read(&bytes[..place]).unwrap_err();
        assert!(
            matches!(cut, BackupError::Cut { .. } | BackupError::NotABackup),
            "{place}: {cut}"
        );
    }
    let beyond = [&bytes[..], b"\n"].concat();
    assert!(matches!(read(&beyond), Err(BackupError::Beyond)));
}

#[test]
fn what_is_no_backup_and_what_is_of_a_newer_release_is_told_apart() {
    assert!(matches!(read(b""), Err(BackupError::NotABackup)));
    assert!(matches!(read(b"{}"), Err(BackupError::NotABackup)));
    let (mut bytes, _) = written(&[]);
    bytes[16] = 2;
    assert!(matches!(
        read(&bytes),
        Err(BackupError::NewerForm { found: 2 })
    ));
    bytes[17] = 1;
    assert!(matches!(
        read(&bytes),
        Err(BackupError::NewerForm { found: 258 })
    ));
    bytes[16..18].fill(0);
    assert!(matches!(read(&bytes), Err(BackupError::NotABackup)));
    let (mut bytes, _) = written(&entries());
    bytes[18..22].copy_from_slice(&60_001_u32.to_le_bytes());
    let error = read(&bytes).unwrap_err().to_string();
    assert_eq!(error, "entry 1 has a length of 60001, which no entry has");
}

/// Whoever writes a trailer that does not fit can write a checksum that does.
#[test]
fn a_trailer_that_does_not_fit_is_found_behind_its_checksum() {
    use sha2::{Digest as _, Sha256};
    let (bytes, _) = written(&entries());
    let end = bytes.len() - 32;
    for place in end - 48..end {
        let mut changed = bytes[..end].to_vec();
        changed[place] ^= 1;
        let sum = Sha256::digest(&changed);
        changed.extend_from_slice(&sum);
        assert!(
            matches!(read(&changed), Err(BackupError::Trailer)),
            "{place}"
        );
    }
}

#[test]
fn a_backup_is_verified_entry_by_entry() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.backup");
    let verified = |entries: &[Vec<u8>]| {
        fs::write(&file, written(entries).0).unwrap();
        backup::verify(&file).unwrap()
    };
    let sound = verified(&entries());
    assert!(sound.is_sound(), "{sound:?}");
    assert_eq!(sound.report.entries, 3);
    // Whole, but the log of no ledger.
    let cut = verified(&entries()[..1]);
    assert!(cut.trailer.is_ok() && !cut.is_sound(), "{cut:?}");
    let swapped = verified(&[entry(2, 1, 2), entry(1, 1, 2)]);
    assert!(!swapped.is_sound(), "{swapped:?}");
    let garbage = verified(&[b"garbage".to_vec()]);
    assert_eq!(garbage.report.count, 1, "{garbage:?}");
    assert!(backup::is_backup(&file).unwrap());
    fs::write(&file, "stand").unwrap();
    assert!(!backup::is_backup(&file).unwrap());
}

/// Restores three entries.
fn restored(folder: &Path, wanted: &Wanted) -> Result<Restored, RestoreError> {
    let file = folder.join("a.backup");
    fs::write(&file, written(&entries()).0).unwrap();
    restore(&file, folder.join("log"), wanted, || Ok(()))
}

#[test]
fn a_history_is_resumed_only_where_entries_are_lost_and_that_is_accepted() {
    let now = RecordTime::from_micros(1_800_000_000_000_000);
    let at = |head| Some(Position::new(head));
    for (acknowledged, accepts_loss, resumes) in [
        (at(3), false, Some(false)),
        (at(2), true, Some(false)),
        (at(3), true, Some(false)),
        (at(4), true, Some(true)),
        (None, true, Some(true)),
        (at(4), false, None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Wanted {
            acknowledged,
            accepts_loss,
            now,
            keys: None,
        };
        let found = restored(folder.path(), &wanted);
        let Some(resumes) = resumes else {
            assert!(matches!(found, Err(RestoreError::Behind { .. })));
            continue;
        };
        let Restored { backup, resumed } = found.unwrap();
        assert_eq!(
            resumed.is_some(),
            resumes,
            "{acknowledged:?} {accepts_loss}"
        );
        let report = verify::verify(folder.path().join("log")).unwrap();
        assert!(report.is_sound(), "{report:?}");
        let epoch = if resumes { now.micros() } else { 0 };
        assert_eq!(report.epoch, Epoch::new(epoch));
        assert_eq!(report.head, Position::new(if resumes { 4 } else { 3 }));
        if let Some(resumed) = resumed {
            assert_eq!((resumed.after, resumed.root), (backup.head, backup.root));
        }
    }
}

/// What a history says of its own past is verified like everything else.
#[test]
fn a_history_that_says_it_was_resumed_after_something_else_is_not_sound() {
    let folder = tempfile::tempdir().unwrap();
    let wanted = Wanted {
        acknowledged: None,
        accepts_loss: true,
        now: RecordTime::from_micros(1_800_000_000_000_000),
        keys: None,
    };
    restored(folder.path(), &wanted).unwrap();
    let log = Log::create_or_open(folder.path().join("log"), Options::default()).unwrap();
    let resumed = log.read(Position::new(4)).unwrap().unwrap();
    let mut found = Vec::new();
    for before in [
        entries(),
        vec![entry(1, 1, 2), entry(2, 1, 2), entry(3, 3, 4)],
    ] {
        let mut checker = verify::Checker::default();
        for (position, stored) in (1..).zip(before.iter().chain([&resumed])) {
            checker.entry(Position::new(position), stored);
        }
        let problems = checker.end().problems;
        let of_it = problems
            .iter()
            .filter(|problem| matches!(problem.what, verify::Wrong::Resumption(_)));
        found.push(of_it.count());
    }
    assert_eq!(found, [0, 1]);
}
