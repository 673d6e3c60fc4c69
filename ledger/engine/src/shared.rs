//! What the writer and the readers share.

use crate::basis::Head;
use crate::marks::Marks;
use crate::open::Clock;
use crate::search::NameIndex;
use arc_swap::ArcSwap;
use parking_lot::{Mutex, RwLock, RwLockWriteGuard};
use rustc_hash::FxHasher;
use standing_domain::book::Book;
use standing_domain::event::{Content, Event, Position};
use standing_domain::id::PartyId;
use standing_domain::law_view::LawView;
use standing_domain::party::{PartyChange, PartyRecord};
use standing_domain::state::Roll;
use standing_domain::view::Parties;
use standing_store::Log;
use standing_store::keys::KeyFile;
use std::collections::BTreeSet;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many shards the parties are spread over, so that a reader and the writer seldom meet.
const SHARDS: usize = 1_024;

/// How many laws of the past are kept laid out.
const LAWS_KEPT: usize = 64;

/// A law laid out: valid from its epoch to the next change of the law.
#[derive(Clone)]
pub(crate) struct LaidLaw {
    pub epoch: Position,
    pub view: Arc<LawView>,
}

/// Everything a running ledger knows. Locks are taken in the order book, shard, index; never two shards for writing.
pub(crate) struct Shared {
    pub log: Log,
    pub keys: RwLock<KeyFile>,
    pub clock: Clock,
    pub book: RwLock<Book>,
    pub shards: Shards,
    /// The ids of all parties, in order.
    pub index: RwLock<BTreeSet<PartyId>>,
    pub names: RwLock<NameIndex>,
    /// The entries of requests and drafts, by their ids.
    pub requests: RwLock<Marks>,
    /// The visible head.
    pub head: ArcSwap<Head>,
    /// The law in force at the head, laid out.
    law: ArcSwap<LaidLaw>,
    /// The last position, visible or not, at which the law changed.
    pub law_changed_at: AtomicU64,
    past_laws: Mutex<Vec<LaidLaw>>,
}

/// The records of parties, by the hash of their ids. Read through [`Parties`].
pub struct Shards(Box<[RwLock<Roll>]>);

impl Shards {
    pub(crate) fn new() -> Self {
        Self((0..SHARDS).map(|_| RwLock::default()).collect())
    }

    pub(crate) fn of(&self, party: &str) -> &RwLock<Roll> {
        let mut hasher = FxHasher::default();
        hasher.write(party.as_bytes());
        // The high bits: the low ones pick the bucket within the shard's own table.
        &self.0[usize::try_from(hasher.finish() >> 54).unwrap_or(0) % SHARDS]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &RwLock<Roll>> {
        self.0.iter()
    }
}

impl Parties for Shards {
    fn with<R>(&self, party: &PartyId, read: impl FnOnce(Option<&PartyRecord>) -> R) -> R {
        read(self.of(party.as_str()).read().get(party.as_str()))
    }
}

impl Shared {
    pub fn new(log: Log, keys: KeyFile, clock: Clock) -> Self {
        let nothing = LaidLaw {
            epoch: 0,
            view: Arc::new(LawView::new(&Book::default(), 0, &|_| false)),
        };
        Self {
            log,
            keys: RwLock::new(keys),
            clock,
            book: RwLock::default(),
            shards: Shards::new(),
            index: RwLock::default(),
            names: RwLock::default(),
            requests: RwLock::default(),
            head: ArcSwap::from_pointee(Head {
                position: 0,
                record_time: 0,
            }),
            law: ArcSwap::from_pointee(nothing),
            law_changed_at: AtomicU64::new(0),
            past_laws: Mutex::default(),
        }
    }

    /// Applies one entry to everything kept in memory.
    pub fn apply(
        &self,
        book: &mut RwLockWriteGuard<'_, Book>,
        position: Position,
        content: &Content,
        lookup: &dyn Fn(Position) -> Option<Content>,
        touched: Option<&mut standing_domain::apply::Touched>,
    ) {
        book.apply(
            position,
            content,
            lookup,
            &mut |party, change| self.change(party, change),
            touched,
        );
        if matches!(
            content.event,
            Some(Event::PartyRegistered(_) | Event::NameTaken { .. })
        ) {
            self.names.write().insert(content, position);
        }
        self.law_changed_at
            .store(book.law_epoch(Position::MAX), Ordering::Release);
    }

    fn change(&self, party: &PartyId, change: PartyChange) {
        if matches!(change, PartyChange::Registered(_)) {
            self.index.write().insert(party.clone());
        }
        self.shards.of(party.as_str()).write().apply(party, change);
    }

    /// Returns the law as known at a position, laid out once for every change of it.
    pub fn law(&self, known_at: Position) -> Arc<LawView> {
        let laid = self.law.load();
        if laid.epoch <= known_at && self.law_changed_at.load(Ordering::Acquire) <= laid.epoch {
            return Arc::clone(&laid.view);
        }
        self.law_in(&self.book.read(), known_at)
    }

    /// The same, for those who hold the book.
    pub fn law_in(&self, book: &Book, known_at: Position) -> Arc<LawView> {
        let epoch = book.law_epoch(known_at);
        let laid = self.law.load();
        if laid.epoch == epoch {
            return Arc::clone(&laid.view);
        }
        let mut past = self.past_laws.lock();
        if let Some(found) = past.iter().find(|law| law.epoch == epoch) {
            return Arc::clone(&found.view);
        }
        let view = Arc::new(LawView::new(book, known_at, &|_| false));
        let law = LaidLaw {
            epoch,
            view: Arc::clone(&view),
        };
        let head = self.head.load().position;
        if epoch == book.law_epoch(head) {
            self.law.store(Arc::new(law));
        } else {
            if past.len() >= LAWS_KEPT {
                past.remove(0);
            }
            past.push(law);
        }
        view
    }
}
