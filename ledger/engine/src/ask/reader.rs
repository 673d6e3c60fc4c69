//! Reading at a position.

use crate::entry::{EntryError, StoredEntry, decode};
use crate::ledger::Ledger;
use crate::point::{Basis, PointError};
use crate::shared::Shared;
use crate::shared::index::Among;
use crate::shared::read::booked;
use crate::shared::search;
use crate::shared::shards::Shards;
use parking_lot::RwLockReadGuard;
use standing_domain::answers::view::{Parties as _, View};
use standing_domain::entry::event::Event;
use standing_domain::entry::slot::Ref;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, PersonId, Word};
use standing_domain::law::LawView;
use standing_domain::record::book::Book;
use standing_domain::record::party::PartyRecord;
use standing_domain::record::without::NOTHING;
use standing_domain::text::folded;
use standing_domain::time::day::Day;
use standing_store::seal;
use std::sync::Arc;

/// The ledger as known at a position. Holds the book for reading: keep it for one question, not for
/// a walk over all parties (see [`Ledger::each_record`]).
pub struct Reader<'a> {
    shared: &'a Shared,
    book: RwLockReadGuard<'a, Book>,
    law: Arc<LawView>,
    known_at: Position,
    readings: &'a [Word],
    /// Whether persons are found by their names.
    opens: bool,
}

impl Reader<'_> {
    /// Returns the view that questions are answered from.
    #[must_use]
    pub fn view(&self) -> View<'_, Shards> {
        View {
            book: &self.book,
            law: &self.law,
            parties: self.shared.shards(),
            known_at: self.known_at,
            readings: self.readings,
            without: NOTHING,
        }
    }

    /// Returns the view under another law, for sessions (rule 22).
    #[must_use]
    pub fn view_under<'v>(&'v self, law: &'v LawView) -> View<'v, Shards> {
        View {
            book: &self.book,
            law,
            parties: self.shared.shards(),
            known_at: self.known_at,
            readings: self.readings,
            without: NOTHING,
        }
    }

    /// Returns the law as known at the position.
    #[must_use]
    pub fn law(&self) -> &Arc<LawView> {
        &self.law
    }

    /// Returns the position known.
    #[must_use]
    pub fn known_at(&self) -> Position {
        self.known_at
    }

    /// Returns what an answer for a day is computed from.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn basis(&self, on: Day) -> Result<Basis, PointError> {
        let booked = booked(&self.book, on, self.known_at);
        self.shared.basis(&self.law, on, self.known_at, booked)
    }

    /// Returns the parties that an id, alias or name of any time, in any language, is this text,
    /// and those that are a natural person whose name it is, where it can be opened here and
    /// whoever asks may read it; case does not matter.
    ///
    /// # Errors
    /// The log cannot be read, or an entry does not decode.
    pub fn find_parties(&self, text: &str) -> Result<Vec<PartyId>, EntryError> {
        let mut found: Vec<PartyId> = Vec::new();
        let is_known = |position: &Position| self.is_known(*position);
        let candidates = self.shared.find_name(text);
        for position in candidates.into_iter().filter(is_known) {
            let read = |stored: &[u8]| decode(position, stored);
            let entry = self.shared.read_with(position, read)?.transpose()?;
            found.extend(entry.and_then(|read| search::named(&read.entry.content, text).cloned()));
        }
        found.extend(self.find_sealed(text)?);
        found.extend(PartyId::new(text.trim()));
        found.retain(|party| {
            let registered = |record: &PartyRecord| record.is_registered(self.known_at);
            self.shared
                .shards()
                .with(party, |record| record.is_some_and(registered))
        });
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Returns the parties that are a natural person whose name this is, where it can be opened
    /// here and whoever asks may read it; one that is not registered any more may be among them.
    pub(crate) fn find_sealed(&self, text: &str) -> Result<Vec<PartyId>, EntryError> {
        let mut found = Vec::new();
        if !self.opens {
            return Ok(found);
        }
        let is_known = |position: &Position| self.is_known(*position);
        for position in self.shared.find_person(text).into_iter().filter(is_known) {
            let is_meant = |name: &str| folded(name) == folded(text);
            let Some(person) = self.shared.person_named(position, is_meant)? else {
                continue;
            };
            let mentions = self.book.mentions(&Ref::Person(person)).iter();
            let links = mentions.filter(|position| self.book.linked_person(**position).is_some());
            for position in links.filter(|position| is_known(position)) {
                let content = self.shared.content(*position)?;
                let event = content.and_then(|content| content.event);
                let registered = event.as_ref().and_then(Event::registered);
                found.extend(registered.map(|registered| registered.party.clone()));
            }
        }
        Ok(found)
    }

    /// Returns whether an entry counts: it is known, and nothing known corrects it.
    fn is_known(&self, position: Position) -> bool {
        position <= self.known_at && self.book.corrected_by(position, self.known_at).is_none()
    }

    /// Returns the position of the last entry that concerns something; 0 if none does.
    #[must_use]
    pub fn last_mention(&self, what: &Ref) -> Position {
        let last = |positions: &[Position]| {
            let known = positions.partition_point(|position| *position <= self.known_at);
            known
                .checked_sub(1)
                .map_or(Position::ZERO, |i| positions[i])
        };
        match what {
            Ref::Party(party) => self.shared.shards().with(party, |record| {
                record.map_or(Position::ZERO, |record| last(record.mentions()))
            }),
            other => last(self.book.mentions(other)),
        }
    }
}

