//! What the writer and the readers share.

mod damage;
pub(crate) mod index;
mod keep;
#[cfg(test)]
pub(crate) mod kept;
mod law;
pub(crate) mod laws;
pub(crate) mod marks;
mod parts;
pub(crate) mod persons;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod shards;
pub(crate) mod unread;
pub(crate) mod walks;

use crate::clock;
use crate::clock::Clock;
use crate::entry::EntryError;
use crate::point::{Frontier, Head};
use crate::role::Role;
use crate::shared::index::kinds::Kinds;
use crate::shared::index::{Among, Index};
use crate::shared::keep::parts::KeptParts;
use crate::shared::keep::sessions::Sessions;
use crate::shared::laws::{LaidLaw, Laws};
use crate::shared::marks::Marks;
use crate::shared::persons::PersonNames;
use crate::shared::search::NameIndex;
use crate::shared::shards::Shards;
use crate::trouble::{Damage, Troubles};
use arc_swap::ArcSwap;
use jiff::tz::TimeZone;
use parking_lot::{RwLock, RwLockWriteGuard};
use standing_domain::answers::rotation::Visit;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::Content;
use standing_domain::entry::key::Touched;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::id::{DraftId, PartyId, PersonId};
use standing_domain::record::book::Book;
use standing_domain::record::party::{PartyChange, PartyRecord};
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::Log;
use standing_store::keys::KeyFile;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Everything a running ledger knows. Locks are taken in the order book, shard, index; never two
/// shards for writing.
pub(crate) struct Shared {
    pub role: Role,
    pub log: Arc<Log>,
    pub keys: Arc<KeyFile>,
    pub book: RwLock<Book>,
    /// What is wrong now.
    pub troubles: Arc<Troubles>,
    /// Sessions with their rolls, for the answers that rest on them.
    pub sessions: Sessions,
    /// What is found of each party.
    parts: KeptParts,
    /// Persons who have a sealed name and whose key is lost: none of them is named again, as that
    /// would hide the loss.
    unkeyed: BTreeSet<PersonId>,
    clock: Clock,
    shards: Arc<Shards>,
    /// Who has what.
    index: RwLock<Index>,
    names: RwLock<NameIndex>,
    /// What parties are.
    kinds: RwLock<Kinds>,
    /// The names of natural persons that can be opened here.
    persons: RwLock<PersonNames>,
    /// The entries of requests and drafts, by their ids.
    requests: RwLock<Marks>,
    /// The visible head.
    head: ArcSwap<Head>,
    /// The head and the day that has begun, for those that wait for them to move. Never ahead of
    /// `head`.
    frontier: watch::Sender<Frontier>,
    /// When the last day was announced, in microseconds since 1970-01-01T00:00:00Z; 0 if none was.
    day_floor: AtomicU64,
    /// Up to which instant all that is ever recorded is visible, in microseconds since
    /// 1970-01-01T00:00:00Z.
    closed: AtomicU64,
    /// Stored bytes that do not verify; empty while none were met.
    damage: Arc<OnceLock<Damage>>,
    /// Law laid out.
    laws: Laws,
    /// The last position, visible or not, at which the law changed.
    law_changed_at: AtomicU64,
    /// The first position at which the history was resumed; that of [`Position::MAX`] where it
    /// never was.
    resumed_at: AtomicU64,
    /// What this lies on, if it is hypothetical.
    over: Option<Over>,
}

/// How many parties a walk goes over before it lets go of what they are looked up in.
const SOME: usize = 64;

/// Takes copies of some records.
pub(crate) type TakeRecords<'a> = dyn FnMut(&[(PartyId, PartyRecord)]) -> Result<(), Stopped> + 'a;

/// A ledger as known at a position, on which drafts are assumed.
struct Over {
    base: Arc<Shared>,
    /// The position known of it.
    at: Position,
    /// The assumed entries, as they would be stored, from the position after on.
    assumed: OnceLock<Vec<Vec<u8>>>,
}

