//! Whom entries reach, kept for the last of them: what is kept of sessions is turned by it.

use crate::entry::decode;
use crate::shared::Shared;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::Content;
use standing_domain::entry::reach::rolls::{Entries, RollReach};
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use std::collections::{BTreeSet, VecDeque};

/// How many entries that reach somebody are kept, and how many are read at most to catch up; beyond
/// that sessions are drawn up anew, which then takes no longer.
const MOST: usize = 16_384;

/// How many entries are read at a time.
const RUN: u64 = 256;

/// Whom entries reach, in order of their positions.
#[derive(Default)]
pub(super) struct Reached {
    /// The position before the first that is looked at; none before anything is kept.
    since: Option<Position>,
    /// The last position that was looked at.
    until: Position,
    /// Those that reach somebody.
    reaching: VecDeque<(Position, RollReach)>,
}

impl Reached {
    /// Begins to keep what entries reach, unless that is kept already: from a position on, as of
    /// which something was drawn up.
    pub fn begin(&mut self, position: Position) {
        if self.since.is_none() {
            (self.since, self.until) = (Some(position), position);
        }
    }

    /// Returns whom the entries reach after a position up to another, which is visible; none where
    /// that is not known any more.
    pub fn between(
        &mut self,
        shared: &Shared,
        low: Position,
        high: Position,
        stop: Stop<'_>,
    ) -> Result<Option<RollReach>, Stopped> {
        let Some(since) = self.since.filter(|since| *since <= low) else {
            return Ok(None);
        };
        let behind = usize::try_from(high.since(self.until.min(high))).unwrap_or(usize::MAX);
        if behind > MOST {
            *self = Self::default();
            self.begin(high);
            return Ok((since == high).then(RollReach::default));
        }
        while self.until < high {
            stop.check()?;
            let end = high.min(self.until.plus(RUN));
            let Some(contents) = read(shared, self.until.next(), end) else {
                return Ok(None);
            };
            for content in &contents {
                self.until = self.until.next();
                let Some(reach) = reach_of(shared, self.until, content, None) else {
                    *self = Self::default();
                    return Ok(None);
                };
                if !reach.is_nothing() {
                    self.reaching.push_back((self.until, reach));
                }
            }
        }
        while self.reaching.len() > MOST {
            self.since = self.reaching.pop_front().map(|(position, _)| position);
        }
        if self.since.is_none_or(|since| since > low) {
            return Ok(None);
        }
        let first = self
            .reaching
            .partition_point(|(position, _)| *position <= low);
        let last = self
            .reaching
            .partition_point(|(position, _)| *position <= high);
        let mut all = RollReach::default();
        for (_, reach) in self.reaching.range(first..last) {
            all.join(reach);
        }
        Ok(Some(all))
    }
}

/// Reads what visible entries say; none if one of them cannot be read.
fn read(shared: &Shared, first: Position, last: Position) -> Option<Vec<Content>> {
    let mut contents = Vec::new();
    let mut failed = false;
    let read = shared.read_each(first.to(last), |position, stored| {
        match decode(position, stored) {
            Ok(read) => contents.push(read.entry.content),
            Err(_) => failed = true,
        }
    });
    (read.is_ok() && !failed).then_some(contents)
}

/// Returns whom an entry reaches, visible or not; none if it cannot be read. `above` reads what is
/// not visible yet.
pub(super) fn of(
    shared: &Shared,
    position: Position,
    above: Option<&dyn Fn(Position) -> Option<Content>>,
) -> Option<RollReach> {
    let content = match above {
        Some(above) => above(position)?,
        None => shared.content(position).ok()??,
    };
    reach_of(shared, position, &content, above)
}

fn reach_of(
    shared: &Shared,
    position: Position,
    content: &Content,
    above: Option<&dyn Fn(Position) -> Option<Content>>,
) -> Option<RollReach> {
    let mut reach = RollReach::default();
    let unread = std::cell::Cell::new(false);
    let lookup = |entry: Position| match above {
        Some(above) => above(entry),
        None => shared.content(entry).unwrap_or_else(|_| {
            unread.set(true);
            None
        }),
    };
    let mentions = |what: &Ref| shared.book.read().mentions(what).to_vec();
    let entries = Entries {
        lookup: &lookup,
        mentions: &mentions,
    };
    reach.add(content, &entries);
    let book = shared.book.read();
    reach.assessed(&|fund| {
        let last = |known_at| book.last_assessed(fund, known_at);
        last(position.previous()) != last(position)
    });
    // Corrected and annulled successions too: what they passed on is gone.
    reach.follow(&|party| {
        let facts = book.facts(&Slot::Successors(party.clone())).iter();
        let followed = facts.filter_map(|fact| Some(fact.value.succession()?.to.clone()));
        followed.collect::<BTreeSet<PartyId>>()
    });
    drop(book);
    if content.corrects.is_none() {
        reach
            .parties
            .retain(|party| !is_new(shared, party, position));
    }
    (!unread.get()).then_some(reach)
}

/// Returns whether a party came to the ledger with an entry and is on no roll: nothing hung on it
/// before.
fn is_new(shared: &Shared, party: &PartyId, position: Position) -> bool {
    let came = |record: &PartyRecord| record.mentions().first() == Some(&position);
    let is_new = |record: Option<&PartyRecord>| record.is_some_and(came);
    !shared.concerns(party) && shared.shards().with(party, is_new)
}
