//! What the ledger knows of one party: dense facts, kept apart from everything else because there
//! are many parties.

use crate::entry::event::{Event, NameKind};
use crate::entry::gathered::dues_slot;
use crate::entry::slot::DuesSlot;
use crate::id::position::Position;
use crate::id::{PartyId, Word};
use crate::record::book::Book;
use crate::record::class::ClassValue;
use crate::record::fact::{At, Fact, retract, said_at, supersede};
use crate::record::number::{ClassIx, WordIx};
use crate::record::summary::Summary;
use crate::record::without::Without;
use crate::time::day::Day;
use crate::time::timeline::{Flaw, Timeline};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a fact says about a party's application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicationValue {
    /// It applied for a class.
    Filed(ClassIx),
    /// It withdrew.
    Withdrawn,
    /// It was rejected.
    Rejected,
}

/// A name of a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartyName {
    /// What kind of name.
    pub kind: NameKind,
    /// The language.
    pub language: WordIx,
    /// The name.
    pub text: Box<str>,
    /// Whether it is a further name beside that of the same kind and language; such names make no
    /// timeline.
    pub further: bool,
}

/// A timeline of a name, or why there is none.
pub type NameLine = Result<Timeline<Box<str>>, Vec<Flaw>>;

/// A change to the record of a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartyChange {
    /// An entry names the party.
    Mentioned(Position),
    /// It was registered, with attributes by their number in the book.
    Registered(Fact<u32>),
    /// Its class changed.
    Class(Fact<ClassValue>),
    /// Its application changed.
    Application(Fact<ApplicationValue>),
    /// It took a name.
    Name(Fact<PartyName>),
    /// Something was said of its money, or of a right that hangs on it.
    Dues(Fact<Arc<Event>>),
    /// The party of this id passed its membership or its account on, or was passed one: it stands
    /// among its money, as debts and what hangs on them go with it.
    Succeeded(PartyId, Fact<Arc<Event>>),
    /// What the entry at `target` said is known only until the entry at `by`.
    Superseded {
        /// The entry corrected.
        target: Position,
        /// The entry that corrects.
        by: Position,
    },
    /// An annulment of the entry at this position was recorded.
    Annulled(Position),
}

/// What the ledger knows of one party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyRecord {
    summary: Summary,
    /// Facts about its class, by earliest day and order.
    class: Vec<Fact<ClassValue>>,
    registrations: Vec<Fact<u32>>,
    applications: Vec<Fact<ApplicationValue>>,
    names: Vec<Fact<PartyName>>,
    dues: Vec<Fact<Arc<Event>>>,
    mentions: Vec<Position>,
    /// What is known of a party that succeeds another, or is succeeded; most are neither.
    kin: Option<Box<Kin>>,
}

/// What only the record of a party that succeeds another, or is succeeded, says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kin {
    /// Whose record it is.
    id: PartyId,
    /// Of a record as its membership brought it: see [`PartyRecord::line`].
    line: Vec<Heir>,
}

/// Under whose name a membership stood, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    /// The party.
    pub party: PartyId,
    /// The entry by which the membership, and the account with it, passed to it; none of the first.
    pub by: Option<Position>,
}

impl PartyRecord {
    /// Applies a change.
    pub fn apply(&mut self, change: PartyChange) {
        match change {
            PartyChange::Mentioned(position) => {
                if self.mentions.last() != Some(&position) {
                    push(&mut self.mentions, position);
                }
            }
            PartyChange::Registered(fact) => {
                push(&mut self.registrations, fact);
                self.settle();
            }
            PartyChange::Class(fact) => {
                let key = |fact: &Fact<ClassValue>| (earliest(fact.at), fact.order, fact.position);
                let place = self.class.partition_point(|other| key(other) < key(&fact));
                reserve(&mut self.class);
                self.class.insert(place, fact);
                self.settle();
            }
            PartyChange::Application(fact) => push(&mut self.applications, fact),
            PartyChange::Name(fact) => push(&mut self.names, fact),
            PartyChange::Dues(fact) => {
                self.dues.push(fact);
                self.settle();
            }
            PartyChange::Succeeded(id, fact) => {
                let line = Vec::new();
                self.kin = Some(Box::new(Kin { id, line }));
                self.dues.push(fact);
                self.settle();
            }
            PartyChange::Superseded { target, by } => {
                supersede(&mut self.registrations, target, by);
                // By day, not by position.
                for fact in self.class.iter_mut().filter(|f| f.position == target) {
                    fact.until = fact.until.min(by);
                }
                supersede(&mut self.applications, target, by);
                supersede(&mut self.names, target, by);
                supersede(&mut self.dues, target, by);
                self.settle();
            }
            PartyChange::Annulled(position) => {
                for fact in self.class.iter_mut().filter(|f| f.position == position) {
                    fact.annulled = true;
                }
                mark_annulled(&mut self.applications, position);
                mark_annulled(&mut self.names, position);
                mark_annulled(&mut self.dues, position);
                self.settle();
            }
        }
    }

