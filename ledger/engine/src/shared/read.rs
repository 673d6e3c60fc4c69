//! What is read: entries, and what is found by an id or a name.

use crate::entry::{EntryError, Stamp, decode};
use crate::point::{Basis, Founding, PointError};
use crate::shared::Shared;
use crate::shared::index::kinds::Examples;
use crate::shared::index::{Among, first};
use crate::shared::persons::{fingerprint, opened};
use crate::shared::search::NameIndex;
use crate::shared::search::grams::{Grams, LaidRow, sharing};
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Slot;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::id::{DraftId, PartyId, PersonId};
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::text::sought::Demand;
use standing_domain::time::day::Day;
use standing_store::ReadError;
use std::collections::BTreeSet;

impl Shared {
    /// Returns what an entry says, recorded or assumed; none at 0 and above the head.
    pub fn content(&self, position: Position) -> Result<Option<Content>, EntryError> {
        let read = self.read_with(position, |stored| decode(position, stored))?;
        Ok(read.transpose()?.map(|read| read.entry.content))
    }

    /// Hands the stored bytes of an entry, recorded or assumed, to a function; none where there is
    /// none.
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

    /// Hands the stored bytes of entries, recorded or assumed, to a function, in the order of the
    /// positions.
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

    /// Returns the assumed entries as they would be stored; none where nothing is assumed.
    pub fn assumed_entries(&self) -> &[Vec<u8>] {
        let over = self.over.as_ref();
        over.and_then(|over| over.assumed.get())
            .map_or(&[], Vec::as_slice)
    }

    fn assumed(&self, position: Position) -> Option<&[u8]> {
        let over = self.over.as_ref()?;
        let place = position.nth_from(over.at.next())?;
        over.assumed.get()?.get(place).map(Vec::as_slice)
    }

    /// Returns the positions of entries that a request or a draft of this id may stand in.
    pub fn find_request(&self, id: &DraftId) -> Vec<Position> {
        let below = self.over.as_ref().map(|over| {
            let mut found = over.base.requests.read().candidates(id.as_str());
            found.retain(|position| *position <= over.at);
            found
        });
        let own = self.requests.read().candidates(id.as_str());
        below.into_iter().flatten().chain(own).collect()
    }

    /// Returns the positions of entries that may give a party this name.
    pub fn find_name(&self, text: &str) -> Vec<Position> {
        self.find_in_names(|names| names.candidates(text))
    }

    /// Returns the positions of entries that may give a party a name that looks so.
    pub fn find_look(&self, look: &str) -> Vec<Position> {
        self.find_in_names(|names| names.looking(look))
    }

    fn find_in_names(&self, find: impl Fn(&NameIndex) -> Vec<Position>) -> Vec<Position> {
        let below = self.over.as_ref().map(|over| {
            let mut found = find(&over.base.names.read());
            found.retain(|position| *position <= over.at);
            found
        });
        let own = find(&self.names.read());
        below.into_iter().flatten().chain(own).collect()
    }

    /// Returns the positions of entries that may give a name that meets demands.
    ///
    /// # Errors
    /// The work was given up.
    pub fn find_grams(&self, demands: &[Demand], stop: Stop<'_>) -> Result<Vec<Position>, Stopped> {
        let mut found: Option<Vec<Position>> = None;
        for demand in demands {
            let rows = Grams::rows_of(&demand.grams);
            // Grams that share a row are counted once.
            let least = (demand.least + rows.len())
                .saturating_sub(demand.grams.len())
                .max(1);
            let rows = rows.into_iter().map(|row| self.gram_row(row)).collect();
            let sharing = sharing(rows, least, stop)?;
            let both = match found {
                None => sharing,
                Some(mut found) => {
                    found.retain(|position| sharing.binary_search(position).is_ok());
                    found
                }
            };
            found = Some(both);
        }
        Ok(found.unwrap_or_default())
    }

    fn gram_row(&self, row: usize) -> LaidRow {
        let below = self.over.as_ref();
        LaidRow {
            below: below.map(|over| (over.base.names.read().gram_row(row), over.at)),
            own: self.names.read().gram_row(row),
        }
    }

    /// Returns the looks of names and aliases that more than one entry may give.
    pub fn looks_given_again(&self) -> BTreeSet<String> {
        let mut looks: BTreeSet<String> = self.names.read().given_again().into_iter().collect();
        if let Some(over) = &self.over {
            looks.extend(over.base.names.read().given_again());
        }
        looks
    }

    /// Returns some parties for each set of attributes that any has.
    pub fn examples(&self) -> Vec<(u32, Examples)> {
        let mut all = self.kinds.read().all();
        if let Some(over) = &self.over {
            all.extend(over.base.kinds.read().all());
        }
        all
    }

