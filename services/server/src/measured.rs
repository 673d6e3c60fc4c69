//! How long calls take, from when a call has come to when its answer begins to leave: a histogram
//! for each group of methods. What a watch tells has no such time and is not counted; of a stream
//! of requests each is, from when it has come to when it is answered.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The upper bounds of the buckets, in microseconds.
const BOUNDS: [u64; 15] = [
    500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    2_000_000, 5_000_000, 10_000_000, 30_000_000,
];

/// Methods whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Record,
    CheckRight,
    CheckRights,
    Rights,
    Log,
    Roll,
    Law,
    Dues,
    Findings,
}

impl Group {
    const ALL: [Self; 9] = [
        Self::Record,
        Self::CheckRight,
        Self::CheckRights,
        Self::Rights,
        Self::Log,
        Self::Roll,
        Self::Law,
        Self::Dues,
        Self::Findings,
    ];

    fn of(path: &str) -> Option<Self> {
        let (service, method) = path.strip_prefix("/standing.v1.")?.split_once('/')?;
        Some(match (service, method) {
            ("LedgerService", "Record") => Self::Record,
            // Its requests are counted one by one.
            ("LedgerService", "RecordStream") => return None,
            ("LedgerService", _) => Self::Log,
            ("RightsService", "CheckRight") => Self::CheckRight,
            ("RightsService", "CheckRights") => Self::CheckRights,
            ("RightsService", _) => Self::Rights,
            ("RollService", _) => Self::Roll,
            ("LawService", _) => Self::Law,
            ("DuesService", _) => Self::Dues,
            ("AuditService", _) => Self::Findings,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::CheckRight => "check-right",
            Self::CheckRights => "check-rights",
            Self::Rights => "rights",
            Self::Log => "log",
            Self::Roll => "roll",
            Self::Law => "law",
            Self::Dues => "dues",
            Self::Findings => "findings",
        }
    }
}

/// The times of all calls so far.
#[derive(Debug, Default)]
pub(crate) struct Measured([Histogram; Group::ALL.len()]);

#[derive(Debug, Default)]
struct Histogram {
    /// How many calls took no longer than each bound, and longer than the one before; the last took
    /// longer than all.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    /// The time of all calls, in microseconds.
    sum: AtomicU64,
}

impl Histogram {
    fn note(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS.partition_point(|bound| *bound < micros);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Measured {
    /// Takes note of the time of one request of a stream that records.
    pub fn note_recorded(&self, time: Duration) {
        self.note(Group::Record, time);
    }

    fn note(&self, group: Group, time: Duration) {
        let histograms = Group::ALL.iter().zip(&self.0);
        for (_, histogram) in histograms.filter(|(of, _)| **of == group) {
            histogram.note(time);
        }
    }

    /// Writes the histograms in the text format of Prometheus.
    pub fn told(&self) -> String {
        const NAME: &str = "standing_call_seconds";
        let mut text = format!(
            "# HELP {NAME} How long calls took until their answers began to leave, by group of methods.\n# TYPE {NAME} histogram\n"
        );
        for (group, histogram) in Group::ALL.iter().zip(&self.0) {
            let group = group.word();
            let mut count = 0;
            let bounds = BOUNDS.iter().map(|bound| seconds(*bound));
            let bounds = bounds.chain(["+Inf".to_owned()]);
            for (bound, bucket) in bounds.zip(&histogram.buckets) {
                count += bucket.load(Ordering::Relaxed);
                // Writing to a text never fails.
                let _ = writeln!(
                    text,
                    "{NAME}_bucket{{group=\"{group}\",le=\"{bound}\"}} {count}"
                );
            }
            let sum = seconds(histogram.sum.load(Ordering::Relaxed));
            let _ = writeln!(text, "{NAME}_sum{{group=\"{group}\"}} {sum}");
            let _ = writeln!(text, "{NAME}_count{{group=\"{group}\"}} {count}");
        }
        text
    }
}

/// Writes microseconds as seconds.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Passes a call on, and takes note of its time.
pub(crate) async fn measure(
    State(measured): State<Arc<Measured>>,
    request: Request,
    next: Next,
) -> Response {
    let group = Group::of(request.uri().path());
    let begun = Instant::now();
    let response = next.run(request).await;
    if let Some(group) = group {
        measured.note(group, begun.elapsed());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_where_it_belongs_and_in_all_above() {
        let measured = Measured::default();
        measured.0[0].note(Duration::from_micros(500));
        measured.0[0].note(Duration::from_micros(1_500));
        measured.0[0].note(Duration::from_secs(31));
        let text = measured.told();
        for line in [
            "standing_call_seconds_bucket{group=\"record\",le=\"0.0005\"} 1",
            "standing_call_seconds_bucket{group=\"record\",le=\"0.001\"} 1",
            "standing_call_seconds_bucket{group=\"record\",le=\"0.002\"} 2",
            "standing_call_seconds_bucket{group=\"record\",le=\"30\"} 2",
            "standing_call_seconds_bucket{group=\"record\",le=\"+Inf\"} 3",
            "standing_call_seconds_sum{group=\"record\"} 31.002",
            "standing_call_seconds_count{group=\"record\"} 3",
            "standing_call_seconds_count{group=\"findings\"} 0",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
