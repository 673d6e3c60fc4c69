//! The book: everything the ledger knows that is not about one party. Law, sessions, offices,
//! committees, vocabulary.

mod acting;
mod assessed;
pub(crate) mod decided;
pub mod history;
mod persons;
mod stirring;

use crate::entry::event::Event;
use crate::entry::event::ask::SessionMove;
use crate::entry::slot::{Ref, Slot};
use crate::id::position::Position;
use crate::id::{ArticleId, ArticleRef, BodyId, ClassId, InstrumentId, PartyId, SessionId, Word};
use crate::record::acts::Acts;
use crate::record::annulments::lawmaking::LawActs;
use crate::record::annulments::{Annulments, UndoneOnce};
use crate::record::assessed::Assessed;
use crate::record::book::decided::Decided;
use crate::record::book::history::History;
use crate::record::fact::{At, Fact, Said, said_at, supersede};
use crate::record::interned::Interned;
use crate::record::number::{ClassIx, SessionIx, WordIx};
use crate::record::slots::{Sizes, Slots};
use crate::record::without::{NOTHING, Without};
use crate::time::day::Day;
use crate::time::timeline::{Change, Flaw, Switch, Timeline};
use crate::time::when::{Sitting, When, Window};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a party is, interned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// Its kind.
    pub kind: Word,
    /// Its country.
    pub country: Option<Word>,
    /// Its region.
    pub region: Option<Word>,
}

/// How many values have numbers in the book.
pub(crate) struct Numbered {
    /// Attributes of parties.
    pub attributes: usize,
    /// Languages of names.
    pub languages: usize,
    /// Parties that others succeed.
    pub predecessors: usize,
}

/// Everything the ledger knows that is not about one party.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    slots: Slots,
    pub(crate) mentions: FxHashMap<Ref, Vec<Position>>,
    pub(crate) superseded: BTreeMap<Position, Position>,
    pub(crate) annulments: Annulments,
    pub(crate) law_acts: LawActs,
    /// How long the chains of corrections and annulments are that end at an entry.
    chains: BTreeMap<Position, u32>,
    /// When acts were done (rule 23).
    pub(crate) acts: Acts,
    /// The classes that successions say result of them (rule 12).
    pub(crate) resulting: BTreeMap<Position, ClassIx>,
    /// The natural persons that registrations link their parties with.
    pub(crate) linked: BTreeMap<Position, crate::id::PersonId>,
    /// Positions at which the law may have changed, ascending.
    pub(crate) law_changes: Vec<Position>,
    /// Where the history was resumed (rule 37).
    pub history: History,
    /// Sessions that the commencement of an article hangs on.
    pub(crate) law_anchors: Interned<SessionId>,
    /// The decisions of each session.
    pub(crate) decided: Decided,
    /// For which years dues are assessed.
    pub(crate) assessed: Assessed,
    sessions: Interned<SessionId>,
    classes: Interned<ClassId>,
    attributes: Interned<Attributes>,
    pub(super) parties: Interned<PartyId>,
    words: Interned<Word>,
}

impl Book {
    /// Returns the facts of a slot, known or corrected, in order of position.
    #[must_use]
    pub fn facts(&self, slot: &Slot) -> &[Said] {
        self.slots.get(slot)
    }

