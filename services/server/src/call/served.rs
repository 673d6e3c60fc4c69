//! The ledger as the services hold it: with what tells that it has moved, and that serving ends.

use crate::call::errors::Problem;
use crate::dear::{Dear, DearQuestions, Flights};
use crate::measured::Measured;
use http::HeaderMap;
use standing_domain::audit::Finding;
use standing_domain::id::{Position, Word};
use standing_domain::time::day::Day;
use standing_engine::{Engine, Frontier, RecordError, Role};
use standing_proto::v1;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use tonic::metadata::MetadataMap;

/// Tells how far a server and its streams are from each other. It is asked for every second and for every call that asks, and must
/// not wait.
pub type StreamReport = Arc<dyn Fn() -> v1::GetStreamStatusResponse + Send + Sync>;

/// The longest that a call waits for a position.
const LONGEST: Duration = Duration::from_secs(5);

/// What is left of a deadline for the answer and its way, at least.
const MARGIN: Duration = Duration::from_millis(20);

/// A ledger that is served.
pub(crate) struct Served {
    engine: Arc<Engine>,
    /// How far the ledger has come, passed on: many calls wait here, and the writer wakes none of them itself.
    reached: watch::Sender<Frontier>,
    closing: watch::Sender<bool>,
    ready: AtomicBool,
    stream: Option<StreamReport>,
    measured: Measured,
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
    pub fn new(engine: Arc<Engine>, stream: Option<StreamReport>, limits: DearQuestions) -> Self {
        Self {
            reached: watch::Sender::new(engine.frontier()),
            closing: watch::Sender::new(false),
            ready: AtomicBool::new(false),
            engine,
            stream,
            measured: Measured::default(),
            dear: Arc::new(Dear::new(limits)),
            findings: Flights::new(FINDINGS_KEPT, FINDINGS_BYTES),
        }
    }

    /// Returns how long calls took so far.
    pub fn measured(&self) -> &Measured {
        &self.measured
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

    /// Returns how far this server and its streams are from each other; none where it has no streams.
    pub fn report(&self) -> Option<v1::GetStreamStatusResponse> {
        self.stream.as_ref().map(|report| report())
    }

    /// Returns what this server is to the streams.
    pub fn role(&self) -> v1::StreamRole {
        match (self.engine.role(), self.stream.is_some()) {
            (Role::Follower, _) => v1::StreamRole::Replica,
            (Role::Writer, true) => v1::StreamRole::Writer,
            (Role::Writer, false) => v1::StreamRole::Alone,
        }
    }

    /// Returns whether something keeps this server from recording, or from taking over what another records.
    pub fn is_held_back(&self) -> bool {
        self.engine.held_back().is_some() || self.engine.stopped().is_some()
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

    /// Waits until the ledger has reached a position, the caller's deadline is near, or serving ends.
    pub async fn wait_for(&self, position: Position, call: &MetadataMap) {
        if position <= self.engine.head().position {
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

impl Deref for Served {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served")
            .field("head", &self.engine.head())
            .finish_non_exhaustive()
    }
}

/// Returns how long a call may wait, so that there is time left for its answer.
fn patience(call: &MetadataMap) -> Duration {
    let Some(timeout) = timeout_of(call.as_ref()) else {
        return LONGEST;
    };
    let margin = MARGIN.max(timeout / 5);
    timeout.saturating_sub(margin).min(LONGEST)
}

/// Returns how long a caller says that it waits.
pub(crate) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    timeout(headers.get("grpc-timeout")?.to_str().ok()?)
}

/// Reads the header in which gRPC tells how long the caller waits: up to eight digits and a unit.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_leaves_time_for_the_answer() {
        let call = |text: &str| {
            let mut call = MetadataMap::new();
            call.insert("grpc-timeout", text.parse().unwrap());
            patience(&call)
        };
        assert_eq!(call("1S"), Duration::from_millis(800));
        assert_eq!(call("100m"), Duration::from_millis(80));
        assert_eq!(call("5m"), Duration::ZERO);
        assert_eq!(call("99999999H"), LONGEST);
        for malformed in ["S", "1", "1s", "123456789S", "-1S", "+1S"] {
            assert_eq!(call(malformed), LONGEST, "{malformed}");
        }
        assert_eq!(patience(&MetadataMap::new()), LONGEST);
    }
}
