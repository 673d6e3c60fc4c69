//! Publishing the log: entry n is message n.

use super::pipeline::{Pipeline, WINDOW};
use super::{CHECK, Desk, Point, Which};
use crate::error::{Passing, Stop, Trouble, chain};
use crate::message::{self, Outgoing};
use crate::retry::Backoff;
use crate::stream;
use async_nats::jetstream::stream::Stream;
use standing_domain::event::Position;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Publishes the log, whatever passes, until something does not.
pub(crate) async fn run(mut desk: Desk, confirmed: watch::Sender<Position>) {
    let mut backoff = Backoff::new();
    loop {
        let before = *confirmed.borrow();
        let Err(trouble) = session(&mut desk, &confirmed).await;
        match trouble {
            Trouble::Passing(problem) => desk.status.entries().problem(&problem.0),
            Trouble::Stop(stop) => return stopped(&desk, &stop),
        }
        if *confirmed.borrow() != before {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

fn stopped(desk: &Desk, stop: &Stop) {
    if stop.forks() {
        // What were recorded from here on would make a second history.
        desk.engine.stop_recording(&stop.to_string());
    }
    desk.status.entries().stop(&stop.to_string());
}

/// Connects, checks, compares, and publishes until something goes wrong.
async fn session(
    desk: &mut Desk,
    confirmed: &watch::Sender<Position>,
) -> Result<Infallible, Trouble> {
    let made = desk.link.up(&desk.status).await?;
    let mut link = desk.link.clone();
    let stream = desk.ensure(Which::Entries).await?;
    desk.status.connected();
    let last = compare(desk, &stream).await?;
    desk.at(Which::Entries, Point::Compared);
    let hold = |position| {
        desk.status.entries_hold(position);
        confirmed.send_replace(position);
    };
    hold(last);
    desk.status.entries().problem("");
    desk.status.set_ready();

    let mut ledger = desk.engine.watch();
    let mut pipeline = Pipeline::new(desk, Which::Entries, last);
    let mut check = interval_at(Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let head = ledger.borrow_and_update().head.position;
        if pipeline.last() < head && pipeline.room() >= WINDOW / 2 {
            let first = pipeline.last() + 1;
            let last = head.min(first + pipeline.room() as u64 - 1);
            for (position, message) in (first..).zip(messages(desk, first..=last).await?) {
                pipeline.send(message, position).await?;
            }
        }
        let is_done = pipeline.is_empty() && pipeline.last() >= head;
        desk.status.entries().caught_up(is_done);
        tokio::select! {
            position = pipeline.confirmed() => hold(position?),
            moved = ledger.changed() => moved.map_err(|_| closing())?,
            trouble = link.broken(made) => return Err(trouble),
            _ = check.tick() => desk.recheck(Which::Entries, &stream).await?,
        }
    }
}

fn closing() -> Stop {
    Stop::Ledger("it is closing".to_owned())
}

/// Returns the stream's last sequence, up to which it holds this ledger's entries.
async fn compare(desk: &Desk, found: &Stream) -> Result<Position, Trouble> {
    let last = found.cached_info().state.last_sequence;
    // Read after the stream was: whatever this ledger published is below its head.
    let head = desk.engine.head().position;
    let common = last.min(head);
    let mut places = vec![1, common];
    places.dedup();
    places.retain(|place| (1..=common).contains(place));
    for place in places {
        let message = stream::message(found, place).await?;
        let name = desk.names.entries_stream();
        let taken = message::read(
            &desk.names,
            place,
            &message.subject,
            Some(&message.headers),
            &message.payload,
        );
        let taken = taken.map_err(|reason| Stop::Foreign {
            stream: name.clone(),
            sequence: place,
            reason,
        })?;
        let own = desk
            .engine
            .entry(place)
            .map_err(|error| Stop::Ledger(chain(&error)))?;
        if own.is_none_or(|own| own.stored != taken.stored) {
            return Err(Stop::Other {
                stream: name,
                sequence: place,
            }
            .into());
        }
    }
    if last > head {
        return Err(Stop::Ahead {
            stream: desk.names.entries_stream(),
            last,
            head,
        }
        .into());
    }
    Ok(last)
}

/// Reads entries and writes them as messages, beside the tasks that wait.
async fn messages(
    desk: &Desk,
    positions: RangeInclusive<Position>,
) -> Result<Vec<Outgoing>, Trouble> {
    let (engine, names) = (Arc::clone(&desk.engine), desk.names.clone());
    let written = spawn_blocking(move || {
        let entries = engine.entries(positions)?;
        let messages = entries
            .into_iter()
            .map(|entry| message::write(&names, entry));
        Ok::<Vec<_>, standing_engine::EntryError>(messages.collect())
    });
    let written = written.await.map_err(|error| Passing(error.to_string()))?;
    written.map_err(|error| Stop::Ledger(chain(&error)).into())
}
