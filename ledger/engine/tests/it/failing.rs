//! A log that fails while the ledger runs: everyone is told, nothing is shown that is not durable,
//! what is durable is shown, and with the disk back all goes on without a restart.

mod under_way;

use crate::common::*;
use standing_domain::id::position::Position;
use standing_domain::time::truth::Truth;
use standing_engine::store::keys::KeyFile;
use standing_engine::store::{Log, ReadError, StorageBackend};
use standing_engine::{Among, EntryError, Options, RecordError, Recorder, TroubleKind};
use std::collections::BTreeSet;
use std::io::{Error, Result};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Memory that fails when told to, and survives the log that used it.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub bytes: Arc<Mutex<Vec<u8>>>,
    /// How many changes and syncs there were.
    steps: Arc<AtomicU64>,
    /// The step that fails, counted from 1; 0 for none.
    fails_at: Arc<AtomicU64>,
    /// Whether all later ones fail too.
    stays: Arc<AtomicBool>,
    /// Whether nothing can be read.
    unreadable: Arc<AtomicBool>,
    /// Held by whoever keeps syncs waiting.
    gate: Arc<Mutex<()>>,
    /// How many syncs have begun.
    syncs: Arc<AtomicU64>,
}

impl Disk {
    /// Lets the next steps but so many fail: one of them, or all.
    pub fn fail(&self, after: u64, stays: bool) {
        let at = self.steps.load(Ordering::SeqCst) + after + 1;
        self.stays.store(stays, Ordering::SeqCst);
        self.fails_at.store(at, Ordering::SeqCst);
    }

    fn heal(&self) {
        self.fails_at.store(0, Ordering::SeqCst);
    }

    fn step(&self) -> Result<()> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        let fails_at = self.fails_at.load(Ordering::SeqCst);
        let is_later = self.stays.load(Ordering::SeqCst) && step > fails_at;
        if fails_at > 0 && (step == fails_at || is_later) {
            return Err(Error::other("the disk is gone"));
        }
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        if self.unreadable.load(Ordering::SeqCst) {
            return Err(Error::other("the disk does not answer"));
        }
        let start = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.bytes.lock().unwrap()[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        self.step()?;
        let len = usize::try_from(len).unwrap();
        self.bytes.lock().unwrap().resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        let _open = self.gate.lock().unwrap();
        self.step()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.step()?;
        let start = usize::try_from(offset).unwrap();
        self.bytes.lock().unwrap()[start..start + data.len()].copy_from_slice(data);
        Ok(())
    }
}

/// A ledger with a member on a disk that may fail.
struct World {
    disk: Disk,
    engine: Recorder,
    options: Options,
    folder: tempfile::TempDir,
}

impl World {
    fn new(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFile::create(folder.path().join("keys")).unwrap();
        let disk = Disk::default();
        let log = Log::with_backend(disk.clone(), options.log).unwrap();
        let engine = Recorder::start(log, keys, &options).unwrap();
        record(&engine, founding()).unwrap();
        record(
            &engine,
            vec![register("a"), admit("a", "full", "2001-01-01")],
        )
        .unwrap();
        Self {
            disk,
            engine,
            options,
            folder,
        }
    }

    /// Opens a second ledger on what is on the disk now.
    fn again(&self) -> Recorder {
        let copy = Disk::default();
        self.disk
            .bytes
            .lock()
            .unwrap()
            .clone_into(&mut copy.bytes.lock().unwrap());
        let log = Log::with_backend(copy, self.options.log).unwrap();
        let keys = KeyFile::open(self.folder.path().join("keys")).unwrap();
        Recorder::start(log, keys, &self.options).unwrap()
    }
}

fn stored(engine: &Recorder) -> Vec<Vec<u8>> {
    let entries = engine
        .ledger()
        .entries(Position::FIRST.to(engine.ledger().head().position))
        .unwrap();
    entries.into_iter().map(|entry| entry.stored).collect()
}

fn kinds(engine: &Recorder) -> Vec<TroubleKind> {
    let troubles = engine.ledger().troubles();
    troubles.into_iter().map(|trouble| trouble.kind).collect()
}

/// Waits until something is so; a ledger looks every second.
fn wait(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_failed_commit_tells_everyone_shows_nothing_and_is_over_when_the_disk_is_back() {
    let world = World::new(options());
    let engine = &world.engine;
    let head = engine.ledger().head();
    world.disk.fail(0, true);
    let lost = || request("lost", vec![leave("a", "2002-01-01")]);
    assert!(matches!(
        engine.record(lost()),
        Err(RecordError::Storage(_))
    ));
    assert_eq!(engine.ledger().head(), head);
    assert_eq!(
        votes(engine, "a", "2003-01-01"),
        Truth::Yes,
        "answers go on as of the head"
    );
    assert!(
        matches!(
            engine.ledger().entry(Position::FIRST),
            Err(EntryError::Log(ReadError::Closed | ReadError::Storage(_)))
        ),
        "what stands in the log is not told"
    );
    assert!(
        matches!(
            record(engine, vec![register("b")]),
            Err(RecordError::HeldBack(trouble)) if trouble.kind == TroubleKind::StorageFailed
        ),
        "and nothing is recorded"
    );
    assert!(
        engine
            .ledger()
            .parties_after(&Among::Everybody, None, 10)
            .len()
            == 1
    );

    world.disk.heal();
    wait("it goes on", || engine.ledger().troubles().is_empty());
    let first = engine.record(lost()).unwrap();
    assert_eq!(first.recorded().unwrap().first, head.position.next());
    assert_eq!(votes(engine, "a", "2003-01-01"), Truth::No);
    record(engine, vec![register("b")]).unwrap();
    assert_eq!(stored(engine), stored(&world.again()));
}

/// What came of a batch whose commit met a failing disk.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    /// The disk failed later than that, or not at all.
    Untouched,
    /// It is on disk, and the caller was told so.
    Told,
    /// It was on disk after all, as was found when the log was opened again.
    Found,
    /// It is not.
    Nothing,
}

