//! Sessions: their days, their roll, the law that governs them (rules 20, 22, 23).
//!
//! Stratum (rule 27): rights; reads recorded acts, law, losses and endings.

use crate::answers::electorate::Electorate;
use crate::answers::roll::Standing;
use crate::answers::view::{Parties, View};
use crate::entry::event::{Decision, TermKind};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{BodyId, DecisionId, PartyId, SessionId};
use crate::law::LawView;
use crate::law::in_force::InForce;
use crate::record::acts::DayOf;
use crate::record::book::Book;
use crate::record::fact::At;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::{Sitting, Window};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// The session.
    pub session: SessionId,
    /// Its opening, as last put.
    pub opening: Window,
    /// Its last day, as last put.
    pub closing: Window,
    /// Where it met.
    pub venue: String,
    /// Who hosted it.
    pub host: Option<PartyId>,
    /// Whether it met without a place.
    pub online: bool,
    /// Whether it was called off.
    pub cancelled: bool,
    /// The entry that convened it.
    pub position: Position,
    /// The entry that annulled it, for as long as that may stand; it was held all the same.
    pub annulled_by: Option<Position>,
}

/// A decision of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionFacts {
    /// What was decided.
    pub decision: Decision,
    /// When.
    pub window: Window,
    /// Its entry.
    pub position: Position,
    /// The roll it was taken by: its place among those of the session.
    pub roll: usize,
    /// The entry that annulled it, from the start or from a day; it was taken all the same.
    pub annulled_by: Option<Position>,
}

/// A day on which a roll is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollDay {
    /// Its days.
    pub window: Window,
    /// Whose day that is.
    pub day: DayOf,
}

/// What a session's rolls are taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether one thing is recorded, and all combinations occur"
)]
pub struct SessionFrame {
    /// The session.
    pub facts: SessionFacts,
    /// Its decisions, by day, order and position.
    pub decisions: Vec<DecisionFacts>,
    /// The days of its rolls, one for every day on which it decided; its opening where it decided
    /// nothing. Never empty.
    pub rolls: Vec<RollDay>,
    /// The day whose law governs it: its opening.
    pub law_day: Day,
    /// The parties recorded as present in person.
    pub present: BTreeSet<PartyId>,
    /// The parties recorded as having stated their will in writing.
    pub in_writing: BTreeSet<PartyId>,
    /// Whether any attendance is recorded by name.
    pub attendance_recorded: bool,
    /// Whether it is recorded by name who was present in person, nobody included.
    pub named_in_person: bool,
    /// Whether those present in person are recorded in full: with nobody named, nobody was.
    pub in_person_complete: bool,
    /// Whether written statements are recorded in full.
    pub in_writing_complete: bool,
    /// The number of bodies there, as the source counts; 0 where it does not.
    pub bodies_counted: u32,
    /// The roll as it was frozen (rule 26); none where it was not.
    pub frozen: Option<Frozen>,
    /// What the law that governs it says of those who vote in it.
    pub electorate: Electorate,
    /// Why it is not modelled who votes in its body; empty where it is.
    pub not_modelled: String,
    /// Whether its body took a decision, in this session or in another.
    decides: bool,
    /// Its decisions, by their ids.
    taken: BTreeSet<DecisionId>,
    /// Whether the parties it admits vote in it.
    pub(crate) admitted_vote: bool,
}

/// A frozen roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frozen {
    /// The parties with the vote.
    pub entitled: BTreeSet<PartyId>,
    /// As known at which position it was drawn up; 0 where that is not recorded.
    pub known_at: Position,
    /// The entry that froze it.
    pub position: Position,
}

/// A party on a session's roll, or present beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollEntry {
    /// Its classes.
    pub standings: Vec<Standing>,
    /// Whether it has the vote.
    pub vote: Truth,
    /// Whether it counts in the session's arithmetic: as it votes, unless the roll is frozen.
    pub counted: Truth,
    /// Whether it is recorded as present.
    pub present: bool,
    /// Whether it is recorded as having stated its will in writing.
    pub in_writing: bool,
}

