//! The publisher of a ledger that records: a thread beside the server.

use crate::connect::{Connect, Link};
use crate::error::Stop;
use crate::names::Names;
use crate::publish::walk::Limit;
use crate::publish::{Desk, Hook, entries, rights};
use crate::status::{OnPanic, Status};
use standing_domain::id::AssociationId;
use standing_domain::id::epoch::Epoch;
use standing_engine::{Ledger, Recorder};
use standing_proto::v1::StreamRole;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// What an operator may choose of publishing.
#[derive(Clone, Default)]
pub struct Publishing {
    /// Where NATS is.
    pub connect: Connect,
    /// How many copies the streams have at least; made with as many.
    pub replicas: usize,
    /// Where writes go, as replicas tell it: the URL of this server.
    pub advertise: String,
    /// Told of every moment; for tests.
    pub hook: Option<Hook>,
}

/// A ledger that is being published. Dropping it ends that at once, wherever it is, and waits until
/// the ledger is let go of; nothing is lost by it.
pub struct Publisher {
    status: Arc<Status>,
    /// Dropped to end it.
    end: Option<oneshot::Sender<Infallible>>,
    /// Its other end is dropped when it ends.
    ended: watch::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// Publishes a ledger, on a thread of its own with the connection: handing each message from thread
/// to thread costs more than publishing it. Recording never waits for it.
///
/// # Errors
/// The system has no thread or no file left to give.
pub fn publish(recorder: Arc<Recorder>, options: Publishing) -> io::Result<Publisher> {
    let status = Arc::new(Status::new(recorder.ledger().clone(), StreamRole::Writer));
    status.writer(&options.advertise);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (end, ends) = oneshot::channel();
    let (publishing, ended) = watch::channel(());
    let told = Arc::clone(&status);
    let thread = thread::Builder::new().name("publisher".to_owned());
    let thread = thread.spawn(move || {
        // Dropped last, also when this panics.
        let _publishing = publishing;
        let runtime = runtime;
        runtime.block_on(async move {
            tokio::select! {
                biased;
                _ = ends => {}
                () = run(recorder, options, told) => {}
            }
        });
    })?;
    Ok(Publisher {
        status,
        end: Some(end),
        ended,
        thread: Some(thread),
    })
}

impl Publisher {
    /// Returns what tells how far the streams are.
    #[must_use]
    pub fn status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }

    /// Waits until everything recorded is published, but not longer than that, and ends.
    pub async fn stop(self, patience: Duration) {
        // What is not published by then is published after the next start.
        let _ = timeout(patience, self.status.idle()).await;
    }

    /// Waits until it ends: when both streams have stopped, or it crashed.
    pub async fn ended(&mut self) {
        // Nothing is ever sent.
        let _ = self.ended.changed().await;
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            // A panic has been told where it happened.
            let _ = thread.join();
        }
    }
}

async fn run(recorder: Arc<Recorder>, options: Publishing, status: Arc<Status>) {
    let _on_panic = OnPanic(&status);
    if let Err(stop) = Box::pin(serve(recorder, options, &status)).await {
        status.entries().stop(&stop.to_string());
    }
}

async fn serve(
    recorder: Arc<Recorder>,
    options: Publishing,
    status: &Arc<Status>,
) -> Result<(), Stop> {
    if recorder.ledger().association().is_none() {
        // There is nothing yet that a stream could contradict.
        status.set_ready();
    }
    let link = Link::open(&options.connect, status).await?;
    let names = Names::new(founded(recorder.ledger()).await?);
    // No writer resumes a history: it is the same as long as this node runs.
    let names = names.in_epoch(current(recorder.ledger()));
    status.named(&names);
    let (send, limit) = watch::channel(Limit::START);
    let desk = Desk {
        ledger: recorder.ledger().clone(),
        recorder,
        status: Arc::clone(status),
        link,
        names,
        replicas: options.replicas.max(1),
        writer: options.advertise,
        hook: options.hook,
    };
    tokio::join!(entries::run(desk.clone(), send), rights::run(desk, limit));
    Ok(())
}

/// Returns the epoch of a ledger's history.
fn current(ledger: &Ledger) -> Epoch {
    ledger.epoch(ledger.head().position)
}

/// Waits until the association is founded.
async fn founded(ledger: &Ledger) -> Result<AssociationId, Stop> {
    let mut frontier = ledger.watch();
    loop {
        if let Some(association) = ledger.association() {
            return Ok(association);
        }
        let moved = frontier.changed().await;
        moved.map_err(|_| Stop::Ledger("it is closing".to_owned()))?;
    }
}
