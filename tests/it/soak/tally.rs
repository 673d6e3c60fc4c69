//! What is counted while it runs: calls, watches, and whatever went otherwise than well.

use crate::harness::Failure;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a full disk may be the reason of.
const FULL: [&str; 3] = ["STORAGE_FAILED", "STORAGE_CLOSED", "DISK_FULL"];

/// What one node is asked for, and what comes of it.
#[derive(Default)]
pub struct Tally {
    /// Whether its disk is full, or was a moment ago.
    full: AtomicBool,
    calls: AtomicU64,
    watches: AtomicU64,
    messages: AtomicU64,
    /// The slowest call while no disk was full, in microseconds.
    slowest: AtomicU64,
    asked_for: Mutex<BTreeMap<String, u64>>,
    unasked: Mutex<BTreeMap<String, (u64, String)>>,
}

impl Tally {
    pub fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::SeqCst);
    }

    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    /// Makes a call and counts it; returns its answer, if there is one.
    pub fn call<A>(&self, what: &str, call: impl FnOnce() -> Result<A, Failure>) -> Option<A> {
        let (full, begun) = (self.is_full(), Instant::now());
        let answer = call();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let full = full || self.is_full();
        if !full {
            let took = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.slowest.fetch_max(took, Ordering::Relaxed);
        }
        match answer {
            Ok(answer) => Some(answer),
            Err(failure) => {
                self.failed(what, &failure, full);
                None
            }
        }
    }

    /// Counts a failure; while the disk is full, want of room is asked for.
    pub fn failed(&self, what: &str, failure: &Failure, full: bool) {
        let name = format!("{what}: {:?} {}", failure.code, failure.reason);
        if full && FULL.contains(&&*failure.reason) {
            *self.asked_for.lock().unwrap().entry(name).or_default() += 1;
        } else {
            self.wrong(name, format!("{failure:?}"));
        }
    }

    /// Counts what must not be; of each name the first is kept.
    pub fn wrong(&self, name: String, first: String) {
        let mut unasked = self.unasked.lock().unwrap();
        unasked.entry(name).or_insert((0, first)).0 += 1;
    }

    /// Counts a watch that has gone.
    pub fn watched(&self, messages: u64) {
        self.watches.fetch_add(1, Ordering::Relaxed);
        self.messages.fetch_add(messages, Ordering::Relaxed);
    }

    /// Prints the figures, and fails if anything went wrong that was not asked for.
    pub fn end(&self, node: &str) {
        println!(
            "{node}: {} calls, the slowest {:?}; {} watches, {} messages over them",
            self.calls.load(Ordering::Relaxed),
            Duration::from_micros(self.slowest.load(Ordering::Relaxed)),
            self.watches.load(Ordering::Relaxed),
            self.messages.load(Ordering::Relaxed),
        );
        println!("{node}, full: {:?}", self.asked_for.lock().unwrap());
        let unasked = self.unasked.lock().unwrap();
        assert!(unasked.is_empty(), "{node}: {unasked:#?}");
    }
}
