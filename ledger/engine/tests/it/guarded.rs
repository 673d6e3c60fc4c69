//! What holds recording back before a commit could go wrong: no room on the disk, another file in
//! the place of the log, a clock that cannot be right.

use crate::common::*;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{Among, Options, RecordError, Recorder, TroubleKind};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;
const START: u64 = 1_700_000_000 * SECOND;

/// A number that a test moves and a ledger asks for.
fn dial(at: u64) -> (Arc<AtomicU64>, Arc<dyn Fn() -> u64 + Send + Sync>) {
    let dial = Arc::new(AtomicU64::new(at));
    let read = Arc::clone(&dial);
    (dial, Arc::new(move || read.load(Ordering::SeqCst)))
}

fn kinds(engine: &Recorder) -> Vec<TroubleKind> {
    let troubles = engine.ledger().troubles();
    troubles.into_iter().map(|trouble| trouble.kind).collect()
}

fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        sleep(Duration::from_millis(20));
    }
}

fn held_back<T: std::fmt::Debug>(outcome: Result<T, RecordError>) -> TroubleKind {
    match outcome {
        Err(RecordError::HeldBack(trouble)) => trouble.kind,
        other => panic!("not held back: {other:?}"),
    }
}

#[test]
fn below_the_reserve_nothing_is_recorded_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let (free, told) = dial(1 << 30);
    let options = Options {
        disk_reserve: 1 << 20,
        free: Some(Arc::new(move || Ok(told()))),
        ..options()
    };
    let path = folder.path().join("ledger.redb");
    let engine = Recorder::open(&path, &options).unwrap();
    record(&engine, founding()).unwrap();
    let once = || request("once", vec![register("a")]);
    engine.record(once()).unwrap();
    let head = engine.ledger().head();

    free.store((1 << 20) - 1, Ordering::SeqCst);
    let before = fs::read(&path).unwrap();
    assert_eq!(
        held_back(record(&engine, vec![register("b")])),
        TroubleKind::DiskFull
    );
    assert_eq!(kinds(&engine), [TroubleKind::DiskFull]);
    assert!(engine.held_back().is_some());
    assert_eq!(engine.ledger().head(), head);
    // What needs no room goes on.
    assert!(engine.record(once()).unwrap().is_replayed());
    let mut judged = request("judged", vec![register("b")]);
    judged.validate_only = true;
    engine.record(judged).unwrap();
    assert!(engine.ledger().entry(Position::FIRST).unwrap().is_some());
    assert!(fs::read(&path).unwrap() == before);

    free.store(1 << 20, Ordering::SeqCst);
    // It ends by itself, whether or not anybody records.
    wait("there is room", || engine.ledger().troubles().is_empty());
    record(&engine, vec![register("b")]).unwrap();
    free.store(0, Ordering::SeqCst);
    wait("there is none", || !engine.ledger().troubles().is_empty());
    free.store(1 << 30, Ordering::SeqCst);
    record(&engine, vec![register("c")]).unwrap();
    assert!(engine.ledger().troubles().is_empty());
}

#[test]
fn a_replaced_file_fences() {
    let folder = tempfile::tempdir().unwrap();
    let (path, aside) = (
        folder.path().join("ledger.redb"),
        folder.path().join("aside"),
    );
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head();
    let before = fs::read(&path).unwrap();
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, &before).unwrap();

    assert_eq!(
        held_back(record(&engine, vec![register("a")])),
        TroubleKind::Replaced
    );
    assert_eq!(engine.ledger().head(), head, "nothing is shown");
    assert!(
        engine
            .ledger()
            .parties_after(&Among::Everybody, None, 10)
            .is_empty()
    );
    assert!(fs::read(&path).unwrap() == before);
    // Nor is anything afterwards, whatever stands there then.
    fs::rename(&aside, &path).unwrap();
    assert_eq!(
        held_back(record(&engine, vec![register("b")])),
        TroubleKind::Replaced
    );
    let text = engine.held_back().unwrap().text;
    assert!(!text.contains(folder.path().to_str().unwrap()), "{text}");
}

#[test]
fn a_file_that_is_gone_is_noticed_without_recording() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    fs::remove_file(folder.path().join("ledger.redb")).unwrap();
    wait("it is told", || kinds(&engine) == [TroubleKind::Replaced]);
    assert!(
        engine.ledger().entry(Position::FIRST).unwrap().is_some(),
        "questions go on"
    );
}

