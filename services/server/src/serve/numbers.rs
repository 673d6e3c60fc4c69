//! The numbers that are looked up when they are asked for: how far the ledger has come, who is
//! there, what is held, what is wrong, and what the process takes of the machine.

use super::words::{is_stream_well, role_word};
use crate::call::served::Served;
use crate::changes::Hub;
use crate::door::Door;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeMetric, MetricEncoder,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use standing_domain::id::position::Position;
use standing_engine::TroubleKind;
use standing_proto::v1::{GetStreamStatusResponse, StreamRole};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// The seconds of a day.
const DAY: i64 = 86_400;

/// What numbers are looked up of.
pub(super) struct Numbers {
    pub hub: Arc<Hub>,
    pub door: Arc<Door>,
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbers").finish_non_exhaustive()
    }
}

impl Collector for Numbers {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let served = &self.hub.served;
        let mut told = Told(encoder);
        told.build()?;
        told.ledger(served)?;
        told.watches(&self.hub)?;
        told.calls(served, &self.door)?;
        told.recording(served)?;
        if let Some(report) = served.report() {
            told.stream(&report)?;
        }
        told.process()
    }
}

/// Where the numbers go.
struct Told<'e>(DescriptorEncoder<'e>);

impl Told<'_> {
    /// Begins a number; what it counts is told as a sentence.
    fn begin<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0
            .encode_descriptor(name, &format!("{help}."), None, kind)
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl EncodeGaugeValue) -> fmt::Result {
        let to = self.begin(name, help, MetricType::Gauge)?;
        ConstGauge::new(value).encode(to)
    }

    fn gauges<'l, V: EncodeGaugeValue>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        values: impl IntoIterator<Item = (&'l str, V)>,
    ) -> fmt::Result {
        let mut to = self.begin(name, help, MetricType::Gauge)?;
        for (value, number) in values {
            ConstGauge::new(number).encode(to.encode_family(&[(label, value)])?)?;
        }
        Ok(())
    }

    /// The name ends in `_total` where it is read.
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let kind = MetricType::Counter;
        let to = self.begin(name, help, kind)?;
        ConstCounter::new(value).encode(to)
    }

    /// Which build this is.
    fn build(&mut self) -> fmt::Result {
        let version = [(env!("CARGO_PKG_VERSION"), 1_u64)];
        let help = "The release that runs, as a label";
        self.gauges("standing_build_info", help, "version", version)
    }

    /// How far the ledger has come.
    fn ledger(&mut self, served: &Served) -> fmt::Result {
        let frontier = served.ledger.frontier();
        self.gauge(
            "standing_ready",
            "Whether the server reports itself as serving",
            u64::from(served.is_ready() && !*served.closing().borrow()),
        )?;
        self.gauge(
            "standing_head_position",
            "The position of the last entry; 0 for an empty ledger",
            frontier.head.position.number(),
        )?;
        self.gauge(
            "standing_head_record_time_seconds",
            "When the last entry was recorded, in seconds since 1970-01-01T00:00:00Z; 0 for an empty ledger",
            frontier.head.record_time.micros() / 1_000_000,
        )?;
        self.gauge(
            "standing_epoch",
            "The epoch of the history; 0 unless it was resumed after entries were lost",
            served.ledger.epoch(frontier.head.position).number(),
        )?;
        if let Some(bytes) = served.ledger.file_bytes() {
            self.gauge("standing_file_bytes", "How large the log's file is", bytes)?;
        }
        let Some(day) = frontier.day else {
            return Ok(());
        };
        self.gauge(
            "standing_day_seconds",
            "The civil day that has begun for the association, as midnight UTC in seconds since 1970-01-01T00:00:00Z",
            i64::from(i32::from(day)) * DAY,
        )
    }

    /// Who watches.
    fn watches(&mut self, hub: &Hub) -> fmt::Result {
        let counts = hub.counts();
        let open = [("entries", counts.entries), ("rights", counts.rights)];
        let open = open.map(|(of, count)| (of, wide(count)));
        self.gauges("standing_watches", "Open watches", "of", open)?;
        self.gauge(
            "standing_watches_live",
            "Open watches that have caught up with the head",
            wide(counts.live),
        )?;
        self.counter(
            "standing_watches_moved_back",
            "How often a watch could not keep up, and was read to from the log again",
            counts.moved_back,
        )?;
        self.counter(
            "standing_watches_refused",
            "Watches that were refused because their actor has as many as one may have",
            hub.watchers.refused(),
        )
    }

    /// How many calls wait or are refused, and what they hold.
    fn calls(&mut self, served: &Served, door: &Door) -> fmt::Result {
        let (under_way, waiting) = served.dear.counts();
        let dear = [("under-way", under_way), ("waiting", waiting)];
        self.gauges(
            "standing_dear_questions",
            "Questions that take turns because they are dear",
            "state",
            dear.map(|(state, count)| (state, wide(count))),
        )?;
        self.gauge(
            "standing_connections",
            "Open connections",
            wide(door.connections()),
        )?;
        self.gauge(
            "standing_calls_held_bytes",
            "What calls hold of the memory that they may hold",
            wide(door.held()),
        )?;
        self.gauge(
            "standing_calls_held_bytes_limit",
            "The memory that calls may hold in all",
            wide(door.budget()),
        )?;
        let kind = MetricType::Counter;
        let help = "What was turned away, or ended, by what for";
        let mut to = self.begin("standing_refused", help, kind)?;
        for (what, count) in door.turned_away() {
            ConstCounter::new(count).encode(to.encode_family(&[("what", what)])?)?;
        }
        let Some(ends) = door.certificate_ends() else {
            return Ok(());
        };
        let ends = ends.duration_since(SystemTime::UNIX_EPOCH);
        self.gauge(
            "standing_certificate_end_seconds",
            "When the server's certificate ends, in seconds since 1970-01-01T00:00:00Z",
            ends.unwrap_or_default().as_secs(),
        )
    }

    /// Whether batches are recorded, and what is wrong.
    fn recording(&mut self, served: &Served) -> fmt::Result {
        let frontier = served.ledger.frontier();
        let roles = [StreamRole::Alone, StreamRole::Writer, StreamRole::Replica];
        self.gauges(
            "standing_role",
            "What the server is to the streams",
            "role",
            roles.map(|role| (role_word(role), u64::from(role == served.role()))),
        )?;
        self.gauge(
            "standing_recording",
            "Whether batches are recorded here; always 0 on a replica",
            u64::from(served.role() != StreamRole::Replica && !served.is_held_back()),
        )?;
        let troubles = served.ledger.troubles();
        let is_in = |kind| troubles.iter().any(|trouble| trouble.kind == kind);
        self.gauges(
            "standing_trouble",
            "What is wrong with the ledger, by kind",
            "kind",
            TroubleKind::ALL.map(|kind| (kind.word(), u64::from(is_in(kind)))),
        )?;
        if served.role() == StreamRole::Replica || frontier.head.position == Position::ZERO {
            return Ok(());
        }
        self.gauge(
            "standing_clock_ahead_seconds",
            "How far the clock stands ahead of the last entry or day, behind it if negative",
            served.ledger.clock_ahead() / 1_000_000,
        )
    }

    fn stream(&mut self, report: &GetStreamStatusResponse) -> fmt::Result {
        self.gauge(
            "standing_stream_up",
            "Whether the streams are reached and have not stopped",
            u64::from(is_stream_well(Some(report))),
        )?;
        self.gauge(
            "standing_stream_entries_position",
            "The last position known to be in the stream, or taken from it",
            report.entries_position,
        )?;
        self.gauge(
            "standing_stream_entries_behind",
            "How many entries the stream, or this replica, is behind",
            report.entries_behind,
        )?;
        self.gauge(
            "standing_stream_rights_behind",
            "How many entries the stream of computed changes is behind",
            report.rights_behind,
        )
    }

    /// What the process takes of the machine, under the names that every process's has.
    #[cfg(target_os = "linux")]
    fn process(&mut self) -> fmt::Result {
        use procfs::WithCurrentSystemInfo as _;
        use procfs::process::Process;
        let Ok(process) = Process::myself() else {
            return Ok(());
        };
        if let Ok(stat) = process.stat() {
            let resident = stat.rss_bytes().get();
            let help = "Resident memory in bytes";
            self.gauge("process_resident_memory_bytes", help, resident)?;
            let ticks = procfs::ticks_per_second();
            let help = "How many threads there are";
            self.gauge("process_threads", help, stat.num_threads)?;
            let kind = MetricType::Counter;
            let help = "Seconds of processor time, in the kernel and outside";
            let to = self.begin("process_cpu_seconds", help, kind)?;
            #[expect(clippy::cast_precision_loss, reason = "of seconds")]
            let seconds = (stat.utime + stat.stime) as f64 / ticks as f64;
            ConstCounter::new(seconds).encode(to)?;
        }
        if let Ok(open) = process.fd_count() {
            let help = "Open file descriptors";
            self.gauge("process_open_fds", help, wide(open))?;
        }
        let Ok(limits) = process.limits() else {
            return Ok(());
        };
        match limits.max_open_files.soft_limit {
            procfs::process::LimitValue::Value(most) => {
                let help = "How many file descriptors may be open";
                self.gauge("process_max_fds", help, most)
            }
            procfs::process::LimitValue::Unlimited => Ok(()),
        }
    }

    /// Where the system has no such files, nothing is told.
    #[cfg(not(target_os = "linux"))]
    fn process(&mut self) -> fmt::Result {
        Ok(())
    }
}

/// A count as a number of a gauge.
fn wide(count: usize) -> u64 {
    count as u64
}
