//! The book: everything the ledger knows that is not about one party. Law, sessions, offices, committees, vocabulary.

use crate::event::{Event, Position};
use crate::fact::{At, Fact, SessionIx, supersede};
use crate::id::{ArticleId, ArticleRef, BodyId, ClassId, InstrumentId, PartyId, SessionId, Word};
use crate::party::{ClassIx, WordIx};
pub use crate::slot::{DuesSlot, Ref, Slot};
use crate::slots::Slots;
use crate::timeline::{Change, Flaw, Switch, Timeline};
use crate::when::{Edge, When, Window};
use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An annulment of an act (rule 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annulment {
    /// From when; none is from the start.
    pub from: Option<At>,
    /// Its order of the day.
    pub order: u16,
    /// Its entry.
    pub position: Position,
    /// The entry that corrects it.
    pub until: Position,
}

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

/// A fact of the book says an event.
pub type Said = Fact<Arc<Event>>;

type Interned<T> = IndexSet<T, FxBuildHasher>;

/// Everything the ledger knows that is not about one party.
#[derive(Debug, Clone, Default)]
pub struct Book {
    slots: Slots,
    pub(crate) mentions: FxHashMap<Ref, Vec<Position>>,
    pub(crate) superseded: BTreeMap<Position, Position>,
    pub(crate) annulments: BTreeMap<Position, Vec<Annulment>>,
    /// Acts done after the day they take effect, with when they were done (rule 23).
    pub(crate) late_acts: BTreeMap<Position, At>,
    /// Positions at which the law may have changed, ascending.
    pub(crate) law_changes: Vec<Position>,
    /// Sessions that the commencement of an article hangs on.
    pub(crate) law_anchors: BTreeSet<SessionId>,
    sessions: Interned<SessionId>,
    classes: Interned<ClassId>,
    attributes: Interned<Attributes>,
    parties: Interned<PartyId>,
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

    /// Returns the positions of all entries that refer to something, ascending, corrected ones included.
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

    /// Returns the annulments of an entry, known or corrected.
    #[must_use]
    pub fn annulments(&self, position: Position) -> &[Annulment] {
        self.annulments.get(&position).map_or(&[], Vec::as_slice)
    }

    /// Returns when the act of an entry was done, where that is after the day it takes effect.
    #[must_use]
    pub fn acted(&self, position: Position) -> Option<At> {
        self.late_acts.get(&position).copied()
    }

    /// Returns the last position at or before which the law may have changed.
    #[must_use]
    pub fn law_epoch(&self, known_at: Position) -> Position {
        let count = self
            .law_changes
            .partition_point(|position| *position <= known_at);
        count
            .checked_sub(1)
            .map_or(0, |last| self.law_changes[last])
    }

    pub(crate) fn is_void(&self, position: Position, annulled: bool, known_at: Position) -> bool {
        annulled
            && self
                .annulments(position)
                .iter()
                .any(|a| a.from.is_none() && self.stands(a, known_at))
    }

    /// Returns whether an annulment is known and not annulled itself. It was recorded after what it annuls, so this ends.
    fn stands(&self, annulment: &Annulment, known_at: Position) -> bool {
        annulment.position <= known_at
            && known_at < annulment.until
            && !self.is_void(annulment.position, true, known_at)
    }

    /// Lays out the timeline of facts as known at a position, without the entries that `without` names.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn lay<V: Clone>(
        &self,
        facts: &[Fact<V>],
        known_at: Position,
        without: impl Fn(Position) -> bool,
    ) -> Result<Timeline<V>, Vec<Flaw>> {
        Timeline::lay(self.switches(facts, known_at, without))
    }

    /// Returns the switches that facts come down to as known at a position, without the entries that `without` names: all that
    /// laying out their timeline takes.
    pub(crate) fn switches<V: Clone>(
        &self,
        facts: &[Fact<V>],
        known_at: Position,
        without: impl Fn(Position) -> bool,
    ) -> Vec<Switch<V>> {
        let mut switches = Vec::with_capacity(facts.len());
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
            if self.is_void(fact.position, fact.annulled, known_at) {
                continue;
            }
            let Some(window) = placed(fact.at) else {
                continue;
            };
            let (order, position) = (fact.order, fact.position);
            switches.push(Switch {
                window,
                order,
                position,
                change: Change::Set(fact.value.clone()),
            });
            if fact.annulled {
                switches.extend(self.annulments(position).iter().filter_map(|a| {
                    let known = self.stands(a, known_at) && !without(a.position);
                    let window = placed(a.from?).filter(|_| known)?;
                    Some(Switch {
                        window,
                        order: a.order,
                        position: a.position,
                        change: Change::Undo(position),
                    })
                }));
            }
        }
        switches
    }

    /// Lays out the timeline of a slot as known at a position.
    ///
    /// # Errors
    /// The facts make no timeline; what is recorded always does.
    pub fn line(&self, slot: &Slot, known_at: Position) -> Result<Timeline<Arc<Event>>, Vec<Flaw>> {
        self.lay(self.facts(slot), known_at, |_| false)
    }

    /// Returns the window in which something takes effect; none if the session it hangs on is not known or called off.
    #[must_use]
    pub fn window(&self, at: At, known_at: Position) -> Option<Window> {
        match at {
            At::Window(window) => Some(window),
            At::Anchor(session, edge) => {
                let days =
                    self.session_days(self.sessions.get_index(session.0 as usize)?, known_at)?;
                Some(if edge == Edge::Opening {
                    days.0
                } else {
                    days.1
                })
            }
        }
    }

    /// Returns the windows of a session's opening and of its last day, as last put; none if it is not known at that
    /// position, or called off.
    #[must_use]
    pub fn session_days(
        &self,
        session: &SessionId,
        known_at: Position,
    ) -> Option<(Window, Window)> {
        let slot = Slot::Session(session.clone());
        let last = self.known(&slot, known_at).max_by_key(|fact| {
            let rank = match *fact.value {
                Event::SessionConvened { .. } => 0,
                Event::SessionPostponed { .. } => 1,
                _ => 2,
            };
            (rank, fact.order, fact.position)
        })?;
        let (Event::SessionConvened { closing, .. } | Event::SessionPostponed { closing, .. }) =
            &*last.value
        else {
            return None;
        };
        let At::Window(opening) = last.at else {
            return None;
        };
        match closing {
            // It does not close before it opens: each window narrows the other.
            Some(When::Window(closing)) => {
                let first = closing.earliest.max(opening.earliest);
                let last = opening.latest.min(closing.latest);
                let opening = Window {
                    latest: last,
                    ..opening
                };
                Some((
                    opening,
                    Window {
                        earliest: first,
                        ..*closing
                    },
                ))
            }
            _ => Some((opening, opening)),
        }
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

    /// Returns the class with a number.
    #[must_use]
    pub fn class(&self, class: ClassIx) -> Option<&ClassId> {
        self.classes.get_index(usize::from(class.0))
    }

    /// Returns the number of a class, if any entry ever named it.
    #[must_use]
    pub fn class_ix(&self, class: &ClassId) -> Option<ClassIx> {
        self.classes
            .get_index_of(class)
            .and_then(|ix| u16::try_from(ix).ok())
            .map(ClassIx)
    }

    /// Returns the attributes with a number.
    #[must_use]
    pub fn attributes(&self, ix: u32) -> Option<&Attributes> {
        self.attributes.get_index(ix as usize)
    }

    /// Returns the party with a number.
    #[must_use]
    pub fn party(&self, ix: u32) -> Option<&PartyId> {
        self.parties.get_index(ix as usize)
    }

    /// Returns the word with a number.
    #[must_use]
    pub fn word(&self, word: WordIx) -> Option<&Word> {
        self.words.get_index(word.0 as usize)
    }

    /// Returns the rules version in force at a position; 1 until another is adopted.
    #[must_use]
    pub fn rules_version(&self, known_at: Position) -> u32 {
        self.known(&Slot::Rules, known_at)
            .last()
            .and_then(|fact| match &*fact.value {
                Event::RulesAdopted { rules_version } => Some(*rules_version),
                _ => None,
            })
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

    pub(crate) fn intern_session(&mut self, session: &SessionId) -> SessionIx {
        SessionIx(intern(&mut self.sessions, session))
    }

    pub(crate) fn intern_class(&mut self, class: &ClassId) -> ClassIx {
        ClassIx(u16::try_from(intern(&mut self.classes, class)).unwrap_or(u16::MAX))
    }

    pub(crate) fn intern_attributes(&mut self, attributes: &Attributes) -> u32 {
        intern(&mut self.attributes, attributes)
    }

    pub(crate) fn intern_party(&mut self, party: &PartyId) -> u32 {
        intern(&mut self.parties, party)
    }

    pub(crate) fn intern_word(&mut self, word: &Word) -> WordIx {
        WordIx(intern(&mut self.words, word))
    }

    pub(crate) fn say(&mut self, slot: Slot, fact: Said) {
        self.slots.say(slot, fact);
    }

    pub(crate) fn supersede(&mut self, slot: &Slot, target: Position, by: Position) {
        supersede(self.slots.get_mut(slot), target, by);
    }

    pub(crate) fn mark_annulled(&mut self, slot: &Slot, target: Position) {
        let facts = self.slots.get_mut(slot).iter_mut();
        for fact in facts.filter(|fact| fact.position == target) {
            fact.annulled = true;
        }
    }

    /// Forgets all that was learned after a position.
    pub fn forget_after(&mut self, above: Position) {
        let slots = self
            .slots
            .from(&Slot::Association)
            .map(|(slot, _)| slot.clone());
        let slots: BTreeSet<Slot> = slots.collect();
        let late = |positions: &Vec<Position>| positions.last().is_some_and(|last| *last > above);
        let mentions = self
            .mentions
            .iter()
            .filter(|(_, positions)| late(positions));
        let mut refs: BTreeSet<Ref> = mentions.map(|(what, _)| what.clone()).collect();
        let corrected = self.superseded.keys();
        refs.extend(corrected.map(|position| Ref::Entry(*position)));
        self.retract(above, &slots, &refs);
    }

    /// Forgets what was learned after a position, in these slots and about these references.
    pub fn retract(&mut self, above: Position, slots: &BTreeSet<Slot>, refs: &BTreeSet<Ref>) {
        for slot in slots {
            self.slots.retract(slot, above);
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
        self.late_acts.split_off(&(above + 1));
        let changes = &mut self.law_changes;
        changes.truncate(changes.partition_point(|position| *position <= above));
        self.annulments.retain(|_, annulments| {
            annulments.retain(|a| a.position <= above);
            for a in annulments.iter_mut().filter(|a| a.until > above) {
                a.until = Position::MAX;
            }
            !annulments.is_empty()
        });
    }
}

fn intern<T: Clone + Eq + std::hash::Hash>(set: &mut Interned<T>, value: &T) -> u32 {
    let ix = match set.get_index_of(value) {
        Some(ix) => ix,
        None => set.insert_full(value.clone()).0,
    };
    u32::try_from(ix).unwrap_or(u32::MAX)
}
