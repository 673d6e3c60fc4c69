//! A call as a span, for whoever collects traces: who called which method, how it ended. Nothing of
//! what was said stands in it.

use super::method::Method;
use axum::http::HeaderMap;
use tonic::Code;
use tracing::Span;
use tracing::field::Empty;

/// The target of the spans of calls: one that nobody listens to costs next to nothing.
pub const TRACES: &str = "standing_server::traces";

/// Makes a span the child of the one that the headers of a call name, if they name one.
pub type ParentOf = fn(&HeaderMap, &Span);

/// Begins the span of a call, by the names that OpenTelemetry has for what stands in it.
pub(super) fn begin(method: Method, headers: &HeaderMap, parent: Option<&ParentOf>) -> Span {
    let Method {
        grpc_service: service,
        grpc_method: name,
        ..
    } = method;
    let span = tracing::info_span!(
        target: TRACES,
        "call",
        otel.name = Empty,
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = name,
        rpc.grpc.status_code = Empty,
        enduser.id = Empty,
    );
    if !span.is_disabled() {
        span.record("otel.name", format_args!("{service}/{name}"));
        if let Some(parent) = parent {
            parent(headers, &span);
        }
    }
    span
}

/// Says how a call has ended, and who called if that became known.
pub(super) fn end(span: &Span, code: Code, actor: Option<&str>) {
    if span.is_disabled() {
        return;
    }
    span.record("rpc.grpc.status_code", i32::from(code));
    if let Some(actor) = actor {
        span.record("enduser.id", actor);
    }
    if is_failure(code) {
        span.record("otel.status_code", "ERROR");
    }
}

/// Whether a code tells of a fault of the server, as OpenTelemetry's conventions count them.
fn is_failure(code: Code) -> bool {
    match code {
        Code::Unknown
        | Code::DeadlineExceeded
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::Ok
        | Code::Cancelled
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unauthenticated => false,
    }
}
