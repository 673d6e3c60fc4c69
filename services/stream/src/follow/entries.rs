//! Following the log: entries are verified one by one, and taken over in whole batches.

use super::Desk;
use crate::end::End;
use crate::error::{Passing, Stop, Trouble};
use crate::message;
use crate::message::BadMessage;
use crate::names::WRITER;
use crate::publish::CHECK;
use crate::retry::Backoff;
use crate::stream;
use crate::stream::Wanted;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedError;
use async_nats::jetstream::stream::Stream;
use futures_util::StreamExt as _;
use standing_domain::id::position::Position;
use standing_engine::store::{CodecError, EnvelopeError};
use standing_engine::{EntryError, FollowError, TroubleKind, chain};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How many entries are held before they are taken over; a batch is held whole all the same.
const HELD: usize = 4_096;

/// How many groups of batches the ledger may be taking over at once.
const GROUPS: usize = 2;

type Outcome = oneshot::Receiver<Result<Position, FollowError>>;

/// Follows the log, whatever passes, until something does not. Returns where the history goes on if
/// it was resumed elsewhere.
pub(crate) async fn run(mut desk: Desk) -> Option<End> {
    let mut backoff = Backoff::new();
    loop {
        let before = desk.ledger.head().position;
        let Err(trouble) = session(&mut desk).await;
        match trouble {
            Trouble::Passing(problem) => desk.status.entries().problem(&problem.0),
            // The stream was there; that it is gone may pass, and what was taken is safe.
            Trouble::Stop(stop @ Stop::Unknown { .. }) if desk.status.is_ready() => {
                desk.status.entries().problem(&stop.to_string());
            }
            Trouble::Stop(Stop::Resumed { end, .. }) => return Some(end),
            Trouble::Stop(stop) => {
                desk.status.entries().stop(&stop.to_string());
                return None;
            }
        }
        desk.status.entries_are_done(false);
        if desk.ledger.head().position > before {
            backoff.reset();
        }
        backoff.wait().await;
    }
}

/// Connects, checks, compares, and takes over until something goes wrong.
async fn session(desk: &mut Desk) -> Result<Infallible, Trouble> {
    let made = desk.link.up(&desk.status).await?;
    let mut link = desk.link.clone();
    let found = look(desk).await?;
    desk.status.connected();
    if let Some(end) = stream::end(&found).await? {
        return Err(resumed(desk, end).into());
    }
    compare(desk, &found).await?;
    desk.status.entries().problem("");

    let mut taking = Taking::start(desk)?;
    let from = DeliverPolicy::ByStartSequence {
        start_sequence: taking.next.number(),
    };
    let mut messages = stream::deliver(&found, from, false).await?;
    let mut check = interval_at(Instant::now() + CHECK, CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        whole(desk)?;
        taking.hand_over(desk).await?;
        let last = stream::held(&found);
        if desk.ledger.head().position >= last {
            desk.status.set_ready();
        }
        desk.status.entries_are_done(taking.is_done());
        tokio::select! {
            outcome = taking.taken() => outcome.map_err(|error| refused(desk, &error))?,
            message = messages.next(), if taking.has_room() => {
                taking.add(desk, &found, message).await?;
            }
            trouble = link.broken(made) => return Err(trouble),
            _ = check.tick() => {
                let now = look(desk).await?;
                if now.cached_info().created != found.cached_info().created {
                    return Err(Passing("the stream was made anew".to_owned()).into());
                }
                if stream::held(&now) < taking.next.previous() {
                    return Err(Passing("the stream has lost messages".to_owned()).into());
                }
            }
        }
    }
}

/// Stops where stored bytes do not verify, whoever met them: what is taken over would stand on top
/// of them.
fn whole(desk: &Desk) -> Result<(), Stop> {
    let troubles = desk.ledger.troubles();
    let damaged = |trouble: &standing_engine::Trouble| trouble.kind == TroubleKind::Damaged;
    match troubles.into_iter().find(damaged) {
        Some(trouble) => Err(Stop::Ledger(trouble.text)),
        None => Ok(()),
    }
}

