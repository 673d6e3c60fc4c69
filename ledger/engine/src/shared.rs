//! What the writer and the readers share.

pub(crate) mod laws;
pub(crate) mod marks;
pub(crate) mod search;
pub(crate) mod shards;
pub(crate) mod unread;

use crate::ask::audit::SessionCache;
use crate::ask::reader::{EntryError, decode};
use crate::basis::Head;
use crate::damage::Damage;
use crate::frontier::Frontier;
use crate::open::Clock;
use crate::shared::laws::{LaidLaw, Laws};
use crate::shared::marks::Marks;
use crate::shared::search::NameIndex;
use crate::shared::shards::{SHARDS, Shards};
use crate::trouble::Troubles;
use arc_swap::ArcSwap;
use parking_lot::{RwLock, RwLockWriteGuard};
use standing_domain::answers::rotation::Visit;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::key::Touched;
use standing_domain::id::{PartyId, PersonId, Position};
use standing_domain::record::book::Book;
use standing_domain::record::party::{PartyChange, PartyRecord};
use standing_domain::stop::{Stop, Stopped};
use standing_store::keys::KeyFile;
use standing_store::{Log, ReadError};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Everything a running ledger knows. Locks are taken in the order book, shard, index; never two shards for writing.
pub(crate) struct Shared {
    pub log: Arc<Log>,
    pub keys: Arc<KeyFile>,
    /// Persons who have a sealed name and whose key is lost: none of them is named again, as that would hide the loss.
    pub unkeyed: BTreeSet<PersonId>,
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
    /// The head and the day that has begun, for those that wait for them to move. Never ahead of `head`.
    pub frontier: watch::Sender<Frontier>,
    /// When the last day was announced, in microseconds since 1970-01-01T00:00:00Z; 0 if none was.
    pub day_floor: AtomicU64,
    /// Why nothing is recorded any more; empty while all is well.
    pub stopped: OnceLock<Arc<str>>,
    /// What is wrong now.
    pub troubles: Arc<Troubles>,
    /// Stored bytes that do not verify; empty while none were met.
    pub damage: Arc<OnceLock<Damage>>,
    /// Law laid out.
    pub laws: Laws,
    /// The last position, visible or not, at which the law changed.
    pub law_changed_at: AtomicU64,
    /// Sessions with their rolls, for the answers that rest on them.
    pub sessions: SessionCache,
    /// What this lies on, if it is hypothetical.
    pub over: Option<Over>,
}

/// A ledger as known at a position, on which drafts are assumed.
pub(crate) struct Over {
    pub base: Arc<Shared>,
    /// The position known of it.
    pub at: Position,
    /// The assumed entries, as they would be stored, from the position after on.
    pub assumed: OnceLock<Vec<Vec<u8>>>,
}

impl Shared {
    pub fn new(log: Log, keys: KeyFile, clock: Clock) -> Self {
        Self {
            log: Arc::new(log),
            keys: Arc::new(keys),
            unkeyed: BTreeSet::new(),
            clock,
            book: RwLock::default(),
            shards: Shards::new(None),
            index: RwLock::default(),
            names: RwLock::default(),
            requests: RwLock::default(),
            head: ArcSwap::from_pointee(Head::START),
            frontier: watch::Sender::new(Frontier {
                head: Head::START,
                day: None,
            }),
            day_floor: AtomicU64::new(0),
            stopped: OnceLock::new(),
            troubles: Arc::default(),
            damage: Arc::default(),
            laws: Laws::new(laws::nothing()),
            law_changed_at: AtomicU64::new(0),
            sessions: SessionCache::default(),
            over: None,
        }
    }

    /// Lays an empty layer on a ledger as known at a position. Nothing of it is ever written.
    ///
    /// # Errors
    /// The entry there cannot be read.
    pub fn over(base: &Arc<Self>, at: Position) -> Result<Self, EntryError> {
        let view = base.law(at);
        let mut book = base.book.read().clone();
        book.forget_after(at);
        let law = LaidLaw {
            epoch: book.law_epoch(at),
            view,
        };
        let frontier = *base.frontier.borrow();
        let (record_time, ..) = base.stamp(at)?;
        Ok(Self {
            frontier: watch::Sender::new(frontier),
            day_floor: AtomicU64::new(0),
            stopped: OnceLock::new(),
            troubles: Arc::clone(&base.troubles),
            damage: Arc::clone(&base.damage),
            log: Arc::clone(&base.log),
            keys: Arc::clone(&base.keys),
            unkeyed: BTreeSet::new(),
            clock: Arc::clone(&base.clock),
            law_changed_at: AtomicU64::new(law.epoch),
            book: RwLock::new(book),
            shards: Shards::new(Some((Arc::clone(base), at))),
            index: RwLock::default(),
            names: RwLock::default(),
            requests: RwLock::default(),
            head: ArcSwap::from_pointee(Head {
                position: at,
                record_time,
            }),
            laws: Laws::new(law),
            sessions: SessionCache::default(),
            over: Some(Over {
                base: Arc::clone(base),
                at,
                assumed: OnceLock::new(),
            }),
        })
    }

