//! What is asked over plain HTTP, on the port of the services: whether the server is well, and its
//! numbers. Neither needs a token, as probes carry none: they tell counts and states, nothing that
//! was recorded.

use super::numbers::Numbers;
use super::words::{role_word, state_word};
use crate::call::served::Served;
use crate::changes::Hub;
use crate::door::Door;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use standing_proto::v1::{GetStreamStatusResponse, StreamState};
use std::fmt;
use std::sync::Arc;

/// The form of the numbers.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Returns the routes of plain HTTP: on the port of the services, and on an address of their own,
/// where that is wanted; there the numbers are asked for then, and not on the port.
pub(super) fn routes(
    hub: &Arc<Hub>,
    door: &Arc<Door>,
    warnings: Vec<String>,
    is_beside: bool,
) -> (Router, Router) {
    let served = || Arc::clone(&hub.served);
    let (of_health, of_readiness) = (served(), served());
    let health = get(move || std::future::ready(healthz(&of_health, &warnings)));
    let readiness = get(move || std::future::ready(readyz(&of_readiness)));
    let probes = Router::new()
        .route("/healthz", health)
        .route("/livez", get(|| std::future::ready("alive\n")))
        .route("/readyz", readiness);
    let mut registry = Registry::default();
    hub.served.metrics.register(&mut registry);
    registry.register_collector(Box::new(Numbers {
        hub: Arc::clone(hub),
        door: Arc::clone(door),
    }));
    let registry = Arc::new(registry);
    let numbers = get(move || std::future::ready(metrics(&registry)));
    let beside = probes.clone().route("/metrics", numbers);
    if is_beside {
        (probes, beside)
    } else {
        (beside, Router::new())
    }
}

/// What is answered to a probe in the word for it, and whether that is well.
fn state_of(served: &Served, streams: Option<StreamState>) -> (&'static str, bool) {
    if *served.closing().borrow() {
        ("closing", false)
    } else if !served.is_ready() {
        ("starting", false)
    } else if streams == Some(StreamState::Stopped) {
        ("stream-stopped", false)
    } else if served.is_held_back() {
        ("not-recording", true)
    } else {
        ("serving", true)
    }
}

fn code(is_well: bool) -> StatusCode {
    if is_well {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

/// Tells whether calls may be sent here, in a word: 200, or 503. That it lives is told by
/// `/livez`, whatever else is the matter: a restart helps only who does not answer there.
fn readyz(served: &Served) -> Response {
    let streams = served.report().map(|report| report.state());
    let (word, is_well) = state_of(served, streams);
    (code(is_well), format!("{word}\n")).into_response()
}

/// Tells whether the server is well: 200, or 503 where it is not ready, ends, or its streams have
/// stopped for good. One that records nothing says so and is 200 all the same: it answers
/// questions, and whoever passes them on must not take it out.
fn healthz(served: &Served, warnings: &[String]) -> Response {
    let report = served.report();
    let state = report.as_ref().map(GetStreamStatusResponse::state);
    let (status, is_well) = state_of(served, state);
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
    (code(is_well), kind, format!("{told}\n")).into_response()
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

/// Returns all numbers, in the text format of `OpenMetrics`.
fn metrics(registry: &Registry) -> Response {
    let mut text = String::new();
    match encode(&mut text, registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        // A text takes what is written to it.
        Err(fmt::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