    /// Forgets what was learned after a position. `is_annulled` says of which entries an annulment
    /// is left.
    pub fn retract(&mut self, above: Position, is_annulled: &dyn Fn(Position) -> bool) {
        retract(&mut self.registrations, above, is_annulled);
        retract(&mut self.class, above, is_annulled);
        retract(&mut self.applications, above, is_annulled);
        retract(&mut self.names, above, is_annulled);
        retract(&mut self.dues, above, is_annulled);
        let mentioned = self.mentions.partition_point(|position| *position <= above);
        self.mentions.truncate(mentioned);
        let mut dues = self.dues.iter();
        if !dues.any(|fact| fact.value.succession().is_some()) {
            self.kin = None;
        }
        self.settle();
    }

    /// Returns whose record it is, if the party passed a membership or an account on, or was passed
    /// one.
    #[must_use]
    pub fn kin(&self) -> Option<&PartyId> {
        self.kin.as_ref().map(|kin| &kin.id)
    }

    /// Returns under whose names the membership stood whose clocks the record keeps, the first
    /// first; none where it keeps the party's own.
    #[must_use]
    pub fn line(&self) -> &[Heir] {
        self.kin.as_ref().map_or(&[], |kin| &kin.line)
    }

    /// Returns the record as a membership brought it: with what was said of money and of rights
    /// that hang on it, under the names of a line.
    pub(crate) fn inherited(&self, dues: Vec<Fact<Arc<Event>>>, line: Vec<Heir>) -> Self {
        let kin = self.kin.as_ref();
        Self {
            dues,
            kin: kin.map(|kin| {
                let id = kin.id.clone();
                Box::new(Kin { id, line })
            }),
            ..self.clone()
        }
    }

    /// Returns whether the party was ever registered, known or corrected.
    #[must_use]
    pub fn was_registered(&self) -> bool {
        !self.registrations.is_empty()
    }

    fn settle(&mut self) {
        self.summary = Summary::of(&self.class, &self.registrations);
        // What hangs on money is worked out in full (rule 27).
        self.summary.intricate |= !self.dues.is_empty();
    }

