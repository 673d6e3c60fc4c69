//! Questions by an instant after the last entry, and by a day: what was answered stays so, whatever
//! the clock does and whoever opens the log again.

use crate::common::*;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::Event;
use standing_domain::id::AssociationId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{Options, Point, PointError, Recorder, Until};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;
/// Noon of 2023-11-14, where no association is founded: in UTC.
const NOON: u64 = 1_699_963_200 * SECOND;

fn founded(zone: &str) -> Draft {
    draft(
        "",
        "2000-01-01",
        Event::AssociationFounded {
            association: AssociationId::new("assoc").unwrap(),
            names: vec![],
            time_zone: zone.to_owned(),
        },
    )
}

/// A clock that a test sets.
struct Dial(Arc<AtomicU64>);

impl Dial {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOON)))
    }

    fn set(&self, micros: u64) {
        self.0.store(micros, Ordering::SeqCst);
    }

    fn open(&self, folder: &Path) -> Recorder {
        let now = Arc::clone(&self.0);
        let options = Options {
            clock: Arc::new(move || now.load(Ordering::SeqCst)),
            ..options()
        };
        Recorder::open(&folder.join("ledger.redb"), &options).unwrap()
    }
}

fn at(micros: u64) -> Point {
    Point::Instant(RecordTime::from_micros(micros))
}

fn close(engine: &Recorder, micros: u64) {
    let (send, closed) = channel();
    engine.close(RecordTime::from_micros(micros), move || {
        let _ = send.send(());
    });
    closed.recv().unwrap();
}

fn resolve(engine: &Recorder, micros: u64) -> Result<Position, PointError> {
    engine.ledger().resolve(at(micros), Position::ZERO)
}

#[test]
fn an_instant_after_the_last_entry_is_answered_once_nothing_is_recorded_there_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head();
    dial.set(NOON + 60 * SECOND);

    let asked = NOON + 30 * SECOND;
    let open = resolve(&engine, asked).unwrap_err();
    assert!(matches!(open, PointError::NotClosed { .. }), "{open}");
    assert!(engine.ledger().unsettled(at(asked)).is_some());
    close(&engine, asked);
    assert_eq!(engine.ledger().unsettled(at(asked)), None);
    assert_eq!(resolve(&engine, asked).unwrap(), head.position);

    // The clock is set back behind it: what is recorded now is later all the same.
    dial.set(NOON + 10 * SECOND);
    let later = record(&engine, vec![register("a")]).unwrap();
    assert!(later.record_time.micros() > asked, "{later:?}");
    assert_eq!(resolve(&engine, asked).unwrap(), head.position);
}

#[test]
fn what_was_answered_stays_so_when_the_log_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head();
    let asked = NOON + 30 * SECOND;
    dial.set(asked);
    close(&engine, asked);
    // Within a second nothing is written for the next ones, and they are kept as well.
    dial.set(asked + SECOND / 2);
    close(&engine, asked + SECOND / 2);
    drop(engine);

    dial.set(NOON + SECOND);
    let engine = dial.open(folder.path());
    let later = record(&engine, vec![register("a")]).unwrap();
    assert!(later.record_time.micros() > asked + SECOND / 2, "{later:?}");
    for asked in [asked, asked + SECOND / 2] {
        assert_eq!(resolve(&engine, asked).unwrap(), head.position);
    }
}

#[test]
fn nothing_is_reserved_that_nobody_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    dial.set(NOON + 60 * SECOND);
    assert!(resolve(&engine, NOON + 30 * SECOND).is_err());
    dial.set(NOON + 20 * SECOND);
    let later = record(&engine, vec![register("a")]).unwrap();
    assert_eq!(later.record_time.micros(), NOON + 20 * SECOND);
}

#[test]
fn an_instant_to_come_is_refused_and_never_reserved() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    let to_come = NOON + 3_600 * SECOND;
    close(&engine, to_come);
    let refused = resolve(&engine, to_come).unwrap_err();
    assert!(
        matches!(refused, PointError::FutureInstant { .. }),
        "{refused}"
    );
    let next = record(&engine, vec![register("a")]).unwrap();
    assert!(next.record_time.micros() < to_come);
}

#[test]
fn a_day_ends_where_the_association_is_and_today_is_now() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    record(&engine, vec![founded("Asia/Seoul")]).unwrap();
    let day = |text: &str| Day::parse(text).unwrap();
    // Noon in UTC is nine in the evening; the day ends three hours later.
    let until = engine.ledger().until(day("2023-11-14")).unwrap();
    assert!(until.now && until.instant.micros() >= NOON);
    dial.set(NOON + DAY);
    let ended = RecordTime::from_micros(NOON + 3 * 3_600 * SECOND - 1);
    let over = Until {
        instant: ended,
        now: false,
    };
    assert_eq!(engine.ledger().until(day("2023-11-14")).unwrap(), over);
    let refused = engine.ledger().until(day("2023-11-16")).unwrap_err();
    assert!(matches!(refused, PointError::FutureDay { .. }), "{refused}");
}

#[test]
fn a_follower_answers_up_to_where_it_knows_that_all_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head();
    let stored: Vec<_> = engine
        .ledger()
        .entries(Position::FIRST.to(head.position))
        .unwrap()
        .into_iter()
        .map(|entry| entry.stored)
        .collect();
    let now = Arc::new(AtomicU64::new(NOON + 10 * DAY));
    let told = Arc::clone(&now);
    let options = Options {
        clock: Arc::new(move || told.load(Ordering::SeqCst)),
        ..options()
    };
    let path = folder.path().join("follower.redb");
    let follower = Recorder::open_follower(&path, &options).unwrap();
    follower.follow(Position::FIRST, &stored).unwrap();

    close(&follower, NOON + DAY);
    let open = resolve(&follower, NOON + DAY).unwrap_err();
    let PointError::NotClosed { closed, .. } = open else {
        panic!("{open}");
    };
    assert_eq!(closed, head.record_time);
    // A day that has begun tells that all that was recorded before it has come.
    follower.follow_day(Day::parse("2023-11-16").unwrap(), head.position);
    let start_of_day = NOON + DAY + DAY / 2;
    let start = std::time::Instant::now();
    while resolve(&follower, start_of_day - 1).is_err() {
        assert!(start.elapsed().as_secs() < 20);
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(resolve(&follower, start_of_day - 1).unwrap(), head.position);
    assert!(resolve(&follower, start_of_day).is_err());
}

#[test]
fn a_layer_of_assumed_drafts_has_the_day_that_has_begun() {
    let folder = tempfile::tempdir().unwrap();
    let dial = Dial::new();
    let engine = dial.open(folder.path());
    record(&engine, founding()).unwrap();
    let today = engine.ledger().today();
    dial.set(NOON - 30 * DAY);
    let layer = engine
        .ledger()
        .assume(
            vec![register("a")],
            engine.ledger().head().position,
            standing_domain::stop::Stop::NEVER,
        )
        .unwrap();
    assert_eq!(engine.ledger().today(), today);
    assert_eq!(
        layer.today(),
        today,
        "no earlier day begins in what is assumed"
    );
}
