//! Serving a connection: by TLS where this server speaks it, for as long as it may last.

use super::Door;
use super::answer::Answer;
use super::budget::{Account, Kind};
use super::call::{Call, Connection, Ends, Streams, within};
use super::came::stand_in;
use super::census::Place;
use super::tls::shown;
use crate::access::Foreign;
use crate::access::peer::Peer;
use crate::call::deadline::timeout_of;
use crate::call::errors::Problem;
use crate::measured::call::Until;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use socket2::{SockRef, TcpKeepalive};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::server::TcpConnectInfo;
use tonic::{Code, Status};
use tower_service::Service as _;

/// The most calls at a time over one connection. A watch is a call for as long as it lasts, and
/// whatever is called beyond these waits without a word; many clients may come over the few
/// connections of a proxy.
const MOST_CALLS: u32 = 1_000;

/// How much a call may send before it is read: while it waits for room, nobody is charged for that.
const WINDOW: u32 = 256 << 10;

/// How much a connection may send before it is read. The protocol's library ends connections with
/// many small frames unread, the sooner the less this is; a thousand calls may begin at once.
const WINDOW_OF_ALL: u32 = 1 << 20;

/// The most bytes that wait to be sent in an answer's own queue.
const QUEUE: usize = 64 << 10;

/// The most bytes of a buffer for the headers of a call over HTTP/1.1.
const HEADERS: usize = 64 << 10;

/// How long the other end has to answer a question whether it is there.
const ANSWER: Duration = Duration::from_secs(20);

/// How much is read, and for how long, of what nobody wants of a call that is answered.
const LEFT_OVER: usize = 64 << 10;
const LEFT_OVER_FOR: Duration = Duration::from_secs(1);

/// What a call over plain HTTP needs.
const PLAIN: usize = 16 << 10;

/// What is listened with.
pub(crate) struct Listening {
    /// What all connections share.
    pub door: Arc<Door>,
    /// What is answered.
    pub routes: Routes,
    /// After how long without traffic a connection is asked whether it is there.
    pub keepalive: Duration,
}

/// Sets what every connection over the network has: nothing waits to be sent, and the system asks
/// whether the other end is there.
pub(super) fn settle(stream: &TcpStream, keepalive: Duration) -> io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(keepalive))
}

/// A connection that is about to be served.
pub(super) struct Serving {
    pub place: Place,
    pub listening: Arc<Listening>,
    pub closing: watch::Receiver<bool>,
}

impl Serving {
    /// Serves a connection over the network.
    pub async fn network(self, stream: TcpStream, from: SocketAddr) {
        let Ok(local) = stream.local_addr() else {
            return;
        };
        let ends = |certificate, tls| Ends {
            peer: Peer::Network {
                address: from,
                certificate,
            },
            from,
            local: Some(local),
            tls,
        };
        let door = &self.listening.door;
        let Some(tls) = &door.tls else {
            return self.serve(stream, ends(None, false)).await;
        };
        let (tls, spoken) = (Arc::clone(tls), tls.config());
        let handshake = TlsAcceptor::from(Arc::clone(&spoken)).accept(stream);
        let stream = match timeout(door.limits().handshake, handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return door.no_handshake(from, &error),
            Err(_) => return door.no_handshake(from, &"it took too long"),
        };
        let (_, session) = stream.get_ref();
        let chain = session.peer_certificates().unwrap_or_default().to_vec();
        let certificate = chain.first().and_then(shown).map(Arc::new);
        let door = Arc::clone(door);
        tokio::select! {
            () = self.serve(stream, ends(certificate, true)) => {}
            error = tls.distrusts(&chain, &spoken) => door.distrusted(from, &error),
        }
    }

    /// Serves a connection over a Unix socket.
    #[cfg(unix)]
    pub async fn socket(self, stream: tokio::net::UnixStream) {
        let user = stream.peer_cred().ok().map(|peer| peer.uid());
        self.nameless(stream, Peer::Socket { user }).await;
    }

    /// Serves a connection of this process.
    pub async fn inside(self, stream: DuplexStream) {
        self.nameless(stream, Peer::Inside).await;
    }

