//! A point of view: everything a question is answered from.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::id::position::Position;
use crate::id::{PartyId, PersonId, Word};
use crate::law::LawView;
use crate::law::condition::Circumstances;
use crate::record::book::{Attributes, Book};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::record::passage::{Known, ReadRecord};
use crate::record::without::Without;
use crate::time::day::Day;
use crate::time::timeline::{Flaw, Timeline};
use std::borrow::Cow;

/// How many successions a membership is followed through.
const LONGEST_CHAIN: usize = 32;

/// Reads the records of parties, wherever they are kept.
pub trait Parties {
    /// Hands the record of a party to `read`; none if the ledger never heard of it.
    fn with<R>(&self, party: &PartyId, read: impl FnOnce(Option<&PartyRecord>) -> R) -> R;
}

/// Everything a question is answered from: the ledger as known at one position.
pub struct View<'a, P> {
    /// The book.
    pub book: &'a Book,
    /// The law as known at the position.
    pub law: &'a LawView,
    /// The parties.
    pub parties: &'a P,
    /// As known when.
    pub known_at: Position,
    /// The readings asked for, by their names (rule 25); for every alternative without one the
    /// default is applied.
    pub readings: &'a [Word],
    /// The entries that are left out, as if they were not recorded (rule 23); the law is laid out
    /// without them by whoever lays it out.
    pub without: Without<'a>,
}

impl<P: Parties> View<'_, P> {
    /// Returns a copy of what the ledger knows of a party; none if it is not registered as known at
    /// the position.
    #[must_use]
    pub fn record(&self, party: &PartyId) -> Option<PartyRecord> {
        self.parties.with(party, |record| {
            record
                .filter(|record| record.registration(self.known_at).is_some())
                .cloned()
        })
    }

    /// Returns the record of a party as the membership that it may have on a day brought it.
    #[must_use]
    pub fn as_member<'r>(&self, record: &'r PartyRecord, day: Day) -> Cow<'r, PartyRecord> {
        if record.kin().is_none() {
            return Cow::Borrowed(record);
        }
        let read = |party: &PartyId| self.record(party);
        self.known(&read).as_member(record, day)
    }

    /// Returns what is known of successions, given how records are read.
    pub(crate) fn known<'k>(&'k self, read: ReadRecord<'k>) -> Known<'k> {
        Known {
            book: self.book,
            known_at: self.known_at,
            without: self.without,
            read,
        }
    }

    /// Returns who certainly had the membership by a day that a party had, one after the other,
    /// through successions; the party itself is not among them.
    #[must_use]
    pub fn heirs(&self, party: &PartyId, day: Day) -> Vec<PartyId> {
        let mut heirs: Vec<PartyId> = Vec::new();
        let read = |party: &PartyId| self.record(party);
        let known = self.known(&read);
        while heirs.len() < LONGEST_CHAIN {
            let from = heirs.last().unwrap_or(party);
            let Some(record) = self.record(from) else {
                break;
            };
            let passages = known.passages(&record).into_iter();
            let passed = passages.filter(|passage| {
                let undone = passage.until.is_some_and(|until| until.earliest <= day);
                passage.membership && passage.from == *from && passage.on.latest <= day && !undone
            });
            let Some(last) = passed.max_by_key(|passage| passage.on) else {
                break;
            };
            heirs.push(last.to);
        }
        heirs
    }

    /// Returns what a registered party is.
    #[must_use]
    pub fn attributes(&self, record: &PartyRecord) -> Option<&Attributes> {
        self.book
            .attributes(record.registration(self.known_at)?.value)
    }

    /// Returns the natural person that a registered party is, whose name is sealed.
    #[must_use]
    pub fn person(&self, record: &PartyRecord) -> Option<&PersonId> {
        self.book
            .linked_person(record.registration(self.known_at)?.position)
    }

    /// Returns the entry that annulled another, if one did that is not void itself.
    #[must_use]
    pub fn annulled_by(&self, position: Position) -> Option<Position> {
        let annulment = self.book.annulled_by(position, self.known_at);
        annulment.map(|annulment| annulment.position)
    }

    /// Returns whether a fact is annulled from the start, as far as that is not left out.
    pub(crate) fn is_void(&self, position: Position, annulled: bool) -> bool {
        self.book
            .is_void_without(position, annulled, self.known_at, self.without)
    }

    /// Lays out the timeline of a party's class.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub(crate) fn class_line(
        &self,
        record: &PartyRecord,
    ) -> Result<Timeline<ClassValue>, Vec<Flaw>> {
        self.book
            .lay_without(record.class_facts(), self.known_at, self.without)
    }

    /// Returns the circumstances of a party on a day.
    #[must_use]
    pub fn circumstances<'a>(&'a self, record: &'a PartyRecord, day: Day) -> Circumstances<'a> {
        Circumstances {
            book: self.book,
            known_at: self.known_at,
            day,
            party: self.attributes(record),
            record: Some(record),
            without: self.without,
        }
    }

    /// Returns the circumstances in which the law of a day is judged by itself.
    pub(super) fn lawful(&self, day: Day) -> Circumstances<'_> {
        Circumstances {
            book: self.book,
            known_at: self.known_at,
            day,
            party: None,
            record: None,
            without: self.without,
        }
    }
}
