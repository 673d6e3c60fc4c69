//! Findings on what cannot be so, or should not, by the record alone: offices, sessions, committees
//! and articles that contradict each other (rule 31).

use super::gathered::Gathered;
use super::{Audit, Code, Finding, Severity};
use crate::answers::session::SessionFacts;
use crate::answers::view::Parties;
use crate::entry::event::{ArticleChange, Event, Holder};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{BodyId, OfficeId, PartyId, SessionId};
use crate::judge::result::book_value_stands;
use crate::record::fact::At;
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Somebody in an office, or acting in it.
struct Term {
    holder: Holder,
    ordinal: u32,
    since: Window,
    /// The window of the first day without; none where nothing ends it.
    end: Option<Window>,
    position: Position,
}

impl<P: Parties> Audit<'_, P> {
    /// Findings on what the book says beside itself.
    pub(super) fn contradictions(&self, gathered: &mut Gathered) -> Result<(), Stopped> {
        let found = &mut gathered.own;
        self.holders(found)?;
        self.overlapping(found)?;
        self.amended_never_enacted(found)?;
        self.coordinators_of_nothing(found)?;
        self.attendance(found)?;
        self.before_founding(&gathered.early, found)
    }

    /// Returns the day the association was founded, as far as is known.
    pub(super) fn founding(&self) -> Option<Window> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let known = book.known(&Slot::Association, known_at);
        let windows = known.filter_map(|fact| book.window(fact.at, known_at));
        windows.last()
    }

    fn terms_of(&self, slot: &Slot) -> Vec<Term> {
        let Ok(line) = self.view.book.line(slot, self.view.known_at) else {
            return Vec::new();
        };
        let steps = line.steps();
        let terms = steps.iter().enumerate().filter_map(|(i, step)| {
            let (event, position) = line.value_after(Some(i))?;
            let holding = event.holding()?;
            (position == step.position).then(|| Term {
                holder: holding.holder,
                ordinal: holding.ordinal,
                since: step.window,
                end: steps.get(i + 1).map(|next| next.window),
                position,
            })
        });
        terms.collect()
    }

    /// Those who act in an office beside a holder who came after them, and those who are the how
    /// manieth that another was.
    fn holders(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let least = Slot::Holder(OfficeId::least(), None);
        let slots = self.view.book.slots_from(&least);
        let slots = slots.map_while(|(slot, _)| match slot {
            Slot::Holder(office, seat) => Some((slot, office, seat)),
            _ => None,
        });
        for (slot, office, seat) in slots {
            self.stop.check()?;
            let terms = self.terms_of(slot);
            let mut numbered: BTreeMap<u32, &Term> = BTreeMap::new();
            for term in terms.iter().filter(|term| term.ordinal > 0) {
                let first = *numbered.entry(term.ordinal).or_insert(term);
                if first.holder == term.holder {
                    continue;
                }
                let message = format!(
                    "two holders of the office of {office} are recorded as the one with the number {}",
                    term.ordinal
                );
                let (code, severity) = (Code::OrdinalTwice, Severity::Mismatch);
                let entries = [first.position, term.position];
                let finding = Finding::new(code, severity, term.since, entries, message);
                let parties = [party(&first.holder), party(&term.holder)];
                found.push(finding.of_parties(parties.into_iter().flatten()));
            }
            let acting = self.terms_of(&Slot::Acting(office.clone(), seat.clone()));
            for acting in &acting {
                // The first who came later: if the acting was over by then, it was for those after.
                let later = terms.partition_point(|t| t.since.earliest <= acting.since.latest);
                let over = |term: &&Term| {
                    let end = acting.end;
                    end.is_some_and(|end| end.earliest <= term.since.latest)
                };
                let Some(term) = terms.get(later).filter(|term| !over(term)) else {
                    continue;
                };
                let message = format!(
                    "somebody acts in the office of {office} since {}, beside a holder who took it on {}",
                    acting.since, term.since
                );
                let (code, severity) = (Code::ActingBeside, Severity::Note);
                let entries = [acting.position, term.position];
                let finding = Finding::new(code, severity, term.since, entries, message);
                let parties = [party(&acting.holder), party(&term.holder)];
                found.push(finding.of_parties(parties.into_iter().flatten()));
            }
        }
        Ok(())
    }

    /// Sessions of one body that certainly share more than a day on which one closes and the other
    /// opens.
    fn overlapping(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let mut of: BTreeMap<&BodyId, Vec<SessionFacts>> = BTreeMap::new();
        for session in self.view.book.sessions(None) {
            self.stop.check()?;
            if let Some(facts) = self
                .view
                .session_facts(session)
                .filter(|facts| !facts.cancelled)
            {
                of.entry(&session.series).or_default().push(facts);
            }
        }
        for sessions in of.values_mut() {
            sessions.sort_by(|a, b| (a.opening, &a.session).cmp(&(b.opening, &b.session)));
            let mut last: Option<&SessionFacts> = None;
            for session in sessions.iter() {
                self.stop.check()?;
                let both = last.filter(|last| {
                    session.opening.latest < last.closing.earliest
                        && last.opening.latest < session.closing.earliest
                });
                if let Some(last) = both {
                    let (one, other) = (&last.session, &session.session);
                    let message = format!("{one} and {other} are recorded as held at one time");
                    let (code, severity) = (Code::SessionsOverlap, Severity::Note);
                    let entries = [last.position, session.position];
                    let on = session.opening;
                    let finding = Finding::new(code, severity, on, entries, message);
                    found.push(finding.of_session(other));
                }
                if last.is_none_or(|last| last.closing.earliest < session.closing.earliest) {
                    last = Some(session);
                }
            }
        }
        Ok(())
    }

    /// Articles that are recorded as amended and of which no earlier version is on record.
    fn amended_never_enacted(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        for line in self.view.law.articles() {
            self.stop.check()?;
            let Some(step) = line.line.steps().first() else {
                continue;
            };
            let first = line.line.value_after(Some(0));
            let amended = first.and_then(|(event, position)| {
                let amended = event.enacted()?.change == ArticleChange::Amended;
                amended.then_some(position)
            });
            let Some(position) = amended else { continue };
            let article = &line.article;
            let message = format!(
                "{article} is recorded as amended on {}, and no earlier version of it is on record",
                step.window
            );
            let (code, severity) = (Code::ChangeKind, Severity::Gap);
            let finding = Finding::new(code, severity, step.window, [position], message);
            found.push(finding.under([article.clone()]));
        }
        Ok(())
    }

    /// Coordinators of committees that certainly stand no more.
    fn coordinators_of_nothing(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let least = Slot::Coordinator(crate::id::CommitteeId::least(), None);
        let slots = book.slots_from(&least).map_while(|(slot, _)| match slot {
            Slot::Coordinator(committee, _) => Some((slot, committee)),
            _ => None,
        });
        for (slot, committee) in slots {
            self.stop.check()?;
            let of = Slot::Committee(committee.clone());
            let (Ok(seat), Ok(stands)) = (book.line(slot, known_at), book.line(&of, known_at))
            else {
                continue;
            };
            let bounds = |line: &Timeline<Arc<Event>>| -> Vec<Day> {
                let windows = line.steps().iter().map(|step| step.window);
                windows
                    .flat_map(|window| [window.earliest, window.latest])
                    .collect()
            };
            // Between two of these days nothing changes.
            let days: BTreeSet<Day> = bounds(&seat).into_iter().chain(bounds(&stands)).collect();
            let mut told: BTreeSet<Position> = BTreeSet::new();
            for day in days.into_iter().filter(|day| *day <= self.on) {
                self.stop.check()?;
                let mut sure = seat.possible(day);
                let (Some(Some((event, position))), None) = (sure.next(), sure.next()) else {
                    continue;
                };
                let Some(party) = event.coordinator() else {
                    continue;
                };
                let ended: Option<Vec<Position>> = stands
                    .possible(day)
                    .map(|value| {
                        let (event, position) = value?;
                        (!book_value_stands(&of, event)).then_some(position)
                    })
                    .collect();
                let Some(ended) = ended.filter(|ended| !ended.is_empty()) else {
                    continue;
                };
                if !told.insert(position) {
                    continue;
                }
                let message = format!(
                    "{party} is recorded as coordinator of {committee}, which stands no more, on {day}"
                );
                let (code, severity) = (Code::AbolishedCommittee, Severity::Mismatch);
                let entries = ended.into_iter().chain([position]);
                let on = Window::day(day);
                let finding = Finding::new(code, severity, on, entries, message);
                found.push(finding.of_parties([party.clone()]));
            }
        }
        Ok(())
    }

    /// Attendance that cannot have been: at a session called off, before a party came to be, or
    /// after its membership ended.
    fn attendance(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let least = Slot::Attendance(SessionId {
            series: BodyId::least(),
            ordinal: 0,
        });
        let slots = book.slots_from(&least).map_while(|(slot, _)| match slot {
            Slot::Attendance(session) => Some((slot, session)),
            _ => None,
        });
        for (slot, session) in slots {
            let Some(facts) = self.view.session_facts(session) else {
                continue;
            };
            for fact in book.known(slot, known_at) {
                self.stop.check()?;
                let Some(attendance) = fact.value.attendance() else {
                    continue;
                };
                let mut add = |code, why: &str, parties: Vec<PartyId>| {
                    let message = format!("{session}: {why}");
                    let severity = Severity::Mismatch;
                    let on = facts.opening;
                    let finding = Finding::new(code, severity, on, [fact.position], message);
                    found.push(finding.of_parties(parties).of_session(session));
                };
                if facts.cancelled {
                    let why = "attendance is recorded, and the session was called off";
                    add(Code::Attendance, why, Vec::new());
                    continue;
                }
                let (mut unborn, mut ended) = (Vec::new(), Vec::new());
                for party in attendance.present.iter().chain(&attendance.in_writing) {
                    self.stop.check()?;
                    let Some(record) = self.view.record(party) else {
                        continue;
                    };
                    if self.view.birth(&record).earliest > facts.closing.latest {
                        unborn.push(party.clone());
                    } else if self.left(&record, &facts) {
                        ended.push(party.clone());
                    }
                }
                if !unborn.is_empty() {
                    let why = "parties are recorded as there that did not exist yet";
                    add(Code::BeforeBirth, why, unborn);
                }
                if !ended.is_empty() {
                    let why = "parties are recorded as there whose membership had ended";
                    add(Code::Attendance, why, ended);
                }
            }
        }
        Ok(())
    }

    /// Returns whether a party's membership had certainly ended before a session opened, and none
    /// can have begun again until it closed.
    fn left(&self, record: &PartyRecord, session: &SessionFacts) -> bool {
        let Ok(line) = record.class_line(self.view.book, self.view.known_at) else {
            return false;
        };
        let ended = |day| {
            let mut values = line.possible(day);
            values.all(|value| value.is_some_and(|(value, _)| !value.stands()))
        };
        ended(session.opening.earliest.previous()) && ended(session.closing.latest)
    }

    /// Notes what was done to a party before the association was founded.
    pub(super) fn early(&self, party: &PartyId, record: &PartyRecord, gathered: &mut Gathered) {
        let (book, known_at) = (self.view.book, self.view.known_at);
        for fact in record.class_facts() {
            let void = book.is_void(fact.position, fact.annulled, known_at);
            if !fact.is_known(known_at) || void {
                continue;
            }
            if let Some(on) = self.too_early(fact.at) {
                gathered.early.push((party.clone(), on, fact.position));
            }
        }
    }

    /// Returns the days of something, if they lie before the founding.
    fn too_early(&self, at: At) -> Option<Window> {
        let founding = self.founding()?;
        let on = self.view.book.window(at, self.view.known_at)?;
        (on.latest < founding.earliest && on.earliest > Day::MIN).then_some(on)
    }

    /// What the association is recorded to have done before it was founded, to parties too: one
    /// finding for all.
    fn before_founding(
        &self,
        early: &[(PartyId, Window, Position)],
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let Some(founding) = self.founding() else {
            return Ok(());
        };
        let (book, known_at) = (self.view.book, self.view.known_at);
        let mut all: Vec<(Window, Position)> = Vec::new();
        for (slot, _) in book.slots_from(&Slot::Association) {
            self.stop.check()?;
            if !is_of_the_association(slot) {
                continue;
            }
            let known = book.known(slot, known_at);
            all.extend(known.filter_map(|fact| Some((self.too_early(fact.at)?, fact.position))));
        }
        all.extend(early.iter().map(|(_, on, position)| (*on, *position)));
        if let Some(first) = all.iter().map(|(on, _)| *on).min() {
            let message =
                format!("recorded as done before {founding}, when the association was founded");
            let entries = all.iter().map(|(_, position)| *position);
            let (code, severity) = (Code::BeforeFounding, Severity::Note);
            let finding = Finding::new(code, severity, first, entries, message);
            let parties = early.iter().map(|(party, ..)| party.clone());
            found.push(finding.of_parties(parties));
        }
        Ok(())
    }
}

/// Returns whether facts of a slot are acts of the association, which has to exist for them; its
/// members and their names may be older.
fn is_of_the_association(slot: &Slot) -> bool {
    match slot {
        Slot::Session(_)
        | Slot::Decision(_)
        | Slot::Holder(..)
        | Slot::Acting(..)
        | Slot::Instrument(_)
        | Slot::Amendments(_)
        | Slot::Article(_)
        | Slot::Committee(_)
        | Slot::Coordinator(..)
        | Slot::Seat
        | Slot::Institution(_)
        | Slot::Successors(_)
        | Slot::Turns(_) => true,
        Slot::Association
        | Slot::Term(..)
        | Slot::Name(..)
        | Slot::Attendance(_)
        | Slot::Person(_)
        | Slot::Predecessors(_)
        | Slot::Rules
        | Slot::History
        | Slot::Ratifications(_)
        | Slot::FrozenRoll(_)
        | Slot::Fund(_)
        | Slot::Claims => false,
    }
}

fn party(holder: &Holder) -> Option<PartyId> {
    match holder {
        Holder::Party(party) => Some(party.clone()),
        Holder::Person(_) => None,
    }
}
