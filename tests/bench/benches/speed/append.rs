//! Durable appends a second, against the same bytes and their hashes committed to the same two
//! tables of redb by hand, at the same batching.

use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::bare::{Bare, Hashes};
use standing_bench::rounds::{interleaved, rate};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::{SHORT, request};
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_engine::Recorder;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::Instant;

/// How many callers wait at a time.
const CALLERS: [usize; 3] = [1, 16, 64];

/// A ledger to append to, and bare redb with a copy of its log.
pub struct Sides {
    pub engine: Arc<Recorder>,
    pub bare: Arc<Bare>,
    pub serial: Arc<AtomicU32>,
    pub parties: u32,
    _folder: tempfile::TempDir,
}

impl Sides {
    pub fn new(parties: u32) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("ledger.redb");
        world::build(&path, parties, SHORT)?;
        Ok(Self {
            bare: Arc::new(Bare::on_copy_of(
                &path,
                &folder.path().join("bare.redb"),
                Hashes::Table,
            )?),
            engine: Arc::new(Recorder::open(&path, &world::options())?),
            serial: Arc::default(),
            parties,
            _folder: folder,
        })
    }

    /// Returns a content that was never recorded.
    pub fn fresh(&self) -> Outcome<Content> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        world::fresh(serial, self.parties)
    }

    /// Records one admission.
    pub fn record(&self) -> Outcome {
        self.engine.record(request(self.fresh()?)?)?;
        Ok(())
    }
}

/// Lets a number of threads make so many calls each; returns how many a second. What is called with
/// is made beforehand.
fn calls<T: Send>(
    callers: usize,
    each: usize,
    mut make: impl FnMut() -> Outcome<T>,
    call: impl Fn(T) -> Outcome + Sync,
) -> Outcome<f64> {
    let mut made = || (0..each).map(|_| make()).collect::<Outcome<Vec<T>>>();
    let made: Vec<Vec<T>> = (0..callers).map(|_| made()).collect::<Outcome<_>>()?;
    let start = Instant::now();
    std::thread::scope(|scope| {
        let call = &call;
        let caller = |made: Vec<T>| move || made.into_iter().try_for_each(call);
        let callers: Vec<_> = made
            .into_iter()
            .map(|made| scope.spawn(caller(made)))
            .collect();
        let mut joined = callers.into_iter().map(ScopedJoinHandle::join);
        joined.try_for_each(|outcome| outcome.map_err(|_| "a caller panicked")?)
    })?;
    Ok(rate((callers * each) as u64, start.elapsed()))
}

pub fn appends(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let template = world::stored(Position::FIRST, &sides.fresh()?)?;
    for callers in CALLERS {
        let ours = || {
            calls(
                callers,
                scale.calls,
                || request(sides.fresh()?),
                |request| {
                    sides.engine.record(request)?;
                    Ok(())
                },
            )
        };
        let theirs = || {
            calls(
                callers,
                scale.calls,
                || Ok(template.clone()),
                |bytes| {
                    sides.bare.record(bytes)?;
                    Ok(())
                },
            )
        };
        let rounds = interleaved(scale.rounds, ours, theirs)?;
        let what = format!("durable append, {callers} callers; redb by hand");
        table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(0.8)));
    }
    Ok(())
}
