//! What sessions, audits and rotations are asked in the tables.

use standing_domain::answers::rolls::Rolls;
use standing_domain::answers::rotation::{Ahead, Visit};
use standing_domain::answers::session::RollEntry;
use standing_domain::answers::view::View;
use standing_domain::answers::weighing::{Tally, Weighed, Weighing};
use standing_domain::audit::{Audit, AuditedSession, Finding};
use standing_domain::entry::event::Event;
use standing_domain::entry::norm::{RotationRule, Rule};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{DecisionId, OfficeId, PartyId, SessionId};
use standing_domain::state::{Roll, State};
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::words::turns;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A session with its rolls, as the engine works them out.
pub fn audited(
    state: &State,
    view: &View<'_, Roll>,
    session: &SessionId,
) -> Option<AuditedSession> {
    let frame = view.session_frame(session)?;
    let known = Arc::new(state.law(view.known_at));
    let laws = view.laws_of(&frame).lay(&known, Stop::NEVER).unwrap();
    let frame = frame.under(&laws.judging);
    let parties = state.roll.iter();
    let lines = parties.filter_map(|(party, record)| view.roll_lines(&frame, &laws, party, record));
    let rolls = Rolls::of(&frame, lines);
    Some(AuditedSession { frame, laws, rolls })
}

/// The parties on a roll of a session, by its place, or present beside it, by id.
pub fn listed(
    state: &State,
    view: &View<'_, Roll>,
    session: &AuditedSession,
    roll: usize,
) -> BTreeMap<PartyId, RollEntry> {
    let parties = state.roll.iter();
    let listed = parties.filter_map(|(party, record)| {
        let lines = view.roll_lines(&session.frame, &session.laws, party, record)?;
        Some((party.clone(), lines.on(roll)?.clone()))
    });
    listed.collect()
}

/// A question with what it is answered from.
pub struct Asked<'a> {
    pub state: &'a State,
    pub view: &'a View<'a, Roll>,
    pub base: Position,
    pub on: Day,
    pub reading: Option<&'a str>,
}

