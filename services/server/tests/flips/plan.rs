//! Which bits are flipped.

use crate::scene::{Scene, State};
use fastrand::Rng;

/// How many flips anywhere in the files there are in all.
const ANYWHERE: usize = 10_000;

/// One flip.
#[derive(Debug, Clone, Copy)]
pub struct Flip {
    pub state: State,
    pub place: Place,
    pub mask: u8,
    /// While the ledger is served, not before it is opened.
    pub running: bool,
    /// No page is looked at before the ledger is served.
    pub bare: bool,
}

/// Where a bit is flipped.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// In an entry, by its place in the ledger, wherever it stands in the log.
    Entry { entry: usize, byte: usize },
    /// In the log.
    Log(usize),
    /// In the key file.
    Keys(usize),
}

/// Every byte of every stored entry, of the writer's file and of the replica's, at rest and under a
/// running ledger.
pub fn of_entries(scene: &Scene, rng: &mut Rng) -> Vec<Flip> {
    let mut flips = Vec::new();
    let head = usize::try_from(scene.head).unwrap();
    for (entry, bytes) in scene.entries.iter().take(head).enumerate() {
        for byte in 0..bytes.len() {
            let state = State::ALL[rng.usize(..State::ALL.len())];
            for running in [false, true] {
                flips.push(Flip {
                    state,
                    place: Place::Entry { entry, byte },
                    mask: 1 << rng.u8(..8),
                    running,
                    bare: true,
                });
            }
        }
    }
    flips
}

/// Bits anywhere in the files, half of them of ledgers that were killed.
pub fn anywhere(scene: &Scene, rng: &mut Rng) -> Vec<Flip> {
    let flip = |_| {
        // A source of its own: what is picked in one file does not move what is picked in the next.
        let mut rng = rng.fork();
        let state = State::ALL[rng.usize(..State::ALL.len())];
        let files = scene.files(state);
        let in_keys = !files.keys.is_empty() && rng.u8(..10) == 0;
        let place = if in_keys {
            Place::Keys(rng.usize(..files.keys.len()))
        } else {
            Place::Log(in_use(&files.log, &mut rng))
        };
        Flip {
            state,
            place,
            mask: 1 << rng.u8(..8),
            running: rng.u8(..4) == 0,
            bare: rng.bool(),
        }
    };
    (0..ANYWHERE).map(flip).collect()
}

/// Most of a small file is room that nothing stands in yet: half of the flips hit a byte that is
/// not zero.
fn in_use(log: &[u8], rng: &mut Rng) -> usize {
    let wants_used = rng.bool();
    loop {
        let place = rng.usize(..log.len());
        if !wants_used || log[place] != 0 {
            return place;
        }
    }
}
