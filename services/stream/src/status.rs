//! How far a ledger and its streams are from each other: written by those who publish or follow,
//! read by whoever asks.

use crate::end::End;
use crate::error::{clean, without_user};
use crate::names::Names;
use prost_types::Timestamp;
use standing_domain::id::position::Position;
use standing_engine::{Frontier, Ledger};
use standing_proto::v1;
use standing_proto::v1::{StreamRole, StreamState};
use std::thread;
use std::time::SystemTime;
use tokio::sync::watch;

/// How it goes with one of the two streams.
#[derive(Debug, Clone, Default)]
struct Side {
    name: String,
    problem: String,
    stopped: bool,
}

#[derive(Debug, Clone, Default)]
struct Facts {
    connected: bool,
    /// Why there is no connection.
    problem: String,
    entries: Side,
    rights: Side,
    /// Every entry there is has been published, or taken.
    entries_are_done: bool,
    /// Up to where every change has been published: the ledger may have gone on since, and whoever
    /// publishes changes learns of it after whoever publishes entries.
    changes_done: Option<Frontier>,
    /// The last position that the stream is known to hold.
    last: Position,
    cursor: Option<v1::ChangeCursor>,
    confirmed: Option<SystemTime>,
    writer: String,
    /// The history that a follower has was resumed elsewhere.
    resumed: Option<End>,
    /// What a writer found in its stream was its own; a follower has been caught up once.
    ready: bool,
}

/// How far a ledger and its streams are from each other. Cheap to ask.
pub struct Status {
    ledger: Ledger,
    role: StreamRole,
    facts: watch::Sender<Facts>,
}

impl Status {
    pub(crate) fn new(ledger: Ledger, role: StreamRole) -> Self {
        let facts = watch::Sender::new(Facts::default());
        Self {
            ledger,
            role,
            facts,
        }
    }

    /// Tells how far the ledger and its streams are from each other.
    #[must_use]
    pub fn report(&self) -> v1::GetStreamStatusResponse {
        let facts = self.facts.borrow().clone();
        let frontier = self.ledger.frontier();
        let head = frontier.head.position;
        let (position, behind) = match self.role {
            StreamRole::Replica => (head, facts.last.since(head)),
            _ => (facts.last, head.since(facts.last)),
        };
        let known = facts.cursor.as_ref();
        let known = known.map_or(Position::ZERO, |cursor| Position::new(cursor.position));
        let of_rights = !facts.rights.name.is_empty();
        let problems = [
            &facts.problem,
            &facts.entries.problem,
            &facts.rights.problem,
        ];
        let mut problems: Vec<&str> = problems.into_iter().map(String::as_str).collect();
        problems.retain(|problem| !problem.is_empty());
        problems.dedup();
        v1::GetStreamStatusResponse {
            role: self.role.into(),
            state: self.state(&facts, frontier, behind).into(),
            // The log has the whole of it.
            problem: clean(&problems.join("; ")),
            entries_stream: facts.entries.name,
            entries_position: position.number(),
            entries_behind: behind,
            rights_stream: facts.rights.name,
            rights_cursor: facts.cursor,
            rights_behind: if of_rights { head.since(known) } else { 0 },
            confirmed_time: facts.confirmed.map(Timestamp::from),
            writer: facts.writer,
        }
    }

    fn state(&self, facts: &Facts, frontier: Frontier, behind: u64) -> StreamState {
        let rights_wait = self.role == StreamRole::Writer
            && !facts.rights.name.is_empty()
            && facts.changes_done != Some(frontier);
        if facts.entries.stopped || facts.rights.stopped {
            StreamState::Stopped
        } else if !facts.connected {
            StreamState::Disconnected
        } else if behind > 0 || rights_wait || !facts.entries_are_done {
            StreamState::Behind
        } else {
            StreamState::CaughtUp
        }
    }

    /// Waits until a writer has found that what its stream holds is its own, or a follower has
    /// taken everything once.
    ///
    /// # Errors
    /// They have stopped: why.
    pub async fn ready(&self) -> Result<(), String> {
        let mut facts = self.facts.subscribe();
        let settled = facts
            .wait_for(|facts| facts.ready || facts.entries.stopped)
            .await;
        match settled {
            Ok(facts) if facts.entries.stopped => Err(facts.entries.problem.clone()),
            // The sender is part of this.
            _ => Ok(()),
        }
    }

    /// Waits until the history that a follower has taken over was resumed elsewhere, without
    /// entries that it has: it has to begin anew.
    pub async fn resumed(&self) -> End {
        let mut facts = self.facts.subscribe();
        loop {
            if let Some(end) = facts.borrow_and_update().resumed {
                return end;
            }
            // The sender is part of this.
            let _ = facts.changed().await;
        }
    }

