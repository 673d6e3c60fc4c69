//! A call, from when it has come to when its answer has ended: counted, and told in a line of the
//! log where that is asked for. Nothing of what was said stands in it.

use super::calls::Counts;
use super::{Metrics, traced};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use standing_domain::id::ActorId;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};
use tonic::{Code, Status};
use tracing::{Level, Span};

/// The target under which calls are logged, a line each: `RUST_LOG=standing_server::calls=info`.
pub(crate) const TARGET: &str = "standing_server::calls";

/// By what a client, or a proxy before it, may name a call; named here where they do not.
const REQUEST_ID: &str = "x-request-id";

/// The most characters of such a name.
const MOST: usize = 64;

/// Who calls, as soon as that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Who(Arc<OnceLock<ActorId>>);

impl Who {
    /// Takes note of who calls.
    pub fn is(&self, actor: &ActorId) {
        // It is asked once.
        let _ = self.0.set(actor.clone());
    }
}

/// Until when a call's answer is waited for, among the extensions of its request: whoever sets it
/// gives the call up then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Until(pub Instant);

/// A call under way.
struct Underway {
    counts: Arc<Counts>,
    begun: Instant,
    until: Option<Until>,
    /// Whether its time was taken.
    is_timed: bool,
    /// Of calls that are logged or traced.
    who: Option<Who>,
    /// Of calls that are logged.
    request_id: Option<HeaderValue>,
    span: Span,
}

/// Passes a call on, and takes note of it.
pub(crate) async fn measure(
    State(metrics): State<Arc<Metrics>>,
    mut request: Request,
    next: Next,
) -> Response {
    let counts = Arc::clone(metrics.calls.of(request.uri().path()));
    counts.start();
    let is_unary = counts.method.is_unary();
    let is_logged = tracing::enabled!(target: TARGET, Level::INFO);
    let request_id = is_logged.then(|| named(request.headers()).unwrap_or_else(name));
    let span = traced::begin(counts.method, request.headers(), metrics.parent.get());
    let who = (is_logged || !span.is_disabled()).then(Who::default);
    if let Some(who) = &who {
        request.extensions_mut().insert(who.clone());
    }
    let underway = Underway {
        counts,
        begun: Instant::now(),
        until: request.extensions().get().copied(),
        is_timed: false,
        who,
        request_id: request_id.clone(),
        span,
    };
    // Dropped with it where nobody waits any more.
    let mut counted = Counted {
        underway: Some(underway),
        body: Body::empty(),
    };
    let (mut parts, body) = next.run(request).await.into_parts();
    if is_unary && let Some(underway) = &mut counted.underway {
        underway.took();
    }
    if let Some(request_id) = request_id {
        parts.headers.insert(REQUEST_ID, request_id);
    }
    if let Some(code) = code_in(&parts.headers) {
        counted.ended(code);
    } else if !parts.status.is_success() {
        counted.ended(Code::Unknown);
    }
    counted.body = body;
    Response::from_parts(parts, Body::new(counted))
}

impl Underway {
    fn took(&mut self) {
        if std::mem::replace(&mut self.is_timed, true) {
            return;
        }
        self.counts.took(self.begun.elapsed());
    }

    fn ended(mut self, code: Code) {
        // A stream, or a call that was given up before it was answered.
        self.took();
        let actor = self.who.as_ref().and_then(|who| who.0.get());
        let actor = actor.map(ActorId::as_str);
        traced::end(&self.span, code, actor);
        let code = self.counts.end(code);
        if let Some(request_id) = &self.request_id {
            tracing::info!(
                target: TARGET,
                actor = actor.unwrap_or_default(),
                service = self.counts.method.grpc_service,
                method = self.counts.method.grpc_method,
                code,
                seconds = self.begun.elapsed().as_secs_f64(),
                request_id = request_id.to_str().unwrap_or_default(),
                "call"
            );
        }
    }
}

/// Returns the code that headers or trailers tell; none where they tell none.
fn code_in(headers: &HeaderMap) -> Option<Code> {
    let code = headers.get(Status::GRPC_STATUS)?;
    Some(Code::from_bytes(code.as_bytes()))
}

/// Returns what a call is named by already, if it is a name that a log may hold.
fn named(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(REQUEST_ID)?;
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let bytes = given.as_bytes();
    let is_name = !bytes.is_empty() && bytes.len() <= MOST && bytes.iter().all(fits);
    is_name.then(|| given.clone())
}

/// Names a call: by when the process began, and the how-manieth it is.
fn name() -> HeaderValue {
    static BEGUN: LazyLock<u64> = LazyLock::new(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    });
    static CALLS: AtomicU64 = AtomicU64::new(1);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let name = format!("{:x}-{call}", *BEGUN);
    HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("-"))
}

/// The answer of a call that is counted when it has ended.
struct Counted {
    underway: Option<Underway>,
    body: Body,
}

impl Counted {
    fn ended(&mut self, code: Code) {
        if let Some(underway) = self.underway.take() {
            underway.ended(code);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let until = self.underway.as_ref().and_then(|underway| underway.until);
        let is_late = until.is_some_and(|Until(until)| Instant::now() >= until);
        self.ended(if is_late {
            Code::DeadlineExceeded
        } else {
            Code::Cancelled
        });
    }
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.ended(code_in(trailers).unwrap_or(Code::Unknown));
                }
            }
            Some(Err(_)) | None => self.ended(Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
