//! The full check: a sound log has nothing to report, an unsound one has it named.

use crate::samples;
use crate::samples::law;
use crate::support::Memory;
use standing_domain::entry::event::Event;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::verify::{Checker, Report, VerifyError, Wrong, verify};
use standing_store::{Envelope, Log, OpenError, Options, codec};
use std::fs;
use std::path::Path;

/// Makes an entry that is sound at its position, as far as its batch is.
pub fn entry(position: u64, first: u64, last: u64) -> Vec<u8> {
    changed(position, first, last, |_| {})
}

fn changed(
    position: u64,
    first: u64,
    last: u64,
    change: impl FnOnce(&mut Envelope<'_>),
) -> Vec<u8> {
    let mut contents = samples::all();
    // That is sound in one place of one log only.
    contents.retain(|content| content.event.as_ref().and_then(Event::resumed).is_none());
    let content = &contents[usize::try_from(position).unwrap() % contents.len()];
    let (mut payload, mut bytes) = (Vec::new(), Vec::new());
    let kind = codec::encode(content, &mut payload).unwrap();
    let mut envelope = Envelope {
        kind: kind.number,
        payload_version: kind.version,
        rules_version: 1,
        first: Position::new(first),
        last: Position::new(last),
        record_time: RecordTime::from_micros(1_700_000_000_000_000 + position),
        request_digest: RequestDigest([0; 16]),
        actor: "local/operator",
        request_id: "line-7",
        payload: &payload,
    };
    change(&mut envelope);
    envelope.encode(&mut bytes).unwrap();
    bytes
}

/// Writes a sound log of 300 entries to a file.
fn sound(path: &Path) {
    let log = Log::create_or_open(path, Options::default()).unwrap();
    for first in (1..300).step_by(3) {
        let batch: Vec<_> = (first..first + 3)
            .map(|position| entry(position, first, first + 2))
            .collect();
        log.append(Position::new(first), batch.iter().map(Vec::as_slice))
            .unwrap();
    }
    log.close().unwrap();
}

fn check(entries: &[(u64, Vec<u8>)]) -> Report {
    let mut checker = Checker::default();
    for (position, bytes) in entries {
        checker.entry(Position::new(*position), bytes);
    }
    checker.end()
}

#[test]
fn a_sound_log_has_nothing_to_report_and_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    sound(&path);
    let before = fs::read(&path).unwrap();
    let report = verify(&path).unwrap();
    assert_eq!(
        (report.entries, report.head, report.count),
        (300, Position::new(300), 0),
        "{report:?}"
    );
    assert!(fs::read(&path).unwrap() == before);

    // As a crash leaves it.
    let memory = Memory::new(before);
    let log = memory.open();
    log.append(Position::new(301), [entry(301, 301, 301).as_slice()])
        .unwrap();
    let unclosed = memory.bytes();
    drop(log);
    fs::write(&path, &unclosed).unwrap();
    let report = verify(&path).unwrap();
    assert_eq!(
        (report.head, report.count),
        (Position::new(301), 0),
        "{report:?}"
    );
    assert!(fs::read(&path).unwrap() == unclosed);
}

#[test]
fn a_log_in_use_is_not_verified() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let _log = Log::create_or_open(&path, Options::default()).unwrap();
    assert!(matches!(
        verify(&path),
        Err(VerifyError::Open(OpenError::InUse { .. }))
    ));
    let missing = folder.path().join("missing");
    assert!(matches!(
        verify(&missing),
        Err(VerifyError::Open(OpenError::Missing { .. }))
    ));
}

fn is_gap(wrong: &Wrong, before: u64) -> bool {
    matches!(wrong, Wrong::Gap { expected } if expected.number() == before)
}

/// Has an entry say that it was recorded a microsecond before.
fn earlier(envelope: &mut Envelope<'_>) {
    let micros = envelope.record_time.micros();
    envelope.record_time = RecordTime::from_micros(micros - 1);
}

