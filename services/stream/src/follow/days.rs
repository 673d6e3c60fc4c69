//! Following the days: that a day has begun is told by the stream of computed changes, since a
//! follower has no clock of its own.

use super::Desk;
use crate::end::End;
use crate::error::{Passing, Trouble};
use crate::publish::CHECK;
use crate::retry::Backoff;
use crate::rights::Place;
use crate::stream;
use async_nats::jetstream::consumer::DeliverPolicy;
use futures_util::StreamExt as _;
use standing_engine::Cursor;
use std::convert::Infallible;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Follows the days. Without the stream of changes there are none but those of entries.
pub(crate) async fn run(mut desk: Desk) {
    let mut backoff = Backoff::new();
    loop {
        let mut progress = false;
        let Err(trouble) = session(&mut desk, &mut progress).await;
        match trouble {
            Trouble::Passing(problem) => desk.status.rights().problem(&problem.0),
            Trouble::Stop(stop) => return desk.status.rights().stop(&stop.to_string()),
        }
        if progress {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

async fn session(desk: &mut Desk, progress: &mut bool) -> Result<Infallible, Trouble> {
    let made = desk.link.up(&desk.status).await?;
    let mut link = desk.link.clone();
    let name = desk.names.rights_stream();
    let look = async || {
        let found = link.context.get_stream(&name).await;
        found.map_err(|error| Passing::because(format!("cannot read stream {name}"), &error))
    };
    let found = look().await?;
    let mut messages = stream::deliver(&found, DeliverPolicy::Last, true).await?;
    desk.status.rights().problem("");
    let mut ledger = desk.ledger.watch();
    let mut due: Option<Place> = None;
    let mut check = interval_at(Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let context = desk.link.context.clone();
    loop {
        let head = ledger.borrow_and_update().head.position;
        // Whatever this file holds beyond the place was recorded on that day or later.
        let come = due.take_if(|place| place.cursor.position <= head);
        if let Some(Cursor { position, day }) = come.map(|place| place.cursor)
            && let Some(day) = day
        {
            desk.recorder.follow_day(day, position);
        }
        tokio::select! {
            message = messages.next() => {
                let ended = || Passing(format!("stream {name} is not delivered any more"));
                let message = message.ok_or_else(ended)?;
                let message = message.map_err(|error| {
                    Passing::because(format!("stream {name} is not delivered"), &error)
                })?;
                let headers = message.headers.as_ref();
                if headers.and_then(End::read).is_some() {
                    // Where it goes on, the stream of entries says too.
                    continue;
                }
                let place = headers.and_then(Place::read);
                let place = place.ok_or_else(|| Passing(format!("a message of stream {name} has no place")))?;
                *progress = true;
                desk.status.rights_hold(place.wire(desk.ledger.epoch(place.cursor.position)));
                due = Some(place);
            }
            // The ledger outlives this.
            _ = ledger.changed() => {}
            trouble = link.broken(made) => return Err(trouble),
            _ = check.tick() => {
                let now = context.get_stream(&name).await;
                let now = now.map_err(|error| Passing::because(format!("cannot read stream {name}"), &error))?;
                if now.cached_info().created != found.cached_info().created {
                    return Err(Passing(format!("stream {name} was made anew")).into());
                }
            }
        }
    }
}
