//! A node: an open ledger and a listener, until a signal ends it.

use super::ledger;
use super::ledger::Expected;
use crate::args;
use crate::failure::Failure;
use crate::output;
use standing_server::engine::{Ledger, Recorder, Role};
use standing_server::{Config, Limits, StreamReport, Tokens};
use std::future::pending;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A node that is about to serve.
pub struct Node {
    /// The ledger.
    pub recorder: Arc<Recorder>,
    /// Where it listens.
    pub address: SocketAddr,
    listener: TcpListener,
    tokens: Tokens,
    limits: Limits,
    signal: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Node {
    /// Listens, and opens the ledger.
    ///
    /// # Errors
    /// The address cannot be had, or the tokens or the ledger cannot be read.
    pub async fn open(
        args: &args::Opening,
        expected: Expected<'_>,
        role: Role,
    ) -> Result<Self, Failure> {
        let tokens = match &args.tokens {
            Some(file) => Tokens::load(file)
                .map_err(|error| Failure::failed("cannot use the tokens").because(&error))?,
            None => Tokens::default(),
        };
        let listener = listen(args.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::failed("cannot listen").because(&error))?;
        let signal = Box::pin(signal()?);
        let recorder = Arc::new(ledger::open(args, expected, role)?);
        Ok(Self {
            recorder,
            address,
            listener,
            tokens,
            limits: args.room.limits(),
            signal,
        })
    }

    /// Serves until a signal ends it. It is ready once it is prepared; if that fails, the failure
    /// ends it.
    ///
    /// # Errors
    /// Preparing or serving failed.
    pub async fn serve(
        self,
        stream: Option<StreamReport>,
        prepared: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let config = Config {
            tokens: self.tokens,
            limits: self.limits,
            stream,
            ..Config::default()
        };
        let (abandon, abandoned) = oneshot::channel();
        let ready = async {
            // What fails here ends the server; until then it is not ready.
            if let Err(failure) = prepared.await {
                let _ = abandon.send(failure);
                pending::<()>().await;
            }
        };
        let mut failure = None;
        let shutdown = async {
            tokio::select! {
                () = self.signal => {}
                Ok(found) = abandoned => failure = Some(found),
            }
        };
        let (listener, recorder) = (self.listener, self.recorder);
        let serving =
            standing_server::serve_when_ready(listener, recorder, config, ready, shutdown);
        Box::pin(serving)
            .await
            .map_err(|error| Failure::failed("the server stopped").because(&error))?;
        failure.map_or(Ok(()), Err)
    }
}

/// Says where a ledger that is served no more stands.
pub fn ended(ledger: &Ledger) {
    output::note(&format!("stopped at position {}", ledger.head().position));
}

/// Listens at an address.
///
/// # Errors
/// It cannot be had.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::failed(format!("cannot listen on {address}")).because(&error))
}

/// Returns what ends when the process is asked to end.
#[cfg(unix)]
fn signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::failed("cannot listen to signals").because(&error))
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Returns what ends when the process is asked to end.
#[cfg(not(unix))]
fn signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    })
}
