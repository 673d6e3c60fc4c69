//! The door: what a call may cost before it is known to be worth it.
//!
//! Each connection is counted. Each call is charged for the memory that its message and its answer
//! need before its message is read, and holds that until its answer is gone. A message that does
//! not come and an answer that nobody reads end by themselves.

mod answer;
mod budget;
mod call;
mod census;
mod doorway;
mod intake;
mod listen;
mod message;
mod method;
mod room;
mod weight;
mod workers;

pub(crate) use budget::Charge;
pub(crate) use call::{Call, current};
pub(crate) use doorway::Doorway;
pub(crate) use intake::{Arriving, Intake, Lot};
pub(crate) use listen::{Listening, listen};
pub(crate) use workers::Workers;

use crate::call::errors::Problem;
use budget::Budget;
use census::Census;
use message::Patience;
use standing_proto::FILE_DESCRIPTOR_SET;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tonic::Code;
use weight::Weights;

/// After how long whoever is refused for want of room may come again.
const AGAIN: Duration = Duration::from_secs(1);

/// How much longer than without a byte a message may take in all.
const WHOLE: u32 = 10;

/// How much callers may take of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many bytes all calls may hold: their messages, what is made of them, and their answers
    /// until they have been sent. One actor may hold half of it, and a quarter is kept for
    /// recording. What the ledger itself takes is not part of it.
    pub memory: usize,
    /// How many connections there may be.
    pub connections: usize,
    /// How many of them one actor may have, or one address until it says who calls.
    pub connections_by_one: usize,
    /// How long a message may take to come without a byte of it coming; in all it may take ten
    /// times as long.
    pub unsent: Duration,
    /// How long an answer may wait for its caller to take more of it.
    pub unread: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 256 << 20,
            connections: 4_096,
            connections_by_one: 1_024,
            unsent: Duration::from_secs(30),
            unread: Duration::from_mins(1),
        }
    }
}

/// What all connections share.
pub(crate) struct Door {
    limits: Limits,
    patience: Patience,
    budget: Arc<Budget>,
    census: Arc<Census>,
    weights: Weights,
    refused: AtomicU64,
}

impl Door {
    /// Makes a door with such limits.
    pub fn new(limits: Limits) -> Result<Arc<Self>, prost::DecodeError> {
        Ok(Arc::new(Self {
            weights: Weights::read(FILE_DESCRIPTOR_SET)?,
            patience: Patience {
                idle: limits.unsent,
                whole: limits.unsent.saturating_mul(WHOLE),
            },
            budget: Budget::new(limits.memory),
            census: Census::new(limits.connections, limits.connections_by_one),
            refused: AtomicU64::new(0),
            limits,
        }))
    }

    /// Returns how many bytes calls hold.
    pub fn held(&self) -> usize {
        self.budget.held()
    }

    /// Returns how many calls were refused for want of room.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Refuses a call for want of room, and says when to come again.
    fn refuse(&self, reason: &'static str, message: &str) -> Problem {
        self.refused.fetch_add(1, Ordering::Relaxed);
        refuse(reason, message)
    }

    /// Returns how many connections were refused.
    pub fn connections_refused(&self) -> u64 {
        self.census.refused()
    }

    /// Returns how many connections there are.
    pub fn connections(&self) -> usize {
        self.census.all()
    }
}

/// What is told of want of room.
fn refuse(reason: &'static str, message: &str) -> Problem {
    Problem::new(Code::ResourceExhausted, reason, message).again_in(AGAIN)
}