impl Asked<'_> {
    /// Answers a question, given as its words.
    pub fn answer(&self, words: &[&str]) -> String {
        match words {
            ["findings"] => self.findings(&|_| true, &|finding| self.short(finding)),
            ["findings", "of", code] => self
                .findings(&|finding| finding.code.word() == *code, &|finding| {
                    self.long(finding)
                }),
            ["weighed", decision] => self.weighed(decision),
            ["counts", session] => self.counts(session),
            ["turns", office] => self.turns(office, 6),
            ["turns", office, count] => self.turns(office, count.parse().unwrap()),
            ["turn", office, number] => self.turn(office, number.parse().unwrap()),
            _ => panic!("no such question: {words:?}"),
        }
    }

    /// Returns who takes turns next.
    fn turns(&self, office: &str, count: usize) -> String {
        let ahead = self.ahead(office, count);
        joined(ahead.iter().map(|turn| turn.party.to_string()), " ")
    }

    /// Returns a turn that lies ahead with its reasons: `cn-liaoning, place 2: ...`.
    fn turn(&self, office: &str, number: usize) -> String {
        let Some(turn) = self.ahead(office, number).pop() else {
            return "nobody".to_owned();
        };
        let place = format!("{}, place {} of {}", turn.party, turn.number, turn.place);
        let why = turn.why.iter().map(|why| match turns::entry(why) {
            Some(entry) => format!("{} {}", turns::why(why), self.numbers(&[entry])),
            None => turns::why(why),
        });
        joined(std::iter::once(place).chain(why), "; ")
    }

    fn ahead(&self, office: &str, count: usize) -> Vec<Ahead> {
        let rule = self.rotation(office);
        let rotation = self.view.rotation(&rule, self.on, count, &self.everyone());
        rotation.unwrap().ahead
    }

    fn everyone(&self) -> impl Fn(&mut Visit<'_>) -> Result<(), Stopped> {
        |visit| {
            for (party, record) in self.state.roll.iter() {
                visit(party, record)?;
            }
            Ok(())
        }
    }

    fn numbers(&self, entries: &[Position]) -> String {
        let numbers = entries
            .iter()
            .map(|entry| format!("#{}", entry.since(self.base)));
        joined(numbers, " ")
    }

    fn short(&self, finding: &Finding) -> String {
        let (severity, code) = (finding.severity.word(), finding.code.word());
        format!("{severity} {code} {}", self.numbers(&finding.entries))
    }

    fn long(&self, finding: &Finding) -> String {
        let cured = match finding.cured_by {
            Some(by) => format!(", cured by {}", self.numbers(&[by])),
            None => String::new(),
        };
        format!(
            "{} {}: {}{cured}",
            finding.severity.word(),
            self.numbers(&finding.entries),
            finding.message
        )
    }

    fn findings(
        &self,
        pick: &dyn Fn(&Finding) -> bool,
        tell: &dyn Fn(&Finding) -> String,
    ) -> String {
        let sessions: Vec<AuditedSession> = self
            .sessions()
            .iter()
            .filter_map(|session| self.audited(session))
            .collect();
        let audit = Audit {
            view: self.state.view(self.view.law, self.view.known_at),
            on: self.on,
            walks: &self.everyone(),
            lookup: &|position| self.state.content(position).cloned(),
            sessions: &sessions.iter().collect::<Vec<_>>(),
            stop: Stop::NEVER,
        };
        let found = audit.findings().unwrap();
        // What the words, parties and instruments that every case starts with lack is nobody's
        // question.
        let of_case = |finding: &&Finding| {
            finding.entries.is_empty() || finding.entries.iter().any(|entry| *entry > self.base)
        };
        let found = found.iter().filter(of_case).filter(|finding| pick(finding));
        let text = joined(found.map(tell), " | ");
        if text.is_empty() {
            "nothing".to_owned()
        } else {
            text
        }
    }

    fn sessions(&self) -> BTreeSet<SessionId> {
        let book = self.view.book;
        let slots = book.slots_from(&Slot::Decision(DecisionId::least()));
        let decisions = slots.take_while(|(slot, _)| matches!(slot, Slot::Decision(_)));
        let known = decisions.flat_map(|(slot, _)| book.recorded(slot, self.view.known_at));
        let decided = known.filter_map(|fact| match &*fact.value {
            Event::DecisionTaken(decision) => Some(decision.session.clone()),
            _ => None,
        });
        let frozen = book.sessions(None).filter(|session| {
            let slot = Slot::FrozenRoll((*session).clone());
            book.known(&slot, self.view.known_at).next().is_some()
        });
        let annulled = self.view.annulled_since();
        decided.chain(frozen.cloned()).chain(annulled).collect()
    }

    fn audited(&self, session: &SessionId) -> Option<AuditedSession> {
        audited(self.state, self.view, session)
    }

    /// How many had the vote in a session, and how many of them were there in person.
    fn counts(&self, session: &str) -> String {
        let session = self.audited(&SessionId::new(session).unwrap()).unwrap();
        let attended = session.rolls.attended(0);
        let (entitled, present) = (range(attended.entitled), range(attended.in_person));
        format!("entitled {entitled}, present {present}")
    }

    /// The arithmetic of a decision: `quorum 5 of 8 by charter/9.2: 3 found, no, 2 short`.
    fn weighed(&self, decision: &str) -> String {
        let slot = Slot::Decision(DecisionId::new(decision).unwrap());
        let fact = self
            .view
            .book
            .recorded(&slot, self.view.known_at)
            .last()
            .unwrap();
        let Event::DecisionTaken(taken) = &*fact.value else {
            panic!("{decision} is no decision")
        };
        let session = self.audited(&taken.session).unwrap();
        let view = self.state.view(&session.laws.judging, self.view.known_at);
        let of = |facts: &&standing_domain::answers::session::DecisionFacts| {
            facts.decision.decision == taken.decision
        };
        let facts = session.frame.decisions.iter().find(of).unwrap();
        let attended = session.rolls.attended(facts.roll);
        let weighed = view.weigh_decision(&session.frame, &attended, facts, self.reading);
        joined(weighed.iter().map(told), " | ")
    }

    fn rotation(&self, office: &str) -> RotationRule {
        let office = OfficeId::new(office).unwrap();
        let norms = self.view.law.in_force(self.on);
        let mut rules = norms.iter().filter_map(|norm| match &norm.norm.rule {
            Rule::Rotation(rule) if rule.office == office => Some(rule.clone()),
            _ => None,
        });
        rules.next_back().unwrap()
    }
}

fn told(weighed: &Weighed) -> String {
    let reading = match weighed.reading.applied {
        Some(reading) => format!(" ({reading})"),
        None => String::new(),
    };
    let each = |name: &'static str, all: &[Weighing]| -> Vec<String> {
        if all.is_empty() {
            return vec![format!("no {name} set")];
        }
        all.iter()
            .map(|weighing| format!("{name} {}", sum(weighing)))
            .collect()
    };
    let parts = [
        each("quorum", &weighed.quorum),
        each("majority", &weighed.majority),
    ]
    .concat();
    format!("{}{reading}", parts.join(", "))
}

fn sum(weighing: &Weighing) -> String {
    let met = match weighing.met {
        Truth::Yes => "met",
        Truth::No => "not met",
        Truth::Unknown => "open",
    };
    format!(
        "{} of {} by {}: {} {met}",
        range(weighing.needed),
        range(weighing.counted),
        weighing.article,
        range(weighing.found)
    )
}

fn range(tally: Tally) -> String {
    if tally == Tally::UNKNOWN {
        return "not known".to_owned();
    }
    if tally.certain == tally.possible {
        return tally.certain.to_string();
    }
    format!("{}..{}", tally.certain, tally.possible)
}

fn joined(parts: impl IntoIterator<Item = String>, by: &str) -> String {
    parts.into_iter().collect::<Vec<_>>().join(by)
}
