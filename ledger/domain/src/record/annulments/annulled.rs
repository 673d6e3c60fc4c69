//! What is annulled, as the book knows it: an act by its own annulments, an article by those of the
//! act that it came with (rule 3).

use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{DecisionId, SessionId};
use crate::record::annulments::{Annulment, Undoing};
use crate::record::book::Book;
use crate::record::fact::{At, Said};
use crate::record::without::{NOTHING, Without};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::Window;

impl Book {
    /// Returns the facts of a slot that are known at a position, annulled or not.
    pub fn recorded<'a>(
        &'a self,
        slot: &Slot,
        known_at: Position,
    ) -> impl Iterator<Item = &'a Said> + use<'a> {
        let facts = self.facts(slot).iter();
        facts.filter(move |fact| fact.is_known(known_at))
    }

    /// Returns the annulments of an entry, known or corrected.
    #[must_use]
    pub fn annulments(&self, position: Position) -> &[Annulment] {
        self.annulments.of(position)
    }

    /// Returns the last annulment of an entry, or of an act that it came with, that is known and
    /// not void.
    #[must_use]
    pub fn annulled_by(&self, position: Position, known_at: Position) -> Option<&Annulment> {
        let each = self.with_acts(position, known_at);
        let annulments = each.flat_map(|entry| self.annulments.of(entry));
        annulments
            .filter(|annulment| {
                annulment.is_known(known_at)
                    && !self.annulments.is_void(annulment.position, known_at)
            })
            .max_by_key(|annulment| annulment.position)
    }

    /// Returns whether an entry is annulled, day by day, as known at a position.
    #[must_use]
    pub fn annulled(&self, position: Position, known_at: Position) -> Steps<Truth> {
        self.annulled_without(position, known_at, NOTHING)
    }

    /// Returns the same without the entries that `without` names.
    pub(crate) fn annulled_without(
        &self,
        position: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> Steps<Truth> {
        self.annulled_since(
            position,
            known_at,
            without,
            &|annulment| match annulment.from {
                None => Steps::since(None),
                Some(at) => {
                    let window = self.window(at, known_at);
                    window.map_or_else(Steps::default, |window| Steps::since(Some(window)))
                }
            },
        )
    }

    /// Returns the same as it was in fact: what is annulled from the start was taken to have effect
    /// until the day on which it was annulled. Where that day is not known, it may be over on any.
    #[must_use]
    pub fn annulled_in_fact(&self, position: Position, known_at: Position) -> Steps<Truth> {
        self.annulled_since(position, known_at, NOTHING, &|annulment| match self
            .annulment_day(annulment, known_at)
        {
            Some(day) => Steps::since(Some(day)),
            None if annulment.from.is_some() => Steps::default(),
            None => Steps::from_iter([(Day::MIN, Truth::Unknown)]),
        })
    }

    fn annulled_since(
        &self,
        position: Position,
        known_at: Position,
        without: Without<'_>,
        since: &dyn Fn(&Annulment) -> Steps<Truth>,
    ) -> Steps<Truth> {
        let each = self.with_acts(position, known_at);
        let annulled = |entry| self.annulments.annulled(entry, known_at, without, since);
        let all = each.map(annulled);
        Steps::any(&all.collect::<Vec<_>>())
    }

    /// Returns how a session was convened, as known at a position, annulled or not.
    #[must_use]
    pub fn convening(&self, session: &SessionId, known_at: Position) -> Option<&Said> {
        let slot = Slot::Session(session.clone());
        let mut moves = self.recorded(&slot, known_at);
        moves.find(|fact| fact.value.convening().is_some())
    }

    /// Returns a decision, as known at a position, annulled or not.
    #[must_use]
    pub fn decision(&self, decision: &DecisionId, known_at: Position) -> Option<&Said> {
        self.recorded(&Slot::Decision(decision.clone()), known_at)
            .last()
    }

    /// Returns whether a decision is annulled, itself or with its session, day by day.
    pub(crate) fn decision_annulled(&self, taken: &Said, known_at: Position) -> Steps<Truth> {
        let session = taken.value.decision().map(|taken| &taken.session);
        let convened = session.and_then(|session| self.convening(session, known_at));
        let both = convened.into_iter().chain([taken]);
        let annulled = both.map(|fact| self.annulled(fact.position, known_at));
        Steps::any(&annulled.collect::<Vec<_>>())
    }

    /// Returns the day of an annulment: from which it annuls, else on which it was done; none where
    /// that will not come.
    #[must_use]
    pub fn annulment_day(&self, annulment: &Annulment, known_at: Position) -> Option<Window> {
        match annulment.from {
            Some(at) => self.window(at, known_at),
            None => Some(self.act(annulment.position, known_at)?.window),
        }
    }

    /// Returns when a decision was taken: on its own day, else when its session opened.
    #[must_use]
    pub fn decided(&self, decision: &DecisionId, known_at: Position) -> Option<Window> {
        let fact = self.decision(decision, known_at)?;
        let taken = fact.value.decision()?;
        if fact.at == At::Window(Window::day(Day::MIN)) {
            return Some(self.session_days(&taken.session, known_at)?.opening);
        }
        self.window(fact.at, known_at)
    }

    /// Returns an entry and, if it is about an article, the acts that it came with, as far as they
    /// are known.
    pub(crate) fn with_acts(
        &self,
        position: Position,
        known_at: Position,
    ) -> impl Iterator<Item = Position> + use<'_> {
        let acts = self.law_acts.acts_of(position).iter().copied();
        let known =
            acts.filter(move |act| *act <= known_at && self.corrected_by(*act, known_at).is_none());
        std::iter::once(position).chain(known)
    }

    /// Returns whether an entry is annulled from the start and for good; `annulled` says whether
    /// any annulment of it is recorded.
    pub(crate) fn is_void(&self, position: Position, annulled: bool, known_at: Position) -> bool {
        self.is_void_without(position, annulled, known_at, NOTHING)
    }

    /// Returns the same without the entries that `without` names.
    pub(crate) fn is_void_without(
        &self,
        position: Position,
        annulled: bool,
        known_at: Position,
        without: Without<'_>,
    ) -> bool {
        let void = |entry| self.annulments.is_void_without(entry, known_at, without);
        (annulled && void(position)) || self.with_acts(position, known_at).skip(1).any(void)
    }

    /// Returns what takes back a fact, by its entry, and what takes that back in turn; nothing that
    /// is void.
    pub(crate) fn undoing(
        &self,
        position: Position,
        known_at: Position,
        without: Without<'_>,
    ) -> Vec<Undoing<'_>> {
        let entries = self.with_acts(position, known_at);
        let undoing = entries.flat_map(|entry| {
            let standing = self
                .annulments
                .standing(entry, known_at, without)
                .into_iter();
            standing.map(move |(of, annulment)| Undoing {
                annulment,
                // What annuls an act annuls the article that came with it.
                of: if of == entry { position } else { of },
            })
        });
        undoing.collect()
    }
}
