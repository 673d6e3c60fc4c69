//! Listening: connections, and the calls that come over them.

use super::answer::Answer;
use super::budget::{Account, Kind};
use super::call::{Call, Connection, Streams, within};
use super::census::Full;
use super::workers::Workers;
use super::{Door, refuse};
use crate::call::deadline::timeout_of;
use crate::call::errors::Problem;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::server::{TcpConnectInfo, TcpIncoming};
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

/// The most bytes of the headers of a call over HTTP/1.1.
const HEADERS: usize = 64 << 10;

/// How long the other end has to answer a question whether it is there.
const ANSWER: Duration = Duration::from_secs(20);

/// How many connections are told at a time that there are too many; what comes beyond is closed
/// without a word.
const TOLD: usize = 64;

/// How long telling may take.
const TELLING: Duration = Duration::from_secs(2);

/// How long nothing is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(50);

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

/// Accepts whoever connects until `closing` says so or its sender is gone, and waits then until all
/// calls have ended. The workers serve.
pub(crate) async fn listen(
    listener: TcpListener,
    listening: Listening,
    workers: &mut Workers,
    mut closing: watch::Receiver<bool>,
) {
    let listening = Arc::new(listening);
    let mut incoming = TcpIncoming::from(listener)
        .with_nodelay(Some(true))
        .with_keepalive(Some(listening.keepalive));
    let telling = Arc::new(Semaphore::new(TOLD));
    // They end with this function, however it ends.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = incoming.next() => accepted,
        };
        let stream = match accepted {
            None => break,
            Some(Ok(stream)) => stream,
            Some(Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        let (listening, closing) = (Arc::clone(&listening), closing.clone());
        let Ok(peer) = stream.peer_addr() else {
            continue;
        };
        match listening.door.census.enter(peer.ip().to_canonical()) {
            Ok(place) => {
                let unread = listening.door.limits.unread;
                let local = stream.local_addr().ok();
                let connection = Arc::new(Connection::new(peer, local, place, unread));
                let serve = |stream| serve(stream, connection, listening, closing).boxed();
                match workers.hand(stream, serve) {
                    Ok(Some(here)) => _ = connections.spawn(here),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "a connection could not be served"),
                }
            }
            Err(Full) => {
                if let Ok(permit) = Arc::clone(&telling).try_acquire_owned() {
                    connections.spawn(async move {
                        tell(stream, peer.ip(), &listening.door).await;
                        drop(permit);
                    });
                }
            }
        }
    }
    drop(incoming);
    while connections.join_next().await.is_some() {}
    workers.drain().await;
}

async fn serve(
    stream: TcpStream,
    connection: Arc<Connection>,
    listening: Arc<Listening>,
    mut closing: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(Streams(Arc::clone(&connection)));
    builder
        .http1()
        .timer(TokioTimer::new())
        .max_buf_size(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_CALLS)
        .keep_alive_interval(listening.keepalive)
        .keep_alive_timeout(ANSWER)
        .initial_connection_window_size(WINDOW_OF_ALL)
        .initial_stream_window_size(WINDOW)
        .max_send_buf_size(QUEUE);
    let calls = Calls {
        connection: Arc::clone(&connection),
        listening,
    };
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), calls));
    let mut has_to_end = pin!(connection.has_to_end());
    let mut ends = false;
    loop {
        tokio::select! {
            biased;
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(peer = %connection.peer, error, "a connection broke");
                }
                return;
            }
            () = &mut has_to_end => return,
            _ = closing.wait_for(|closing| *closing), if !ends => {
                ends = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Answers every call of a connection that there are too many connections, and ends it.
async fn tell(stream: TcpStream, address: IpAddr, door: &Door) {
    let limits = &door.limits;
    let message = format!(
        "the server has as many connections as it takes: {} in all, {} from one address before it is known who calls",
        limits.connections, limits.connections_by_one
    );
    // Not louder: whoever floods would fill the log. The metrics count.
    tracing::debug!(%address, "a connection was refused: there are too many");
    let service = hyper::service::service_fn(move |_: Request<Incoming>| {
        let status = Status::from(refuse("TOO_MANY_CONNECTIONS", &message));
        std::future::ready(Ok::<_, Infallible>(status.into_http::<Body>()))
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    if timeout(TELLING, serving.as_mut()).await.is_err() {
        serving.as_mut().graceful_shutdown();
        // It has been told, or does not listen.
        let _ = timeout(TELLING, serving).await;
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
    mut request: Request<Incoming>,
) -> Response<Body> {
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
        remote_addr: Some(call.connection.peer),
    });
    request.extensions_mut().insert(call);
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

/// Returns whether a path is asked for over plain HTTP; those of gRPC name a service and a method.
fn is_plain(path: &str) -> bool {
    path.trim_start_matches('/').split_once('/').is_none()
}

fn late(limit: Duration) -> Status {
    let message = format!("there was no answer within the {limit:?} that the caller waits");
    Problem::new(Code::DeadlineExceeded, "DEADLINE", message).into()
}
