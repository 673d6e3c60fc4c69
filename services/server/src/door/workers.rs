//! Workers: threads, each with a runtime of its own, among which connections are dealt out. All of
//! a connection stays on its thread, so that a call is read, answered and sent without being handed
//! from one to another, and without a lock between them.

use futures_util::future::BoxFuture;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Serves a connection to its end.
type Serve = Box<dyn FnOnce(TcpStream) -> BoxFuture<'static, ()> + Send>;

/// A connection that is handed over, and what serves it.
struct Handed {
    stream: std::net::TcpStream,
    serve: Serve,
    open: Open,
}

/// Counts a connection of a worker for as long as it is there.
struct Open(Arc<AtomicUsize>);

impl Open {
    fn of(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A thread that serves connections.
struct Worker {
    hand: mpsc::UnboundedSender<Handed>,
    open: Arc<AtomicUsize>,
}

/// The threads that serve connections. What they serve is cut off when this is dropped.
pub(crate) struct Workers {
    of: Vec<Worker>,
    /// Gone, it ends them at once.
    end: watch::Sender<()>,
    /// Ends when the last of them has no connection left.
    drained: mpsc::Receiver<()>,
    /// Ends when the last of them has.
    ended: mpsc::Receiver<()>,
}

/// How long what a thread of a worker began beside its runtime may go on after the end.
const LAST: Duration = Duration::from_secs(10);

impl Workers {
    /// Starts so many threads; with none, whoever accepts connections serves them too.
    ///
    /// # Errors
    /// The system has no thread left, or nothing to wait with.
    pub fn start(count: usize) -> io::Result<Self> {
        let (end, ending) = watch::channel(());
        let (drains, drained) = mpsc::channel::<()>(1);
        let (ends, ended) = mpsc::channel::<()>(1);
        let mut of = Vec::with_capacity(count);
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let (hand, handed) = mpsc::unbounded_channel();
            let (mut ending, drains, ends) = (ending.clone(), drains.clone(), ends.clone());
            let thread = std::thread::Builder::new().name(format!("connections-{number}"));
            thread.spawn(move || {
                runtime.block_on(async {
                    work(handed, &mut ending).await;
                    drop(drains);
                    // What callers of several threads wait for goes on here to the end.
                    let _ = ending.changed().await;
                });
                runtime.shutdown_timeout(LAST);
                drop(ends);
            })?;
            let open = Arc::default();
            of.push(Worker { hand, open });
        }
        Ok(Self {
            of,
            end,
            drained,
            ended,
        })
    }

    /// Hands a connection to the thread that has the fewest; where there is none, returns what
    /// serves it here.
    ///
    /// # Errors
    /// It cannot be taken from this runtime; it is closed.
    pub fn hand(
        &self,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> BoxFuture<'static, ()> + Send + 'static,
    ) -> io::Result<Option<BoxFuture<'static, ()>>> {
        let there = self.of.iter().filter(|worker| !worker.hand.is_closed());
        let fewest = there.min_by_key(|worker| worker.open.load(Ordering::Relaxed));
        let Some(worker) = fewest else {
            return Ok(Some(serve(stream)));
        };
        let handed = Handed {
            stream: stream.into_std()?,
            serve: Box::new(serve),
            open: Open::of(&worker.open),
        };
        let gone = |_| io::Error::other("a thread that serves connections is gone");
        worker.hand.send(handed).map_err(gone)?;
        Ok(None)
    }

    /// Waits until all connections have ended; no more is handed over.
    pub async fn drain(&mut self) {
        self.of.clear();
        // Nothing is ever sent.
        let _ = self.drained.recv().await;
    }

    /// Ends all connections, and waits until the threads are gone.
    pub async fn cut_off(mut self) {
        drop(self.end);
        self.of.clear();
        let _ = self.ended.recv().await;
    }
}

/// Serves what is handed over until nothing more is and all of it has ended, or until the end.
async fn work(mut handed: mpsc::UnboundedReceiver<Handed>, ending: &mut watch::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        let next = tokio::select! {
            _ = ending.changed() => return,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            next = handed.recv() => next,
        };
        let Some(Handed {
            stream,
            serve,
            open,
        }) = next
        else {
            break;
        };
        match TcpStream::from_std(stream) {
            Ok(stream) => {
                connections.spawn(async move {
                    serve(stream).await;
                    drop(open);
                });
            }
            Err(error) => tracing::warn!(%error, "a connection could not be taken over"),
        }
    }
    tokio::select! {
        _ = ending.changed() => {}
        () = async { while connections.join_next().await.is_some() {} } => {}
    }
}
