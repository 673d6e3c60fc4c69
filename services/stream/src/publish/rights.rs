//! Publishing computed changes: never ahead of the entries they follow from.

use super::entries::AT_ONCE;
use super::pipeline::{Pipeline, WINDOW};
use super::walk::{Limit, Walk};
use super::{CHECK, Desk, Point, Which};
use crate::end::End;
use crate::error::{Passing, Stop, Trouble};
use crate::message::sha256;
use crate::names::header;
use crate::retry::Backoff;
use crate::rights::{Place, StepMessages, form};
use crate::stream;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use standing_domain::stop;
use standing_engine::{Cursor, Frontier, Step};
use std::convert::Infallible;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Publishes computed changes, whatever passes, until something does not. Nothing is published, and
/// nothing judged, before the stream of entries was found to be this ledger's.
pub(crate) async fn run(mut desk: Desk, mut limit: watch::Receiver<Limit>) {
    if limit.wait_for(|told| *told != Limit::START).await.is_err() {
        return;
    }
    let mut backoff = Backoff::new();
    loop {
        let mut progress = false;
        let Err(trouble) = session(&mut desk, &mut limit, &mut progress).await;
        match trouble {
            Trouble::Passing(problem) => desk.status.rights().problem(&problem.0),
            Trouble::Stop(stop) => return desk.status.rights().stop(&stop.to_string()),
        }
        desk.status.changes_done(None);
        if progress {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

async fn session(
    desk: &mut Desk,
    limit: &mut watch::Receiver<Limit>,
    progress: &mut bool,
) -> Result<Infallible, Trouble> {
    let made = desk.link.up(&desk.status).await?;
    let mut link = desk.link.clone();
    let stream = desk.ensure(Which::Rights).await?;
    let mut walk = resume(desk, &stream).await?;
    desk.at(Which::Rights, Point::Compared);
    desk.status.rights().problem("");

    let last = stream.cached_info().state.last_sequence;
    let mut pipeline = Pipeline::new(desk, Which::Rights, last);
    let mut check = interval_at(Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let up_to = *limit.borrow_and_update();
        walk.go_on(up_to);
        while pipeline.room() > 0
            && let Some((place, message)) = walk.next(pipeline.last() + 1)
        {
            pipeline.send(message, place).await?;
        }
        let is_done = pipeline.is_empty() && walk.is_done(up_to);
        desk.status.changes_done(is_done.then_some(up_to.frontier));
        if is_done {
            pipeline.rest();
        }
        tokio::select! {
            place = pipeline.confirmed() => {
                let place = place?;
                desk.status.rights_hold(place.wire(desk.ledger.epoch(place.cursor.position)));
                *progress = true;
            }
            Ok(()) = limit.changed() => {}
            walked = walk.walked() => walked?,
            trouble = link.broken(made) => return Err(trouble),
            _ = check.tick() => desk.recheck(Which::Rights, &stream, pipeline.last()).await?,
        }
    }
}

/// Reads the last messages of the stream, and returns the very last. Each must follow the one
/// before: behind a foreign message others may have been taken.
async fn recent(desk: &Desk, found: &Stream, last: u64) -> Result<(StreamMessage, Place), Trouble> {
    let first = last.saturating_sub(WINDOW as u64).max(1);
    let messages = iter(first..=last).map(|sequence| stream::message(found, sequence));
    let mut messages = messages.buffered(AT_ONCE);
    let mut earlier: Option<(StreamMessage, Place)> = None;
    while let Some(message) = messages.next().await {
        let message = message?;
        if let Some(end) = End::read(&message.headers) {
            let stream = desk.names.rights_stream();
            return Err(Stop::Resumed { stream, end }.into());
        }
        let digest = message.headers.get(header::SHA256);
        let is_whole = digest.is_some_and(|digest| digest.as_str() == sha256(&message.payload));
        let place = Place::read(&message.headers).filter(|place| {
            let mut earlier = earlier.iter();
            is_whole && earlier.all(|(_, earlier)| place.follows(earlier))
        });
        let place = place.ok_or_else(|| Stop::Diverged {
            stream: desk.names.rights_stream(),
            sequence: message.sequence,
        })?;
        earlier = Some((message, place));
    }
    let stream = desk.names.rights_stream();
    earlier.ok_or_else(|| Passing(format!("stream {stream} is empty")).into())
}

/// Goes on after the last message of the stream, which must be what this ledger computes there.
async fn resume(desk: &Desk, found: &Stream) -> Result<Walk, Trouble> {
    let sequence = found.cached_info().state.last_sequence;
    if sequence == 0 {
        return Ok(Walk::new(desk, Cursor::START, None));
    }
    let diverged = || Stop::Diverged {
        stream: desk.names.rights_stream(),
        sequence,
    };
    let (message, place) = recent(desk, found, sequence).await?;
    let frontier = desk.ledger.frontier();
    if place.cursor.position > frontier.head.position {
        return Err(diverged().into());
    }
    let step = next_step(desk, place.before(), frontier).await?;
    let step = step.filter(|step| step.cursor == place.cursor && step.first == place.first);
    // What goes before it in the step goes before it in the stream.
    let step = step.filter(|_| sequence >= u64::from(place.index));
    let step = step.ok_or_else(diverged)?;
    let cursor = step.cursor;
    let mut rest = StepMessages::of(step).skip_to(place.index);
    let computed = rest.next(&form(&desk.names), sequence);
    let same = computed.filter(|(at, computed)| {
        *at == place && computed.payload == *message.payload && computed.subject == *message.subject
    });
    same.ok_or_else(diverged)?;
    desk.status
        .rights_hold(place.wire(desk.ledger.epoch(place.cursor.position)));
    Ok(Walk::new(desk, cursor, Some(rest)))
}

/// Computes the next step beside the tasks that wait.
async fn next_step(desk: &Desk, after: Cursor, to: Frontier) -> Result<Option<Step>, Trouble> {
    let ledger = desk.ledger.clone();
    let step = spawn_blocking(move || ledger.next_step(after, to, stop::Stop::NEVER)).await;
    let step = step.map_err(|error| Passing(error.to_string()))?;
    step.map_err(|error| Trouble::of_ledger(&error, error.passes()))
}
