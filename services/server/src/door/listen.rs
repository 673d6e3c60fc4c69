//! Listening: whoever connects is counted, and served or told that there are too many.

use super::came::{Came, Listeners};
use super::serving::{Listening, Serving, settle};
use super::workers::Workers;
use super::{Door, refuse};
use futures_util::FutureExt as _;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tonic::Status;
use tonic::body::Body;

/// How many connections are told at a time that there are too many; what comes beyond is closed
/// without a word.
const TOLD: usize = 64;

/// How long telling may take.
const TELLING: Duration = Duration::from_secs(2);

/// How long nothing is accepted after the system refused to.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts whoever connects until `closing` says so or its sender is gone, and waits then until all
/// calls have ended. The workers serve.
pub(crate) async fn listen(
    mut listeners: Listeners,
    listening: Listening,
    workers: &mut Workers,
    mut closing: watch::Receiver<bool>,
) {
    let listening = Arc::new(listening);
    let telling = Arc::new(Semaphore::new(TOLD));
    // They end with this function, however it ends.
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listeners.next() => accepted,
        };
        let came = match accepted {
            Ok(came) => came,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        let address = came.address();
        let Ok(place) = listening.door.census.enter(address) else {
            if let Ok(permit) = Arc::clone(&telling).try_acquire_owned() {
                let listening = Arc::clone(&listening);
                connections.spawn(async move {
                    refuse_connection(came, address, &listening).await;
                    drop(permit);
                });
            }
            continue;
        };
        let serving = Serving {
            place,
            listening: Arc::clone(&listening),
            closing: closing.clone(),
        };
        match came {
            Came::Network(stream, from) => {
                if let Err(error) = settle(&stream, listening.keepalive) {
                    tracing::debug!(%from, %error, "a connection was gone before it was served");
                    continue;
                }
                let serve = move |stream| serving.network(stream, from).boxed();
                match workers.hand(stream, serve) {
                    Ok(Some(here)) => _ = connections.spawn(here),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "a connection could not be served"),
                }
            }
            #[cfg(unix)]
            Came::Socket(stream) => _ = connections.spawn(serving.socket(stream)),
            Came::Inside(stream) => _ = connections.spawn(serving.inside(stream)),
        }
    }
    drop(listeners);
    while connections.join_next().await.is_some() {}
    workers.drain().await;
}

/// Tells a connection that there are too many; one that would be encrypted is closed.
async fn refuse_connection(came: Came, address: IpAddr, listening: &Listening) {
    // Not louder: whoever floods would fill the log. The metrics count.
    tracing::debug!(%address, "a connection was refused: there are too many");
    match came {
        Came::Network(..) if listening.door.tls.is_some() => {}
        Came::Network(stream, _) => tell(stream, &listening.door).await,
        #[cfg(unix)]
        Came::Socket(stream) => tell(stream, &listening.door).await,
        Came::Inside(stream) => tell(stream, &listening.door).await,
    }
}

/// Answers every call of a connection that there are too many connections, and ends it.
async fn tell(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, door: &Door) {
    let limits = door.limits();
    let message = format!(
        "the server has as many connections as it takes: {} in all, {} from one address before it is known who calls",
        limits.connections, limits.connections_by_one
    );
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
