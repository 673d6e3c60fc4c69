//! Sessions: their days, their roll, the law that governs them (rules 20, 22, 23).
//!
//! Stratum (rule 27): rights; reads questions, recorded acts, law, losses and endings.

use crate::answers::question::{GoverningDays, Question};
use crate::answers::roll::Standing;
use crate::answers::view::{Parties, View};
use crate::entry::event::Decision;
use crate::entry::slot::{Ref, Slot};
use crate::id::position::Position;
use crate::id::{DecisionId, PartyId, RightId, SessionId};
use crate::law::LawView;
use crate::law::in_force::InForce;
use crate::record::fact::At;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::{Sitting, Window};
use std::collections::BTreeSet;

/// The right that entitles to be counted for a quorum: the one right whose word the ledger itself
/// knows.
pub const VOTE: &str = "vote";

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
    /// The entry that annulled it, from the start or from a day; it was taken all the same.
    pub annulled_by: Option<Position>,
}

/// What a session's roll is taken from.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether one thing is recorded, and all combinations occur"
)]
pub struct SessionFrame {
    /// The session.
    pub facts: SessionFacts,
    /// Its decisions, by day, order and position.
    pub decisions: Vec<DecisionFacts>,
    /// The day its roll is taken: that of its first decision, else its opening; of a window the
    /// first day.
    pub roll_day: Day,
    /// The day whose law governs it: its opening.
    pub law_day: Day,
    /// The parties recorded as present in person.
    pub present: BTreeSet<PartyId>,
    /// The parties recorded as having stated their will in writing.
    pub in_writing: BTreeSet<PartyId>,
    /// Whether any attendance is recorded by name.
    pub attendance_recorded: bool,
    /// Whether anybody is recorded by name as present in person.
    pub named_in_person: bool,
    /// Whether written statements are recorded in full.
    pub in_writing_complete: bool,
    /// The number of bodies there, as the source counts; 0 where it does not.
    pub bodies_counted: u32,
    /// The roll as it was frozen (rule 26); none where it was not.
    pub frozen: Option<Frozen>,
    /// The entries of this session's own acts.
    own: BTreeSet<Position>,
    /// Whether the parties it admits vote in it.
    admitted_vote: bool,
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
    /// is a provision (rule 23).
    #[must_use]
    pub fn under(mut self, law: &LawView) -> Self {
        let lets = |norm: &InForce<'_>| {
            norm.norm.rule.vote_on_admission() == Some(&self.facts.session.series)
                && norm.certain == Truth::Yes
        };
        self.admitted_vote = law.in_force(self.law_day).iter().any(lets);
        self
    }

    /// Returns whether an entry is an act of this session itself.
    #[must_use]
    pub fn is_own(&self, position: Position) -> bool {
        self.own.contains(&position)
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
        let decisions = self.decisions_of(&facts);
        let own = self.own_acts(&decisions);
        let roll_day = decisions
            .first()
            .map_or(facts.opening.earliest, |decision| decision.window.earliest);
        let mut frame = SessionFrame {
            law_day: facts.opening.earliest,
            facts,
            decisions,
            roll_day,
            present: BTreeSet::new(),
            in_writing: BTreeSet::new(),
            attendance_recorded: false,
            named_in_person: false,
            frozen: self.frozen_roll(session),
            admitted_vote: false,
            in_writing_complete: false,
            bodies_counted: 0,
            own,
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
            frame.attendance_recorded |= !frame.present.is_empty() || !frame.in_writing.is_empty();
            frame.named_in_person |= !attendance.present.is_empty();
            frame.in_writing_complete |= attendance.in_writing_complete;
            frame.bodies_counted = frame.bodies_counted.max(attendance.bodies_counted);
        }
        Some(frame)
    }

    /// Returns the entry that annulled another, if one did that is not void itself.
    #[must_use]
    pub fn annulled_by(&self, position: Position) -> Option<Position> {
        let annulment = self.book.annulled_by(position, self.known_at);
        annulment.map(|annulment| annulment.position)
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

    fn decisions_of(&self, session: &SessionFacts) -> Vec<DecisionFacts> {
        let mentions = self.book.mentions(&Ref::Session(session.session.clone()));
        let first = Slot::Decision(DecisionId::least());
        let positions: BTreeSet<Position> = mentions.iter().copied().collect();
        let mut decisions: Vec<(u16, DecisionFacts)> = self
            .book
            .slots_from(&first)
            .take_while(|(slot, _)| matches!(slot, Slot::Decision(_)))
            .flat_map(|(slot, _)| self.book.recorded(slot, self.known_at))
            .filter(|fact| positions.contains(&fact.position))
            .filter_map(|fact| {
                if let Some(decision) = fact.value.decision()
                    && decision.session == session.session
                {
                    let dated = fact.at != At::Window(Window::day(Day::MIN));
                    let window = self.book.window(fact.at, self.known_at).filter(|_| dated);
                    let window = window.unwrap_or(session.opening);
                    let decision = decision.clone();
                    Some((
                        fact.order,
                        DecisionFacts {
                            decision,
                            window,
                            position: fact.position,
                            annulled_by: self.annulled_by(fact.position),
                        },
                    ))
                } else {
                    None
                }
            })
            .collect();
        decisions.sort_by_key(|(order, d)| (d.window.earliest, *order, d.position));
        decisions
            .into_iter()
            .map(|(_, decision)| decision)
            .collect()
    }

    /// Entries whose authority is one of the decisions.
    fn own_acts(&self, decisions: &[DecisionFacts]) -> BTreeSet<Position> {
        decisions
            .iter()
            .flat_map(|d| {
                self.book
                    .mentions(&Ref::Decision(d.decision.decision.clone()))
            })
            .copied()
            .filter(|position| *position <= self.known_at)
            .collect()
    }

    /// Returns whether an entry stays out of a session's roll: its own act, or an act done after
    /// the day of the roll that reaches back before it (rule 23).
    #[must_use]
    pub fn is_outside(&self, frame: &SessionFrame, position: Position) -> bool {
        (frame.is_own(position) && !frame.admitted_vote)
            || self
                .book
                .acted(position)
                .and_then(|acted| self.book.window(acted, self.known_at))
                .is_some_and(|acted| acted.earliest > frame.roll_day)
    }

    /// Returns a party's line on the roll, if it has, or may have, the vote, or is recorded as
    /// there. The view's law must be the one that governs the session (rule 22): see
    /// [`crate::law::LawView::new`] and [`SessionFrame::is_own`].
    #[must_use]
    pub fn roll_entry(
        &self,
        frame: &SessionFrame,
        party: &PartyId,
        record: &PartyRecord,
    ) -> Option<RollEntry> {
        record.registration(self.known_at)?;
        let touched = record
            .class_facts()
            .iter()
            .any(|fact| self.is_outside(frame, fact.position));
        let standings = match record.plain_class(frame.roll_day, self.known_at) {
            Ok(class) if !touched => vec![Standing {
                class,
                position: None,
            }],
            _ => self.classes(record, frame.roll_day, &|position| {
                self.is_outside(frame, position)
            }),
        };
        let question = Question {
            party: party.clone(),
            right: RightId::new(VOTE).ok()?,
            body: Some(frame.facts.session.series.clone()),
        };
        let outside = |position| self.is_outside(frame, position);
        let days = GoverningDays {
            law: frame.law_day,
            losses: frame.roll_day,
        };
        let vote = self.verdict_without(&question, record, &standings, days, &outside);
        let (present, in_writing) = (
            frame.present.contains(party),
            frame.in_writing.contains(party),
        );
        let counted = match &frame.frozen {
            Some(frozen) => Truth::known(frozen.entitled.contains(party)),
            None => vote,
        };
        let listed = vote != Truth::No || counted != Truth::No || present || in_writing;
        listed.then_some(RollEntry {
            standings,
            vote,
            counted,
            present,
            in_writing,
        })
    }
}
