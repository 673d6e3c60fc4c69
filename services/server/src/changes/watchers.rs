//! Who watches, and how often: one actor has only so many watches at a time.

use crate::call::errors::Problem;
use parking_lot::Mutex;
use standing_domain::id::ActorId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tonic::Code;

/// After how long whoever has too many watches may come again.
const AGAIN: Duration = Duration::from_secs(5);

/// Counts watches by whose they are.
#[derive(Debug)]
pub(crate) struct Watchers {
    most: AtomicUsize,
    open: Mutex<BTreeMap<ActorId, usize>>,
    refused: AtomicU64,
}

impl Watchers {
    /// Lets each actor have so many.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: AtomicUsize::new(most),
            open: Mutex::default(),
            refused: AtomicU64::new(0),
        })
    }

    /// Lets each have another number from now on.
    pub fn adjust(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Counts a watch in, if its actor may have another.
    ///
    /// # Errors
    /// The actor has as many as it may.
    pub fn enter(self: &Arc<Self>, actor: &ActorId) -> Result<Watcher, Problem> {
        let mut open = self.open.lock();
        let own = open.get(actor).copied().unwrap_or_default();
        let most = self.most.load(Ordering::Relaxed);
        if own >= most {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let message = format!(
                "you have {most} watches on this server, which is as many as one may have: end some, \
                 or watch with fewer filters"
            );
            let problem = Problem::new(Code::ResourceExhausted, "TOO_MANY_WATCHES", message);
            return Err(problem.with("most", most).again_in(AGAIN));
        }
        open.insert(actor.clone(), own + 1);
        Ok(Watcher {
            among: Arc::clone(self),
            actor: actor.clone(),
        })
    }

    /// Returns how many were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// A watch that is counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Watcher {
    among: Arc<Watchers>,
    actor: ActorId,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut open = self.among.open.lock();
        if let Some(own) = open.get_mut(&self.actor) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.actor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_actor_has_so_many_watches_and_another_its_own() {
        let actor = |name: &str| ActorId::new(name).unwrap();
        let watchers = Watchers::new(2);
        let first = watchers.enter(&actor("a")).unwrap();
        let second = watchers.enter(&actor("a")).unwrap();
        let refused = watchers.enter(&actor("a")).unwrap_err();
        assert_eq!(refused.reason, "TOO_MANY_WATCHES");
        let other = watchers.enter(&actor("b")).unwrap();
        drop(first);
        let third = watchers.enter(&actor("a")).unwrap();
        drop((second, third, other));
        assert!(watchers.open.lock().is_empty());
        assert_eq!(watchers.refused(), 1);
    }
}
