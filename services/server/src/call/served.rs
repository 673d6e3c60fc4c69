//! The ledger as the services hold it: with what tells that it has moved, and that serving ends.

use crate::call::auth::Sight;
use crate::call::deadline::patience;
use crate::call::errors::Problem;
use crate::call::point::{Settled, of_this_history};
use crate::dear::{Dear, DearQuestions, Flights};
use crate::measured::Metrics;
use standing_domain::audit::Finding;
use standing_domain::id::Word;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Frontier, Ledger, RecordError, Recorder, Role};
use standing_proto::ask::point::PointInTime;
use standing_proto::v1;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use tonic::Code;
use tonic::metadata::MetadataMap;

/// Tells how far a server and its streams are from each other. It is asked for every second and for
/// every call that asks, and must not wait.
pub type StreamReport = Arc<dyn Fn() -> v1::GetStreamStatusResponse + Send + Sync>;

/// A ledger that is served.
pub(crate) struct Served {
    /// What is asked, by whoever may read everything.
    pub ledger: Ledger,
    /// What records.
    pub recorder: Arc<Recorder>,
    /// How far the ledger has come, passed on: many calls wait here, and the writer wakes none of
    /// them itself.
    reached: watch::Sender<Frontier>,
    closing: watch::Sender<bool>,
    ready: AtomicBool,
    stream: Option<StreamReport>,
    /// How long calls took so far.
    pub metrics: Arc<Metrics>,
    /// Where dear questions are worked on.
    pub dear: Arc<Dear>,
    /// Findings, by the day, the position and the readings they are asked for.
    pub findings: Arc<Flights<FindingsKey, Vec<Finding>>>,
}

/// What findings on the whole ledger are asked for.
pub(crate) type FindingsKey = (Day, Position, Vec<Word>);

/// How many lists of findings are kept, so that the next page is not worked out anew.
const FINDINGS_KEPT: usize = 4;

/// How many bytes of memory they take in all, about.
const FINDINGS_BYTES: usize = 32 << 20;

impl Served {
    pub fn new(
        recorder: Arc<Recorder>,
        stream: Option<StreamReport>,
        metrics: Arc<Metrics>,
        limits: DearQuestions,
    ) -> Self {
        let ledger = recorder.ledger().clone();
        Self {
            reached: watch::Sender::new(ledger.frontier()),
            closing: watch::Sender::new(false),
            ready: AtomicBool::new(false),
            ledger,
            recorder,
            stream,
            metrics,
            dear: Arc::new(Dear::new(limits)),
            findings: Flights::new(FINDINGS_KEPT, FINDINGS_BYTES),
        }
    }

    /// Returns the ledger as somebody may see it.
    pub fn seen(&self, sight: &Sight) -> Ledger {
        let ledger = if sight.reads_names {
            self.ledger.clone()
        } else {
            self.ledger.without_names()
        };
        match &sight.noted {
            Some(noted) => ledger.noting(Arc::clone(noted)),
            None => ledger,
        }
    }

    /// Passes on how far the ledger has come.
    pub fn pass_on(&self, frontier: Frontier) {
        self.reached.send_replace(frontier);
    }

    /// Returns what tells how far the ledger has come.
    pub fn reached(&self) -> watch::Receiver<Frontier> {
        self.reached.subscribe()
    }

    /// Takes note that this server is ready.
    pub fn become_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    /// Returns whether this server is ready.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Tells everybody who waits or watches that serving ends.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Returns what turns true when serving ends.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Returns how far this server and its streams are from each other; none where it has no
    /// streams.
    pub fn report(&self) -> Option<v1::GetStreamStatusResponse> {
        self.stream.as_ref().map(|report| report())
    }

    /// Returns what this server is to the streams.
    pub fn role(&self) -> v1::StreamRole {
        match (self.recorder.role(), self.stream.is_some()) {
            (Role::Follower, _) => v1::StreamRole::Replica,
            (Role::Writer, true) => v1::StreamRole::Writer,
            (Role::Writer, false) => v1::StreamRole::Alone,
        }
    }

    /// Returns whether something keeps this server from recording, or from taking over what another
    /// records.
    pub fn is_held_back(&self) -> bool {
        self.recorder.held_back().is_some() || self.recorder.stopped().is_some()
    }

    /// Says why nothing was recorded; where this server follows another, where to record.
    pub fn not_recorded(&self, error: RecordError) -> Problem {
        let writer = self.report().map(|report| report.writer);
        match (&error, writer) {
            (RecordError::Follower, Some(writer)) if !writer.is_empty() => {
                let mut problem = Problem::from(error).with("writer", &writer);
                problem.message =
                    format!("this server follows another and records nothing: record at {writer}");
                problem
            }
            _ => error.into(),
        }
    }

    /// Waits until the ledger has reached a position, the caller's deadline is near, or serving
    /// ends.
    pub async fn wait_for(&self, position: Position, call: &MetadataMap) {
        if position <= self.ledger.head().position {
            return;
        }
        let (mut reached, mut closing) = (self.reached(), self.closing());
        // What the ledger is then decides over the answer, not which of these came first.
        tokio::select! {
            _ = reached.wait_for(|frontier| frontier.head.position >= position) => {}
            _ = closing.wait_for(|closing| *closing) => {}
            () = sleep(patience(call)) => {}
        }
    }
}

impl Served {
    /// Has a question wait until it can be answered: until the ledger has reached the position it
    /// must rest on, and nothing more is recorded at the instant it is asked by. Returns that
    /// instant.
    pub async fn ready_for(
        &self,
        at: &PointInTime,
        call: &MetadataMap,
    ) -> Result<Option<Settled>, Problem> {
        // What was lost does not come; what a replica has not taken over yet may.
        match of_this_history(at, &self.ledger) {
            Err(problem) if problem.code != Code::Unavailable => return Err(problem),
            _ => {}
        }
        self.wait_for(at.at_least, call).await;
        let settled = Settled::of(at, &self.ledger)?;
        if let Some(instant) = settled.and_then(|settled| settled.unsettled(&self.ledger)) {
            let (send, closed) = oneshot::channel();
            self.recorder.close(instant, move || {
                // Whoever asked may have gone.
                let _ = send.send(());
            });
            // What the ledger is then decides over the answer.
            tokio::select! {
                _ = closed => {}
                () = sleep(patience(call)) => {}
            }
        }
        Ok(settled)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served")
            .field("head", &self.ledger.head())
            .finish_non_exhaustive()
    }
}