    /// Returns what an entry says, recorded or assumed; none at 0 and above the head.
    pub fn content(&self, position: Position) -> Result<Option<Content>, EntryError> {
        let read = self.read_with(position, |stored| decode(position, stored))?;
        Ok(read.transpose()?.map(|read| read.entry.content))
    }

    /// Hands the stored bytes of an entry, recorded or assumed, to a function; none where there is none.
    pub fn read_with<T>(
        &self,
        position: Position,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>, ReadError> {
        match self.assumed(position) {
            Some(stored) => Ok(Some(read(stored))),
            None => self.log.read_with(position, read),
        }
    }

    /// Hands the stored bytes of entries, recorded or assumed, to a function, in the order of the positions.
    pub fn read_each(
        &self,
        positions: impl IntoIterator<Item = Position>,
        mut read: impl FnMut(Position, &[u8]),
    ) -> Result<(), ReadError> {
        if self.over.is_none() {
            return self.log.read_each(positions, read);
        }
        for position in positions {
            self.read_with(position, |stored| read(position, stored))?;
        }
        Ok(())
    }

    fn assumed(&self, position: Position) -> Option<&[u8]> {
        let over = self.over.as_ref()?;
        let place = usize::try_from(position.checked_sub(over.at + 1)?).ok()?;
        over.assumed.get()?.get(place).map(Vec::as_slice)
    }

    /// Returns the positions of entries that a request or a draft of this id may stand in.
    pub fn find_request(&self, id: &str) -> Vec<Position> {
        let below = self.over.as_ref().map(|over| {
            let mut found = over.base.requests.read().candidates(id);
            found.retain(|position| *position <= over.at);
            found
        });
        let own = self.requests.read().candidates(id);
        below.into_iter().flatten().chain(own).collect()
    }

    /// Returns the positions of entries that may give a party this name.
    pub fn find_name(&self, text: &str) -> Vec<Position> {
        let below = self.over.as_ref().map(|over| {
            let mut found = over.base.names.read().candidates(text);
            found.retain(|position| *position <= over.at);
            found
        });
        let own = self.names.read().candidates(text);
        below.into_iter().flatten().chain(own).collect()
    }

    /// Returns up to `limit` ids of parties after one, in order.
    pub fn parties_after(&self, after: Option<&PartyId>, limit: usize) -> Vec<PartyId> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let of = |shared: &Self| -> Vec<PartyId> {
            let index = shared.index.read();
            let after = index.range::<PartyId, _>((start, Bound::Unbounded));
            after.take(limit).cloned().collect()
        };
        let mut parties = of(self);
        if let Some(over) = &self.over {
            parties.extend(of(&over.base));
            parties.sort();
            parties.dedup();
            parties.truncate(limit);
        }
        parties
    }

    /// Applies one entry to everything kept in memory.
    pub fn apply(
        &self,
        book: &mut RwLockWriteGuard<'_, Book>,
        position: Position,
        content: &Content,
        lookup: &dyn Fn(Position) -> Option<Content>,
        touched: Option<&mut Touched>,
    ) {
        book.apply(
            position,
            content,
            lookup,
            &mut |party, change| self.change(party, change),
            touched,
        );
        if gives_names(content) {
            self.names.write().insert(content, position);
        }
        self.law_changed_at
            .store(book.law_epoch(Position::MAX), Ordering::Release);
    }

    /// Takes back what was applied above a position: of batches, the last first. Nothing of it is left, in no index either.
    pub fn retract(&self, above: Position, touched: &Touched, contents: &[Content]) {
        let mut book = self.book.write();
        book.retract(above, &touched.slots(), &touched.refs);
        let is_annulled = |position| !book.annulments(position).is_empty();
        for party in &touched.parties {
            let mut shard = self.shards.of(party.as_str()).write();
            shard.retract(party, above, &is_annulled);
            let record = shard.get(party.as_str());
            if !record.is_some_and(PartyRecord::was_registered) {
                self.index.write().remove(party);
            }
        }
        for (position, content) in (above + 1..).zip(contents) {
            if gives_names(content) {
                self.names.write().remove(content, position);
            }
        }
        self.law_changed_at
            .store(book.law_epoch(Position::MAX), Ordering::Release);
    }

    fn change(&self, party: &PartyId, change: PartyChange) {
        if matches!(change, PartyChange::Registered(_)) {
            self.index.write().insert(party.clone());
        }
        self.shards.change(party, change);
    }

    /// Hands every party that is registered as known at a position to a function, shard by shard: copies, because the function
    /// may ask for another record of the shard. No shard is held while the stop test is asked.
    pub fn each_registered(
        &self,
        known_at: Position,
        stop: Stop<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Stopped> {
        for shard in 0..SHARDS {
            stop.check()?;
            let mut records: Vec<(PartyId, PartyRecord)> = Vec::new();
            self.shards.each(shard, &mut |party, record| {
                if record.is_registered(known_at) {
                    records.push((party.clone(), record.clone()));
                }
            });
            for (party, record) in &records {
                stop.check()?;
                visit(party, record)?;
            }
        }
        Ok(())
    }
}

fn gives_names(content: &Content) -> bool {
    matches!(
        content.event,
        Some(Event::PartyRegistered(_) | Event::NameTaken { .. })
    )
}
