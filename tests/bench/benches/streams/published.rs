//! Publishing a whole log into empty streams, against a bare pipelined publish of the same
//! messages: the entries, for which changes wait, against the entries alone; both streams, with
//! what it takes to compute the changes, against both at once.

use crate::bare;
use crate::bare::Copied;
use crate::ledger;
use crate::nats::Nats;
use crate::scale::Scale;
use async_nats::jetstream::Context;
use standing_bench::Outcome;
use standing_bench::rounds::{Round, interleaved, rate};
use standing_bench::table::{Bound, Table};
use standing_engine::Recorder;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How long the stream of entries took, and both.
#[derive(Clone, Copy, Default)]
struct Took {
    entries: Duration,
    both: Duration,
}

/// A ledger to be published, and what becomes of it.
struct World {
    engine: Arc<Recorder>,
    nats: Nats,
    runtime: Runtime,
    context: Context,
    entries: Copied,
    rights: Copied,
}

impl World {
    fn new(folder: &std::path::Path, parties: u32) -> Outcome<Self> {
        let (nats, runtime) = (Nats::start()?, ledger::runtime()?);
        let engine = ledger::open(folder, parties)?;
        let publisher = ledger::publish(&engine, &nats)?;
        ledger::until_caught_up(&publisher.status())?;
        drop(publisher);
        let (context, names) = (runtime.block_on(nats.context())?, ledger::names()?);
        let copied = |name: String| runtime.block_on(Copied::of(&context, &name));
        let (entries, rights) = (
            copied(names.entries_stream())?,
            copied(names.rights_stream())?,
        );
        Ok(Self {
            engine,
            nats,
            runtime,
            context,
            entries,
            rights,
        })
    }

    /// Deletes both streams.
    fn empty(&self) -> Outcome {
        self.runtime.block_on(async {
            for copied in [&self.entries, &self.rights] {
                self.context.delete_stream(&copied.config.name).await?;
            }
            Ok(())
        })
    }

    fn ours(&self) -> Outcome<Took> {
        self.empty()?;
        let begun = Instant::now();
        let publisher = ledger::publish(&self.engine, &self.nats)?;
        let (status, head) = (
            publisher.status(),
            self.engine.ledger().head().position.number(),
        );
        let entries = ledger::until_entries(&status, head)? - begun;
        let both = ledger::until_caught_up(&status)? - begun;
        Ok(Took { entries, both })
    }

    fn theirs(&self) -> Outcome<Took> {
        self.empty()?;
        let [entries, _] = self.published_barely([Some(&self.entries), None])?;
        self.runtime
            .block_on(self.context.delete_stream(&self.entries.config.name))?;
        let both = self.published_barely([Some(&self.entries), Some(&self.rights)])?;
        let both = both.into_iter().max().unwrap_or_default();
        Ok(Took { entries, both })
    }

    /// Publishes streams at once; returns how long each took.
    fn published_barely(&self, streams: [Option<&Copied>; 2]) -> Outcome<[Duration; 2]> {
        let streams = streams.map(Option::<&Copied>::cloned);
        let context = self.runtime.block_on(self.nats.context())?;
        let begun = Instant::now();
        // Tasks of their own, as nothing holds them to one.
        let tasks = streams.map(|stream| {
            let context = context.clone();
            self.runtime.spawn(async move {
                match stream {
                    Some(stream) => bare::publish(context, stream).await?,
                    None => return Ok(Duration::ZERO),
                }
                Outcome::Ok(begun.elapsed())
            })
        });
        let [first, second] = tasks.map(|task| self.runtime.block_on(task));
        Ok([first??, second??])
    }
}

pub fn published(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let world = World::new(folder.path(), scale.published)?;
    let (entries, rights) = (world.entries.messages.len(), world.rights.messages.len());
    let (ours, theirs) = (RefCell::default(), RefCell::default());
    let side = |took: Took, kept: &RefCell<Vec<Took>>| {
        kept.borrow_mut().push(took);
        rate((entries + rights) as u64, took.both)
    };
    let rounds = interleaved(
        scale.rounds,
        || Ok(side(world.ours()?, &ours)),
        || Ok(side(world.theirs()?, &theirs)),
    )?;
    let what = format!("publishing {entries} entries and {rights} changes; bare, both at once");
    table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(0.8)));
    let (ours, theirs) = (ours.into_inner(), theirs.into_inner());
    let each = |took: &Took| rate(entries as u64, took.entries);
    let rounds: Vec<Round> = ours
        .iter()
        .zip(&theirs)
        // The first warmed up.
        .skip(1)
        .map(|(ours, theirs)| Round {
            ours: each(ours),
            theirs: each(theirs),
        })
        .collect();
    let what = "until the entries were published; bare, the entries alone";
    table.ratio(what, "entries/s", &rounds, Some(Bound::AtLeast(0.8)));
    Ok(())
}
