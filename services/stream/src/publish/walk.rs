//! The way through the steps of computed changes: worked out beside the tasks that wait, a little
//! ahead of what is sent. Messages are written where they are sent: what one thread makes and
//! another lets go of costs more than writing it.

use super::Desk;
use super::beside::Beside;
use super::pipeline::WINDOW;
use crate::error::Trouble;
use crate::message::{Form, Outgoing};
use crate::rights::{Place, StepMessages, form};
use standing_domain::id::position::Position;
use standing_domain::stop;
use standing_engine::{ChangeError, Cursor, Frontier, Head, Ledger, Step};
use std::collections::VecDeque;

/// How many messages the steps have that are handed over at once; more if one step has more.
const AT_ONCE: usize = 128;

/// How many messages the steps that wait to be sent may have before no more are worked out: more
/// than are on their way at once, so that sending does not wait for what could have been worked out
/// meanwhile. The step that is being sent is not counted.
const AHEAD: usize = 2 * WINDOW;

/// How many entries the stream of entries may be behind before changes wait for it: while it is
/// built anew, or catches up after NATS was away, replicas are waiting for entries, and the machine
/// is theirs.
const FAR: u64 = 1_024;

/// Up to where there are steps to be sent: told by the stream of entries, so that entries go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// How far the ledger had come when this was told: when the stream of entries moved, or a day
    /// began.
    pub frontier: Frontier,
    /// How many entries that stream holds: no change goes before what it follows from.
    pub confirmed: Position,
}

impl Limit {
    /// What is told before the stream of entries was compared: no ledger that is published is as
    /// empty.
    pub const START: Self = Self {
        frontier: Frontier {
            head: Head::START,
            day: None,
        },
        confirmed: Position::ZERO,
    };
}

/// The way through the steps, and those whose messages are still to be sent.
pub(super) struct Walk {
    ledger: Ledger,
    form: Form,
    /// None while it is gone.
    way: Option<Way>,
    beside: Beside<Result<Walked, ChangeError>>,
    /// The step whose messages are being sent.
    sending: Option<StepMessages>,
    /// Those behind it.
    queue: VecDeque<Step>,
    /// How many messages the steps in the queue have.
    queued: usize,
    /// Up to where there was nothing more.
    end: Option<Limit>,
}

/// How far the way is gone.
struct Way {
    /// After the last step that was worked out.
    cursor: Cursor,
    /// A step whose entries the stream does not hold yet.
    held: Option<Step>,
}

/// A part of the way.
struct Walked {
    way: Way,
    steps: Vec<Step>,
    /// How many messages the steps have.
    messages: usize,
    /// Up to where there is nothing more; none if there may be.
    end: Option<Limit>,
}

impl Walk {
    /// Returns the way that begins after a step, of which some messages may still have to be sent.
    pub fn new(desk: &Desk, cursor: Cursor, rest: Option<StepMessages>) -> Self {
        let held = None;
        Self {
            ledger: desk.ledger.clone(),
            form: form(&desk.names),
            way: Some(Way { cursor, held }),
            beside: Beside::idle(),
            sending: rest,
            queue: VecDeque::new(),
            queued: 0,
            end: None,
        }
    }

    /// Writes the next message; none if there is none yet. `sequence` is its place in the stream.
    pub fn next(&mut self, sequence: u64) -> Option<(Place, Outgoing)> {
        loop {
            let sending = self.sending.as_mut();
            if let Some(next) = sending.and_then(|step| step.next(&self.form, sequence)) {
                return Some(next);
            }
            let step = self.queue.pop_front()?;
            self.queued -= messages_of(&step);
            self.sending = Some(StepMessages::of(step));
        }
    }

    /// Begins to work out more steps, if there may be any and there are not enough.
    pub fn go_on(&mut self, limit: Limit) {
        if self.queued >= AHEAD || self.end == Some(limit) {
            return;
        }
        if let Some(way) = self.way.take_if(|way| way.may_go(limit)) {
            let ledger = self.ledger.clone();
            self.beside.begin(move || way.walk(&ledger, limit));
        }
    }

    /// Waits until what is being worked out is there; for ever if nothing is. Nothing is lost if it
    /// is given up.
    pub async fn walked(&mut self) -> Result<(), Trouble> {
        let walked = self.beside.done().await?;
        let walked = walked.map_err(|error| Trouble::of_ledger(&error, error.passes()))?;
        self.way = Some(walked.way);
        self.queue.extend(walked.steps);
        self.queued += walked.messages;
        self.end = walked.end;
        Ok(())
    }

    /// Returns whether every message up to a limit was handed out, and the stream of entries holds
    /// all that there is.
    pub fn is_done(&self, limit: Limit) -> bool {
        let is_at_end = self.end == Some(limit) && self.beside.is_idle();
        let sending = self.sending.as_ref();
        let is_sent = self.queue.is_empty() && sending.is_none_or(StepMessages::is_empty);
        is_at_end && is_sent && limit.confirmed >= limit.frontier.head.position
    }
}

impl Way {
    /// Returns whether there may be something to send.
    fn may_go(&self, limit: Limit) -> bool {
        let Limit {
            frontier,
            confirmed,
        } = limit;
        if frontier.head.position.since(confirmed) > FAR {
            return false;
        }
        match &self.held {
            Some(held) => held.cursor.position <= confirmed,
            // The stream of changes was looked at after the limit was told.
            None if self.cursor.position > frontier.head.position => false,
            None => self.cursor.position < confirmed || confirmed >= frontier.head.position,
        }
    }

    fn walk(mut self, ledger: &Ledger, limit: Limit) -> Result<Walked, ChangeError> {
        let (mut steps, mut messages) = (Vec::new(), 0);
        let mut end = None;
        while messages < AT_ONCE && end.is_none() {
            let step = match self.held.take() {
                Some(step) => Some(step),
                None => ledger.next_step(self.cursor, limit.frontier, stop::Stop::NEVER)?,
            };
            match step {
                Some(step) if step.cursor.position <= limit.confirmed => {
                    self.cursor = step.cursor;
                    messages += messages_of(&step);
                    steps.push(step);
                }
                held => {
                    self.held = held;
                    end = Some(limit);
                }
            }
        }
        Ok(Walked {
            way: self,
            steps,
            messages,
            end,
        })
    }
}

/// Returns how many messages a step has.
fn messages_of(step: &Step) -> usize {
    step.changes.len().max(1)
}
