//! Replay equals live, whatever was recorded, refused and corrected; and a reader never sees part
//! of a batch.

use crate::common::*;
use proptest::prelude::*;
use standing_domain::entry::draft::EntryRef;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::truth::Truth;
use standing_engine::{Point, Recorder};
use std::sync::atomic::{AtomicBool, Ordering};

const PARTIES: [&str; 3] = ["a", "b", "c"];

/// Everything that can be asked here, at every position.
fn answers(engine: &Recorder) -> Vec<String> {
    let head = engine.ledger().head().position;
    Position::ZERO
        .to(head)
        .flat_map(|known_at| (1..=12).map(move |month| (known_at, month)))
        .map(|(known_at, month)| {
            let day = Day::parse(&format!("2001-{month:02}-15")).unwrap();
            let rights =
                PARTIES.map(|id| vote(engine.ledger(), id, Some("assembly"), day, known_at));
            let basis = engine.ledger().at(known_at).basis(day).unwrap();
            assert_eq!(engine.ledger().basis(day, known_at).unwrap(), basis);
            format!(
                "{rights:?} {:?} {basis:?}",
                engine
                    .ledger()
                    .count_members(day, known_at, Stop::NEVER)
                    .unwrap()
            )
        })
        .collect()
}

#[derive(Debug, Clone)]
enum Act {
    Admit(usize, bool, u8),
    Leave(usize, u8),
    Withdraw(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..3_usize, any::<bool>(), 1..=12_u8)
            .prop_map(|(p, full, month)| Act::Admit(p, full, month)),
        (0..3_usize, 1..=12_u8).prop_map(|(p, month)| Act::Leave(p, month)),
        (7..24_u8).prop_map(Act::Withdraw),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn replay_equals_live(acts in prop::collection::vec(act(), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        record(&engine, founding()).unwrap();
        record(&engine, PARTIES.map(register).to_vec()).unwrap();
        for act in acts {
            // Many are refused; that must leave no trace either.
            let _ = match act {
                Act::Admit(p, full, month) => {
                    let class = if full { "full" } else { "observer" };
                    record(&engine, vec![admit(PARTIES[p], class, &format!("2001-{month:02}"))])
                }
                Act::Leave(p, month) => record(&engine, vec![leave(PARTIES[p], &format!("2001-{month:02}-10"))]),
                Act::Withdraw(position) => {
                    let mut draft = register("a");
                    draft.event = None;
                    draft.corrects = Some(EntryRef::Position(Position::new(position.into())));
                    record(&engine, vec![draft])
                }
            };
        }
        let live = answers(&engine);
        drop(engine);
        prop_assert_eq!(live, answers(&open(folder.path())));
    }
}

#[test]
fn a_reader_never_sees_part_of_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    record(&engine, vec![register("a"), register("b")]).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let day = Day::parse("2150-01-01").unwrap();
            while !done.load(Ordering::Relaxed) {
                let known_at = engine
                    .ledger()
                    .resolve(Point::Head, Position::ZERO)
                    .unwrap();
                let both =
                    ["a", "b"].map(|id| vote(engine.ledger(), id, None, day, known_at).unwrap());
                assert_eq!(both[0], both[1], "at {known_at}");
            }
        });
        for n in 0..200 {
            let date = format!("{}-01-01", 2001 + n / 2);
            let pair = if n % 2 == 0 {
                vec![admit("a", "full", &date), admit("b", "full", &date)]
            } else {
                let date = date.replace("-01-01", "-06-01");
                vec![leave("a", &date), leave("b", &date)]
            };
            record(&engine, pair).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(votes(&engine, "a", "2100-02-01"), Truth::Yes);
}

#[test]
fn rule_9_known_at_rounds_down_to_the_end_of_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let batch = record(&engine, founding()).unwrap();
    let second = record(&engine, vec![register("a"), register("b")]).unwrap();
    assert_eq!(
        engine
            .ledger()
            .resolve(Point::Position(second.first), Position::ZERO)
            .unwrap(),
        batch.last
    );
    assert_eq!(
        engine
            .ledger()
            .resolve(Point::Position(second.last), Position::ZERO)
            .unwrap(),
        second.last
    );
    assert_eq!(
        engine
            .ledger()
            .resolve(Point::Position(Position::new(3)), Position::ZERO)
            .unwrap(),
        Position::ZERO
    );
    assert_eq!(
        engine
            .ledger()
            .resolve(Point::Instant(second.record_time), Position::ZERO)
            .unwrap(),
        second.last
    );
    assert_eq!(
        engine
            .ledger()
            .resolve(
                Point::Instant(RecordTime::from_micros(second.record_time.micros() - 1)),
                Position::ZERO
            )
            .unwrap(),
        batch.last
    );
    assert!(
        engine
            .ledger()
            .resolve(Point::Instant(second.record_time.next()), Position::ZERO)
            .is_err()
    );
    assert!(
        engine
            .ledger()
            .resolve(Point::Position(Position::new(9)), Position::ZERO)
            .is_err()
    );
    assert!(
        engine
            .ledger()
            .resolve(Point::Head, Position::new(9))
            .is_err()
    );
}
