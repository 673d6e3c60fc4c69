//! The way through the steps of computed changes: worked out beside the tasks that wait, a little ahead of what is sent.

use super::Desk;
use super::beside::Beside;
use super::pipeline::WINDOW;
use crate::error::{Stop, Trouble, chain};
use crate::message::{Form, Outgoing};
use crate::rights::{Place, write};
use standing_domain::event::Position;
use standing_engine::{ChangeError, Cursor, Engine, Frontier, Head, Step};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many messages are written before they are handed over; more if one step has more.
const AT_ONCE: usize = 128;

/// How many written messages may wait to be sent before no more are worked out: enough that neither sending nor working out ever
/// waits for the other.
const AHEAD: usize = 2 * WINDOW;

/// How many entries the stream of entries may be behind before changes wait for it: while it is built anew, or catches up after NATS
/// was away, replicas are waiting for entries, and the machine is theirs.
const FAR: Position = 1_024;

/// Up to where there are steps to be sent: told by the stream of entries, so that entries go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    /// How far the ledger had come when this was told: when the stream of entries moved, or a day began.
    pub frontier: Frontier,
    /// How many entries that stream holds: no change goes before what it follows from.
    pub confirmed: Position,
}

impl Limit {
    /// What is told before the stream of entries was compared: no ledger that is published is as empty.
    pub const START: Self = Self {
        frontier: Frontier {
            head: Head::START,
            day: None,
        },
        confirmed: 0,
    };
}

/// The way through the steps, and the messages that are still to be sent.
pub(super) struct Walk {
    engine: Arc<Engine>,
    form: Arc<Form>,
    /// None while it is gone.
    way: Option<Way>,
    beside: Beside<Result<Walked, ChangeError>>,
    queue: VecDeque<(Place, Outgoing)>,
    /// Up to where there was nothing more.
    end: Option<Limit>,
}

/// How far the way is gone.
struct Way {
    /// After the last step that was written.
    cursor: Cursor,
    /// A step whose entries the stream does not hold yet.
    held: Option<Step>,
    /// The sequence of the last message that was written.
    written: u64,
}

/// A part of the way.
struct Walked {
    way: Way,
    messages: Vec<(Place, Outgoing)>,
    /// Up to where there is nothing more; none if there may be.
    end: Option<Limit>,
}

impl Walk {
    /// Returns the way that begins after a step, of which some messages are still to be sent; `sent` is the sequence of the last
    /// that was.
    pub fn new(
        desk: &Desk,
        form: Arc<Form>,
        cursor: Cursor,
        queue: VecDeque<(Place, Outgoing)>,
        sent: u64,
    ) -> Self {
        let written = sent + queue.len() as u64;
        Self {
            engine: Arc::clone(&desk.engine),
            form,
            way: Some(Way {
                cursor,
                held: None,
                written,
            }),
            beside: Beside::idle(),
            queue,
            end: None,
        }
    }

    /// Returns the next message; none if there is none yet.
    pub fn next(&mut self) -> Option<(Place, Outgoing)> {
        self.queue.pop_front()
    }

    /// Begins to work out more messages, if there may be any and there are not enough.
    pub fn go_on(&mut self, limit: Limit) {
        if self.queue.len() >= AHEAD || self.end == Some(limit) {
            return;
        }
        if let Some(way) = self.way.take_if(|way| way.may_go(limit)) {
            let (engine, form) = (Arc::clone(&self.engine), Arc::clone(&self.form));
            self.beside.begin(move || way.walk(&engine, &form, limit));
        }
    }

    /// Waits until what is being worked out is there; for ever if nothing is. Nothing is lost if it is given up.
    pub async fn walked(&mut self) -> Result<(), Trouble> {
        let walked = self.beside.done().await?;
        let walked = walked.map_err(|error| Stop::Ledger(chain(&error)))?;
        self.way = Some(walked.way);
        self.queue.extend(walked.messages);
        self.end = walked.end;
        Ok(())
    }

    /// Returns whether every message up to a limit was handed out, and the stream of entries holds all that there is.
    pub fn is_done(&self, limit: Limit) -> bool {
        let is_at_end = self.end == Some(limit) && self.beside.is_idle();
        is_at_end && self.queue.is_empty() && limit.confirmed >= limit.frontier.head.position
    }
}

impl Way {
    /// Returns whether there may be something to send.
    fn may_go(&self, limit: Limit) -> bool {
        let Limit {
            frontier,
            confirmed,
        } = limit;
        if frontier.head.position.saturating_sub(confirmed) > FAR {
            return false;
        }
        match &self.held {
            Some(held) => held.cursor.position <= confirmed,
            // The stream of changes was looked at after the limit was told.
            None if self.cursor.position > frontier.head.position => false,
            None => self.cursor.position < confirmed || confirmed >= frontier.head.position,
        }
    }

    fn walk(mut self, engine: &Engine, form: &Form, limit: Limit) -> Result<Walked, ChangeError> {
        let mut messages = Vec::new();
        while messages.len() < AT_ONCE {
            let step = match self.held.take() {
                Some(step) => Some(step),
                None => engine.next_step(self.cursor, limit.frontier)?,
            };
            let step = match step {
                Some(step) if step.cursor.position <= limit.confirmed => step,
                held => {
                    self.held = held;
                    return Ok(self.walked(messages, Some(limit)));
                }
            };
            self.cursor = step.cursor;
            let written = write(form, &step, self.written);
            self.written += written.len() as u64;
            messages.extend(written);
        }
        Ok(self.walked(messages, None))
    }

    fn walked(self, messages: Vec<(Place, Outgoing)>, end: Option<Limit>) -> Walked {
        Walked {
            way: self,
            messages,
            end,
        }
    }
}
