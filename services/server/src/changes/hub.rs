//! One reader for all watches: it waits for the ledger to move, reads what is new once, and sends
//! it to every watch.

use super::entries::{Entries, Told};
use super::rights::{Rights, Walked};
use super::watchers::Watchers;
use crate::call::aside::aside;
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
    /// To those who watch entries.
    pub entries: Channel<Told>,
    /// To those who watch rights: steps of their stream.
    pub rights: Channel<Walked>,
    /// Who watches, and how often.
    pub watchers: Arc<Watchers>,
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

/// What a watch gets from the hub. Nothing instead of an item: the hub could not read it, and the
/// log has to be asked.
pub(crate) type Received<T> = broadcast::Receiver<Option<Arc<T>>>;

/// The way from the hub to all watches of one kind, and their number.
pub(crate) struct Channel<T> {
    sender: broadcast::Sender<Option<Arc<T>>>,
    watching: Arc<AtomicUsize>,
}

impl<T> Clone for Channel<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            watching: Arc::clone(&self.watching),
        }
    }
}

impl<T> Channel<T> {
    /// A channel that keeps so many items for watches that are slow.
    fn new(kept: usize) -> Self {
        Self {
            sender: broadcast::Sender::new(kept),
            watching: Arc::default(),
        }
    }

    /// Subscribes to what the hub sends from now on.
    pub fn subscribe(&self) -> Received<T> {
        self.sender.subscribe()
    }

    /// Counts a watch for as long as it is kept.
    pub fn watching(&self) -> Watching {
        Watching::new(&self.watching)
    }

    /// Returns how many watches take what is sent.
    fn live(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Sends an item, or that none could be read, to whoever is left to take it.
    fn send(&self, item: Option<Arc<T>>) {
        let _ = self.sender.send(item);
    }
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
    pub fn new(served: Arc<Served>, heartbeat: Duration, kept: usize, by_one: usize) -> Arc<Self> {
        let kept = kept.max(1);
        Arc::new(Self {
            served,
            heartbeat,
            turns: Arc::new(Semaphore::new(TURNS)),
            entries: Channel::new(kept),
            rights: Channel::new(kept),
            watchers: Watchers::new(by_one),
            moved_back: AtomicU64::new(0),
        })
    }

    /// Sends what is new until the tasks are dropped.
    pub fn run(self: &Arc<Self>, tasks: &mut JoinSet<()>) {
        tasks.spawn(pass_entries(Arc::clone(self)));
        tasks.spawn(pass_steps(Arc::clone(self)));
    }

    /// Counts that a watch went back to the log.
    pub fn count_moved_back(&self) {
        self.moved_back.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how many watch.
    pub fn counts(&self) -> Counts {
        Counts {
            entries: self.entries.watching.load(Ordering::Relaxed),
            rights: self.rights.watching.load(Ordering::Relaxed),
            live: self.entries.live() + self.rights.live(),
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
        while sent < head && hub.entries.live() > 0 {
            let last = head.min(sent.plus(AT_ONCE));
            send(&hub, &hub.entries, move |ledger| {
                Entries::told(ledger, sent.next().to(last))
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
        while sent != reached(frontier) && hub.rights.live() > 0 {
            let watched = hub.rights.clone();
            let walk = move |ledger: &Ledger| {
                // For as long as anybody watches.
                let test = || match watched.live() {
                    0 => Err(Stopped),
                    _ => Ok(()),
                };
                Rights::walked(ledger, sent, frontier, Stop::when(&test))
            };
            let Some(last) = send(&hub, &hub.rights, walk).await else {
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
    to: &Channel<T>,
    read: impl FnOnce(&Ledger) -> Result<Vec<T>, Problem> + Send + 'static,
) -> Option<Arc<T>> {
    let served = Arc::clone(&hub.served);
    let Ok(items) = aside(move || read(&served.ledger)).await else {
        to.send(None);
        return None;
    };
    let mut last = None;
    for item in items.into_iter().map(Arc::new) {
        to.send(Some(Arc::clone(&item)));
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