#[test]
fn what_is_wrong_is_named_with_its_position() {
    type Case = (Vec<(u64, Vec<u8>)>, &'static [u64], fn(&Wrong) -> bool);
    let good = |position, first, last| (position, entry(position, first, last));
    let with = |position, first, last, change: fn(&mut Envelope<'_>)| {
        (position, changed(position, first, last, change))
    };
    let cases: Vec<Case> = vec![
        (vec![good(2, 2, 2)], &[2], |w| is_gap(w, 1)),
        (
            vec![good(1, 1, 1), good(4, 3, 5), good(5, 3, 5)],
            &[4],
            |w| is_gap(w, 2),
        ),
        (vec![(1, b"\x01\x02".to_vec()), good(2, 1, 2)], &[1], |w| {
            matches!(w, Wrong::Envelope(_))
        }),
        (
            vec![good(1, 1, 3), good(2, 1, 3)],
            &[2],
            |w| matches!(w, Wrong::CutBatch { last } if *last == Position::new(3)),
        ),
        (vec![good(1, 1, 1), good(2, 1, 2)], &[2], |w| {
            matches!(w, Wrong::Batch { .. })
        }),
        (vec![good(1, 1, 2), good(2, 2, 2)], &[2], |w| {
            matches!(w, Wrong::Batch { .. })
        }),
        (
            vec![good(1, 1, 2), with(2, 1, 2, |e| e.request_id = "other")],
            &[2],
            |w| matches!(w, Wrong::Batch { .. }),
        ),
        (vec![good(1, 1, 1), with(2, 2, 2, earlier)], &[2], |w| {
            matches!(w, Wrong::RecordTime { .. })
        }),
        (
            vec![
                with(1, 1, 1, |e| e.payload = &[9]),
                with(2, 2, 2, |e| e.kind = 1),
            ],
            &[1, 2],
            |w| matches!(w, Wrong::Payload(_)),
        ),
    ];
    for (row, (entries, positions, wrong)) in cases.into_iter().enumerate() {
        let report = check(&entries);
        let found = report.problems.iter();
        let found: Vec<_> = found.map(|problem| problem.position.number()).collect();
        assert_eq!(found, positions, "row {row}: {report:?}");
        assert_eq!(report.count, positions.len() as u64);
        assert!(
            report.problems.iter().all(|problem| wrong(&problem.what)),
            "row {row}: {report:?}"
        );
    }
}

#[test]
fn conditions_nested_beyond_reason_are_reported() {
    // A long row of bytes that each say "not": damaged text can look like it.
    let mut content = samples::all().pop().unwrap();
    content.event = Some(law::nested(1));
    let (mut payload, mut one_more) = (Vec::new(), Vec::new());
    codec::encode(&content, &mut payload).unwrap();
    content.event = Some(law::nested(2));
    codec::encode(&content, &mut one_more).unwrap();
    let at = payload
        .iter()
        .zip(&one_more)
        .position(|(a, b)| a != b)
        .unwrap();
    let deep = 50_000;
    payload.splice(at..at, std::iter::repeat_n(one_more[at], deep));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let log = Log::create_or_open(&path, Options::default()).unwrap();
    let usual = entry(1, 1, 1);
    let deep = Envelope {
        kind: 73,
        payload_version: 3,
        payload: &payload,
        ..Envelope::decode(&usual).unwrap()
    };
    let mut bytes = Vec::new();
    deep.encode(&mut bytes).unwrap();
    log.append(Position::FIRST, [bytes.as_slice()]).unwrap();
    log.close().unwrap();
    let report = verify(&path).unwrap();
    assert_eq!((report.entries, report.count), (1, 0), "{report:?}");
}

#[test]
fn a_flipped_byte_is_found_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    sound(&path);
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    let long = std::env::var_os("STANDING_LONG").is_some();
    let offsets = (0..whole.len()).step_by(if long { 331 } else { 3_313 });
    let tried = offsets.clone().count();
    for at in offsets {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).unwrap();
        match verify(&path) {
            Ok(report) if report.is_sound() => {
                assert_eq!(report.head, Position::new(300), "byte {at}");
            }
            Ok(_) | Err(_) => found += 1,
        }
        assert!(fs::read(&path).unwrap() == bytes, "byte {at}");
    }
    assert!(found * 5 > tried, "{found} of {tried}");
}