    /// Returns the slots from one on, in order.
    pub fn slots_from<'a>(
        &'a self,
        first: &Slot,
    ) -> impl Iterator<Item = (&'a Slot, &'a [Said])> + use<'a> {
        self.slots.from(first)
    }

    /// Returns the facts of a slot that are known at a position and not annulled from the start.
    pub fn known<'a>(
        &'a self,
        slot: &Slot,
        known_at: Position,
    ) -> impl Iterator<Item = &'a Said> + use<'a> {
        self.slots.get(slot).iter().filter(move |fact| {
            fact.is_known(known_at) && !self.is_void(fact.position, fact.annulled, known_at)
        })
    }

    /// Returns the positions of all entries that refer to something, ascending, corrected ones
    /// included.
    #[must_use]
    pub fn mentions(&self, what: &Ref) -> &[Position] {
        self.mentions.get(what).map_or(&[], Vec::as_slice)
    }

    /// Returns the entry that corrects the one at a position, as known at another.
    #[must_use]
    pub fn corrected_by(&self, position: Position, known_at: Position) -> Option<Position> {
        self.superseded
            .get(&position)
            .copied()
            .filter(|by| *by <= known_at)
    }

    /// Returns the last position at or before which the law may have changed.
    #[must_use]
    pub fn law_epoch(&self, known_at: Position) -> Position {
        let count = self
            .law_changes
            .partition_point(|position| *position <= known_at);
        count
            .checked_sub(1)
            .map_or(Position::ZERO, |last| self.law_changes[last])
    }

    /// Lays out the timeline of facts as known at a position.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn lay<V: Clone>(
        &self,
        facts: &[Fact<V>],
        known_at: Position,
    ) -> Result<Timeline<V>, Vec<Flaw>> {
        self.lay_without(facts, known_at, NOTHING)
    }

    /// Lays out the same without the entries that `without` names.
    ///
    /// # Errors
    /// The facts make no timeline.
    pub fn lay_without<V: Clone>(
        &self,
        facts: &[Fact<V>],
        known_at: Position,
        without: Without<'_>,
    ) -> Result<Timeline<V>, Vec<Flaw>> {
        Timeline::lay(self.switches(facts, known_at, without))
    }

    /// Returns the switches that facts come down to as known at a position, without the entries
    /// that `without` names: all that laying out their timeline takes.
    pub(crate) fn switches<V: Clone>(
        &self,
        facts: &[Fact<V>],
        known_at: Position,
        without: Without<'_>,
    ) -> Vec<Switch<V>> {
        let mut switches = Vec::with_capacity(facts.len());
        let mut undone = UndoneOnce::default();
        // Many facts may hang on one session, and a session may have been put off often.
        let mut anchors: FxHashMap<At, Option<Window>> = FxHashMap::default();
        let mut placed = |at: At| match at {
            At::Window(window) => Some(window),
            anchor @ At::Anchor(..) => *anchors
                .entry(anchor)
                .or_insert_with(|| self.window(anchor, known_at)),
        };
        for fact in facts
            .iter()
            .filter(|fact| fact.is_known(known_at) && !without(fact.position))
        {
            if self.is_void_without(fact.position, fact.annulled, known_at, without) {
                continue;
            }
            let Some(window) = placed(fact.at) else {
                continue;
            };
            let (order, position) = (u32::from(fact.order), fact.position);
            switches.push(Switch {
                window,
                order,
                position,
                change: Change::Set(fact.value.clone()),
            });
            let acts = self.law_acts.acts_of(position);
            if !fact.annulled && acts.is_empty() {
                continue;
            }
            for undoing in self.undoing(position, known_at, without) {
                let window = match undoing.annulment.from {
                    None => Some(Window::day(Day::MIN)),
                    Some(at) => placed(at),
                };
                if let Some(window) = window {
                    undone.add(&undoing, window, &mut switches);
                }
            }
        }
        switches
    }

    /// Lays out the timeline of a slot as known at a position.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn line(&self, slot: &Slot, known_at: Position) -> Result<Timeline<Arc<Event>>, Vec<Flaw>> {
        self.lay(self.facts(slot), known_at)
    }

    /// Returns the window in which something takes effect; none if the session it hangs on is not
    /// known or called off.
    #[must_use]
    pub fn window(&self, at: At, known_at: Position) -> Option<Window> {
        match at {
            At::Window(window) => Some(window),
            At::Anchor(session, edge) => {
                let session = self.sessions.get(session.0)?;
                Some(self.session_days(session, known_at)?.edge(edge))
            }
        }
    }

    /// Returns the same of something by the words of an entry.
    #[must_use]
    pub fn window_of(&self, when: &When, known_at: Position) -> Option<Window> {
        match when {
            When::Window(window) => Some(*window),
            When::Anchor { session, edge } => {
                Some(self.session_days(session, known_at)?.edge(*edge))
            }
        }
    }

    /// Returns the windows of a session's opening and of its last day, as last put; none if it is
    /// not known at that position, or called off. A session that was annulled was held.
    #[must_use]
    pub fn session_days(&self, session: &SessionId, known_at: Position) -> Option<Sitting> {
        let slot = Slot::Session(session.clone());
        let moves = self.recorded(&slot, known_at).filter(|fact| {
            fact.value.convening().is_some()
                || !self.is_void(fact.position, fact.annulled, known_at)
        });
        let last = moves.max_by_key(|fact| {
            let rank = match fact.value.session_move() {
                Some(SessionMove::Convened(_)) => 0,
                Some(SessionMove::Postponed(_)) => 1,
                Some(SessionMove::Cancelled) | None => 2,
            };
            (rank, fact.order, fact.position)
        })?;
        let closing = last.value.session_move()?.days()?.closing;
        let At::Window(opening) = last.at else {
            return None;
        };
        match closing {
            // It does not close before it opens: each window narrows the other.
            Some(When::Window(closing)) => {
                let first = closing.earliest.max(opening.earliest);
                let last = opening.latest.min(closing.latest);
                Some(Sitting {
                    opening: Window {
                        latest: last,
                        ..opening
                    },
                    closing: Window {
                        earliest: first,
                        ..*closing
                    },
                })
            }
            _ => Some(Sitting {
                opening,
                closing: opening,
            }),
        }
    }

    /// Returns the number of a session, if any entry ever named it.
    pub(crate) fn session_ix(&self, session: &SessionId) -> Option<SessionIx> {
        self.sessions.find(session).map(SessionIx)
    }

    /// Returns the sessions of a series, or of all, in order.
    pub fn sessions(&self, series: Option<&BodyId>) -> impl Iterator<Item = &SessionId> {
        let mut sessions: Vec<&SessionId> = self
            .sessions
            .iter()
            .filter(|session| series.is_none_or(|series| session.series == *series))
            .collect();
        sessions.sort();
        sessions.into_iter()
    }

    /// Returns the sessions of a series that were ever convened, in order.
    pub(crate) fn convened<'a>(
        &'a self,
        series: &'a BodyId,
    ) -> impl Iterator<Item = &'a SessionId> + use<'a> {
        let first = SessionId {
            series: series.clone(),
            ordinal: 0,
        };
        let slots = self.slots.from(&Slot::Session(first));
        slots.map_while(move |(slot, _)| match slot {
            Slot::Session(session) if session.series == *series => Some(session),
            _ => None,
        })
    }

    /// Returns the class with a number.
    #[must_use]
    pub fn class(&self, class: ClassIx) -> Option<&ClassId> {
        self.classes.get(class.0)
    }

    /// Returns the classes that entries up to a position name, in order of their numbers.
    pub fn classes(&self, known_at: Position) -> impl Iterator<Item = &ClassId> {
        self.classes.known(known_at)
    }

    /// Returns the number of a class, if any entry ever named it.
    #[must_use]
    pub fn class_ix(&self, class: &ClassId) -> Option<ClassIx> {
        self.classes.find(class).map(ClassIx)
    }

    /// Returns the attributes with a number.
    #[must_use]
    pub fn attributes(&self, ix: u32) -> Option<&Attributes> {
        self.attributes.get(ix)
    }

    /// Returns the word with a number.
    #[must_use]
    pub fn word(&self, word: WordIx) -> Option<&Word> {
        self.words.get(word.0)
    }

    /// Returns how much there is of what limits are set for.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        self.slots.sizes()
    }

    /// Returns how many values have numbers.
    pub(crate) fn numbered(&self) -> Numbered {
        Numbered {
            attributes: self.attributes.len(),
            languages: self.words.len(),
            predecessors: self.parties.len(),
        }
    }

    /// Returns how many corrections and annulments an entry has before it in its chain, itself
    /// included.
    pub(crate) fn chain(&self, position: Position) -> u32 {
        self.chains.get(&position).copied().unwrap_or(0)
    }

    /// Notes that an entry corrects or annuls another.
    pub(crate) fn link(&mut self, position: Position, target: Position) {
        let chain = self.chain(target).saturating_add(1);
        let longest = self.chains.entry(position).or_default();
        *longest = chain.max(*longest);
    }

    /// Returns the rules version in force at a position; 1 until another is adopted.
    #[must_use]
    pub fn rules_version(&self, known_at: Position) -> u32 {
        self.known(&Slot::Rules, known_at)
            .last()
            .and_then(|fact| fact.value.adopted_rules())
            .unwrap_or(1)
    }

    /// Returns every article of an instrument that was ever enacted, in order.
    pub fn articles<'a>(
        &'a self,
        instrument: &'a InstrumentId,
    ) -> impl Iterator<Item = &'a ArticleRef> + use<'a> {
        let first = ArticleRef {
            instrument: instrument.clone(),
            article: ArticleId::least(),
        };
        self.slots
            .from(&Slot::Article(first))
            .map_while(move |(slot, _)| match slot {
                Slot::Article(article) if article.instrument == *instrument => Some(article),
                _ => None,
            })
    }

    pub(crate) fn intern_session(&mut self, session: &SessionId, position: Position) -> SessionIx {
        SessionIx(self.sessions.number(session, position))
    }

    pub(crate) fn intern_class(&mut self, class: &ClassId, position: Position) -> ClassIx {
        ClassIx(self.classes.number(class, position))
    }

    pub(crate) fn intern_attributes(&mut self, attributes: &Attributes, position: Position) -> u32 {
        self.attributes.number(attributes, position)
    }

    pub(crate) fn intern_party(&mut self, party: &PartyId, position: Position) -> u32 {
        self.parties.number(party, position)
    }

    pub(crate) fn intern_word(&mut self, word: &Word, position: Position) -> WordIx {
        WordIx(self.words.number(word, position))
    }

    pub(crate) fn say(&mut self, slot: Slot, fact: Said) {
        self.slots.say(slot, fact);
    }

    pub(crate) fn supersede(&mut self, slot: &Slot, target: Position, by: Position) {
        supersede(self.slots.get_mut(slot), target, by);
    }

    pub(crate) fn mark_annulled(&mut self, slot: &Slot, target: Position) {
        for fact in said_at(self.slots.get_mut(slot), target) {
            fact.annulled = true;
        }
    }

    /// Forgets all that was learned after a position, as [`Book::retract`] does, whatever it was
    /// about.
    pub fn forget_after(&mut self, above: Position) {
        self.forget_numbers(above);
        let is_annulled = |position| !self.annulments.of(position).is_empty();
        self.slots.forget_after(above, &is_annulled);
        self.mentions.retain(|_, positions| {
            positions.truncate(positions.partition_point(|position| *position <= above));
            !positions.is_empty()
        });
        self.superseded.retain(|_, by| *by <= above);
    }

    /// Forgets what was learned after a position, in these slots and about these references;
    /// nothing of it is left.
    pub fn retract(&mut self, above: Position, slots: &BTreeSet<Slot>, refs: &BTreeSet<Ref>) {
        self.forget_numbers(above);
        let is_annulled = |position| !self.annulments.of(position).is_empty();
        for slot in slots {
            self.slots.retract(slot, above, &is_annulled);
        }
        for what in refs {
            if let Some(positions) = self.mentions.get_mut(what) {
                positions.truncate(positions.partition_point(|position| *position <= above));
                if positions.is_empty() {
                    self.mentions.remove(what);
                }
            }
            if let Ref::Entry(target) = what
                && self.superseded.get(target).is_some_and(|by| *by > above)
            {
                self.superseded.remove(target);
            }
        }
    }

    /// Forgets what is kept by position, or by the number it was given.
    fn forget_numbers(&mut self, above: Position) {
        self.annulments.retract(above);
        self.law_acts.retract(above);
        self.chains.split_off(&above.next());
        self.resulting.split_off(&above.next());
        self.linked.split_off(&above.next());
        self.acts.retract(above);
        let changes = &mut self.law_changes;
        changes.truncate(changes.partition_point(|position| *position <= above));
        self.history.retract(above);
        self.law_anchors.retract(above);
        self.decided.retract(above);
        self.assessed.retract(above);
        self.sessions.retract(above);
        self.classes.retract(above);
        self.attributes.retract(above);
        self.parties.retract(above);
        self.words.retract(above);
    }
}