/// Records while one step of the disk fails, or all from one on until it is healed.
fn fail_at(after: u64, stays: bool) -> Came {
    let world = World::new(options());
    let engine = &world.engine;
    let (head, before) = (engine.ledger().head().position, stored(engine));
    world.disk.fail(after, stays);
    let name = |id: &str| request(id, vec![named("p-1"), leave("a", "2002-01-01")]);
    let outcome = engine.record(name("once"));
    let failed = world.disk.steps.load(Ordering::SeqCst);
    let is_hit = failed >= world.disk.fails_at.load(Ordering::SeqCst);
    match &outcome {
        Ok(recorded) => assert_eq!(
            (
                recorded.recorded().unwrap().first,
                recorded.recorded().unwrap().last
            ),
            (head.next(), head.plus(2))
        ),
        Err(RecordError::Storage(_)) => {
            assert_eq!(engine.ledger().head().position, head, "nothing is shown");
            assert_eq!(votes(engine, "a", "2003-01-01"), Truth::Yes);
        }
        Err(other) => panic!("step {after}: {other:?}"),
    }
    world.disk.heal();
    wait("it goes on", || engine.ledger().troubles().is_empty());
    // What was found on disk is shown by now.
    let shown = engine.ledger().head().position;
    assert!(shown == head || shown == head.plus(2));
    let first = engine.record(name("once")).unwrap();
    assert_eq!(
        (
            first.recorded().unwrap().first,
            first.recorded().unwrap().last
        ),
        (head.next(), head.plus(2)),
        "once"
    );
    assert_eq!(first.is_replayed(), shown > head);
    assert_eq!(engine.ledger().head().position, head.plus(2));
    assert_eq!(votes(engine, "a", "2003-01-01"), Truth::No);
    record(engine, vec![register("b")]).unwrap();
    // One key, whether or not the commit it was written for failed.
    let keys = std::fs::read_to_string(world.folder.path().join("keys")).unwrap();
    assert_eq!(keys.matches("person p-1 ").count(), 1, "{after}");
    let again = world.again();
    assert_eq!(stored(engine), stored(&again));
    assert_eq!(stored(engine)[..before.len()], before);
    for engine in [engine, &again] {
        let entry = engine.ledger().entry(head.next()).unwrap().unwrap();
        assert_eq!(unsealed(engine, &entry), ["A Natural Person"]);
    }
    match outcome {
        Ok(_) if is_hit => Came::Told,
        Ok(_) => Came::Untouched,
        Err(_) if first.is_replayed() => Came::Found,
        Err(_) => Came::Nothing,
    }
}

#[test]
fn a_disk_that_fails_at_any_step_loses_nothing_and_doubles_nothing() {
    // Once it failed, it may work on or stay away for a while.
    let reached = [false, true].map(|stays| {
        let steps = 0..64;
        // One that stays away is looked at every second: they wait side by side.
        let came: BTreeSet<Came> = std::thread::scope(|scope| {
            let tries: Vec<_> = steps
                .map(|after| scope.spawn(move || fail_at(after, stays)))
                .collect();
            tries.into_iter().map(|one| one.join().unwrap()).collect()
        });
        came
    });
    let [once, stays] = reached;
    assert_eq!(
        once,
        [Came::Untouched, Came::Told, Came::Nothing].into(),
        "opened again at once, all is known before anybody is told"
    );
    assert_eq!(stays, [Came::Untouched, Came::Found, Came::Nothing].into());
}

#[test]
fn a_read_that_fails_is_not_the_end_of_reading() {
    let mut options = options();
    options.log.cache_bytes = 0;
    let world = World::new(options);
    let engine = &world.engine;
    world.disk.unreadable.store(true, Ordering::SeqCst);
    assert!(engine.ledger().entry(Position::FIRST).is_err());
    assert_eq!(votes(engine, "a", "2003-01-01"), Truth::Yes);
    world.disk.unreadable.store(false, Ordering::SeqCst);
    // The log answers nothing any more once something failed, until it is opened again.
    assert!(engine.ledger().entry(Position::FIRST).is_err());
    wait("it is read again", || {
        engine.ledger().entry(Position::FIRST).is_ok()
    });
    wait("all is well", || engine.ledger().troubles().is_empty());
    record(engine, vec![register("b")]).unwrap();
}

#[test]
fn a_day_that_could_not_be_announced_begins_when_the_disk_is_back() {
    let now = Arc::new(AtomicU64::new(1_700_000_000_000_000));
    let clock = Arc::clone(&now);
    let world = World::new(Options {
        clock: Arc::new(move || clock.load(Ordering::SeqCst)),
        ..options()
    });
    let engine = &world.engine;
    let day = engine.ledger().frontier().day;
    world.disk.fail(0, true);
    now.fetch_add(86_400_000_000, Ordering::SeqCst);
    wait("the failure is told", || {
        kinds(engine).contains(&TroubleKind::StorageFailed)
    });
    assert_eq!(engine.ledger().frontier().day, day);
    assert!(matches!(
        record(engine, vec![register("b")]),
        Err(RecordError::HeldBack(_))
    ));
    world.disk.heal();
    wait("the day begins", || engine.ledger().frontier().day > day);
    wait("all is well", || engine.ledger().troubles().is_empty());
    record(engine, vec![register("b")]).unwrap();
    assert_eq!(
        world.again().ledger().frontier(),
        engine.ledger().frontier()
    );
}