    /// Returns whether nothing at all is known of the party.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registrations.is_empty() && self.mentions.is_empty()
    }

    /// Returns the class at the end of a day, if that needs no more than the facts of this record;
    /// `Err` sends the caller to [`crate::answers::view::View::classes`]. This is the path of
    /// almost every question.
    ///
    /// # Errors
    /// A window, an anchor, a succession or an annulment bears on the class.
    pub fn plain_class(&self, day: Day, known_at: Position) -> Result<Option<ClassIx>, Intricate> {
        if self.summary.intricate {
            return Err(Intricate);
        }
        if let Ok(class) = self.summary.class(day, known_at) {
            return Ok(class);
        }
        let reached = self.class.partition_point(|fact| earliest(fact.at) <= day);
        let mut before = self.class[..reached].iter().rev();
        Ok(before
            .find(|fact| fact.is_known(known_at))
            .and_then(|fact| fact.value.taken()))
    }

    /// Returns whether the party is registered as known at a position.
    #[must_use]
    pub fn is_registered(&self, known_at: Position) -> bool {
        if known_at >= self.summary.since {
            return self.summary.registered;
        }
        self.registration(known_at).is_some()
    }

    /// Returns the registration known at a position: attributes by number, birth, and entry.
    #[must_use]
    pub fn registration(&self, known_at: Position) -> Option<&Fact<u32>> {
        self.registrations
            .iter()
            .rev()
            .find(|fact| fact.is_known(known_at))
    }

    /// Returns the entries that register the party, as known at a position; more than one is
    /// refused.
    #[must_use]
    pub fn known_registrations(&self, known_at: Position) -> Vec<Position> {
        self.registrations
            .iter()
            .filter(|fact| fact.is_known(known_at))
            .map(|fact| fact.position)
            .collect()
    }

    /// Lays out the timelines of the names, by kind and language.
    pub fn name_lines(
        &self,
        book: &Book,
        known_at: Position,
    ) -> impl Iterator<Item = ((NameKind, Word), NameLine)> {
        let mut slots: BTreeMap<(NameKind, &Word), Vec<Fact<Box<str>>>> = BTreeMap::new();
        for fact in self.names.iter().filter(|fact| !fact.value.further) {
            let Some(language) = book.word(fact.value.language) else {
                continue;
            };
            let slot = (fact.value.kind, language);
            let Fact {
                at,
                order,
                annulled,
                position,
                until,
                ..
            } = *fact;
            let value = fact.value.text.clone();
            slots.entry(slot).or_default().push(Fact {
                at,
                order,
                annulled,
                value,
                position,
                until,
            });
        }
        let lines: Vec<_> = slots
            .into_iter()
            .map(|((kind, language), facts)| {
                let slot = (kind, language.clone());
                (slot, book.lay(&facts, known_at))
            })
            .collect();
        lines.into_iter()
    }

    /// Returns the facts about the class, known or corrected, by earliest day and order.
    #[must_use]
    pub fn class_facts(&self) -> &[Fact<ClassValue>] {
        &self.class
    }

    /// Returns the facts about applications, known or corrected.
    #[must_use]
    pub fn application_facts(&self) -> &[Fact<ApplicationValue>] {
        &self.applications
    }

    /// Returns the facts about money and the rights that hang on it, known or corrected, in order
    /// of position.
    #[must_use]
    pub fn dues_facts(&self) -> &[Fact<Arc<Event>>] {
        &self.dues
    }

    /// Lays out the timeline of what is said of one slot of the party's money, without the entries
    /// that `without` names.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn dues_line(
        &self,
        book: &Book,
        known_at: Position,
        slot: &DuesSlot,
        without: Without<'_>,
    ) -> Result<Timeline<Arc<Event>>, Vec<Flaw>> {
        let of = |fact: &&Fact<Arc<Event>>| dues_slot(&fact.value).is_some_and(|of| of == *slot);
        let facts: Vec<_> = self.dues.iter().filter(of).cloned().collect();
        book.lay_without(&facts, known_at, without)
    }

    /// Returns the facts about names, known or corrected.
    #[must_use]
    pub fn name_facts(&self) -> &[Fact<PartyName>] {
        &self.names
    }

    /// Returns the positions of all entries that name the party, ascending.
    #[must_use]
    pub fn mentions(&self) -> &[Position] {
        &self.mentions
    }

    /// Lays out the timeline of the class as known at a position.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn class_line(
        &self,
        book: &Book,
        known_at: Position,
    ) -> Result<Timeline<ClassValue>, Vec<Flaw>> {
        book.lay(&self.class, known_at)
    }

    /// Lays out the timeline of applications as known at a position, admissions apart.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn application_line(
        &self,
        book: &Book,
        known_at: Position,
    ) -> Result<Timeline<ApplicationValue>, Vec<Flaw>> {
        book.lay(&self.applications, known_at)
    }
}

/// Says that a record alone does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intricate;

/// Makes room for one more and little besides: there are many records, and each is short.
fn reserve<T>(facts: &mut Vec<T>) {
    if facts.len() == facts.capacity() {
        facts.reserve_exact(1 + facts.len() / 4);
    }
}

fn push<T>(facts: &mut Vec<T>, fact: T) {
    reserve(facts);
    facts.push(fact);
}

fn earliest(at: At) -> Day {
    match at {
        At::Window(window) => window.earliest,
        At::Anchor(..) => Day::MIN,
    }
}

fn mark_annulled<V>(facts: &mut [Fact<V>], position: Position) {
    for fact in said_at(facts, position) {
        fact.annulled = true;
    }
}
