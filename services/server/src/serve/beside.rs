//! Plain HTTP on an address of its own, where numbers and probes are asked for from where the
//! services are not to be reached.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How many may ask at a time.
const AT_ONCE: usize = 64;

/// How long a request may take to come.
const COMES: Duration = Duration::from_secs(5);

/// How long all of it may take, the answer included.
const TAKES: Duration = Duration::from_secs(10);

/// The most bytes of a request: there is nothing to send.
const MOST: usize = 16 << 10;

/// Answers there, if anywhere, for as long as this is awaited; one request a connection.
pub(super) async fn serve(listener: Option<TcpListener>, routes: Router) {
    let Some(listener) = listener else {
        return;
    };
    let room = Arc::new(Semaphore::new(AT_ONCE));
    // They end with this, and let go of the ledger.
    let mut answers = JoinSet::new();
    loop {
        while answers.try_join_next().is_some() {}
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // No file is left to give, or the like: it passes.
                tracing::debug!(%error, "a connection cannot be accepted");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let service = TowerToHyperService::new(routes.clone());
        answers.spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(COMES)
                .max_buf_size(MOST)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // Whoever asked has gone, or asked for nothing.
            let _ = timeout(TAKES, connection).await;
            drop(permit);
        });
    }
}
