//! Publishing a whole log into an empty stream, against a bare pipelined publish of the same messages. The publisher has two
//! streams, and so has the other side.

use crate::bare::{self, Copied};
use crate::ledger;
use crate::nats::Nats;
use crate::scale::Scale;
use async_nats::jetstream::Context;
use standing_bench::Outcome;
use standing_bench::rounds::{Round, interleaved, rate};
use standing_bench::table::{Bound, Table};
use standing_engine::Engine;
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
    engine: Arc<Engine>,
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
        let publisher = ledger::publish(&runtime, &engine, &nats);
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
        let publisher = ledger::publish(&self.runtime, &self.engine, &self.nats);
        let (status, head) = (publisher.status(), self.engine.head().position);
        let entries = ledger::until_entries(&status, head)? - begun;
        let both = ledger::until_caught_up(&status)? - begun;
        Ok(Took { entries, both })
    }

    fn theirs(&self) -> Outcome<Took> {
        self.empty()?;
        let (entries, rights) = (self.entries.clone(), self.rights.clone());
        let begun = Instant::now();
        self.runtime.block_on(async {
            let context = self.nats.context().await?;
            // Tasks of their own, as nothing holds them to one.
            let entries = tokio::spawn(bare::publish(context.clone(), entries));
            let rights = tokio::spawn(bare::publish(context, rights));
            entries.await??;
            let entries = begun.elapsed();
            rights.await??;
            let both = begun.elapsed();
            Ok(Took { entries, both })
        })
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
    let what = format!("publishing {entries} entries and {rights} changes; bare pipelined publish");
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
    let what = "until the entries were published; bare pipelined publish";
    table.ratio(what, "entries/s", &rounds, Some(Bound::AtLeast(0.8)));
    Ok(())
}
