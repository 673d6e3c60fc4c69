//! Publishing: each stream by a loop of its own, over one connection.

mod beside;
mod ends;
pub(crate) mod entries;
mod pipeline;
mod reading;
pub(crate) mod rights;
pub(crate) mod walk;

use crate::connect::Link;
use crate::error::{Passing, Trouble};
use crate::names::Names;
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
    pub names: Names,
    pub replicas: usize,
    pub writer: String,
    pub hook: Option<Hook>,
}

impl Which {
    /// Returns the name of the stream.
    pub(crate) fn stream(self, names: &Names) -> String {
        match self {
            Self::Entries => names.entries_stream(),
            Self::Rights => names.rights_stream(),
        }
    }

    fn subjects(self, names: &Names) -> String {
        match self {
            Self::Entries => names.entries_subjects(),
            Self::Rights => names.rights_subjects(),
        }
    }
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

    /// Looks whether a stream is still what it was, though nothing has gone wrong. `sent` is the
    /// last sequence that was sent to it.
    ///
    /// # Errors
    /// It is not: it has other settings, is gone, was made anew, or somebody else has published to
    /// it.
    async fn recheck(&self, which: Which, stream: &Stream, sent: u64) -> Result<(), Trouble> {
        let wanted = self.wanted(which);
        let found = wanted.look(&self.link).await?;
        let created = stream.cached_info().created;
        let name = wanted.name;
        let problem = match found.as_ref().map(Stream::cached_info) {
            Some(info) if info.created != created => format!("stream {name} was made anew"),
            Some(info) if info.state.last_sequence > sent => {
                format!("somebody else has published to stream {name}")
            }
            Some(_) => return Ok(()),
            None => format!("stream {name} was deleted"),
        };
        Err(Passing(problem).into())
    }

    fn wanted(&self, which: Which) -> Wanted {
        Wanted {
            name: which.stream(&self.names),
            subjects: which.subjects(&self.names),
            replicas: Some(self.replicas),
        }
    }
}
