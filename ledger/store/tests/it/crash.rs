//! Crashes: the machine stops at every single write, and what had not been synced is lost, kept or
//! torn. Afterwards every acknowledged entry is there, and of the batch in flight all or nothing.

use crate::support::{Memory, all, append, batch};
use standing_domain::id::position::Position;
use standing_store::{AppendError, Log, Options, StorageBackend};
use std::io;
use std::sync::{Arc, Mutex};

/// The smallest part of a write that reaches a disk whole.
const SECTOR: usize = 512;

/// A disk that stops after a number of writes, and remembers what was not synced.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// As the log sees it.
    seen: Memory,
    /// As of the last sync.
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    /// How many more changes and syncs the disk takes.
    fuse: usize,
}

#[derive(Clone, Debug)]
enum Change {
    Write(u64, Vec<u8>),
    SetLen(u64),
}

/// What becomes of the changes that were not synced.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    Lost,
    Kept,
    /// Each sector and each change of length survives by the toss of a coin.
    Torn(u64),
}

impl Disk {
    pub fn new(bytes: &[u8], fuse: usize) -> Self {
        let (seen, durable) = (Memory::new(bytes.to_vec()), bytes.to_vec());
        Self(Arc::new(Mutex::new(State {
            seen,
            durable,
            unsynced: Vec::new(),
            fuse,
        })))
    }

    pub fn open(&self, options: Options) -> Result<Log, standing_store::OpenError> {
        Log::with_backend(self.clone(), options)
    }

    /// Burns one step of the fuse; the disk does nothing any more once it is burnt.
    fn step(&self) -> io::Result<std::sync::MutexGuard<'_, State>> {
        let mut state = self.0.lock().unwrap();
        if state.fuse == 0 {
            return Err(io::Error::other("the machine stopped"));
        }
        state.fuse -= 1;
        Ok(state)
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().fuse
    }

    /// Returns what is on the disk after the crash.
    pub fn image(&self, fate: Fate) -> Vec<u8> {
        let state = self.0.lock().unwrap();
        let mut image = state.durable.clone();
        let mut coin = match fate {
            Fate::Lost => return image,
            Fate::Kept => Coin(None),
            Fate::Torn(seed) => Coin(Some(seed)),
        };
        for change in &state.unsynced {
            match change {
                Change::SetLen(len) if coin.toss() => {
                    image.resize(usize::try_from(*len).unwrap(), 0);
                }
                Change::SetLen(_) => {}
                Change::Write(offset, data) => {
                    for (index, sector) in data.chunks(SECTOR).enumerate() {
                        let start = usize::try_from(*offset).unwrap() + index * SECTOR;
                        // Beyond the length that survived there is nothing to keep.
                        if let Some(place) = image.get_mut(start..start + sector.len())
                            && coin.toss()
                        {
                            place.copy_from_slice(sector);
                        }
                    }
                }
            }
        }
        image
    }
}

/// A coin that always shows heads, or one that follows from a seed.
struct Coin(Option<u64>);

impl Coin {
    fn toss(&mut self) -> bool {
        let Some(state) = &mut self.0 else {
            return true;
        };
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963);
        *state >> 40 & 1 == 1
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        self.0.lock().unwrap().seen.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.lock().unwrap().seen.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.step()?;
        state.unsynced.push(Change::SetLen(len));
        state.seen.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.step()?;
        state.unsynced.clear();
        state.durable = state.seen.bytes();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.step()?;
        state.unsynced.push(Change::Write(offset, data.to_vec()));
        state.seen.write(offset, data)
    }
}

/// The batches that are appended: last position, and length of each payload. The long ones make the
/// file grow.
const WORK: [(u64, usize); 9] = [
    (21, 20),
    (22, 0),
    (60, 300),
    (100, 2_000),
    (101, 10),
    (140, 5_000),
    (141, 100),
    (400, 100),
    (401, 1),
];

/// Returns a log of twenty entries, closed.
fn base() -> Vec<u8> {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 20, 100));
    log.close().unwrap();
    memory.bytes()
}

/// Returns the entries after each batch, first of all those of the base.
fn states() -> Vec<Vec<Vec<u8>>> {
    let mut states = vec![batch(1, 20, 100)];
    for (last, payload) in WORK {
        let mut state = states.last().unwrap().clone();
        state.extend(batch(state.len() as u64 + 1, last, payload));
        states.push(state);
    }
    states
}

/// Works on a disk until it stops; returns how many batches were acknowledged.
fn work(disk: &Disk, options: Options) -> usize {
    let Ok(log) = disk.open(options) else {
        return 0;
    };
    for (done, (last, payload)) in WORK.into_iter().enumerate() {
        let first = log.head().next();
        let entries = batch(first.number(), last, payload);
        if log
            .append(first, entries.iter().map(Vec::as_slice))
            .is_err()
        {
            return done;
        }
    }
    WORK.len()
}

/// Stops the machine at every step of the work, and looks what is left.
fn every_crash(options: Options) {
    let (base, states) = (base(), states());
    let never = usize::MAX;
    let whole = Disk::new(&base, never);
    assert_eq!(work(&whole, options), WORK.len());
    let steps = never - whole.left();
    assert!(steps > 50, "{steps}");
    for fuse in 0..steps {
        let disk = Disk::new(&base, fuse);
        let acknowledged = work(&disk, options);
        let seed = fuse as u64;
        for fate in [Fate::Lost, Fate::Kept, Fate::Torn(seed), Fate::Torn(!seed)] {
            let after = Memory::new(disk.image(fate));
            let log = Log::with_backend(after, options)
                .unwrap_or_else(|error| panic!("step {fuse}, {fate:?}: {error:?}"));
            let entries = all(&log);
            let found = states.iter().position(|state| *state == entries);
            let Some(found) = found else {
                panic!("step {fuse}, {fate:?}: part of a batch")
            };
            assert!(
                found == acknowledged || found == acknowledged + 1,
                "step {fuse}, {fate:?}: {acknowledged} batches acknowledged, {found} found"
            );
            // Work goes on where it stopped.
            let next = entries.len() as u64 + 1;
            append(&log, &batch(next, next + 2, 40));
            assert_eq!(all(&log).len(), entries.len() + 3);
        }
    }
}

