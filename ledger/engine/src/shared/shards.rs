//! The records of parties, spread over locks, so that a reader and the writer seldom meet.

use parking_lot::RwLock;
use rustc_hash::FxHasher;
use standing_domain::answers::view::Parties;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::record::party::{PartyChange, PartyRecord};
use standing_domain::state::Roll;
use std::hash::Hasher;
use std::sync::Arc;

/// How many locks there are.
pub(crate) const SHARDS: usize = 1_024;

/// The records of parties, by the hash of their ids. Read through [`Parties`]. Where they are
/// hypothetical, a record that no assumed draft touches is that of the ledger below.
pub struct Shards {
    own: Box<[RwLock<Roll>]>,
    below: Option<(Arc<Shards>, Position)>,
}

impl Shards {
    pub(crate) fn new(below: Option<(Arc<Shards>, Position)>) -> Self {
        Self {
            own: (0..SHARDS).map(|_| RwLock::default()).collect(),
            below,
        }
    }

    fn place(party: &PartyId) -> usize {
        let mut hasher = FxHasher::default();
        hasher.write(party.as_str().as_bytes());
        // The high bits: the low ones pick the bucket within the shard's own table.
        usize::try_from(hasher.finish() >> 54).unwrap_or(0) % SHARDS
    }

    pub(crate) fn of(&self, party: &PartyId) -> &RwLock<Roll> {
        &self.own[Self::place(party)]
    }

    #[cfg(test)]
    pub(crate) fn copy_of(&self, shard: usize) -> Roll {
        self.own[shard].read().clone()
    }

    /// Applies a change to the record of a party, known or not.
    pub(crate) fn change(&self, party: &PartyId, change: PartyChange) {
        let mut own = self.of(party).write();
        if let Some((below, at)) = &self.below
            && own.get(party).is_none()
        {
            let shard = below.of(party).read();
            as_known(shard.get(party), *at, |record| {
                if let Some(record) = record {
                    own.put(party.clone(), record.clone());
                }
            });
        }
        own.apply(party, change);
    }
}

/// Hands a record as known at a position to a function. It is copied only if something was learned
/// since.
fn as_known<R>(
    record: Option<&PartyRecord>,
    at: Position,
    read: impl FnOnce(Option<&PartyRecord>) -> R,
) -> R {
    let newer = |record: &&PartyRecord| record.mentions().last().is_some_and(|last| *last > at);
    let Some(record) = record.filter(newer) else {
        return read(record);
    };
    let mut record = record.clone();
    // The book says which of them are annulled as known there.
    record.retract(at, &|_| true);
    read(Some(&record).filter(|record| !record.is_empty()))
}

impl Parties for Shards {
    fn with<R>(&self, party: &PartyId, read: impl FnOnce(Option<&PartyRecord>) -> R) -> R {
        let own = self.of(party).read();
        match (&self.below, own.get(party)) {
            (None, record) | (Some(_), record @ Some(_)) => read(record),
            (Some((below, at)), None) => {
                let shard = below.of(party).read();
                as_known(shard.get(party), *at, read)
            }
        }
    }
}
