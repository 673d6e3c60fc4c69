//! The walk of computed changes: batches merged with days, the same from every place, on every
//! node, whatever the clock does.

use crate::common::*;
use standing_domain::answers::changes::Cause;
use standing_domain::entry::draft::EntryRef;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::truth::Truth;
use standing_engine::{Cursor, Options, Recorder, Step};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Noon of 2023-11-14, in microseconds.
const NOON: u64 = 1_699_963_200_000_000;
const DAY: u64 = 86_400_000_000;

/// A clock that a test moves.
#[derive(Clone)]
struct Hand(Arc<AtomicU64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOON)))
    }

    fn to(&self, days: u64) {
        self.0.store(NOON + days * DAY, Ordering::Release);
    }

    fn open(&self, folder: &Path) -> Recorder {
        let hand = self.clone();
        let options = Options {
            clock: Arc::new(move || hand.0.load(Ordering::Acquire)),
            ..Options::default()
        };
        Recorder::open(&folder.join("ledger.redb"), &options).unwrap()
    }
}

fn walk(engine: &Recorder, mut cursor: Cursor) -> Vec<Step> {
    let to = engine.ledger().frontier();
    let mut steps = Vec::new();
    while let Some(step) = engine.ledger().next_step(cursor, to, Stop::NEVER).unwrap() {
        assert!(step.cursor > cursor, "{step:?} after {cursor:?}");
        cursor = step.cursor;
        steps.push(step);
    }
    steps
}

/// What a step is and does, in a line.
fn told(step: &Step) -> String {
    let day = step.cursor.day.unwrap();
    let of = step.first.map_or("day".to_owned(), |first| {
        format!("{first}..{}", step.cursor.position)
    });
    let changes = step.changes.iter().map(|change| {
        let end = change.end.map_or(String::new(), |end| end.to_string());
        format!(
            "; {} {} {:?}>{:?} {}..{end} {:?}",
            change.party, change.right, change.before, change.after, change.start, change.cause
        )
    });
    format!("{day} {of}{}", changes.collect::<String>())
}

fn wait_for_day(engine: &Recorder, day: &str) {
    let day = Day::parse(day).unwrap();
    let start = Instant::now();
    while engine.ledger().frontier().day != Some(day) {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            engine.ledger().frontier()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A ledger over six days: one admission on the day, one ahead, one that is withdrawn, and one day
/// without an entry.
fn history(engine: &Recorder, hand: &Hand) {
    record(engine, founding()).unwrap();
    record(engine, vec![register("a"), register("b")]).unwrap();
    hand.to(1);
    record(engine, vec![admit("a", "full", "2023-11-01")]).unwrap();
    record(engine, vec![admit("b", "full", "2023-11-18")]).unwrap();
    hand.to(5);
    record(engine, vec![leave("a", "2023-11-19")]).unwrap();
    let mut withdrawn = register("b");
    withdrawn.event = None;
    withdrawn.corrects = Some(EntryRef::Position(Position::new(10)));
    record(engine, vec![withdrawn]).unwrap();
}

#[test]
fn batches_and_days_stand_in_the_order_of_record_time() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    assert_eq!(walk(&engine, Cursor::START), vec![]);
    history(&engine, &hand);
    let told: Vec<String> = walk(&engine, Cursor::START).iter().map(told).collect();
    assert_eq!(
        told,
        [
            "2023-11-14 1..6",
            "2023-11-14 7..8",
            "2023-11-15 day",
            "2023-11-15 9..9; a vote No>Yes 2023-11-01.. Recorded",
            "2023-11-15 10..10; b vote No>Yes 2023-11-18.. Scheduled",
            "2023-11-16 day",
            "2023-11-17 day",
            "2023-11-18 day; b vote No>Yes 2023-11-18.. PassageOfTime",
            "2023-11-19 day",
            "2023-11-19 11..11; a vote Yes>No 2023-11-19.. Recorded",
            "2023-11-19 12..12; b vote Yes>No 2023-11-18.. Corrected",
        ]
    );
}

#[test]
fn the_start_of_a_day_tells_parties_in_the_order_of_their_ids() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    record(&engine, founding()).unwrap();
    let ids: Vec<String> = (b'a'..=b'z').map(|id| char::from(id).to_string()).collect();
    for id in ids.iter().rev() {
        let admitted = admit(id, "full", "2023-11-15");
        record(&engine, vec![register(id), admitted]).unwrap();
    }
    hand.to(1);
    wait_for_day(&engine, "2023-11-15");
    let steps = walk(&engine, Cursor::START);
    let begun = steps.last().unwrap();
    assert_eq!(begun.first, None);
    let told = begun.changes.iter().map(|change| change.party.as_str());
    assert!(told.eq(ids.iter().map(String::as_str)), "{begun:?}");
}