impl SessionFrame {
    /// Takes account of the law that governs the session: whether the parties it admits vote in it
    /// is a provision (rule 23), and whether anything says who votes at all.
    #[must_use]
    pub fn under(mut self, law: &LawView) -> Self {
        let lets = |norm: &InForce<'_>| {
            norm.norm.rule.vote_on_admission() == Some(&self.facts.session.series)
                && norm.certain == Truth::Yes
        };
        self.admitted_vote = law.in_force(self.law_day).iter().any(lets);
        let body = &self.facts.session.series;
        self.electorate = match self.not_modelled.as_str() {
            "" => Electorate::of(law, body, self.law_day, self.decides),
            _ => Electorate::NotModelled,
        };
        self
    }

    /// Returns what is known of those who vote: a frozen roll says who does where no article does,
    /// and nothing of what is not modelled.
    #[must_use]
    pub fn voters(&self) -> Electorate {
        match (&self.frozen, self.electorate) {
            (Some(_), Electorate::Unsaid) => Electorate::Parties,
            (_, electorate) => electorate,
        }
    }

    /// Returns the roll that is the session's where none is asked for: that of its first decision,
    /// else of its opening.
    #[must_use]
    pub fn first_roll(&self) -> RollDay {
        let opening = RollDay {
            window: self.facts.opening,
            day: DayOf::Entry(self.facts.position),
        };
        self.rolls.first().copied().unwrap_or(opening)
    }

    /// Returns the last day on which anything is asked for the rolls: what certainly comes after it
    /// moves no line.
    #[must_use]
    pub fn last_day(&self) -> Day {
        let rolls = self.rolls.iter().map(|roll| roll.window.latest);
        let opening = self.facts.opening.latest.max(self.law_day);
        rolls.fold(opening, Day::max)
    }

    /// Returns the parties whose lines on the rolls may be others than under an earlier frame of
    /// the session, besides those that what was recorded meanwhile is about; none where everybody's
    /// may.
    #[must_use]
    pub fn moved_since(&self, before: &Self) -> Option<BTreeSet<PartyId>> {
        let lists = |frame: &'_ Self| {
            let days = (frame.law_day, frame.rolls.clone(), frame.facts.position);
            (days, frame.electorate, frame.admitted_vote)
        };
        if lists(self) != lists(before) || self.frozen != before.frozen {
            return None;
        }
        let there = self.present.symmetric_difference(&before.present);
        let in_writing = self.in_writing.symmetric_difference(&before.in_writing);
        Some(there.chain(in_writing).cloned().collect())
    }

    /// Returns whether an entry is an act of this session itself: it rests on one of its decisions.
    #[must_use]
    pub fn is_own(&self, book: &Book, position: Position) -> bool {
        let decision = book.rests_on(position);
        decision.is_some_and(|decision| self.taken.contains(decision))
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns what is known of a session; none if it is not convened as known at the position.
    #[must_use]
    pub fn session_facts(&self, session: &SessionId) -> Option<SessionFacts> {
        let convened = self.book.convening(session, self.known_at)?;
        let convening = convened.value.convening()?;
        let days = self.book.session_days(session, self.known_at);
        let At::Window(first) = convened.at else {
            return None;
        };
        let sitting = days.unwrap_or(Sitting {
            opening: first,
            closing: first,
        });
        Some(SessionFacts {
            session: session.clone(),
            opening: sitting.opening,
            closing: sitting.closing,
            venue: convening.venue.to_owned(),
            host: convening.host.cloned(),
            online: convening.online,
            cancelled: days.is_none(),
            position: convened.position,
            annulled_by: self.annulled_by(convened.position),
        })
    }

    /// Returns what a session's roll is taken from.
    #[must_use]
    pub fn session_frame(&self, session: &SessionId) -> Option<SessionFrame> {
        let facts = self.session_facts(session)?;
        let (decisions, rolls) = self.decisions_of(&facts);
        let taken = decisions.iter();
        let taken = taken.map(|taken| taken.decision.decision.clone()).collect();
        let mut frame = SessionFrame {
            law_day: facts.opening.earliest,
            electorate: Electorate::default(),
            not_modelled: self.not_modelled(&session.series),
            in_person_complete: false,
            decides: !decisions.is_empty() || self.decides(&session.series),
            facts,
            decisions,
            rolls,
            present: BTreeSet::new(),
            in_writing: BTreeSet::new(),
            attendance_recorded: false,
            named_in_person: false,
            frozen: self.frozen_roll(session),
            admitted_vote: false,
            in_writing_complete: false,
            bodies_counted: 0,
            taken,
        };
        for fact in self
            .book
            .known(&Slot::Attendance(session.clone()), self.known_at)
        {
            let Some(attendance) = fact.value.attendance() else {
                continue;
            };
            frame.present.extend(attendance.present.iter().cloned());
            frame
                .in_writing
                .extend(attendance.in_writing.iter().cloned());
            frame.attendance_recorded |= attendance.in_person_complete
                || !frame.present.is_empty()
                || !frame.in_writing.is_empty();
            frame.in_person_complete |= attendance.in_person_complete;
            frame.named_in_person |=
                attendance.in_person_complete || !attendance.present.is_empty();
            frame.in_writing_complete |= attendance.in_writing_complete;
            frame.bodies_counted = frame.bodies_counted.max(attendance.bodies_counted);
        }
        Some(frame)
    }

    /// Returns why it is not modelled who votes in a body; nothing where it is.
    pub(crate) fn not_modelled(&self, body: &BodyId) -> String {
        let slot = Slot::Term(TermKind::Body, body.into());
        let known = self.book.known(&slot, self.known_at).last();
        let term = known.and_then(|fact| fact.value.declared_term());
        term.map_or_else(String::new, |term| term.electorate_not_modelled.clone())
    }

    /// Returns whether a body took any decision.
    fn decides(&self, body: &BodyId) -> bool {
        let mut decided = self.book.decided.of_body(body);
        decided.any(|(session, decision)| {
            let slot = Slot::Decision(decision.clone());
            let mut known = self.book.known(&slot, self.known_at);
            known.any(|fact| {
                let taken = fact.value.decision();
                taken.is_some_and(|taken| taken.session == *session)
            })
        })
    }

    fn frozen_roll(&self, session: &SessionId) -> Option<Frozen> {
        let slot = Slot::FrozenRoll(session.clone());
        let fact = self.book.known(&slot, self.known_at).last()?;
        let frozen = fact.value.frozen_roll()?;
        Some(Frozen {
            entitled: frozen.entitled.iter().cloned().collect(),
            known_at: frozen.known_at,
            position: fact.position,
        })
    }

    /// Returns the decisions of a session, and the days on which they were taken.
    fn decisions_of(&self, session: &SessionFacts) -> (Vec<DecisionFacts>, Vec<RollDay>) {
        let ids = self.book.decided.of(&session.session);
        let slots = ids.map(|id| Slot::Decision(id.clone()));
        let facts = slots.flat_map(|slot| self.book.recorded(&slot, self.known_at));
        let mut taken: Vec<(RollDay, u16, Position, &Decision)> = Vec::new();
        for fact in facts {
            let decision = fact.value.decision();
            let own = decision.filter(|decision| decision.session == session.session);
            let Some(decision) = own else { continue };
            let day = self.roll_day(session, Some((fact.at, fact.position)));
            taken.push((day, fact.order, fact.position, decision));
        }
        taken.sort_by_key(|(day, order, position, _)| (day.window.earliest, *order, *position));
        let mut rolls: Vec<RollDay> = Vec::new();
        let mut decisions = Vec::with_capacity(taken.len());
        let mut of_day: BTreeMap<(Window, Option<DayOf>), usize> = BTreeMap::new();
        for (day, _, position, decision) in taken {
            // Of days that are known only the date matters.
            let open = (!day.window.is_day()).then_some(day.day);
            let roll = *of_day.entry((day.window, open)).or_insert_with(|| {
                rolls.push(day);
                rolls.len() - 1
            });
            decisions.push(DecisionFacts {
                decision: decision.clone(),
                window: day.window,
                position,
                roll,
                annulled_by: self.annulled_by(position),
            });
        }
        if rolls.is_empty() {
            rolls.push(self.roll_day(session, None));
        }
        (decisions, rolls)
    }

    /// Returns the day of a decision of a session, by its own date and its entry, else the day of
    /// the session's opening.
    fn roll_day(&self, session: &SessionFacts, decision: Option<(At, Position)>) -> RollDay {
        let undated = (At::Window(Window::day(Day::MIN)), session.position);
        let (at, position) = decision.unwrap_or(undated);
        let of = &session.session;
        let taken = self.book.decided_on(at, position, of, self.known_at);
        let (window, day) = taken
            .map_or((session.opening, DayOf::Entry(session.position)), |act| {
                (act.window, act.day)
            });
        RollDay { window, day }
    }
}