/// Finds the stream, checks it, and learns from it how much there is and where writes go.
async fn look(desk: &Desk) -> Result<Stream, Trouble> {
    let wanted = Wanted {
        name: desk.names.entries_stream(),
        subjects: desk.names.entries_subjects(),
        replicas: None,
    };
    let Some(found) = wanted.look(&desk.link).await? else {
        return Err(Stop::Unknown {
            stream: wanted.name,
        }
        .into());
    };
    let info = found.cached_info();
    desk.status.entries_hold(stream::held(&found));
    let writer = info.config.metadata.get(WRITER);
    desk.status.writer(writer.map_or("", String::as_str));
    Ok(found)
}

/// Compares what this file has with what the stream holds there. A stream that holds less is waited
/// for.
async fn compare(desk: &Desk, found: &Stream) -> Result<(), Trouble> {
    let last = stream::held(found);
    let head = desk.ledger.head().position;
    let common = last.min(head);
    let stream = desk.names.entries_stream();
    if common > Position::ZERO {
        let message = stream::message(found, common.number()).await?;
        let (subject, headers) = (&message.subject, Some(&message.headers));
        let taken = message::read(&desk.names, common, subject, headers, &message.payload);
        let taken = taken.map_err(|reason| unfit(desk, common, &reason))?;
        let own = desk
            .ledger
            .entry(common)
            .map_err(|error| Trouble::of_ledger(&error, error.passes()))?;
        if own.is_none_or(|own| own.stored != taken.stored) {
            return Err(Stop::NotACopy {
                stream,
                sequence: common.number(),
            }
            .into());
        }
    }
    if last < head {
        return Err(Passing(format!(
            "stream {stream} holds {last} entries, fewer than the {head} taken from it: waiting until it has them again"
        ))
        .into());
    }
    Ok(())
}

/// Entries on their way into the ledger.
struct Taking {
    /// The next position to come from the stream.
    next: Position,
    /// The digest of the entry before it; none before the first.
    previous: Option<String>,
    /// The position of the first of `held`.
    first: Position,
    held: Vec<Vec<u8>>,
    /// How many of them stand in whole batches.
    whole: usize,
    /// Groups that the ledger is taking over.
    groups: VecDeque<Outcome>,
}

impl Taking {
    /// Goes on behind what the ledger holds.
    fn start(desk: &Desk) -> Result<Self, Trouble> {
        let head = desk.ledger.head().position;
        let last = desk.ledger.entry(head);
        let last = last.map_err(|error| Trouble::of_ledger(&error, error.passes()))?;
        Ok(Self {
            next: head.next(),
            previous: last.map(|entry| message::sha256(&entry.stored)),
            first: head.next(),
            held: Vec::new(),
            whole: 0,
            groups: VecDeque::new(),
        })
    }

    fn has_room(&self) -> bool {
        self.whole < HELD
    }

    fn is_done(&self) -> bool {
        self.held.is_empty() && self.groups.is_empty()
    }

    /// Verifies a message and holds its entry.
    async fn add(
        &mut self,
        desk: &Desk,
        found: &Stream,
        message: Option<Result<Message, OrderedError>>,
    ) -> Result<(), Trouble> {
        let stream = desk.names.entries_stream();
        let ended = || Passing(format!("stream {stream} is not delivered any more"));
        let message = message.ok_or_else(ended)?.map_err(|error| {
            Passing::because(format!("stream {stream} is not delivered"), &error)
        })?;
        let info = message.info().map_err(|error| Passing(error.to_string()))?;
        let sequence = Position::new(info.stream_sequence);
        let last = sequence.plus(info.pending);
        if sequence != self.next {
            if sequence > self.next {
                // Either the message is gone, which this finds, or it is still to be delivered.
                stream::message(found, self.next.number()).await?;
            }
            let next = self.next;
            return Err(Passing(format!("message {sequence} came where {next} was due")).into());
        }
        let (subject, headers) = (&message.subject, message.headers.as_ref());
        if let Some(end) = headers.and_then(End::read) {
            // What is on its way counts, when it is seen how far this file goes.
            while !self.groups.is_empty() {
                let taken = self.taken().await;
                taken.map_err(|error| refused(desk, &error))?;
            }
            return Err(resumed(desk, end).into());
        }
        let taken = message::read(&desk.names, sequence, subject, headers, &message.payload);
        let taken = taken.map_err(|reason| unfit(desk, sequence, &reason))?;
        if taken.previous != self.previous {
            return Err(unfit(desk, sequence, &BadMessage::Previous).into());
        }
        desk.status.entries_hold(last);
        self.previous = Some(taken.digest);
        self.held.push(taken.stored);
        self.next = self.next.next();
        if taken.last <= sequence {
            self.whole = self.held.len();
        }
        Ok(())
    }

