//! How many connections there are, in all and by whom: by address until a call says who calls, and
//! by actor from then on.

use parking_lot::Mutex;
use standing_domain::id::ActorId;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[derive(Default)]
struct Counts {
    all: usize,
    /// Connections on which nobody has said who calls.
    unnamed: BTreeMap<IpAddr, usize>,
    actors: BTreeMap<ActorId, usize>,
}

/// There are as many connections as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// Counts connections.
pub(crate) struct Census {
    most: AtomicUsize,
    most_by_one: AtomicUsize,
    counts: Mutex<Counts>,
    refused: AtomicU64,
}

impl Census {
    /// Counts up to so many in all, and by one address or actor.
    pub fn new(most: usize, most_by_one: usize) -> Arc<Self> {
        Arc::new(Self {
            most: AtomicUsize::new(most),
            most_by_one: AtomicUsize::new(most_by_one),
            counts: Mutex::default(),
            refused: AtomicU64::new(0),
        })
    }

    /// Counts up to other numbers from now on.
    pub fn adjust(&self, most: usize, most_by_one: usize) {
        self.most.store(most, Ordering::Relaxed);
        self.most_by_one.store(most_by_one, Ordering::Relaxed);
    }

    fn most_by_one(&self) -> usize {
        self.most_by_one.load(Ordering::Relaxed)
    }

    /// Counts a connection in, if there is room.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let mut counts = self.counts.lock();
        let unnamed = counts.unnamed.get(&address).copied().unwrap_or_default();
        if counts.all >= self.most.load(Ordering::Relaxed) || unnamed >= self.most_by_one() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Full);
        }
        counts.all += 1;
        counts.unnamed.insert(address, unnamed + 1);
        drop(counts);
        Ok(Place {
            census: Arc::clone(self),
            address,
            actors: Mutex::default(),
        })
    }

    /// Returns how many connections were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Returns how many connections there are.
    pub fn all(&self) -> usize {
        self.counts.lock().all
    }
}

impl Counts {
    fn unname(&mut self, address: IpAddr) {
        less(&mut self.unnamed, &address);
    }
}

fn less<K: Ord>(counts: &mut BTreeMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// A connection's place among all, until it is dropped.
pub(crate) struct Place {
    census: Arc<Census>,
    address: IpAddr,
    /// Who has called over the connection: several, if a proxy shares it.
    actors: Mutex<BTreeSet<ActorId>>,
}

impl Place {
    /// Returns the address of the other end.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Takes note of who calls; refused if that actor has as many other connections as it may.
    pub fn name(&self, actor: &ActorId) -> Result<(), Full> {
        let mut actors = self.actors.lock();
        if actors.contains(actor) {
            return Ok(());
        }
        let mut counts = self.census.counts.lock();
        let own = counts.actors.get(actor).copied().unwrap_or_default();
        if own >= self.census.most_by_one() {
            return Err(Full);
        }
        counts.actors.insert(actor.clone(), own + 1);
        if actors.is_empty() {
            counts.unname(self.address);
        }
        actors.insert(actor.clone());
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let actors = std::mem::take(self.actors.get_mut());
        let mut counts = self.census.counts.lock();
        counts.all = counts.all.saturating_sub(1);
        if actors.is_empty() {
            counts.unname(self.address);
        }
        for actor in &actors {
            less(&mut counts.actors, actor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(name: &str) -> ActorId {
        ActorId::new(name).unwrap()
    }

    #[test]
    fn connections_count_by_address_until_somebody_says_who_calls() {
        let census = Census::new(5, 2);
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let there: IpAddr = "192.0.2.2".parse().unwrap();
        let one = census.enter(here).unwrap();
        let two = census.enter(here).unwrap();
        assert!(census.enter(here).is_err());
        one.name(&actor("a")).unwrap();
        one.name(&actor("a")).unwrap();
        let three = census.enter(here).unwrap();
        two.name(&actor("a")).unwrap();
        // Others may still call over it.
        assert_eq!(three.name(&actor("a")), Err(Full));
        three.name(&actor("b")).unwrap();
        let four = census.enter(there).unwrap();
        let five = census.enter(there).unwrap();
        assert!(census.enter(here).is_err(), "five in all");
        assert_eq!(census.refused(), 2);
        drop(one);
        three.name(&actor("a")).unwrap();
        assert_eq!(census.all(), 4);
        drop((two, three, four, five));
        let counts = census.counts.lock();
        assert_eq!(counts.all, 0);
        assert!(counts.unnamed.is_empty() && counts.actors.is_empty());
    }
}
