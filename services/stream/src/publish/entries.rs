//! Publishing the log: entry n is message n.

use super::ends;
use super::pipeline::{Pipeline, WINDOW};
use super::reading::Reading;
use super::walk::Limit;
use super::{CHECK, Desk, Point, Which};
use crate::error::{Passing, Stop, Trouble};
use crate::message;
use crate::retry::Backoff;
use crate::stream;
use async_nats::HeaderMap;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use standing_domain::id::position::Position;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is looked whether a stream of a history that was given up has to be ended.
const ENDS: Duration = Duration::from_mins(1);

/// How many messages are read at once.
pub(super) const AT_ONCE: usize = 32;

/// Publishes the log, whatever passes, until something does not.
pub(crate) async fn run(mut desk: Desk, limit: watch::Sender<Limit>) {
    let mut backoff = Backoff::new();
    loop {
        let before = limit.borrow().confirmed;
        let Err(trouble) = session(&mut desk, &limit).await;
        match trouble {
            Trouble::Passing(problem) => desk.status.entries().problem(&problem.0),
            Trouble::Stop(stop) => return stopped(&desk, &stop),
        }
        desk.status.entries_are_done(false);
        if limit.borrow().confirmed != before {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

fn stopped(desk: &Desk, stop: &Stop) {
    if stop.forks() {
        // What were recorded from here on would make a second history.
        desk.recorder.stop_recording(&stop.to_string());
    }
    desk.status.entries().stop(&stop.to_string());
}

/// Connects, checks, compares, and publishes until something goes wrong.
async fn session(desk: &mut Desk, limit: &watch::Sender<Limit>) -> Result<Infallible, Trouble> {
    let made = desk.link.up(&desk.status).await?;
    let mut link = desk.link.clone();
    let stream = desk.ensure(Which::Entries).await?;
    let mut untold = String::new();
    end_others(desk, &mut untold).await?;
    desk.status.connected();
    let before = limit.borrow().confirmed;
    let last = tokio::select! {
        compared = compare(desk, &stream, before) => compared?,
        trouble = link.broken(made) => return Err(trouble),
    };
    desk.at(Which::Entries, Point::Compared);
    let hold = |confirmed| {
        desk.status.entries_hold(confirmed);
        let frontier = desk.ledger.frontier();
        limit.send_replace(Limit {
            frontier,
            confirmed,
        });
    };
    hold(last);
    desk.status.entries().problem("");
    desk.status.set_ready();

    let mut ledger = desk.ledger.watch();
    let mut reading = Reading::after(desk, last)?;
    let mut pipeline = Pipeline::new(desk, Which::Entries, last.number());
    let mut check = interval_at(Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ends = interval_at(Instant::now() + ENDS, ENDS);
    ends.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let frontier = *ledger.borrow_and_update();
        let head = frontier.head.position;
        while pipeline.room() > 0
            && let Some(message) = reading.next(head)?
        {
            pipeline.send(message, pipeline.last() + 1).await?;
        }
        let is_done = pipeline.is_empty() && pipeline.last() >= head.number();
        desk.status.entries_are_done(is_done);
        if is_done {
            pipeline.rest();
            // A day may have begun.
            limit.send_if_modified(|limit| {
                std::mem::replace(&mut limit.frontier, frontier) != frontier
            });
        }
        tokio::select! {
            position = pipeline.confirmed() => hold(Position::new(position?)),
            moved = ledger.changed() => moved.map_err(|_| closing())?,
            trouble = link.broken(made) => return Err(trouble),
            _ = check.tick() => desk.recheck(Which::Entries, &stream, pipeline.last()).await?,
            _ = ends.tick() => end_others(desk, &mut untold).await?,
        }
    }
}

/// Ends the streams of what was given up. One that cannot be ended, whatever is the matter with it,
/// keeps nothing from being published; it is tried again, and told when that is news.
async fn end_others(desk: &Desk, untold: &mut String) -> Result<(), Trouble> {
    let problem = match ends::write(desk).await {
        Err(Trouble::Stop(stop @ Stop::Resumed { .. })) => return Err(stop.into()),
        Err(problem) => problem.to_string(),
        Ok(()) => String::new(),
    };
    if problem != *untold && !problem.is_empty() {
        tracing::warn!(
            problem,
            "a stream of the history before cannot be told its end"
        );
    }
    *untold = problem;
    Ok(())
}

fn closing() -> Stop {
    Stop::Ledger("it is closing".to_owned())
}

/// Returns the stream's last sequence, up to which it holds this ledger's entries.
///
/// All that may have been sent since a message was last confirmed is compared: behind a foreign one
/// others may have been taken.
async fn compare(desk: &Desk, found: &Stream, confirmed: Position) -> Result<Position, Trouble> {
    let last = stream::held(found);
    if let Some(end) = stream::end(found).await? {
        let stream = desk.names.entries_stream();
        return Err(Stop::Resumed { stream, end }.into());
    }
    // Read after the stream was: whatever this ledger published is below its head.
    let head = desk.ledger.head().position;
    let common = last.min(head);
    let recent = common.minus(WINDOW as u64);
    if confirmed < recent {
        compare_delivered(desk, found, confirmed.next()..=recent).await?;
    }
    let places = Position::FIRST.to(common);
    let places = places.filter(|place| *place == Position::FIRST || *place > recent);
    let messages = iter(places).map(|place| stream::message(found, place.number()));
    let mut messages = messages.buffered(AT_ONCE);
    while let Some(message) = messages.next().await {
        let StreamMessage {
            sequence,
            subject,
            headers,
            payload,
            ..
        } = message?;
        compare_one(
            desk,
            Position::new(sequence),
            &subject,
            Some(&headers),
            &payload,
        )?;
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

/// Compares messages that have been there for long: a new publisher has only the stream's word for
/// any of them. They are delivered one after the other, many times as fast as they are read one by
/// one.
async fn compare_delivered(
    desk: &Desk,
    found: &Stream,
    places: RangeInclusive<Position>,
) -> Result<(), Trouble> {
    let name = desk.names.entries_stream();
    let (first, last) = places.into_inner();
    let from = DeliverPolicy::ByStartSequence {
        start_sequence: first.number(),
    };
    let mut messages = stream::deliver(found, from, false).await?;
    for place in first.to(last) {
        let ended = || Passing(format!("stream {name} is not delivered any more"));
        let message = messages.next().await.ok_or_else(ended)?;
        let message = message
            .map_err(|error| Passing::because(format!("stream {name} is not delivered"), &error))?;
        let info = message.info().map_err(|error| Passing(error.to_string()))?;
        let sequence = info.stream_sequence;
        if sequence != place.number() {
            // Either the message is gone, which this finds, or it is still to be delivered.
            stream::message(found, place.number()).await?;
            let came = format!("message {sequence} of stream {name} came where {place} was due");
            return Err(Passing(came).into());
        }
        let (subject, headers) = (&message.subject, message.headers.as_ref());
        compare_one(desk, place, subject, headers, &message.payload)?;
    }
    Ok(())
}

fn compare_one(
    desk: &Desk,
    position: Position,
    subject: &str,
    headers: Option<&HeaderMap>,
    payload: &[u8],
) -> Result<(), Trouble> {
    let stream = desk.names.entries_stream();
    let taken = message::read(&desk.names, position, subject, headers, payload);
    let own = desk.ledger.entry(position);
    let own = own.map_err(|error| Trouble::of_ledger(&error, error.passes()))?;
    match taken {
        Err(reason) => Err(Stop::Foreign {
            stream,
            sequence: position.number(),
            reason,
        }
        .into()),
        Ok(taken) if own.is_some_and(|own| own.stored == taken.stored) => Ok(()),
        Ok(_) => Err(Stop::Other {
            stream,
            sequence: position.number(),
        }
        .into()),
    }
}