#[test]
fn a_clock_set_back_is_told_and_today_is_no_earlier_day() {
    let folder = tempfile::tempdir().unwrap();
    let (now, clock) = dial(START);
    let options = Options { clock, ..options() };
    let path = folder.path().join("ledger.redb");
    let engine = Recorder::open(&path, &options).unwrap();
    let first = record(&engine, founding()).unwrap();
    let today = engine.ledger().today();

    now.store(START - 3_650 * DAY, Ordering::SeqCst);
    wait("it is told", || {
        kinds(&engine) == [TroubleKind::ClockBehind]
    });
    assert_eq!(engine.ledger().today(), today, "no day begins twice");
    assert!(engine.ledger().clock_ahead() < 0);
    let second = record(&engine, vec![register("a")]).unwrap();
    assert!(second.record_time > first.record_time);
    drop(engine);
    let engine = Recorder::open(&path, &options).unwrap();
    assert_eq!(engine.ledger().today(), today);
    wait("it is told", || {
        kinds(&engine) == [TroubleKind::ClockBehind]
    });
    now.store(START + SECOND, Ordering::SeqCst);
    wait("it is over", || engine.ledger().troubles().is_empty());
}

#[test]
fn a_clock_that_jumps_a_year_ahead_records_nothing_and_begins_no_day() {
    let folder = tempfile::tempdir().unwrap();
    let (now, clock) = dial(START);
    let options = Options { clock, ..options() };
    let path = folder.path().join("ledger.redb");
    let engine = Recorder::open(&path, &options).unwrap();
    record(&engine, founding()).unwrap();
    let frontier = engine.ledger().frontier();

    now.store(START + 2 * DAY, Ordering::SeqCst);
    wait("a jump is told", || {
        kinds(&engine) == [TroubleKind::ClockAhead]
    });
    assert!(engine.held_back().is_none());
    now.store(START, Ordering::SeqCst);
    wait("it is over, though a day has begun", || {
        kinds(&engine) == [TroubleKind::ClockBehind]
    });
    let day = engine.ledger().frontier().day;
    assert!(day > frontier.day);

    now.store(START + 3_650 * DAY, Ordering::SeqCst);
    let batch = || request("once", vec![register("a")]);
    assert_eq!(
        held_back(engine.record(batch())),
        TroubleKind::ClockFarAhead
    );
    let text = engine.held_back().unwrap().text;
    assert!(text.contains("--accept-clock"), "{text}");
    sleep(Duration::from_millis(1_200));
    assert_eq!(engine.ledger().frontier().day, day);
    drop(engine);
    let engine = Recorder::open(&path, &options).unwrap();
    assert_eq!(
        held_back(engine.record(batch())),
        TroubleKind::ClockFarAhead
    );
    drop(engine);

    let accepted = Options {
        accept_clock: true,
        ..options
    };
    let engine = Recorder::open(&path, &accepted).unwrap();
    let recorded = engine.record(batch()).unwrap();
    assert_eq!(
        recorded.recorded().unwrap().record_time,
        RecordTime::from_micros(START + 3_650 * DAY)
    );
    assert!(engine.ledger().troubles().is_empty());
}

#[test]
fn a_ledger_that_was_idle_for_months_opens_and_records() {
    let folder = tempfile::tempdir().unwrap();
    let (now, clock) = dial(START);
    let options = Options { clock, ..options() };
    let path = folder.path().join("ledger.redb");
    record(&Recorder::open(&path, &options).unwrap(), founding()).unwrap();
    now.store(START + 300 * DAY, Ordering::SeqCst);
    let engine = Recorder::open(&path, &options).unwrap();
    record(&engine, vec![register("a")]).unwrap();
    assert!(engine.ledger().troubles().is_empty());
}

#[test]
fn a_day_begins_however_busy_the_writer_is() {
    let folder = tempfile::tempdir().unwrap();
    let (now, clock) = dial(START);
    let options = Options { clock, ..options() };
    let engine = Recorder::open(&folder.path().join("ledger.redb"), &options).unwrap();
    record(&engine, founding()).unwrap();
    let day = engine.ledger().frontier().day;
    now.store(START + DAY, Ordering::SeqCst);
    let start = Instant::now();
    // Never a second without a request, and none that is recorded.
    while engine.ledger().frontier().day == day {
        assert!(start.elapsed() < Duration::from_secs(20));
        let mut judged = request("judged", vec![register("a")]);
        judged.validate_only = true;
        engine.record(judged).unwrap();
        sleep(Duration::from_millis(50));
    }
}
