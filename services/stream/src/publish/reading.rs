//! The way through the log: entries are read and written as messages, some at once.

use super::Desk;
use crate::error::Trouble;
use crate::message::{Form, Outgoing, form, sha256, write};
use standing_domain::id::position::Position;
use standing_engine::{EntryError, Ledger};
use std::collections::VecDeque;

/// How many entries are read at once. Most of reading one alone is the beginning of a transaction.
const AT_ONCE: u64 = 64;

/// The log from a place on, and the messages that are still to be sent.
pub(super) struct Reading {
    ledger: Ledger,
    form: Form,
    /// The last position read.
    last: Position,
    /// The digest of the entry there; none before the first.
    digest: Option<String>,
    queue: VecDeque<Outgoing>,
}

impl Reading {
    /// Returns the log after a position.
    pub fn after(desk: &Desk, last: Position) -> Result<Self, Trouble> {
        let entry = desk
            .ledger
            .entry(last)
            .map_err(|error| unreadable(&error))?;
        Ok(Self {
            ledger: desk.ledger.clone(),
            form: form(&desk.names),
            last,
            digest: entry.map(|entry| sha256(&entry.stored)),
            queue: VecDeque::new(),
        })
    }

    /// Returns the message of the next entry; none if it is above the head.
    pub fn next(&mut self, head: Position) -> Result<Option<Outgoing>, Trouble> {
        if self.queue.is_empty() && self.last < head {
            let last = head.min(self.last.plus(AT_ONCE));
            self.read(self.last.next().to(last))
                .map_err(|error| unreadable(&error))?;
            self.last = last;
        }
        Ok(self.queue.pop_front())
    }

    fn read(&mut self, positions: impl Iterator<Item = Position>) -> Result<(), EntryError> {
        for entry in self.ledger.entries(positions)? {
            let digest = sha256(&entry.stored);
            let previous = self.digest.replace(digest.clone());
            let message = write(&self.form, entry, digest, previous);
            self.queue.push_back(message);
        }
        Ok(())
    }
}

fn unreadable(error: &EntryError) -> Trouble {
    Trouble::of_ledger(error, error.passes())
}
