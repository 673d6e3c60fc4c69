//! The whole state in one place, for those who need neither threads nor a disk: tests, tools, and
//! the model of what the engine does. The fold of entries 1..P (rule 9).

use crate::answers::view::{Parties, View};
use crate::entry::Content;
use crate::entry::key::Touched;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::judge::refusal::Refusal;
use crate::judge::{Batch, judge};
use crate::law::LawView;
use crate::record::book::Book;
use crate::record::party::{PartyChange, PartyRecord};
use crate::record::without::NOTHING;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

/// Records of parties, by id.
#[derive(Debug, Clone, Default)]
pub struct Roll {
    records: IndexMap<PartyId, PartyRecord, FxBuildHasher>,
    /// The place of the record changed last: one entry makes several changes.
    last: usize,
}

/// Two are alike if they hold the same records, whatever was changed last.
impl PartialEq for Roll {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Roll {
    /// Applies a change to the record of a party, known or not.
    pub fn apply(&mut self, party: &PartyId, change: PartyChange) {
        let same = self.records.get_index_mut(self.last);
        if let Some((_, record)) = same.filter(|(last, _)| *last == party) {
            return record.apply(change);
        }
        let known = self.records.get_index_of(party);
        let place = known.unwrap_or_else(|| self.add(party));
        self.last = place;
        self.records[place].apply(change);
    }

    /// Adds an empty record; returns its place.
    fn add(&mut self, party: &PartyId) -> usize {
        // There are many records, so they grow by little.
        if self.records.len() == self.records.capacity() {
            self.records.reserve_exact(1 + self.records.len() / 8);
        }
        let added = self
            .records
            .insert_full(party.clone(), PartyRecord::default());
        added.0
    }

    /// Puts the record of a party in place.
    pub fn put(&mut self, party: PartyId, record: PartyRecord) {
        self.records.insert(party, record);
    }

    /// Forgets what was learned of a party after a position.
    pub fn retract(
        &mut self,
        party: &PartyId,
        above: Position,
        is_annulled: &dyn Fn(Position) -> bool,
    ) {
        if let Some(record) = self.records.get_mut(party) {
            record.retract(above, is_annulled);
            if record.is_empty() {
                self.records.swap_remove(party);
            }
        }
    }

    /// Returns the record of a party.
    #[must_use]
    pub fn get(&self, party: &PartyId) -> Option<&PartyRecord> {
        self.records.get(party)
    }

    /// Returns all records, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&PartyId, &PartyRecord)> {
        self.records.iter()
    }

    /// Returns how many parties there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns whether there is no party.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

impl Parties for Roll {
    fn with<R>(&self, party: &PartyId, read: impl FnOnce(Option<&PartyRecord>) -> R) -> R {
        read(self.get(party))
    }
}

/// The whole state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Everything but the parties.
    pub book: Book,
    /// The parties.
    pub roll: Roll,
    contents: Vec<Content>,
}

impl State {
    /// Returns the position of the last entry.
    #[must_use]
    pub fn head(&self) -> Position {
        Position::ZERO.after(self.contents.len())
    }

    /// Returns what an entry said.
    #[must_use]
    pub fn content(&self, position: Position) -> Option<&Content> {
        self.contents.get(position.nth_from(Position::FIRST)?)
    }

    /// Records a batch, or refuses it whole.
    ///
    /// # Errors
    /// Every reason to refuse; the state is then as before.
    pub fn record(&mut self, drafts: &[Content]) -> Result<(Position, Position), Vec<Refusal>> {
        let head = self.head();
        let mut touched = Touched::default();
        let before = self.contents.len();
        self.contents.extend(drafts.iter().cloned());
        let contents = &self.contents;
        let lookup =
            |position: Position| contents.get(position.nth_from(Position::FIRST)?).cloned();
        for (position, content) in head.next().onwards().zip(drafts) {
            let roll = &mut self.roll;
            self.book.apply(
                position,
                content,
                &lookup,
                &mut |party, change| roll.apply(party, change),
                Some(&mut touched),
            );
        }
        let refusals = judge(&Batch {
            book: &self.book,
            party: &|party, read| {
                if let Some(record) = self.roll.get(party) {
                    read(record);
                }
            },
            lookup: &lookup,
            first: head.next(),
            contents: drafts,
            touched: &touched,
        });
        if drafts.is_empty() || refusals.is_empty() {
            return Ok((head.next(), self.head()));
        }
        self.book.retract(head, &touched.slots(), &touched.refs);
        for party in &touched.parties {
            let book = &self.book;
            let is_annulled = |position| !book.annulments(position).is_empty();
            self.roll.retract(party, head, &is_annulled);
        }
        self.contents.truncate(before);
        Err(refusals)
    }

    /// Lays out the law as known at a position.
    #[must_use]
    pub fn law(&self, known_at: Position) -> LawView {
        LawView::new(&self.book, known_at, NOTHING)
    }

    /// Returns the view as known at a position, under the law as known there.
    #[must_use]
    pub fn view<'a>(&'a self, law: &'a LawView, known_at: Position) -> View<'a, Roll> {
        View {
            book: &self.book,
            law,
            parties: &self.roll,
            known_at,
            readings: &[],
            without: NOTHING,
        }
    }
}
