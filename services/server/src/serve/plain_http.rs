//! What is asked over plain HTTP, on the port of the services: whether the server is well, and its
//! numbers. Neither needs a token, as probes carry none: they tell counts and states, nothing that
//! was recorded.

use crate::call::served::Served;
use crate::changes::Hub;
use crate::door::Door;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use standing_domain::id::position::Position;
use standing_engine::TroubleKind;
use standing_proto::v1::{GetStreamStatusResponse, StreamRole, StreamState};
use std::fmt::{Display, Write as _};
use std::sync::Arc;
use std::time::SystemTime;

/// The seconds of a day.
const DAY: i64 = 86_400;

/// Returns the routes of plain HTTP.
pub(super) fn routes(hub: &Arc<Hub>, door: &Arc<Door>, warnings: Vec<String>) -> Router {
    let (of_health, of_metrics, door) = (Arc::clone(hub), Arc::clone(hub), Arc::clone(door));
    let health = get(move || std::future::ready(healthz(&of_health.served, &warnings)));
    let numbers = get(move || std::future::ready(metrics(&of_metrics, &door)));
    Router::new()
        .route("/healthz", health)
        .route("/metrics", numbers)
}

/// Returns whether the streams go as they should, or this server has none. Being behind is no
/// illness.
pub(super) fn is_stream_well(report: Option<&GetStreamStatusResponse>) -> bool {
    report.is_none_or(|report| {
        !matches!(
            report.state(),
            StreamState::Disconnected | StreamState::Stopped
        )
    })
}

/// Tells whether the server is well: 200, or 503 where it is not ready, ends, or its streams have
/// stopped for good. One that records nothing says so and is 200 all the same: it answers
/// questions, and whoever passes them on must not take it out.
fn healthz(served: &Served, warnings: &[String]) -> Response {
    let report = served.report();
    let state = report.as_ref().map(GetStreamStatusResponse::state);
    let status = if *served.closing().borrow() {
        "closing"
    } else if !served.is_ready() {
        "starting"
    } else if state == Some(StreamState::Stopped) {
        "stream-stopped"
    } else if served.is_held_back() {
        "not-recording"
    } else {
        "serving"
    };
    let code = match status {
        "serving" | "not-recording" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let stream = report.map_or(Value::Null, |report| {
        json!({
            "state": state_word(report.state()),
            "entriesPosition": report.entries_position,
            "entriesBehind": report.entries_behind,
            "rightsBehind": report.rights_behind,
        })
    });
    let told = json!({
        "status": status,
        "role": role_word(served.role()),
        "position": served.ledger.head().position,
        "stream": stream,
        "troubles": troubles(served),
        "warnings": warnings,
    });
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (code, kind, format!("{told}\n")).into_response()
}

/// Tells what is wrong, the worst first.
fn troubles(served: &Served) -> Value {
    let stopped = served.recorder.stopped().map(|_| {
        // Why is told to those who may ask for the state of the streams.
        json!({"kind": "stopped", "text": "another history than this one is published: nothing is recorded any more"})
    });
    let troubles = served.ledger.troubles();
    let troubles = troubles
        .iter()
        .map(|trouble| json!({"kind": trouble.kind.word(), "text": trouble.text}));
    stopped.into_iter().chain(troubles).collect()
}

fn metrics(hub: &Hub, door: &Door) -> Response {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, numbers(hub, door)).into_response()
}

/// Writes the server's numbers in the text format of Prometheus.
fn numbers(hub: &Hub, door: &Door) -> String {
    let served = &hub.served;
    let mut text = Numbers::default();
    text.ledger(served);
    text.watches(hub);
    text.calls(served, door);
    text.recording(served);
    if let Some(report) = served.report() {
        text.stream(&report);
    }
    text.0 + &served.measured.told()
}

#[derive(Default)]
struct Numbers(String);

