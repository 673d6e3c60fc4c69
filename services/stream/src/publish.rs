//! Publishing: each stream by a loop of its own, over one connection.

mod beside;
pub(crate) mod entries;
mod pipeline;
mod reading;
pub(crate) mod rights;
pub(crate) mod walk;

use crate::connect::Link;
use crate::error::Trouble;
use crate::stream::Wanted;
use async_nats::jetstream::stream::Stream;
use standing_engine::{Ledger, Recorder};
use std::sync::Arc;
use std::time::Duration;

/// How often a stream's settings are looked at while nothing goes wrong.
pub(crate) const CHECK: Duration = Duration::from_secs(10);

/// Which of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// That of entries.
    Entries,
    /// That of computed changes.
    Rights,
}

/// A moment of publishing, at which a test may end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The stream is about to be looked at.
    Look,
    /// The stream has been found good.
    Checked,
    /// What the stream holds is known to be ours.
    Compared,
    /// The message for this place is about to be sent.
    Send(u64),
    /// It has been handed to the connection.
    Sent(u64),
    /// The stream has confirmed it.
    Confirmed(u64),
}

/// Told of every moment of publishing. It may panic, which ends the publisher as a crash would.
pub type Hook = Arc<dyn Fn(Which, Point) + Send + Sync>;

/// What both loops work with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub ledger: Ledger,
    pub recorder: Arc<Recorder>,
    pub status: Arc<crate::Status>,
    pub link: Link,
    pub names: crate::Names,
    pub replicas: usize,
    pub writer: String,
    pub hook: Option<Hook>,
}

impl Desk {
    fn at(&self, which: Which, point: Point) {
        if let Some(hook) = &self.hook {
            hook(which, point);
        }
    }

    /// Returns a stream, made if it was not there, and checked.
    async fn ensure(&self, which: Which) -> Result<Stream, Trouble> {
        self.at(which, Point::Look);
        let stream = self.wanted(which).ensure(&self.link, &self.writer).await?;
        self.at(which, Point::Checked);
        Ok(stream)
    }

    /// Looks whether a stream is still what it was, though nothing has gone wrong.
    ///
    /// # Errors
    /// It is not: it has other settings, is gone, or was made anew.
    async fn recheck(&self, which: Which, stream: &Stream) -> Result<(), Trouble> {
        let wanted = self.wanted(which);
        let found = wanted.look(&self.link).await?;
        let created = stream.cached_info().created;
        if found.is_some_and(|found| found.cached_info().created == created) {
            return Ok(());
        }
        let name = wanted.name;
        Err(crate::error::Passing(format!("stream {name} was deleted")).into())
    }

    fn wanted(&self, which: Which) -> Wanted {
        let (name, subjects) = match which {
            Which::Entries => (self.names.entries_stream(), self.names.entries_subjects()),
            Which::Rights => (self.names.rights_stream(), self.names.rights_subjects()),
        };
        Wanted {
            name,
            subjects,
            replicas: Some(self.replicas),
        }
    }
}