impl Ledger {
    /// Opens the ledger as known at a position, which [`Ledger::resolve`] gave.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::answers::question::Question;
    /// use standing_domain::time::day::Day;
    /// use standing_domain::time::truth::Truth;
    ///
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let question = Question {
    ///     party: PartyId::new("east")?,
    ///     right: RightId::new("vote")?,
    ///     body: None,
    /// };
    /// let reader = ledger.at(ledger.head().position);
    /// let view = reader.view();
    /// let record = view.record(&question.party).ok_or("not registered")?;
    /// let answer = view.answer(&question, &record, Day::parse("2001-05-01")?);
    /// assert_eq!(answer.verdict, Truth::Yes);
    /// // Why: an article, and the entries about the party.
    /// assert_eq!(answer.grounds.articles[0].citation, "9");
    /// assert!(!answer.grounds.entries.is_empty());
    /// // Nothing that is recorded ends it.
    /// assert_eq!(answer.expiry, None);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn at(&self, known_at: Position) -> Reader<'_> {
        // The law first: it may have to be laid out, and nobody holds the book meanwhile. What is
        // known at the position stays.
        let law = self.shared.law(known_at);
        let book = self.shared.book.read();
        Reader {
            shared: &self.shared,
            book,
            law,
            known_at,
            readings: &self.readings,
            opens: self.opens,
        }
    }

    /// Reads one visible entry; none at 0 and beyond the head.
    ///
    /// # Errors
    /// The log cannot be read, or the entry does not decode.
    pub fn entry(&self, position: Position) -> Result<Option<StoredEntry>, EntryError> {
        if position > self.head().position {
            return Ok(None);
        }
        self.shared
            .read_with(position, |stored| decode(position, stored))?
            .transpose()
    }

    /// Reads visible entries at positions, in the order given.
    ///
    /// # Errors
    /// The log cannot be read, or an entry does not decode.
    pub fn entries(
        &self,
        positions: impl IntoIterator<Item = Position>,
    ) -> Result<Vec<StoredEntry>, EntryError> {
        let head = self.head().position;
        let mut entries = Vec::new();
        self.shared.read_each(
            positions.into_iter().filter(|position| *position <= head),
            |position, stored| {
                entries.push(decode(position, stored));
            },
        )?;
        entries.into_iter().collect()
    }

    /// Returns up to `limit` ids of those a list goes over, after one, in order. Who is not
    /// registered yet, or no longer so, as known at a position may be among them.
    #[must_use]
    pub fn parties_after(
        &self,
        among: &Among,
        after: Option<&PartyId>,
        limit: usize,
    ) -> Vec<PartyId> {
        self.shared.parties_after(among, after, limit)
    }

    /// Opens a sealed name; none if its key was erased or is not held here, or if whoever asks may
    /// not read names.
    #[must_use]
    pub fn unseal(&self, person: &PersonId, sealed: &[u8]) -> Option<String> {
        if !self.opens {
            return None;
        }
        let key = self.shared.keys.person(person.as_str())?;
        let text = seal::open(&key, person.as_str(), sealed).ok()?;
        let name = String::from_utf8(text).ok()?;
        if let Some(noted) = &self.noted {
            noted.note_names();
        }
        Some(name)
    }
}