impl Numbers {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a text never fails.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        self.line(name, value);
    }

    /// How far the ledger has come.
    fn ledger(&mut self, served: &Served) {
        let frontier = served.ledger.frontier();
        self.gauge(
            "standing_ready",
            "Whether the server reports itself as serving.",
            u8::from(served.is_ready() && !*served.closing().borrow()),
        );
        self.gauge(
            "standing_head_position",
            "The position of the last entry; 0 for an empty ledger.",
            frontier.head.position,
        );
        self.gauge(
            "standing_head_record_time_seconds",
            "When the last entry was recorded, in seconds since 1970-01-01T00:00:00Z; 0 for an empty ledger.",
            frontier.head.record_time.micros() / 1_000_000,
        );
        if let Some(day) = frontier.day {
            self.gauge(
                "standing_day_seconds",
                "The civil day that has begun for the association, as midnight UTC in seconds since 1970-01-01T00:00:00Z.",
                i64::from(i32::from(day)) * DAY,
            );
        }
    }

    /// Who watches.
    fn watches(&mut self, hub: &Hub) {
        let counts = hub.counts();
        self.head("standing_watches", "gauge", "Open watches.");
        self.line("standing_watches{of=\"entries\"}", counts.entries);
        self.line("standing_watches{of=\"rights\"}", counts.rights);
        self.gauge(
            "standing_watches_live",
            "Open watches that have caught up with the head.",
            counts.live,
        );
        self.head(
            "standing_watches_moved_back_total",
            "counter",
            "How often a watch could not keep up, and was read to from the log again.",
        );
        self.line("standing_watches_moved_back_total", counts.moved_back);
        self.head(
            "standing_watches_refused_total",
            "counter",
            "Watches that were refused because their actor has as many as one may have.",
        );
        self.line("standing_watches_refused_total", hub.watchers.refused());
    }

    /// What calls take, and how many wait or are refused.
    fn calls(&mut self, served: &Served, door: &Door) {
        let (under_way, waiting) = served.dear.counts();
        self.head(
            "standing_dear_questions",
            "gauge",
            "Questions that take turns because they are dear.",
        );
        self.line("standing_dear_questions{state=\"under-way\"}", under_way);
        self.line("standing_dear_questions{state=\"waiting\"}", waiting);
        self.gauge(
            "standing_connections",
            "Open connections.",
            door.connections(),
        );
        self.gauge(
            "standing_calls_held_bytes",
            "What calls hold of the memory that they may hold.",
            door.held(),
        );
        self.head(
            "standing_refused_total",
            "counter",
            "What was turned away, or ended, by what for.",
        );
        for (what, count) in door.turned_away() {
            self.line(&format!("standing_refused_total{{what=\"{what}\"}}"), count);
        }
        if let Some(ends) = door.certificate_ends() {
            let ends = ends
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default();
            self.gauge(
                "standing_certificate_end_seconds",
                "When the server's certificate ends, in seconds since 1970-01-01T00:00:00Z.",
                ends.as_secs(),
            );
        }
    }

    /// Whether batches are recorded, and what is wrong.
    fn recording(&mut self, served: &Served) {
        let frontier = served.ledger.frontier();
        self.head(
            "standing_role",
            "gauge",
            "What the server is to the streams.",
        );
        for role in [StreamRole::Alone, StreamRole::Writer, StreamRole::Replica] {
            let name = format!("standing_role{{role=\"{}\"}}", role_word(role));
            self.line(&name, u8::from(role == served.role()));
        }
        self.gauge(
            "standing_recording",
            "Whether batches are recorded here; always 0 on a replica.",
            u8::from(served.role() != StreamRole::Replica && !served.is_held_back()),
        );
        self.head(
            "standing_trouble",
            "gauge",
            "What is wrong with the ledger, by kind.",
        );
        let troubles = served.ledger.troubles();
        for kind in TroubleKind::ALL {
            let name = format!("standing_trouble{{kind=\"{}\"}}", kind.word());
            self.line(
                &name,
                u8::from(troubles.iter().any(|trouble| trouble.kind == kind)),
            );
        }
        if served.role() != StreamRole::Replica && frontier.head.position > Position::ZERO {
            self.gauge(
                "standing_clock_ahead_seconds",
                "How far the clock stands ahead of the last entry or day, behind it if negative.",
                served.ledger.clock_ahead() / 1_000_000,
            );
        }
    }

    fn stream(&mut self, report: &GetStreamStatusResponse) {
        self.gauge(
            "standing_stream_up",
            "Whether the streams are reached and have not stopped.",
            u8::from(is_stream_well(Some(report))),
        );
        self.gauge(
            "standing_stream_entries_position",
            "The last position known to be in the stream, or taken from it.",
            report.entries_position,
        );
        self.gauge(
            "standing_stream_entries_behind",
            "How many entries the stream, or this replica, is behind.",
            report.entries_behind,
        );
        self.gauge(
            "standing_stream_rights_behind",
            "How many entries the stream of computed changes is behind.",
            report.rights_behind,
        );
    }
}

fn role_word(role: StreamRole) -> &'static str {
    match role {
        StreamRole::Unspecified | StreamRole::Alone => "alone",
        StreamRole::Writer => "writer",
        StreamRole::Replica => "replica",
    }
}

fn state_word(state: StreamState) -> &'static str {
    match state {
        StreamState::Unspecified => "none",
        StreamState::Disconnected => "disconnected",
        StreamState::Behind => "behind",
        StreamState::CaughtUp => "caught-up",
        StreamState::Stopped => "stopped",
    }
}