    /// Returns the attributes of parties of which a name or an alias stands in the log.
    pub fn kinds_with_names(&self) -> Vec<u32> {
        let mut all = self.kinds.read().named();
        if let Some(over) = &self.over {
            all.extend(over.base.kinds.read().named());
        }
        all
    }

    /// Returns the positions of entries that may give a natural person this name, as far as names
    /// can be opened here. What is assumed names nobody.
    pub fn find_person(&self, text: &str) -> Vec<Position> {
        let (of, at) = match &self.over {
            Some(over) => (&*over.base, over.at),
            None => (self, Position::MAX),
        };
        let print = fingerprint(text);
        let names = of.persons.read();
        let found = print.map(|print| names.candidates(print));
        let found = found.into_iter().flatten();
        found.filter(|position| *position <= at).collect()
    }

    /// Returns the person to whom an entry gives a name that is the one meant.
    ///
    /// # Errors
    /// The log cannot be read, or the entry does not decode.
    pub fn person_named(
        &self,
        position: Position,
        is_meant: impl Fn(&str) -> bool,
    ) -> Result<Option<PersonId>, EntryError> {
        let content = self.content(position)?;
        let event = content.and_then(|content| content.event);
        let named = event.as_ref().and_then(Event::named_person);
        Ok(named
            .filter(|named| opened(*named, &self.keys).any(|name| is_meant(&name)))
            .map(|named| named.person.clone()))
    }

    /// Returns up to `limit` ids of those a list goes over, after one, in order.
    pub fn parties_after(
        &self,
        among: &Among,
        after: Option<&PartyId>,
        limit: usize,
    ) -> Vec<PartyId> {
        let own = self.index.read().after(among, after, limit);
        let Some(over) = &self.over else {
            return own;
        };
        let below = over.base.index.read().after(among, after, limit);
        first(own.into_iter().chain(below).collect(), limit)
    }

    /// Returns whether something was ever recorded of a party's class, application or money.
    pub fn concerns(&self, party: &PartyId) -> bool {
        let below = self.over.as_ref();
        self.index.read().concerns(party)
            || below.is_some_and(|over| over.base.index.read().concerns(party))
    }

    /// Returns when an entry was recorded and with which others; of position 0, that of an empty
    /// ledger.
    pub fn stamp(&self, position: Position) -> Result<Stamp, EntryError> {
        if position == Position::ZERO {
            return Ok(Stamp::START);
        }
        let read = self.read_with(position, |stored| Stamp::read(position, stored))?;
        read.ok_or(EntryError::Log(ReadError::Gap { position }))?
    }

    /// Returns what an answer for a day is computed from, under the law as known at the position.
    /// `booked` is what [`booked`] gives: only who holds the book already may ask it there.
    pub fn basis(
        &self,
        law: &LawView,
        on: Day,
        known_at: Position,
        booked: Booked,
    ) -> Result<Basis, PointError> {
        let head = self.head();
        // What is assumed has no position of its own.
        let assumed = self.over.as_ref().map_or(0, |over| known_at.since(over.at));
        let known_at = known_at.minus(assumed);
        let record_time = match known_at {
            Position::ZERO => None,
            position if position == head.position && self.over.is_none() => Some(head.record_time),
            position => Some(self.stamp(position)?.record_time),
        };
        Ok(Basis {
            on,
            position: known_at,
            epoch: booked.epoch,
            record_time,
            norms_digest: law.digest(on).to_owned(),
            rules_version: law.rules_version,
            assumed,
            before_founding: booked.before_founding,
        })
    }

    /// Rounds a position down to the end of a batch.
    pub fn batch_end(&self, position: Position) -> Result<Position, PointError> {
        let batch = self.stamp(position)?;
        Ok(if batch.last <= position {
            position
        } else {
            batch.first.previous()
        })
    }
}

/// What a basis says that stands in the book.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Booked {
    before_founding: Option<Founding>,
    epoch: Epoch,
}

/// Returns what the basis of an answer for a day, as known at a position, says that stands in the
/// book.
pub(crate) fn booked(book: &Book, on: Day, known_at: Position) -> Booked {
    Booked {
        before_founding: before_founding(book, on, known_at),
        epoch: book.history.epoch(known_at),
    }
}

/// Returns the founding where a day lies before it, if it does. A founding that is recorded later
/// than the position is not known yet.
fn before_founding(book: &Book, on: Day, known_at: Position) -> Option<Founding> {
    let founded = |known_at: Position| {
        let founded = book.known(&Slot::Association, known_at).last()?;
        book.window(founded.at, known_at)
    };
    match founded(known_at) {
        Some(founding) => (on < founding.earliest).then_some(Founding::In(founding)),
        None => founded(Position::MAX).map(|_| Founding::NotKnown),
    }
}