    /// Takes note that it was.
    pub(crate) fn was_resumed(&self, end: End) {
        self.facts.send_modify(|facts| facts.resumed = Some(end));
    }

    /// Waits until the streams hold everything, have stopped, or are out of reach.
    pub(crate) async fn idle(&self) {
        let mut facts = self.facts.subscribe();
        let idle = |facts: &Facts| {
            let frontier = self.ledger.frontier();
            let behind = frontier.head.position.since(facts.last);
            self.state(facts, frontier, behind) != StreamState::Behind
        };
        // The sender is part of this.
        let _ = facts.wait_for(idle).await;
    }

    pub(crate) fn named(&self, names: &Names) {
        self.facts.send_modify(|facts| {
            facts.entries.name = names.entries_stream();
            facts.rights.name = names.rights_stream();
        });
    }

    pub(crate) fn disconnected(&self, problem: &str) {
        self.facts.send_if_modified(|facts| {
            if facts.problem != problem {
                tracing::warn!(problem, "no connection to NATS");
            }
            let news = facts.connected || facts.problem != problem;
            facts.connected = false;
            problem.clone_into(&mut facts.problem);
            news
        });
    }

    pub(crate) fn connected(&self) {
        self.facts.send_if_modified(|facts| {
            let news = !facts.connected || !facts.problem.is_empty();
            facts.connected = true;
            facts.problem.clear();
            news
        });
    }

    /// Takes note of where writes go. Another release may have published more than that.
    pub(crate) fn writer(&self, writer: &str) {
        self.facts
            .send_modify(|facts| facts.writer = without_user(writer));
    }

    /// Takes note that entries up to a position are in the stream.
    pub(crate) fn entries_hold(&self, last: Position) {
        self.facts.send_modify(|facts| {
            facts.last = last;
            facts.confirmed = Some(SystemTime::now());
        });
    }

    /// Takes note whether every entry there is has been published, or taken.
    pub(crate) fn entries_are_done(&self, are_done: bool) {
        self.facts.send_if_modified(|facts| {
            std::mem::replace(&mut facts.entries_are_done, are_done) != are_done
        });
    }

    /// Takes note up to where every change has been published; none: not to where it is known to
    /// have to.
    pub(crate) fn changes_done(&self, up_to: Option<Frontier>) {
        self.facts
            .send_if_modified(|facts| std::mem::replace(&mut facts.changes_done, up_to) != up_to);
    }

    /// Takes note that the stream of changes holds everything up to a place.
    pub(crate) fn rights_hold(&self, cursor: v1::ChangeCursor) {
        self.facts.send_modify(|facts| {
            facts.cursor = Some(cursor);
            facts.confirmed = Some(SystemTime::now());
        });
    }

    pub(crate) fn entries(&self) -> Reporter<'_> {
        Reporter {
            status: self,
            side: |facts| &mut facts.entries,
        }
    }

    pub(crate) fn rights(&self) -> Reporter<'_> {
        Reporter {
            status: self,
            side: |facts| &mut facts.rights,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.facts.borrow().ready
    }

    pub(crate) fn set_ready(&self) {
        self.facts.send_if_modified(|facts| {
            let news = !facts.ready;
            facts.ready = true;
            news
        });
    }
}

/// Tells how it goes with one of the two streams.
pub(crate) struct Reporter<'a> {
    status: &'a Status,
    side: fn(&mut Facts) -> &mut Side,
}

impl Reporter<'_> {
    /// Something is wrong, and is tried again; an empty text: not any more.
    pub fn problem(&self, problem: &str) {
        self.status.facts.send_if_modified(|facts| {
            let side = (self.side)(facts);
            let news = side.problem != problem;
            if news && !problem.is_empty() {
                tracing::warn!(stream = side.name, problem, "a stream is in trouble");
            }
            problem.clone_into(&mut side.problem);
            news
        });
    }

    /// It has stopped for good. The first reason stays.
    pub fn stop(&self, reason: &str) {
        self.status.facts.send_if_modified(|facts| {
            let side = (self.side)(facts);
            if side.stopped {
                return false;
            }
            tracing::error!(stream = side.name, reason, "a stream has stopped");
            side.stopped = true;
            reason.clone_into(&mut side.problem);
            true
        });
    }
}

/// Held by whoever publishes or follows. If that panics, both streams have stopped: nobody would
/// tell otherwise, and what was told last may look well.
pub(crate) struct OnPanic<'a>(pub &'a Status);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            for stream in [self.0.entries(), self.0.rights()] {
                stream.stop("the thread that publishes or follows has crashed, which is a defect: restart the server");
            }
        }
    }
}
