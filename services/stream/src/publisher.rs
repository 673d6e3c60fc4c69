//! The publisher of a ledger that records: a task beside the server.

use crate::connect::{Connect, Link};
use crate::error::Stop;
use crate::names::Names;
use crate::publish::walk::Limit;
use crate::publish::{Desk, Hook, entries, rights};
use crate::status::Status;
use standing_domain::book::Slot;
use standing_domain::event::Event;
use standing_domain::id::AssociationId;
use standing_engine::Engine;
use standing_proto::v1::StreamRole;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
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

/// A ledger that is being published. Dropping it ends that at once, wherever it is; nothing is lost by it.
pub struct Publisher {
    status: Arc<Status>,
    task: JoinHandle<()>,
}

/// Publishes a ledger. Recording never waits for it.
#[must_use]
pub fn publish(engine: Arc<Engine>, options: Publishing) -> Publisher {
    let status = Arc::new(Status::new(Arc::clone(&engine), StreamRole::Writer));
    status.writer(&options.advertise);
    let task = tokio::spawn(run(engine, options, Arc::clone(&status)));
    Publisher { status, task }
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
        // A panic has been told where it happened.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(engine: Arc<Engine>, options: Publishing, status: Arc<Status>) {
    if let Err(stop) = Box::pin(serve(engine, options, &status)).await {
        status.entries().stop(&stop.to_string());
    }
}

async fn serve(engine: Arc<Engine>, options: Publishing, status: &Arc<Status>) -> Result<(), Stop> {
    if association(&engine).is_none() {
        // There is nothing yet that a stream could contradict.
        status.set_ready();
    }
    let link = Link::open(&options.connect, status).await?;
    let names = Names::new(founded(&engine).await?);
    status.named(&names);
    let (send, limit) = watch::channel(Limit::START);
    let desk = Desk {
        engine,
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

/// Returns the association of a ledger as known at its head; none until it is founded.
pub(crate) fn association(engine: &Engine) -> Option<AssociationId> {
    let reader = engine.at(engine.head().position);
    let view = reader.view();
    let founded = view.book.known(&Slot::Association, view.known_at).last()?;
    match &*founded.value {
        Event::AssociationFounded { association, .. } => Some(association.clone()),
        _ => None,
    }
}

/// Waits until the association is founded.
async fn founded(engine: &Engine) -> Result<AssociationId, Stop> {
    let mut ledger = engine.watch();
    loop {
        if let Some(association) = association(engine) {
            return Ok(association);
        }
        let moved = ledger.changed().await;
        moved.map_err(|_| Stop::Ledger("it is closing".to_owned()))?;
    }
}