impl Shared {
    pub fn new(role: Role, log: Log, keys: KeyFile, clock: Clock) -> Self {
        Self {
            role,
            log: Arc::new(log),
            keys: Arc::new(keys),
            book: RwLock::default(),
            troubles: Arc::default(),
            sessions: Sessions::default(),
            parts: KeptParts::default(),
            unkeyed: BTreeSet::new(),
            clock,
            shards: Arc::new(Shards::new(None)),
            index: RwLock::default(),
            names: RwLock::default(),
            kinds: RwLock::default(),
            persons: RwLock::default(),
            requests: RwLock::default(),
            head: ArcSwap::from_pointee(Head::START),
            frontier: watch::Sender::new(Frontier {
                head: Head::START,
                day: None,
            }),
            day_floor: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            damage: Arc::default(),
            laws: Laws::new(laws::nothing()),
            law_changed_at: AtomicU64::new(0),
            resumed_at: AtomicU64::new(u64::MAX),
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
        let resumed_at = book.history.first().unwrap_or(Position::MAX);
        let head = Head {
            position: at,
            record_time: base.stamp(at)?.record_time,
        };
        Ok(Self {
            role: base.role,
            log: Arc::clone(&base.log),
            keys: Arc::clone(&base.keys),
            book: RwLock::new(book),
            troubles: Arc::clone(&base.troubles),
            sessions: Sessions::default(),
            parts: KeptParts::default(),
            unkeyed: BTreeSet::new(),
            clock: Arc::clone(&base.clock),
            shards: Arc::new(Shards::new(Some((Arc::clone(&base.shards), at)))),
            index: RwLock::default(),
            names: RwLock::default(),
            kinds: RwLock::default(),
            persons: RwLock::default(),
            requests: RwLock::default(),
            head: ArcSwap::from_pointee(head),
            // No day begins here: it is asked about, not lived in.
            frontier: watch::Sender::new(Frontier { head, day: None }),
            day_floor: AtomicU64::new(0),
            closed: AtomicU64::new(base.closed().micros()),
            damage: Arc::clone(&base.damage),
            law_changed_at: AtomicU64::new(law.epoch.number()),
            resumed_at: AtomicU64::new(resumed_at.number()),
            laws: Laws::new(law),
            over: Some(Over {
                base: Arc::clone(base),
                at,
                assumed: OnceLock::new(),
            }),
        })
    }

    /// Returns the position on which this layer lies; none if it is no layer.
    pub fn lies_on(&self) -> Option<Position> {
        self.below().map(|(_, at)| at)
    }

    /// Returns the ledger on which this layer lies, and the position known of it; none if it is no
    /// layer.
    pub fn below(&self) -> Option<(&Self, Position)> {
        let over = self.over.as_ref()?;
        Some((&over.base, over.at))
    }

    /// Returns what a layer lies on, to be asked itself.
    pub fn base(&self) -> Option<Arc<Self>> {
        let over = self.over.as_ref()?;
        Some(Arc::clone(&over.base))
    }

    /// Shows the entries that a layer assumes, as they would be stored, from the position after the
    /// one it lies on.
    pub fn show_assumed(&self, entries: Vec<Vec<u8>>) {
        let Some(over) = &self.over else {
            return;
        };
        let head = Head {
            position: over.at.after(entries.len()),
            ..self.head()
        };
        // Nothing is assumed twice on one layer.
        let _ = over.assumed.set(entries);
        self.show(head);
    }

    /// Returns where the log stands.
    pub fn head(&self) -> Head {
        **self.head.load()
    }

    /// Moves the head: everything up to there is visible from now on.
    pub fn show(&self, head: Head) {
        self.head.store(Arc::new(head));
    }

    /// Returns how far the ledger has come.
    pub fn frontier(&self) -> Frontier {
        *self.frontier.borrow()
    }

    /// Returns the last day that has begun; of a layer, below it. None for an empty ledger.
    pub fn begun(&self) -> Option<Day> {
        let of = self.over.as_ref().map_or(self, |over| &over.base);
        of.frontier().day
    }

    /// Returns the instant up to which all that is ever recorded is visible.
    pub fn closed(&self) -> RecordTime {
        RecordTime::from_micros(self.closed.load(Ordering::Acquire))
    }

    /// Takes note that no entry will be recorded at an instant or before it that is not visible
    /// by now.
    pub fn close(&self, instant: RecordTime) {
        self.closed.fetch_max(instant.micros(), Ordering::AcqRel);
    }

    /// Returns what tells whenever the ledger has moved.
    pub fn watch(&self) -> watch::Receiver<Frontier> {
        self.frontier.subscribe()
    }

    /// Tells those who wait how far the ledger has come, and before which instant nothing is
    /// recorded any more.
    pub fn tell(&self, frontier: Frontier, day_floor: RecordTime) {
        self.day_floor.store(day_floor.micros(), Ordering::Relaxed);
        self.frontier.send_replace(frontier);
    }

    /// Returns when the last day was announced; [`RecordTime::ZERO`] if none was.
    pub fn day_floor(&self) -> RecordTime {
        RecordTime::from_micros(self.day_floor.load(Ordering::Relaxed))
    }

    /// Returns the time of day.
    pub fn now(&self) -> RecordTime {
        RecordTime::from_micros((self.clock)())
    }

    /// Returns the association's time zone as known at a position.
    pub fn zone(&self, known_at: Position) -> TimeZone {
        clock::zone(&self.book.read(), known_at)
    }

    /// Returns the day of an instant where the association is, as known at a position.
    pub fn day_at(&self, known_at: Position, instant: RecordTime) -> Day {
        clock::day_of(&self.zone(known_at), instant)
    }

    /// Returns the records of the parties.
    pub fn shards(&self) -> &Shards {
        &self.shards
    }

    /// Returns a copy of the record of a party that is registered as known at a position.
    pub fn record(&self, party: &PartyId, known_at: Position) -> Option<PartyRecord> {
        self.shards.with(party, |record| {
            record
                .filter(|record| record.is_registered(known_at))
                .cloned()
        })
    }

    /// Takes over the notes that the threads of a replay made of ids and persons, and gives back
    /// the room that was left for growing.
    pub fn settle(&self, noted: Vec<(Marks, PersonNames)>) {
        let (mut requests, mut persons) = (self.requests.write(), self.persons.write());
        for (ids, named) in noted {
            requests.absorb(ids);
            persons.absorb(named);
        }
        requests.settle();
        self.names.write().settle();
    }

    /// Notes the entries that ids stand in; `each` names them all.
    pub fn note_ids(&self, each: impl FnOnce(&mut dyn FnMut(&DraftId, Position))) {
        let mut requests = self.requests.write();
        each(&mut |id, position| requests.insert(id.as_str(), position));
    }

    /// Takes such notes back.
    pub fn forget_ids(&self, each: impl FnOnce(&mut dyn FnMut(&DraftId, Position))) {
        let mut requests = self.requests.write();
        each(&mut |id, position| requests.remove(id.as_str(), position));
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
            let below = |look: &str| {
                let over = self.over.as_ref();
                over.is_some_and(|over| over.base.names.read().has(look))
            };
            self.names.write().insert(content, position, &below);
            self.note_kind(content, position);
        }
        self.note_changes(book);
    }

