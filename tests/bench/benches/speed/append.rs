//! Durable appends a second, against the same bytes committed to redb by hand at the same batching.

use crate::Outcome;
use crate::bare::Bare;
use crate::rounds::{interleaved, rate};
use crate::scale::Scale;
use crate::table::{Bound, Table};
use crate::world::{self, SHORT};
use standing_domain::event::{Content, Draft};
use standing_domain::id::{ActorId, DraftId};
use standing_engine::{Engine, Options, Request};
use standing_store::codec;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How many callers wait at a time.
const CALLERS: [usize; 3] = [1, 16, 64];

/// A ledger to append to, and bare redb with a copy of its log.
pub struct Sides {
    pub engine: Arc<Engine>,
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
            bare: Arc::new(Bare::on_copy_of(&path, &folder.path().join("bare.redb"))?),
            engine: Arc::new(Engine::open(&path, &Options::default())?),
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

/// Returns the request that records one content.
pub fn request(content: Content) -> Outcome<Request> {
    let id = match &content.id {
        Some(id) => id.clone(),
        None => DraftId::new("none")?,
    };
    let mut canonical = Vec::new();
    codec::encode(&content, &mut canonical)?;
    let draft = Draft {
        content,
        corrects: None,
        target: None,
    };
    Ok(Request {
        id,
        actor: ActorId::new("local/operator")?,
        drafts: vec![draft],
        canonical,
        expectations: Vec::new(),
        validate_only: false,
    })
}

/// Calls from a number of threads for a time; returns how many a second.
fn calls(callers: usize, slice: Duration, call: impl Fn() -> Outcome + Sync) -> Outcome<f64> {
    let start = Instant::now();
    let done: Outcome<Vec<u64>> = std::thread::scope(|scope| {
        let caller = || -> Outcome<u64> {
            let mut done = 0;
            while start.elapsed() < slice {
                call()?;
                done += 1;
            }
            Ok(done)
        };
        let callers: Vec<_> = (0..callers).map(|_| scope.spawn(caller)).collect();
        let joined = callers
            .into_iter()
            .map(|caller| caller.join().map_err(|_| "a caller panicked")?);
        joined.collect()
    });
    Ok(rate(done?.into_iter().sum(), start.elapsed()))
}

pub fn appends(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let template = world::stored(1, &sides.fresh()?)?;
    for callers in CALLERS {
        let rounds = interleaved(
            scale.rounds,
            || calls(callers, scale.slice, || sides.record()),
            || {
                calls(callers, scale.slice, || {
                    sides.bare.record(template.clone())?;
                    Ok(())
                })
            },
        )?;
        let what = format!("durable append, {callers} callers; redb by hand");
        table.ratio(&what, "/s", &rounds, Bound::AtLeast(0.8));
    }
    Ok(())
}