    /// Hands whole batches to the ledger. What comes while it takes them over makes the next group.
    async fn hand_over(&mut self, desk: &Desk) -> Result<(), Trouble> {
        if self.whole == 0 || self.groups.len() >= GROUPS {
            return Ok(());
        }
        let rest = self.held.split_off(self.whole);
        let group = std::mem::replace(&mut self.held, rest);
        let first = self.first;
        self.first = self.first.after(group.len());
        self.whole = 0;
        let (send, outcome) = oneshot::channel();
        let recorder = Arc::clone(&desk.recorder);
        let handed = spawn_blocking(move || {
            recorder.submit_followed(first, &group, move |outcome| {
                // Whoever has stopped waiting compares with the stream before going on.
                let _ = send.send(outcome);
            })
        });
        let handed = handed.await.map_err(|error| Passing(error.to_string()))?;
        handed.map_err(|error| refused(desk, &error))?;
        self.groups.push_back(outcome);
        Ok(())
    }

    /// Waits until the oldest group has been taken over; for ever if there is none.
    async fn taken(&mut self) -> Result<(), FollowError> {
        let Some(group) = self.groups.front_mut() else {
            return std::future::pending().await;
        };
        let outcome = group.await.unwrap_or(Err(FollowError::Closing));
        self.groups.pop_front();
        outcome.map(|_| ())
    }
}

fn resumed(desk: &Desk, end: End) -> Stop {
    let stream = desk.names.entries_stream();
    Stop::Resumed { stream, end }
}

fn unfit(desk: &Desk, position: Position, reason: &BadMessage) -> Stop {
    if reason.is_newer() {
        return Stop::Newer {
            position,
            reason: reason.to_string(),
        };
    }
    Stop::Damaged {
        stream: desk.names.entries_stream(),
        position,
        reason: reason.to_string(),
    }
}

fn refused(desk: &Desk, error: &FollowError) -> Trouble {
    let reason = chain(error);
    let position = match error {
        FollowError::NotNext { .. } => return Passing(reason).into(),
        FollowError::Entry(EntryError::Log(_))
        | FollowError::Storage(_)
        | FollowError::HeldBack(_) => {
            return Trouble::of_ledger(error, error.passes());
        }
        FollowError::Batch { position }
        | FollowError::RecordTime { position }
        | FollowError::Entry(
            EntryError::Envelope { position, .. } | EntryError::Payload { position, .. },
        ) => *position,
        FollowError::NotAFollower | FollowError::Damaged(_) | FollowError::Closing => {
            return Stop::Ledger(reason).into();
        }
    };
    let is_newer = matches!(
        error,
        FollowError::Entry(
            EntryError::Envelope {
                source: EnvelopeError::NewerFormat { .. },
                ..
            } | EntryError::Payload {
                source: CodecError::UnknownKind { .. } | CodecError::NewerVersion { .. },
                ..
            }
        )
    );
    if is_newer {
        return Stop::Newer { position, reason }.into();
    }
    Stop::Damaged {
        stream: desk.names.entries_stream(),
        position,
        reason,
    }
    .into()
}
