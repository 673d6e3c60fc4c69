//! The door: what a call may cost before it is known to be worth it.
//!
//! Each connection is counted. Each call is charged for the memory that its message and its answer
//! need before its message is read, and holds that until its answer is gone. A message that does
//! not come and an answer that nobody reads end by themselves.

mod answer;
mod budget;
mod call;
mod came;
mod census;
mod doorway;
mod intake;
mod listen;
mod message;
mod method;
mod room;
mod serving;
mod tls;
mod weight;
mod workers;

pub(crate) use budget::Charge;
pub(crate) use call::{Call, current};
pub use came::{Inside, Listeners};
pub(crate) use doorway::Doorway;
pub(crate) use intake::{Arriving, Intake, Lot};
pub(crate) use listen::listen;
pub(crate) use serving::Listening;
pub use tls::{Tls, TlsError, TlsFiles};
pub(crate) use workers::Workers;

use crate::access::{Access, Hosts};
use crate::call::auth::Auth;
use crate::call::errors::Problem;
use crate::call::reads::Reads;
use crate::call::sampled::Sampled;
use arc_swap::ArcSwap;
use budget::Budget;
use census::Census;
use message::Patience;
use standing_proto::FILE_DESCRIPTOR_SET;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
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
    /// The most bytes of the headers of a call, uncompressed.
    pub headers: u32,
    /// How long the headers of a call over HTTP/1.1 may take to come.
    pub headers_deadline: Duration,
    /// How long a connection may take to agree on encryption.
    pub handshake: Duration,
    /// How long a connection may take to say its first word.
    pub first_byte: Duration,
    /// How many calls of a connection that were begun and given up may wait to be noticed; with
    /// more the connection is ended.
    pub resets: usize,
    /// How long a connection may last. Then nothing more is begun on it.
    pub age: Duration,
    /// How long what is under way on such a connection may go on.
    pub grace: Duration,
    /// How many watches one actor may have.
    pub watches_by_one: usize,
    /// How many wrong tokens may come from one address in a minute; with more, nothing but a token
    /// that is known already is looked at.
    pub wrong_tokens: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 256 << 20,
            connections: 4_096,
            connections_by_one: 1_024,
            unsent: Duration::from_secs(30),
            unread: Duration::from_mins(1),
            headers: 16 << 10,
            headers_deadline: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
            first_byte: Duration::from_secs(20),
            resets: 20,
            age: Duration::from_hours(24),
            grace: Duration::from_mins(10),
            watches_by_one: 4_096,
            wrong_tokens: 100,
        }
    }
}

/// What all connections share.
pub(crate) struct Door {
    limits: ArcSwap<Limits>,
    budget: Arc<Budget>,
    census: Arc<Census>,
    weights: Weights,
    refused: AtomicU64,
    /// Who calls, and whether they may.
    auth: Auth,
    /// Under which names this server is called.
    hosts: Hosts,
    tls: Option<Arc<Tls>>,
    /// Where account is kept of what is read.
    reads: Option<Arc<Reads>>,
    /// How many requests were for another server or from a page of another site.
    foreign: AtomicU64,
    closed: Closed,
    told: Sampled,
}

/// How many connections were ended, by why.
#[derive(Debug, Default)]
struct Closed {
    /// Encryption was not agreed on.
    handshake: AtomicU64,
    /// They said nothing.
    silent: AtomicU64,
    /// They had lasted long enough, and something was still under way.
    old: AtomicU64,
    /// The certificate that the caller had shown is none any more.
    distrusted: AtomicU64,
}

/// Who is let in.
pub(crate) struct Entrance {
    pub access: Access,
    pub hosts: Hosts,
    pub tls: Option<Arc<Tls>>,
    pub reads: Option<Arc<Reads>>,
}

impl Door {
    /// Makes a door with such limits.
    pub fn new(limits: Limits, entrance: Entrance) -> Result<Arc<Self>, prost::DecodeError> {
        let Entrance {
            access,
            hosts,
            tls,
            reads,
        } = entrance;
        Ok(Arc::new(Self {
            weights: Weights::read(FILE_DESCRIPTOR_SET)?,
            budget: Budget::new(limits.memory),
            census: Census::new(limits.connections, limits.connections_by_one),
            refused: AtomicU64::new(0),
            auth: Auth::new(access, limits.wrong_tokens),
            hosts,
            tls,
            reads,
            foreign: AtomicU64::new(0),
            closed: Closed::default(),
            told: Sampled::default(),
            limits: ArcSwap::from_pointee(limits),
        }))
    }

    /// Keeps other limits from now on: for connections and calls that begin. The memory of all
    /// calls stays what it was.
    pub fn adjust(&self, limits: Limits) {
        self.census
            .adjust(limits.connections, limits.connections_by_one);
        self.auth.adjust(limits.wrong_tokens);
        self.limits.store(Arc::new(limits));
    }

    /// Returns the limits that are kept now.
    fn limits(&self) -> Arc<Limits> {
        self.limits.load_full()
    }

    /// Returns how long a message may take to come.
    fn patience(&self) -> Patience {
        let idle = self.limits.load().unsent;
        Patience {
            idle,
            whole: idle.saturating_mul(WHOLE),
        }
    }

    /// Takes note of a connection that did not get as far as encryption.
    fn no_handshake(&self, from: SocketAddr, why: &dyn fmt::Display) {
        self.closed.handshake.fetch_add(1, Ordering::Relaxed);
        self.told.tell(|before| {
            tracing::warn!(%from, %why, before, "a connection was ended: encryption was not agreed on");
        });
    }

    /// Takes note of a connection that was ended because of the certificate its caller had shown.
    fn distrusted(&self, from: SocketAddr, why: &dyn fmt::Display) {
        self.closed.distrusted.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(%from, %why, "a connection was ended: the certificate that the caller showed is not taken any more");
    }

    /// Returns how many calls and connections were turned away, by what for.
    pub fn turned_away(&self) -> [(&'static str, u64); 10] {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let [strangers, denied, wrong] = self.auth.refused();
        [
            ("calls", self.refused()),
            ("connections", self.connections_refused()),
            ("strangers", strangers),
            ("permissions", denied),
            ("wrong-tokens", wrong),
            ("hosts", read(&self.foreign)),
            ("handshakes", read(&self.closed.handshake)),
            ("silent", read(&self.closed.silent)),
            ("old", read(&self.closed.old)),
            ("certificates", read(&self.closed.distrusted)),
        ]
    }

    /// Returns when the certificate ends that this server shows; none without one.
    pub fn certificate_ends(&self) -> Option<SystemTime> {
        self.tls.as_ref().map(|tls| tls.ends())
    }

    /// Returns how many bytes calls may hold in all.
    pub fn budget(&self) -> usize {
        self.budget.limit
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