#[test]
fn the_walk_goes_on_from_every_place_and_is_the_same_on_a_follower() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    history(&engine, &hand);
    let steps = walk(&engine, Cursor::START);
    for (n, step) in (1..).zip(&steps) {
        assert_eq!(walk(&engine, step.cursor), steps[n..]);
        let after = engine.ledger().cursor_at(step.cursor.position).unwrap();
        assert!(after <= step.cursor && after.position == step.cursor.position);
    }
    let follower =
        Recorder::open_follower(&folder.path().join("follower.redb"), &options()).unwrap();
    let entries = engine
        .ledger()
        .entries(Position::FIRST.to(engine.ledger().head().position))
        .unwrap();
    let stored: Vec<_> = entries.into_iter().map(|entry| entry.stored).collect();
    follower.follow(Position::FIRST, &stored).unwrap();
    assert_eq!(walk(&follower, Cursor::START), steps);
    drop(engine);
    assert_eq!(walk(&hand.open(folder.path()), Cursor::START), steps);
}

#[test]
fn a_day_without_entries_begins_and_a_clock_set_back_does_not_undo_it() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    history(&engine, &hand);
    let before = walk(&engine, Cursor::START);
    hand.to(7);
    wait_for_day(&engine, "2023-11-21");
    let begun: Vec<String> = walk(&engine, before.last().unwrap().cursor)
        .iter()
        .map(told)
        .collect();
    assert_eq!(begun, ["2023-11-20 day", "2023-11-21 day"]);
    let announced = walk(&engine, Cursor::START);
    drop(engine);

    hand.to(2);
    let engine = hand.open(folder.path());
    assert_eq!(
        walk(&engine, Cursor::START),
        announced,
        "what was announced stays"
    );
    let recorded = record(&engine, vec![admit("b", "full", "2023-11-21")]).unwrap();
    assert!(
        recorded.record_time > RecordTime::from_micros(NOON + 7 * DAY),
        "{recorded:?}"
    );
    let after = walk(&engine, Cursor::START);
    assert_eq!(after[..announced.len()], announced, "and so does its order");
    assert_eq!(
        told(after.last().unwrap()),
        "2023-11-21 13..13; b vote No>Yes 2023-11-21.. Recorded"
    );
}

#[test]
fn a_follower_begins_the_days_it_is_told_of() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    history(&engine, &hand);
    let follower =
        Recorder::open_follower(&folder.path().join("follower.redb"), &options()).unwrap();
    let entries = engine
        .ledger()
        .entries(Position::FIRST.to(Position::new(10)))
        .unwrap();
    let stored: Vec<_> = entries.into_iter().map(|entry| entry.stored).collect();
    follower.follow(Position::FIRST, &stored).unwrap();
    assert_eq!(
        follower.ledger().frontier().day,
        Some(Day::parse("2023-11-15").unwrap())
    );
    follower.follow_day(Day::parse("2023-11-18").unwrap(), Position::new(10));
    wait_for_day(&follower, "2023-11-18");
    follower.follow_day(Day::parse("2023-11-17").unwrap(), Position::new(10));
    assert_eq!(
        told(walk(&follower, Cursor::START).last().unwrap()),
        "2023-11-18 day; b vote No>Yes 2023-11-18.. PassageOfTime"
    );
}

#[test]
fn a_change_of_the_law_reaches_everybody_and_a_restated_past_is_corrected() {
    let (folder, hand) = (tempfile::tempdir().unwrap(), Hand::new());
    let engine = hand.open(folder.path());
    record(&engine, vec![register("a"), register("b")]).unwrap();
    record(
        &engine,
        vec![term(standing_domain::entry::event::TermKind::Class, "full")],
    )
    .unwrap();
    record(
        &engine,
        vec![
            admit("a", "full", "2001-01-01"),
            admit("b", "full", "2002-01-01"),
        ],
    )
    .unwrap();
    record(&engine, founding()[2..].to_vec()).unwrap();
    record(&engine, vec![leave("b", "2003-01-01")]).unwrap();
    let steps = walk(&engine, Cursor::START);
    let causes = |step: &Step| -> Vec<(String, Cause, Truth)> {
        let changes = step.changes.iter();
        changes
            .map(|change| (change.party.to_string(), change.cause, change.after))
            .collect()
    };
    let [.., law, left] = &steps[..] else {
        panic!()
    };
    assert_eq!(
        causes(law),
        [
            ("a".to_owned(), Cause::LawChanged, Truth::Yes),
            ("b".to_owned(), Cause::LawChanged, Truth::Yes)
        ]
    );
    assert_eq!(causes(left), [("b".to_owned(), Cause::Recorded, Truth::No)]);
    let beyond = engine
        .ledger()
        .cursor_at(engine.ledger().head().position.next())
        .unwrap_err();
    assert_eq!(
        beyond.to_string(),
        "position 11 is beyond the head, which is 10"
    );
}
