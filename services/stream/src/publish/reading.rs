//! The way through the log: entries are read and written as messages beside the loop, a little ahead of what is sent.

use super::Desk;
use super::beside::Beside;
use crate::error::{Stop, Trouble, chain};
use crate::message::{Outgoing, sha256, write};
use crate::names::Names;
use standing_domain::event::Position;
use standing_engine::{Engine, EntryError};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// How many entries are read at once, and how many messages are enough to go on with.
const AT_ONCE: u64 = 128;

/// How many entries are read where the loop stands; more are read beside it.
const FEW: u64 = 8;

/// The log from a place on, and the messages that are still to be sent.
pub(super) struct Reading {
    engine: Arc<Engine>,
    names: Names,
    /// The last position read, or being read.
    last: Position,
    beside: Beside<Result<Vec<Outgoing>, EntryError>>,
    queue: VecDeque<Outgoing>,
}

impl Reading {
    /// Returns the log after a position.
    pub fn after(desk: &Desk, last: Position) -> Self {
        Self {
            engine: Arc::clone(&desk.engine),
            names: desk.names.clone(),
            last,
            beside: Beside::idle(),
            queue: VecDeque::new(),
        }
    }

    /// Returns the message of the next entry; none if there is none yet.
    pub fn next(&mut self) -> Option<Outgoing> {
        self.queue.pop_front()
    }

    /// Begins to read more entries up to the head, if there are any and not enough are read.
    pub fn go_on(&mut self, head: Position) -> Result<(), Stop> {
        let is_enough = self.queue.len() as u64 >= AT_ONCE;
        if is_enough || self.last >= head || !self.beside.is_idle() {
            return Ok(());
        }
        let (first, last) = (self.last + 1, head.min(self.last + AT_ONCE));
        self.last = last;
        if last - first < FEW {
            // Recorded a moment ago, they are in memory: another thread would take longer to wake than this does.
            return self.take(written(&self.engine, &self.names, first..=last));
        }
        let (engine, names) = (Arc::clone(&self.engine), self.names.clone());
        self.beside
            .begin(move || written(&engine, &names, first..=last));
        Ok(())
    }

    /// Waits until what is being read is there; for ever if nothing is. Nothing is lost if it is given up.
    pub async fn read(&mut self) -> Result<(), Trouble> {
        let read = self.beside.done().await?;
        Ok(self.take(read)?)
    }

    fn take(&mut self, read: Result<Vec<Outgoing>, EntryError>) -> Result<(), Stop> {
        let read = read.map_err(|error| Stop::Ledger(chain(&error)))?;
        self.queue.extend(read);
        Ok(())
    }
}

fn written(
    engine: &Engine,
    names: &Names,
    positions: RangeInclusive<Position>,
) -> Result<Vec<Outgoing>, EntryError> {
    let before = engine.entry(positions.start() - 1)?;
    let mut previous = before.map(|entry| sha256(&entry.stored));
    let entries = engine.entries(positions)?.into_iter().map(|entry| {
        let digest = sha256(&entry.stored);
        let previous = previous.replace(digest.clone());
        write(names, entry, digest, previous)
    });
    Ok(entries.collect())
}