    async fn nameless(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: Peer,
    ) {
        let ends = Ends {
            peer,
            from: stand_in(),
            local: None,
            tls: false,
        };
        self.serve(stream, ends).await;
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, ends: Ends) {
        let (listening, mut closing) = (self.listening, self.closing);
        let limits = listening.door.limits();
        let connection = Arc::new(Connection::new(ends, self.place, limits.unread));
        let mut builder = Builder::new(Streams(Arc::clone(&connection)));
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.headers_deadline)
            .max_buf_size(HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MOST_CALLS)
            .max_header_list_size(limits.headers)
            .max_pending_accept_reset_streams(limits.resets)
            .keep_alive_interval(listening.keepalive)
            .keep_alive_timeout(ANSWER)
            .initial_connection_window_size(WINDOW_OF_ALL)
            .initial_stream_window_size(WINDOW)
            .max_send_buf_size(QUEUE);
        let calls = Calls {
            connection: Arc::clone(&connection),
            listening: Arc::clone(&listening),
        };
        let heard = connection.hearing(stream);
        let mut serving = pin!(builder.serve_connection(TokioIo::new(heard), calls));
        let mut has_to_end = pin!(connection.has_to_end());
        let mut silent = pin!(connection.silent(limits.first_byte));
        let mut old = pin!(sleep(limits.age));
        let mut ends = false;
        loop {
            tokio::select! {
                biased;
                ended = serving.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(peer = %connection.from, error, "a connection broke");
                    }
                    return;
                }
                () = &mut has_to_end => return,
                () = &mut silent => {
                    listening.door.closed.silent.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                () = &mut old => {
                    if ends {
                        listening.door.closed.old.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                    // What is under way may go on for a while.
                    ends = true;
                    serving.as_mut().graceful_shutdown();
                    old.as_mut().set(sleep(limits.grace));
                }
                _ = closing.wait_for(|closing| *closing), if !ends => {
                    ends = true;
                    serving.as_mut().graceful_shutdown();
                    old.as_mut().set(sleep(limits.grace));
                }
            }
        }
    }
}

/// The calls of one connection.
struct Calls {
    connection: Arc<Connection>,
    listening: Arc<Listening>,
}

impl hyper::service::Service<Request<Incoming>> for Calls {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Answer>, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let connection = Arc::clone(&self.connection);
        let listening = Arc::clone(&self.listening);
        // Nothing happens before it is polled, in the task of the call.
        Box::pin(async move {
            let call = connection.call();
            let answered = answer(&listening, Arc::clone(&call), request);
            let response = within(Arc::clone(&call), answered).await;
            Ok(response.map(|body| Answer::new(body, call)))
        })
    }
}

async fn answer(
    listening: &Listening,
    call: Arc<Call>,
    request: Request<Incoming>,
) -> Response<Body> {
    let mut request = request.map(|sent| Sent(Some(sent)));
    let connection = &call.connection;
    if let Some(local) = connection.local {
        let hosts = &listening.door.hosts;
        let checked = hosts.check(request.uri(), request.headers(), local, connection.tls);
        if let Err(foreign) = checked {
            return turned_away(listening, foreign, request.uri().path());
        }
    }
    if is_plain(request.uri().path()) {
        let account = Account::Address(Some(call.connection.place.address()));
        let budget = &listening.door.budget;
        let Ok(charge) = budget.try_take(&account, Kind::Question, PLAIN) else {
            listening.door.refused.fetch_add(1, Ordering::Relaxed);
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            return response;
        };
        call.admit(charge, PLAIN, 0);
    }
    let limit = timeout_of(request.headers());
    request.extensions_mut().insert(TcpConnectInfo {
        local_addr: call.connection.local,
        remote_addr: Some(call.connection.from),
    });
    request.extensions_mut().insert(call);
    if let Some(until) = limit.and_then(|limit| Instant::now().checked_add(limit)) {
        request.extensions_mut().insert(Until(until));
    }
    let answered = listening.routes.clone().call(request);
    let answered = match limit {
        None => answered.await,
        Some(limit) => match timeout(limit, answered).await {
            Ok(answered) => answered,
            Err(_) => return late(limit).into_http(),
        },
    };
    match answered {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What a call sends. Whoever is answered before it was read is sending the rest: a little of that
/// is read and forgotten. If it were not, the protocol's library would refuse each frame of it, and
/// end the connection, with all that others do over it, after a thousand such frames.
struct Sent(Option<Incoming>);

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(sent) => Pin::new(sent).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(SizeHint::new, Incoming::size_hint)
    }
}

impl Drop for Sent {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|rest| !rest.is_end_stream());
        // Outside of a runtime nothing is served any more.
        if let (Some(rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(timeout(LEFT_OVER_FOR, forget(rest)));
        }
    }
}

/// Reads a little, and keeps nothing.
async fn forget(mut rest: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = rest.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > LEFT_OVER {
            return;
        }
    }
}

/// Returns whether a path is asked for over plain HTTP; those of gRPC name a service and a method.
fn is_plain(path: &str) -> bool {
    path.trim_start_matches('/').split_once('/').is_none()
}

/// Turns away what is for another server, or from a page of another site.
fn turned_away(listening: &Listening, foreign: Foreign, path: &str) -> Response<Body> {
    listening.door.foreign.fetch_add(1, Ordering::Relaxed);
    let (reason, message) = match foreign {
        Foreign::Host => (
            "HOST_REFUSED",
            "this server is not called by the name that the request says (`host`): whoever operates it lists its names with --host",
        ),
        Foreign::Origin => (
            "ORIGIN_REFUSED",
            "pages of this site (`origin`) may not call this server: whoever operates it lists those that may with --origin",
        ),
    };
    if is_plain(path) {
        let mut response = Response::new(Body::new(format!("{message}\n")));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    Status::from(Problem::new(Code::PermissionDenied, reason, message)).into_http()
}

fn late(limit: Duration) -> Status {
    let message = format!("there was no answer within the {limit:?} that the caller waits");
    Problem::new(Code::DeadlineExceeded, "DEADLINE", message).into()
}