#[test]
fn a_crash_at_any_step_loses_nothing_acknowledged() {
    every_crash(Options::default());
}

#[test]
fn a_crash_at_any_step_with_quick_repair_loses_nothing_acknowledged() {
    every_crash(Options {
        quick_repair: true,
        ..Options::default()
    });
}

#[test]
fn a_crash_while_a_crash_is_repaired_loses_nothing() {
    let expected = batch(1, 40, 20_000);
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &expected);
    let unclosed = memory.bytes();
    drop(log);
    for fuse in 0.. {
        let disk = Disk::new(&unclosed, fuse);
        let opened = disk.open(Options::default()).is_ok();
        for fate in [Fate::Lost, Fate::Kept, Fate::Torn(fuse as u64)] {
            let again = Memory::new(disk.image(fate)).open();
            assert!(all(&again) == expected, "step {fuse}, {fate:?}");
        }
        if opened {
            assert!(fuse > 2);
            return;
        }
    }
}

#[test]
fn after_a_failed_commit_the_log_takes_nothing_until_it_is_opened_again() {
    let (base, states) = (base(), states());
    let whole = Disk::new(&base, usize::MAX);
    let log = whole.open(Options::default()).unwrap();
    let opening = usize::MAX - whole.left();
    append(&log, &batch(21, 21, 20));
    let steps = usize::MAX - whole.left() - opening;
    for failing in 0..steps {
        let disk = Disk::new(&base, opening + failing);
        let log = disk.open(Options::default()).unwrap();
        let entry = batch(21, 21, 20);
        let error = log
            .append(Position::new(21), [entry[0].as_slice()])
            .unwrap_err();
        // Room for new pages may be made before there is anything to commit.
        let before = matches!(error, AppendError::Storage(_));
        assert!(
            matches!(error, AppendError::Commit(_)) || before,
            "step {failing}: {error:?}"
        );
        assert_eq!(log.head(), Position::new(20));
        // The disk works again; the log does not trust what it wrote.
        disk.0.lock().unwrap().fuse = usize::MAX;
        let error = log
            .append(Position::new(21), [entry[0].as_slice()])
            .unwrap_err();
        assert!(
            matches!(error, AppendError::Closed | AppendError::Storage(_)),
            "step {failing}: {error:?}"
        );
        // Opened again it knows, takes entries, and another opening finds the same.
        let head = log.reopen().unwrap();
        assert_eq!(head, log.head());
        assert!(!before || head == Position::new(20), "step {failing}");
        assert!(
            all(&log) == states[0] || all(&log) == states[1],
            "step {failing}"
        );
        let next = head.next().number();
        append(&log, &batch(next, next, 20));
        drop(log);
        let log = Memory::new(disk.image(Fate::Kept)).open();
        assert_eq!(log.head(), head.next(), "step {failing}");
    }
}

/// A crash of the process alone, at any step: what was written is there. Giving up a commit is told
/// when one is given up, and not otherwise.
#[test]
fn a_commit_that_is_given_up_is_told() {
    let base = base();
    let whole = Disk::new(&base, usize::MAX);
    let acknowledged = work(&whole, Options::default());
    assert_eq!(acknowledged, WORK.len());
    let steps = usize::MAX - whole.left();
    let (mut kept, mut torn) = (0, 0);
    let long = std::env::var_os("STANDING_LONG").is_some();
    for fuse in (0..steps).step_by(if long { 1 } else { 3 }) {
        let disk = Disk::new(&base, fuse);
        let acknowledged = work(&disk, Options::default());
        for fate in [Fate::Lost, Fate::Kept, Fate::Torn(fuse as u64)] {
            let after = Memory::new(disk.image(fate)).open();
            if after.fell_back() {
                // Then what was given up had not been acknowledged: the disk lies about nothing
                // here.
                let expected = states()[acknowledged].len() as u64;
                assert_eq!(
                    after.head(),
                    Position::new(expected),
                    "step {fuse}, {fate:?}"
                );
                match fate {
                    Fate::Lost => panic!("step {fuse}: nothing later was there"),
                    Fate::Kept => kept += 1,
                    Fate::Torn(_) => torn += 1,
                }
            }
        }
    }
    println!("{steps} steps: given up {kept} times as written, {torn} times torn");
    assert!(torn > 0, "no torn commit was given up");
}

#[test]
fn an_acknowledged_commit_that_does_not_verify_any_more_is_told() {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 3, 100));
    let before = memory.bytes();
    let last = batch(4, 6, 100);
    append(&log, &last);
    let unclosed = memory.bytes();
    drop(log);
    let sound = Memory::new(unclosed.clone()).open();
    assert_eq!((sound.head(), sound.fell_back()), (Position::new(6), false));

    // A bit of the last commit's page is flipped, where the commit before has none.
    let entry = &last[2];
    let at = unclosed
        .windows(entry.len())
        .rposition(|part| part == entry);
    let mut flipped = unclosed;
    flipped[at.unwrap() + 60] ^= 1;
    assert!(!before.windows(entry.len()).any(|part| part == entry));
    let log = Memory::new(flipped).open();
    assert_eq!((log.head(), log.fell_back()), (Position::new(3), true));
    assert_eq!(all(&log).len(), 3);
}
