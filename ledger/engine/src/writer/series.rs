//! Series: requests that one caller hands in one after the other without a wait between them. The
//! first that is not recorded ends its series; what comes after it is not tried.
//!
//! The requests of a series wait in the series, not in the writer's queue: the writer takes from
//! those that have something waiting in turn, and between any two of theirs one order of everybody
//! else, so that however much waits in them keeps nobody else.

use crate::writer::commit::syncer;
use crate::writer::commit::syncer::Synced;
use crate::writer::order::{Job, Order, Place};
use crossbeam_channel::{Receiver, select};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Requests that one caller hands in one after the other. Dropping it ends it: what the writer has
/// not taken by then is not tried.
pub struct Series {
    waiting: Arc<Mutex<Waiting>>,
    ended: Arc<AtomicU64>,
    /// How many requests were handed in.
    count: u64,
}

/// What waits in a series.
#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Whether the series is among those that the writer takes from.
    is_listed: bool,
}

impl Series {
    pub(crate) fn new() -> Self {
        Self {
            waiting: Arc::default(),
            ended: Arc::new(AtomicU64::new(u64::MAX)),
            count: 0,
        }
    }

    /// Returns how many requests were handed in.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the place of the next request.
    pub(crate) fn next(&mut self) -> Place {
        self.count += 1;
        Place {
            number: self.count,
            ended: Arc::clone(&self.ended),
        }
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        self.ended.store(0, Ordering::Release);
    }
}

/// The series that have something waiting.
#[derive(Default)]
pub(crate) struct Turns {
    listed: Mutex<Listed>,
    /// Whether the writer's queue tells that there are some: it need not be told twice, and many
    /// such orders would fill the queue.
    is_told: AtomicBool,
}

#[derive(Default)]
struct Listed {
    series: VecDeque<Arc<Mutex<Waiting>>>,
    /// Whether there is no writer any more.
    is_closed: bool,
}

impl Turns {
    /// Puts a request behind those of its series; gives it back if there is no writer any more.
    pub fn put(&self, series: &Series, job: Job) -> Result<(), Box<Job>> {
        let mut waiting = series.waiting.lock();
        if !waiting.is_listed {
            let mut listed = self.listed.lock();
            if listed.is_closed {
                return Err(Box::new(job));
            }
            listed.series.push_back(Arc::clone(&series.waiting));
            waiting.is_listed = true;
        }
        waiting.jobs.push_back(job);
        Ok(())
    }

    /// Has the writer told that something waits, by `tell`, which returns whether it was, unless it
    /// is told already.
    pub fn tell(&self, tell: impl FnOnce() -> bool) {
        // Where its queue is full the writer looks at the series anyway.
        if !self.is_told.swap(true, Ordering::AcqRel) && !tell() {
            self.is_told.store(false, Ordering::Release);
        }
    }

    /// Takes a request of the series whose turn it is.
    fn take(&self) -> Option<Job> {
        loop {
            let series = self.listed.lock().series.pop_front()?;
            let mut waiting = series.lock();
            let job = waiting.jobs.pop_front();
            waiting.is_listed = !waiting.jobs.is_empty();
            if waiting.is_listed {
                self.listed.lock().series.push_back(Arc::clone(&series));
            }
            if job.is_some() {
                return job;
            }
        }
    }

    /// Drops all that waits, and takes nothing any more.
    fn close(&self) {
        let series = {
            let mut listed = self.listed.lock();
            listed.is_closed = true;
            std::mem::take(&mut listed.series)
        };
        for series in series {
            let jobs = {
                let mut waiting = series.lock();
                waiting.is_listed = false;
                std::mem::take(&mut waiting.jobs)
            };
            // Whoever waits for them learns it by that.
            drop(jobs);
        }
    }
}

/// What a wait brought.
pub(crate) enum Waited {
    Order(Order),
    /// What came of the group that was on its way to the disk.
    Synced(Synced),
    /// Nothing in the time.
    Nothing,
    /// Nobody is left who could order anything.
    End,
}

/// All that waits for the writer: orders in their queue, and series in turn.
pub(crate) struct Line {
    orders: Receiver<Order>,
    turns: Arc<Turns>,
    /// Whether the next is taken from a series, if one waits.
    is_turn_of_series: bool,
}

impl Line {
    pub fn new(orders: Receiver<Order>, turns: Arc<Turns>) -> Self {
        Self {
            orders,
            turns,
            is_turn_of_series: false,
        }
    }

    /// Returns what is next, if anything waits.
    pub fn next(&mut self) -> Option<Order> {
        self.is_turn_of_series = !self.is_turn_of_series;
        if self.is_turn_of_series {
            self.of_series().or_else(|| self.of_queue())
        } else {
            self.of_queue().or_else(|| self.of_series())
        }
    }

    /// Returns what is next, after a wait if need be; or what came of the group that was on its way
    /// to the disk, if that is first.
    pub fn wait(&mut self, at_most: Duration, synced: &Receiver<Synced>) -> Waited {
        let until = Instant::now() + at_most;
        loop {
            if let Some(order) = self.next() {
                return Waited::Order(order);
            }
            let left = until.saturating_duration_since(Instant::now());
            let order = select! {
                recv(self.orders) -> order => order,
                recv(synced) -> outcome => return Waited::Synced(syncer::told(outcome)),
                default(left) => return Waited::Nothing,
            };
            match order {
                // Before it looks: who puts something later tells it again.
                Ok(Order::Series) => self.turns.is_told.store(false, Ordering::Release),
                Ok(order) => return Waited::Order(order),
                Err(_) => return Waited::End,
            }
        }
    }

    fn of_series(&self) -> Option<Order> {
        self.turns.take().map(Order::Record)
    }

    fn of_queue(&self) -> Option<Order> {
        let mut is_told = false;
        loop {
            match self.orders.try_recv() {
                // What it tells of has its turn; who puts something later tells it again.
                Ok(Order::Series) => {
                    self.turns.is_told.store(false, Ordering::Release);
                    is_told = true;
                }
                Ok(order) => return Some(order),
                Err(_) if is_told => return self.of_series(),
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.turns.close();
    }
}
