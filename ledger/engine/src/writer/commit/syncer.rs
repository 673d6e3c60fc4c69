//! The thread that makes groups durable, one at a time, while the writer decides the next.

use crate::shared::Shared;
use crate::writer::group::Group;
use crate::writer::trial::entries::Entries;
use crossbeam_channel::{Receiver, RecvError, Sender, bounded, never};
use standing_domain::id::position::Position;
use standing_store::AppendError;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Why a group did not become durable, as far as is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The thread ended in the middle of it.
    #[error("the thread that makes entries durable ended")]
    Gone,
}

/// What came of a group: how long it took to make it durable.
pub(crate) type Synced = Result<Duration, SyncError>;

/// Entries to be made durable.
struct Task {
    first: Position,
    entries: Arc<Entries>,
}

/// The thread, from the first time that it is needed on. Dropping this ends it.
pub(crate) struct Syncer {
    thread: Option<Thread>,
    outcomes: Receiver<Synced>,
}

struct Thread {
    tasks: Sender<Task>,
    handle: JoinHandle<()>,
}

impl Default for Syncer {
    fn default() -> Self {
        Self {
            thread: None,
            outcomes: never(),
        }
    }
}

impl Syncer {
    /// Hands a group over that begins after the head of the log. Returns whether there is a thread
    /// to do it; what comes of the group is then told once.
    pub fn begin(&mut self, shared: &Arc<Shared>, group: &Group) -> bool {
        if self.thread.is_none() {
            self.start(shared);
        }
        let Some(thread) = &self.thread else {
            return false;
        };
        let task = Task {
            first: group.after.next(),
            entries: Arc::clone(&group.entries),
        };
        thread.tasks.send(task).is_ok()
    }

    /// Returns what came of the group, if that is known by now.
    pub fn outcome(&self) -> Option<Synced> {
        let outcome = self.outcomes.try_recv();
        match outcome {
            Err(error) if error.is_empty() => None,
            outcome => Some(told(outcome.map_err(|_| RecvError))),
        }
    }

    /// Returns where that is told.
    pub fn outcomes(&self) -> &Receiver<Synced> {
        &self.outcomes
    }

    fn start(&mut self, shared: &Arc<Shared>) {
        let (tasks, waiting) = bounded::<Task>(1);
        let (tell, outcomes) = bounded(1);
        let shared = Arc::clone(shared);
        let work = move || {
            for Task { first, entries } in waiting {
                let appended = append(&shared, first, &entries);
                // The writer is let have them before it hears of it.
                drop(entries);
                if tell.send(appended).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("ledger-sync".to_owned());
        // Without a thread the writer does it itself.
        if let Ok(handle) = thread.spawn(work) {
            self.thread = Some(Thread { tasks, handle });
            self.outcomes = outcomes;
        }
    }
}

/// Makes entries durable that begin after the head of the log.
pub(crate) fn append(shared: &Shared, first: Position, entries: &Entries) -> Synced {
    let began = Instant::now();
    shared.log.append(first, entries.iter())?;
    Ok(began.elapsed())
}

/// Reads what came of a group as the thread told it, or did not live to tell.
pub(crate) fn told(outcome: Result<Synced, RecvError>) -> Synced {
    outcome.unwrap_or(Err(SyncError::Gone))
}

impl Drop for Syncer {
    fn drop(&mut self) {
        if let Some(Thread { tasks, handle }) = self.thread.take() {
            drop(tasks);
            // Whoever closes the ledger may open its file again at once. A thread that panicked was
            // noticed when it did not tell.
            let _ = handle.join();
        }
    }
}
