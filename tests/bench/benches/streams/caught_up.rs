//! A replica that follows a stream from nothing into a new file, against a bare reading of the same
//! stream.

use crate::bare;
use crate::ledger;
use crate::nats::Nats;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{interleaved, rate};
use standing_bench::table::{Bound, Table};
use standing_engine::Recorder;
use std::sync::Arc;
use std::time::Instant;

pub fn caught_up(scale: &Scale, table: &mut Table) -> Outcome {
    let (folder, nats, runtime) = (tempfile::tempdir()?, Nats::start()?, ledger::runtime()?);
    let writer = ledger::open(folder.path(), scale.published)?;
    let publisher = ledger::publish(&writer, &nats)?;
    ledger::until_caught_up(&publisher.status())?;
    drop(publisher);
    let head = writer.ledger().head().position;

    let ours = || {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("replica.redb");
        let options = ledger::still(head.number());
        let replica = Arc::new(Recorder::open_follower(&path, &options)?);
        let begun = Instant::now();
        let follower = ledger::follow(&runtime, &replica, &nats)?;
        ledger::until_caught_up(&follower.status())?;
        let took = begun.elapsed();
        if replica.ledger().head().position != head {
            return Err("the replica is behind".into());
        }
        Ok(rate(head.number(), took))
    };
    let theirs = || {
        let begun = Instant::now();
        let mut count = 0;
        runtime.block_on(async {
            let context = nats.context().await?;
            let stream = context.get_stream(ledger::names()?.entries_stream());
            bare::read(&stream.await?, |_| count += 1).await
        })?;
        Ok(rate(count, begun.elapsed()))
    };
    let rounds = interleaved(scale.rounds, ours, theirs)?;
    let what = format!("a replica catches up with {head} entries; bare reading");
    table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(0.5)));
    Ok(())
}