    /// Returns the last position at which the law may have changed.
    fn law_changed_at(&self) -> Position {
        Position::new(self.law_changed_at.load(Ordering::Acquire))
    }

    fn note_changes(&self, book: &Book) {
        let last = book.law_epoch(Position::MAX);
        self.law_changed_at.store(last.number(), Ordering::Release);
        let resumed = book.history.first().unwrap_or(Position::MAX);
        self.resumed_at.store(resumed.number(), Ordering::Release);
    }

    /// Returns the epoch of the history at a position. Of one that was never resumed it takes no
    /// lock.
    pub fn epoch(&self, known_at: Position) -> Epoch {
        if known_at.number() < self.resumed_at.load(Ordering::Acquire) {
            return Epoch::FIRST;
        }
        self.book.read().history.epoch(known_at)
    }

    /// Takes back what was applied above a position: of batches, the last first. Nothing of it is
    /// left, in no index either.
    pub fn retract(&self, above: Position, touched: &Touched, contents: &[Content]) {
        let mut book = self.book.write();
        book.retract(above, &touched.slots(), &touched.refs);
        let is_annulled = |position| !book.annulments(position).is_empty();
        for party in &touched.parties {
            let mut shard = self.shards.of(party).write();
            let before = index::recorded(shard.get(party));
            shard.retract(party, above, &is_annulled);
            let after = index::recorded(shard.get(party));
            let gone = before.difference(&after).copied();
            self.index.write().forget(party, gone);
        }
        // The last first: what the index keeps in a row is taken off its end.
        let positions = above.next().onwards();
        let noted: Vec<_> = positions.zip(contents).collect();
        for (position, content) in noted.into_iter().rev() {
            if gives_names(content) {
                self.names.write().remove(content, position);
            }
        }
        self.note_changes(&book);
    }

    fn change(&self, party: &PartyId, change: PartyChange) {
        let said = index::said(&change);
        if said[0].is_some() {
            self.index.write().note(party, said.into_iter().flatten());
        }
        self.shards.change(party, change);
    }

    /// Hands those parties to a function that a walk goes over and that are registered as known at
    /// a position, in order: copies, because the function may ask for another record of the shard.
    /// No lock is held while it works, nor while the stop test is asked.
    pub fn each_registered(
        &self,
        among: &Among,
        known_at: Position,
        stop: Stop<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Stopped> {
        self.each_some(among, known_at, stop, &mut |records| {
            for (party, record) in records {
                stop.check()?;
                visit(party, record)?;
            }
            Ok(())
        })
    }

    /// Hands copies of their records to a function, some at a time.
    pub fn each_some(
        &self,
        among: &Among,
        known_at: Position,
        stop: Stop<'_>,
        take: &mut TakeRecords<'_>,
    ) -> Result<(), Stopped> {
        let mut after: Option<PartyId> = None;
        loop {
            stop.check()?;
            let parties = self.parties_after(among, after.as_ref(), SOME);
            let Some(last) = parties.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            let records: Vec<(PartyId, PartyRecord)> = parties
                .into_iter()
                .filter_map(|party| {
                    let record = self.record(&party, known_at)?;
                    Some((party, record))
                })
                .collect();
            take(&records)?;
        }
    }
}

fn gives_names(content: &Content) -> bool {
    let event = content.event.as_ref();
    event.is_some_and(|event| event.party_names().is_some())
}
