//! One reader for all watches: it waits for the ledger to move, reads what is new once, and sends
//! it to every watch.

use super::entries::{Entries, Told};
use super::rights::{Rights, Walked};
use super::watch::Received;
use crate::call::calls::aside;
use crate::call::errors::Problem;
use crate::call::served::Served;
use standing_domain::stop::{Stop, Stopped};
use standing_engine::{Cursor, Frontier, Ledger};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, broadcast};
use tokio::task::JoinSet;

/// How many watches read from the log at a time.
const TURNS: usize = 4;

/// How many entries the hub reads at a time.
const AT_ONCE: u64 = 256;

/// What all watches share.
pub(crate) struct Hub {
    /// The ledger.
    pub served: Arc<Served>,
    /// After how long a silence a watch says that it is there.
    pub heartbeat: Duration,
    /// Taken by whoever reads from the log.
    pub turns: Arc<Semaphore>,
    entries: broadcast::Sender<Option<Arc<Told>>>,
    steps: broadcast::Sender<Option<Arc<Walked>>>,
    watching_entries: Arc<AtomicUsize>,
    watching_rights: Arc<AtomicUsize>,
    moved_back: AtomicU64,
}

/// How many watch, and how that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Watches of entries.
    pub entries: usize,
    /// Watches of rights.
    pub rights: usize,
    /// Watches that have caught up, or nearly, and get what the hub sends.
    pub live: usize,
    /// How often a watch could not keep up, and went back to the log.
    pub moved_back: u64,
}

/// Counts a watch until it is dropped.
pub(crate) struct Watching(Arc<AtomicUsize>);

impl Watching {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hub {
    /// Makes a hub that keeps so many items for watches that are slow. Nothing is sent before
    /// [`Hub::run`].
    pub fn new(served: Arc<Served>, heartbeat: Duration, kept: usize) -> Arc<Self> {
        let kept = kept.max(1);
        Arc::new(Self {
            served,
            heartbeat,
            turns: Arc::new(Semaphore::new(TURNS)),
            entries: broadcast::Sender::new(kept),
            steps: broadcast::Sender::new(kept),
            watching_entries: Arc::default(),
            watching_rights: Arc::default(),
            moved_back: AtomicU64::new(0),
        })
    }

    /// Sends what is new until the tasks are dropped.
    pub fn run(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        tasks.spawn(pass_entries(Arc::clone(self)));
        tasks.spawn(pass_steps(Arc::clone(self)));
    }

    /// Subscribes to entries.
    pub fn told(&self) -> Received<Told> {
        self.entries.subscribe()
    }

    /// Subscribes to steps of the stream of rights.
    pub fn walked(&self) -> Received<Walked> {
        self.steps.subscribe()
    }

    /// Counts a watch of entries.
    pub fn watching_entries(&self) -> Watching {
        Watching::new(&self.watching_entries)
    }

    /// Counts a watch of rights.
    pub fn watching_rights(&self) -> Watching {
        Watching::new(&self.watching_rights)
    }

    /// Counts that a watch went back to the log.
    pub fn count_moved_back(&self) {
        self.moved_back.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many watch.
    pub fn counts(&self) -> Counts {
        Counts {
            entries: self.watching_entries.load(Ordering::Relaxed),
            rights: self.watching_rights.load(Ordering::Relaxed),
            live: self.entries.receiver_count() + self.steps.receiver_count(),
            moved_back: self.moved_back.load(Ordering::Relaxed),
        }
    }
}

/// Passes on that the ledger has moved, and sends its new entries.
async fn pass_entries(hub: Arc<Hub>) {
    let mut moves = hub.served.ledger.watch();
    let mut sent = moves.borrow_and_update().head.position;
    loop {
        if moves.changed().await.is_err() {
            return;
        }
        let frontier = *moves.borrow_and_update();
        hub.served.pass_on(frontier);
        let head = frontier.head.position;
        while sent < head && hub.entries.receiver_count() > 0 {
            let last = head.min(sent + AT_ONCE);
            send(&hub, &hub.entries, move |ledger| {
                Entries::told(ledger, sent + 1..=last)
            })
            .await;
            sent = last;
        }
        // Whoever subscribes from now on has seen this head, and reads up to it.
        sent = head;
    }
}

/// Sends the steps of the stream of rights; nothing is worked out while nobody watches.
async fn pass_steps(hub: Arc<Hub>) {
    let mut moves = hub.served.reached();
    let mut sent = reached(*moves.borrow_and_update());
    loop {
        if moves.changed().await.is_err() {
            return;
        }
        let frontier = *moves.borrow_and_update();
        while sent != reached(frontier) && hub.steps.receiver_count() > 0 {
            let watched = hub.steps.clone();
            let walk = move |ledger: &Ledger| {
                // For as long as anybody watches.
                let test = || match watched.receiver_count() {
                    0 => Err(Stopped),
                    _ => Ok(()),
                };
                Rights::walked(ledger, sent, frontier, Stop::when(&test))
            };
            let Some(last) = send(&hub, &hub.steps, walk).await else {
                break;
            };
            sent = last.after;
        }
        // As with entries.
        sent = reached(frontier);
    }
}

/// Reads items and sends them; returns the last. Where they cannot be read, every watch is told to
/// look for itself, and learns why.
async fn send<T: Send + Sync + 'static>(
    hub: &Arc<Hub>,
    to: &broadcast::Sender<Option<Arc<T>>>,
    read: impl FnOnce(&Ledger) -> Result<Vec<T>, Problem> + Send + 'static,
) -> Option<Arc<T>> {
    let served = Arc::clone(&hub.served);
    let Ok(items) = aside(move || read(&served.ledger)).await else {
        let _ = to.send(None);
        return None;
    };
    let mut last = None;
    for item in items.into_iter().map(Arc::new) {
        // Nobody may be left to take it.
        let _ = to.send(Some(Arc::clone(&item)));
        last = Some(item);
    }
    last
}

/// Returns the place after everything up to a frontier.
pub(crate) fn reached(frontier: Frontier) -> Cursor {
    Cursor {
        position: frontier.head.position,
        day: frontier.day,
    }
}
