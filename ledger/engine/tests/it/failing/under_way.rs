//! Requests are decided while others are on their way to the disk, and fall with them.

use super::*;
use crate::series::{Told, first, held};
use standing_domain::time::day::Day;
use standing_engine::{CheckError, Meanwhile, Request};
use std::sync::MutexGuard;

/// A ledger of which two registrations are on their way to the disk, which does not answer.
struct Waiting<'a> {
    world: &'a World,
    told: Told,
    gate: MutexGuard<'a, ()>,
    before: Position,
}

fn registers(party: &str) -> Request {
    request(party, vec![register(party)])
}

fn overlapping() -> World {
    World::new(Options {
        decides_meanwhile: Meanwhile::Always,
        ..options()
    })
}

/// Rests on one of the registrations.
fn admits() -> Request {
    request("admits", vec![admit("b", "full", "2001-01-01")])
}

/// Names a person, who gets a key.
fn names() -> Request {
    request("names", vec![named("p-1")])
}

impl<'a> Waiting<'a> {
    fn on(world: &'a World) -> Self {
        let (told, before) = (Told::new(), world.engine.ledger().head().position);
        let hold = held(&world.engine);
        for (number, party) in ["b", "c"].into_iter().enumerate() {
            world.engine.submit(registers(party), told.reply(number));
        }
        let syncs = world.disk.syncs.load(Ordering::SeqCst);
        let gate = world.disk.gate.lock().unwrap();
        drop(hold);
        wait("they are on their way", || {
            world.disk.syncs.load(Ordering::SeqCst) > syncs
        });
        Self {
            world,
            told,
            gate,
            before,
        }
    }

    /// Waits until all that was handed in is decided: what comes behind it is answered.
    fn decided(&self) {
        let judged = Request {
            validate_only: true,
            ..request("judged", vec![register("d")])
        };
        assert_eq!(
            self.world.engine.record(judged).unwrap(),
            standing_engine::Outcome::Judged
        );
    }
}

#[test]
fn requests_are_decided_while_others_are_on_their_way() {
    let world = overlapping();
    let waiting = Waiting::on(&world);
    let (engine, told) = (&world.engine, &waiting.told);
    let refused = engine.record(request("again", vec![register("b")]));
    assert!(matches!(refused, Err(RecordError::Refused(_))));
    let other = engine.record(request("b", vec![register("d")]));
    assert!(matches!(other, Err(RecordError::RequestIdReused { .. })));
    engine.submit(registers("b"), told.reply(2));
    engine.submit(admits(), told.reply(3));
    engine.submit(admits(), told.reply(4));
    waiting.decided();
    assert_eq!(engine.ledger().head().position, waiting.before);
    let day = Day::parse("2003-01-01").unwrap();
    let asked = vote(engine.ledger(), "b", None, day, waiting.before);
    assert_eq!(asked, Err(CheckError::UnknownParty), "nothing shows");
    drop(waiting.gate);
    let told = told.all(5);
    let positions: Vec<u64> = told
        .iter()
        .map(|told| first(told).since(waiting.before))
        .collect();
    assert_eq!(positions, [1, 2, 1, 3, 3]);
    let replayed: Vec<bool> = told
        .iter()
        .map(|told| told.as_ref().unwrap().is_replayed())
        .collect();
    assert_eq!(replayed, [false, false, true, false, true]);
    assert_eq!(votes(engine, "b", "2003-01-01"), Truth::Yes);
    assert_eq!(stored(engine), stored(&world.again()));
}

/// What of the log and of the keys was asked for, and how often: once, whatever failed.
fn all_is_there_once(
    world: &World,
    before: Position,
    told: &[std::result::Result<standing_engine::Outcome, RecordError>],
) {
    let engine = &world.engine;
    wait("it goes on", || engine.ledger().troubles().is_empty());
    for (number, again) in [registers("b"), registers("c"), admits(), names()]
        .into_iter()
        .enumerate()
    {
        let again = engine.record(again);
        match &told[number] {
            Ok(_) => assert_eq!(first(&told[number]), first(&again), "what was told stays"),
            Err(RecordError::Storage(_) | RecordError::HeldBack(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
        assert!(again.is_ok(), "{again:?}");
    }
    assert_eq!(engine.ledger().head().position, before.plus(4));
    assert_eq!(votes(engine, "b", "2003-01-01"), Truth::Yes);
    assert_eq!(stored(engine), stored(&world.again()));
    let keys = std::fs::read_to_string(world.folder.path().join("keys")).unwrap();
    assert_eq!(keys.matches("person p-1 ").count(), 1);
}

#[test]
fn what_was_decided_above_a_failed_commit_falls_with_it() {
    let world = overlapping();
    let waiting = Waiting::on(&world);
    let (engine, told) = (&world.engine, &waiting.told);
    engine.submit(admits(), told.reply(2));
    engine.submit(names(), told.reply(3));
    engine.submit(registers("b"), told.reply(4));
    waiting.decided();
    world.disk.fail(0, true);
    let before = waiting.before;
    drop(waiting.gate);
    let told = waiting.told.all(5);
    assert!(
        told.iter()
            .all(|told| matches!(told, Err(RecordError::Storage(_)))),
        "{told:?}"
    );
    assert_eq!(engine.ledger().head().position, before);
    world.disk.heal();
    wait("it goes on", || engine.ledger().troubles().is_empty());
    // It rested on what is not there any more, if it is not.
    if engine.ledger().head().position == before {
        assert!(matches!(
            engine.record(admits()),
            Err(RecordError::Refused(_))
        ));
    }
    all_is_there_once(&world, before, &told);
}

/// Lets a step of the disk fail while one group is on its way and another lies above it.
fn fail_at(after: u64, stays: bool) -> usize {
    let world = overlapping();
    let waiting = Waiting::on(&world);
    let (engine, told) = (&world.engine, &waiting.told);
    engine.submit(admits(), told.reply(2));
    engine.submit(names(), told.reply(3));
    waiting.decided();
    world.disk.fail(after, stays);
    drop(waiting.gate);
    let told = told.all(4);
    world.disk.heal();
    all_is_there_once(&world, waiting.before, &told);
    told.iter().filter(|told| told.is_ok()).count()
}

#[test]
fn a_disk_that_fails_at_any_step_loses_and_doubles_nothing_of_two_groups() {
    // What is looked for at once is found on the disk, but for what was never written.
    for (stays, groups) in [(false, vec![2, 4]), (true, vec![0, 2, 4])] {
        let recorded: BTreeSet<usize> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..40)
                .map(|after| scope.spawn(move || fail_at(after, stays)))
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(recorded, groups.into_iter().collect(), "whole groups");
    }
}
