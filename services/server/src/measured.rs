//! What is counted while a server runs, under the names that monitoring knows: calls by service,
//! method and code, as gRPC servers of other languages count them, commits, and backups. What is
//! looked up when it is asked for stands in `serve::numbers`.

pub(crate) mod call;
mod calls;
mod method;
mod traced;

use calls::Calls;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use standing_domain::id::position::Position;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

pub use traced::{ParentOf, TRACES};

/// The upper bounds of how long a group of batches takes to be on disk, in seconds.
const COMMITS: [f64; 12] = [
    0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0,
];

/// The upper bounds of how many entries are made durable together.
const ENTRIES: [f64; 10] = [
    1.0, 2.0, 4.0, 8.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0, 16_384.0,
];

/// No label at all: what is counted once, or not where there is no such thing.
type Nothing = [(&'static str, &'static str); 0];

/// What a server counts. Made before its ledger is opened, so that the ledger can tell of commits,
/// and given to [`Config`](crate::Config).
#[derive(Debug)]
pub struct Metrics {
    calls: Calls,
    /// Each request of a stream that records, from when it has come to when it is answered.
    recorded: Histogram,
    /// How long groups of batches take to be on disk.
    commits: Histogram,
    /// How many entries they have.
    entries: Histogram,
    /// Of a node that makes backups by itself.
    backup_position: Family<Nothing, Gauge<u64, AtomicU64>>,
    backup_seconds: Family<Nothing, Gauge<u64, AtomicU64>>,
    /// How calls go on with the traces of their callers, where traces are collected.
    parent: OnceLock<ParentOf>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Calls::default(),
            recorded: Histogram::new(calls::BOUNDS),
            commits: Histogram::new(COMMITS),
            entries: Histogram::new(ENTRIES),
            backup_position: Family::default(),
            backup_seconds: Family::default(),
            parent: OnceLock::new(),
        }
    }
}

impl Metrics {
    /// Says how the span of a call ([`TRACES`]) becomes a child of the one that its headers name.
    /// What was said first counts.
    pub fn trace_by(&self, parent: ParentOf) {
        let _ = self.parent.set(parent);
    }

    /// Takes note of a group of batches that was made durable: how many entries it had, and how
    /// long that took.
    pub fn note_commit(&self, entries: usize, took: Duration) {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        self.entries.observe(f64::from(entries));
        self.commits.observe(took.as_secs_f64());
    }

    /// Takes note that the node makes backups by itself: from now on it is told that none was made
    /// yet.
    pub fn expect_backups(&self) {
        self.note_backup(Position::ZERO, SystemTime::UNIX_EPOCH);
    }

    /// Takes note that the backups which the node makes by itself held everything up to a position
    /// at an instant.
    pub fn note_backup(&self, position: Position, at: SystemTime) {
        let since = at.duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since.map_or(0, |since| since.as_secs());
        self.backup_seconds.get_or_create(&[]).set(seconds);
        let backup_position = self.backup_position.get_or_create(&[]);
        backup_position.set(position.number());
    }

    /// Takes note of the time of one request of a stream that records.
    pub(crate) fn note_recorded(&self, time: Duration) {
        self.recorded.observe(time.as_secs_f64());
    }

    /// Registers all that is counted here.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.calls.register(registry);
        registry.register(
            "standing_stream_request_seconds",
            "How long each request of a RecordStream took, from when it had come to when it was answered",
            self.recorded.clone(),
        );
        registry.register(
            "standing_commit_seconds",
            "How long groups of batches took to be on disk",
            self.commits.clone(),
        );
        registry.register(
            "standing_commit_entries",
            "How many entries were made durable together",
            self.entries.clone(),
        );
        registry.register(
            "standing_backup_position",
            "Up to which entry the backups go that the node makes by itself; 0 before the first",
            self.backup_position.clone(),
        );
        registry.register(
            "standing_backup_time_seconds",
            "When those backups were last seen to hold everything, in seconds since 1970-01-01T00:00:00Z; 0 before the first",
            self.backup_seconds.clone(),
        );
    }
}
