//! A node: an open ledger and a listener, until a signal ends it.

use super::backups;
use super::callers::{Anew, Callers, listen_on};
use super::ledger;
use super::ledger::Expected;
use super::service;
use crate::args;
use crate::failure::Failure;
use crate::output;
use crate::settings;
use standing_server::engine::{Ledger, Recorder, Role};
use standing_server::{Config, Inside, Limits, Listeners, Metrics, StreamReport};
use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

/// A node that is about to serve.
pub struct Node {
    /// The ledger.
    pub recorder: Arc<Recorder>,
    /// Where it listens.
    pub address: SocketAddr,
    /// A way in for this process alone.
    pub inside: Inside,
    listeners: Listeners,
    callers: Callers,
    limits: Limits,
    backups: args::Backups,
    metrics: Arc<Metrics>,
    signals: Signals,
    /// The Unix socket, which goes with the node.
    socket: Option<Socket>,
}

/// A Unix socket that is removed at the end.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        // If it stays, the next server replaces it.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Node {
    /// Listens, and opens the ledger.
    ///
    /// # Errors
    /// The address cannot be had, or the ledger or what says who is let in cannot be read.
    pub async fn open(
        args: &args::Opening,
        said: &settings::Access,
        expected: Expected<'_>,
        role: Role,
    ) -> Result<Self, Failure> {
        let callers = Callers::of(args, said)?;
        let listener = listen(args.listen).await?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::failed("cannot listen").because(&error))?;
        let signals = Signals::listen()?;
        let beside = match args.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let metrics = Arc::new(Metrics::default());
        #[cfg(feature = "traces")]
        metrics.trace_by(super::traces::parent);
        let recorder = Arc::new(ledger::open(args, expected, role, &metrics)?);
        backups::check(&args.backups, &recorder)?;
        let (listeners, socket) = and_socket(Listeners::from(listener), args)?;
        let listeners = match beside {
            Some(beside) => listeners.and_numbers(beside),
            None => listeners,
        };
        let (listeners, inside) = listeners.and_inside();
        Ok(Self {
            recorder,
            address,
            inside,
            listeners,
            callers,
            limits: args.room.limits(),
            backups: args.backups.clone(),
            metrics,
            signals,
            socket,
        })
    }

    /// Returns where the node is found from this machine.
    pub fn url(&self) -> String {
        super::url(self.address, self.callers.tls.is_some())
    }

    /// Serves until a signal ends it, or it is over otherwise. It is ready once it is prepared; if
    /// that fails, the failure ends it.
    ///
    /// # Errors
    /// Preparing or serving failed.
    pub async fn serve(
        mut self,
        stream: Option<StreamReport>,
        prepared: impl Future<Output = Result<(), Failure>>,
        over: impl Future<Output = ()>,
    ) -> Result<Ended, Failure> {
        let (limits, adjusted) = watch::channel(self.limits.clone());
        let watching = self.callers.watching(limits);
        let config = Config {
            access: self.callers.access,
            hosts: self.callers.hosts,
            tls: self.callers.tls,
            reads: self.callers.reads,
            warnings: self.callers.warnings,
            limits: self.limits,
            adjusted: Some(adjusted),
            stream,
            metrics: Arc::clone(&self.metrics),
            ..Config::default()
        };
        let (abandon, abandoned) = oneshot::channel();
        let ready = async {
            // What fails here ends the server; until then it is not ready.
            if let Err(failure) = prepared.await {
                let _ = abandon.send(failure);
                pending::<()>().await;
            }
            service::ready();
        };
        let Signals { mut hurry, mut end } = self.signals;
        let backing_up = backups::make(&self.backups, Arc::clone(&self.recorder), self.metrics);
        let looking = watching.look(async move || hurry.next().await);
        let (mut failure, mut ended) = (None, Ended::Asked);
        let shutdown = async {
            tokio::select! {
                () = &mut end => {}
                () = over => ended = Ended::Over,
                () = looking => {}
                () = backing_up => {}
                () = service::lives() => {}
                Ok(found) = abandoned => failure = Some(found),
            }
            service::stopping();
        };
        let (listeners, recorder) = (self.listeners, self.recorder);
        let serving =
            standing_server::serve_when_ready(listeners, recorder, config, ready, shutdown);
        let served = Box::pin(serving).await;
        drop(self.socket);
        served.map_err(|error| Failure::failed("the server stopped").because(&error))?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if ended == Ended::Over {
            // Whoever asked while it was ending is heard.
            tokio::select! {
                biased;
                () = &mut end => ended = Ended::Asked,
                () = std::future::ready(()) => {}
            }
        }
        Ok(ended)
    }
}

/// Why a node has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Asked,
    /// What it served is over.
    Over,
}

/// Listens on the Unix socket too that the arguments name, if they do.
#[cfg(unix)]
fn and_socket(
    listeners: Listeners,
    args: &args::Opening,
) -> Result<(Listeners, Option<Socket>), Failure> {
    let Some(path) = &args.callers.socket else {
        return Ok((listeners, None));
    };
    let socket = listen_on(path)?;
    Ok((listeners.and_socket(socket), Some(Socket(path.clone()))))
}

/// Refuses to listen on a Unix socket where there are none.
#[cfg(not(unix))]
fn and_socket(
    listeners: Listeners,
    args: &args::Opening,
) -> Result<(Listeners, Option<Socket>), Failure> {
    match &args.callers.socket {
        None => Ok((listeners, None)),
        Some(_) => Err(Failure::failed("--socket: this system has no Unix sockets")),
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

/// What the system tells the process.
struct Signals {
    /// Says that the settings are to be read again.
    hurry: Hurry,
    /// Ends when the process is asked to end.
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Tells that the settings are to be read again, and reads them.
struct Hurry {
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Hurry {
    /// Waits until the settings are to be read again.
    async fn next(&mut self) -> Option<Anew> {
        #[cfg(unix)]
        if self.hangup.recv().await.is_some() {
            service::reloading();
            let anew = anew();
            service::ready();
            return Some(anew);
        }
        pending().await
    }
}

/// Reads the settings again.
#[cfg(unix)]
fn anew() -> Anew {
    Anew(settings::again())
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        /// Whether the process was asked to end: what is asked between two lives of a replica is
        /// heard by the second.
        static ASKED: OnceLock<watch::Receiver<bool>> = OnceLock::new();
        let listen = |kind| {
            let signal = signal(kind);
            signal.map_err(|error| Failure::failed("cannot listen to signals").because(&error))
        };
        let hangup = listen(SignalKind::hangup())?;
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let asked = ASKED.get_or_init(|| {
            let (ask, asked) = watch::channel(false);
            tokio::spawn(async move {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                ask.send_replace(true);
            });
            asked
        });
        let mut asked = asked.clone();
        let end = async move {
            // It fails only where the task has gone, which goes with the process.
            let _ = asked.wait_for(|asked| *asked).await;
        };
        Ok(Self {
            hurry: Hurry { hangup },
            end: Box::pin(end),
        })
    }

    #[cfg(not(unix))]
    fn listen() -> Result<Self, Failure> {
        let end = async {
            if tokio::signal::ctrl_c().await.is_err() {
                pending::<()>().await;
            }
        };
        Ok(Self {
            hurry: Hurry {},
            end: Box::pin(end),
        })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn what_is_asked_between_two_lives_is_heard_by_the_second() {
        drop(Signals::listen().unwrap());
        kill_process(getpid(), Signal::TERM).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        let Signals { end, .. } = Signals::listen().unwrap();
        assert!(timeout(Duration::from_secs(10), end).await.is_ok());
    }
}
