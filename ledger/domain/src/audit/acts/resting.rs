//! Findings on what acts rest on and hang on: decisions that carry nothing, sessions that were
//! called off.

use crate::answers::view::Parties;
use crate::audit::gathered::Shared;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::entry::event::ask::{OnAccount, SessionMove};
use crate::entry::event::{Event, Outcome};
use crate::entry::principal::principal;
use crate::entry::slot::{Ref, Slot};
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;
use crate::id::{FundId, PartyId, SessionId};
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::{When, Window};
use std::collections::{BTreeMap, BTreeSet};

/// What hangs on sessions that were called off.
type Hanging = BTreeMap<SessionId, Vec<(Position, Content)>>;

/// The last revision with a due day of assessments, by year and fund, of the parties looked at.
type Revised = BTreeMap<PartyId, BTreeMap<(FundId, u16), u16>>;

impl<P: Parties> Audit<'_, P> {
    /// Returns the entries that rest on a decision and whose facts are not all of a party's class,
    /// applications or money.
    pub(in crate::audit) fn acts_of_the_book(&self) -> BTreeSet<Position> {
        self.view.book.acts.of_the_book().collect()
    }

    /// Acts that rest on a decision that was rejected or annulled, or of a session that was called
    /// off: directly only.
    pub(in crate::audit) fn resting_findings(
        &self,
        entries: &BTreeSet<Position>,
        shared: &mut Shared,
    ) -> Result<(), Stopped> {
        for position in entries {
            self.stop.check()?;
            let Some(content) = self.live(*position) else {
                continue;
            };
            let Some(event) = &content.event else {
                continue;
            };
            let Some((severity, on, message)) = self.rests_badly(event, &content) else {
                continue;
            };
            let key = (Code::RestsOn, severity, on, message);
            let cause = shared.entry(key).or_default();
            cause.parties.extend(principal(event).cloned());
            cause.entries.push(*position);
        }
        Ok(())
    }

    /// Returns what an entry says that is known, not corrected and not annulled from the start.
    fn live(&self, position: Position) -> Option<Content> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let is_live = position <= known_at
            && book.corrected_by(position, known_at).is_none()
            && !book.is_void(position, true, known_at);
        self.content(position).filter(|_| is_live)
    }

    /// Returns how badly an act rests on its decision, when it was, and why; none where nothing is
    /// wrong with that.
    fn rests_badly(&self, event: &Event, content: &Content) -> Option<(Severity, Window, String)> {
        let AuthorityKind::Decision(decision) = &content.authority.kind else {
            return None;
        };
        if !event.rests_on_its_decision() {
            return None;
        }
        let (book, known_at) = (self.view.book, self.view.known_at);
        let fact = book.decision(decision, known_at)?;
        let taken = fact.value.decision()?;
        let day = |when: &Option<When>| self.view.when(when.as_ref()?);
        let on = day(&content.effective)
            .or_else(|| day(&content.acted))
            .or_else(|| book.decided(decision, known_at))
            .unwrap_or(Window::day(Day::MIN));
        let irregular = |message| Some((Severity::Irregular, on, message));
        if taken.outcome == Outcome::Rejected && !event.is_rejection() {
            return irregular(format!("it rests on {decision}, which was rejected"));
        }
        let session = &taken.session;
        if book.session_days(session, known_at).is_none() {
            return irregular(format!(
                "it rests on {decision} of {session}, which was called off"
            ));
        }
        let annulled = book.decision_annulled(fact, known_at);
        match Truth::agreed([on.earliest, on.latest].map(|day| annulled.holds(day))) {
            Truth::Yes => irregular(format!("it rests on {decision}, which was annulled")),
            Truth::Unknown => {
                let message = format!(
                    "it rests on {decision}, which was annulled; whether before that is not recorded"
                );
                Some((Severity::Unproven, on, message))
            }
            Truth::No if taken.outcome == Outcome::Noted => {
                let message = format!("it rests on {decision}, which was only noted");
                Some((Severity::Unproven, on, message))
            }
            Truth::No => None,
        }
    }

    /// What hangs on an edge of a session that was called off, one finding for each such session;
    /// of some entries only, where those are given.
    pub(in crate::audit) fn hanging_findings(
        &self,
        only: Option<&BTreeSet<Position>>,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let mut hanging = Hanging::new();
        let mut revised = Revised::new();
        if let Some(entries) = only {
            for position in entries {
                self.stop.check()?;
                self.hangs_on(*position, &mut hanging, &mut revised);
            }
        } else {
            for session in book.sessions(None) {
                self.stop.check()?;
                if !self.is_called_off(session) {
                    continue;
                }
                for position in book.mentions(&Ref::Session(session.clone())) {
                    self.stop.check()?;
                    self.hangs_on(*position, &mut hanging, &mut revised);
                }
            }
        }
        for (session, mut entries) in hanging {
            self.stop.check()?;
            entries.sort_by_key(|(position, _)| *position);
            entries.dedup_by_key(|(position, _)| *position);
            let slot = Slot::Session(session.clone());
            let moves = book.known(&slot, known_at);
            let off = moves
                .filter(|fact| matches!(fact.value.session_move(), Some(SessionMove::Cancelled)));
            let off = off.last().and_then(|fact| book.window(fact.at, known_at));
            let message = format!(
                "{session} was called off; the days that hang on it will not come, and others are not recorded"
            );
            let date = off.unwrap_or(Window::day(Day::MIN));
            let positions = entries.iter().map(|(position, _)| *position);
            let (code, severity) = (Code::CalledOff, Severity::Gap);
            let finding = Finding::new(code, severity, date, positions, message);
            let events = entries
                .iter()
                .filter_map(|(_, content)| content.event.as_ref());
            let parties: BTreeSet<PartyId> = events.filter_map(principal).cloned().collect();
            found.push(finding.of_session(&session).of_parties(parties));
        }
        Ok(())
    }

    fn is_called_off(&self, session: &SessionId) -> bool {
        let (book, known_at) = (self.view.book, self.view.known_at);
        book.convening(session, known_at).is_some()
            && book.session_days(session, known_at).is_none()
    }

    /// Adds an entry to what hangs on sessions that were called off, if it does.
    fn hangs_on(&self, position: Position, hanging: &mut Hanging, revised: &mut Revised) {
        let Some(content) = self.live(position) else {
            return;
        };
        let Some(event) = &content.event else { return };
        if event.is_of_a_sitting() || self.is_assessed_anew(event, revised) {
            return;
        }
        let whens = content.effective.iter().chain(event.days());
        let sessions: BTreeSet<&SessionId> = whens
            .filter_map(|when| match when {
                When::Anchor { session, .. } => Some(session),
                When::Window(_) => None,
            })
            .filter(|session| self.is_called_off(session))
            .collect();
        for session in sessions {
            let of = hanging.entry(session.clone()).or_default();
            of.push((position, content.clone()));
        }
    }

    /// Returns whether a later revision of an assessment gives the day that this one lacks.
    fn is_assessed_anew(&self, event: &Event, revised: &mut Revised) -> bool {
        let Some(OnAccount::Assessed(dues)) = event.on_account() else {
            return false;
        };
        if !revised.contains_key(&dues.party) {
            revised.insert(dues.party.clone(), self.dated_revisions(&dues.party));
        }
        let of_year = revised.get(&dues.party);
        let last = of_year.and_then(|of| of.get(&(dues.fund.clone(), dues.year)));
        last.is_some_and(|last| *last > dues.revision)
    }

    /// Returns the last revision with a due day of each of a party's assessments.
    fn dated_revisions(&self, party: &PartyId) -> BTreeMap<(FundId, u16), u16> {
        let mut last: BTreeMap<(FundId, u16), u16> = BTreeMap::new();
        let Some(record) = self.view.record(party) else {
            return last;
        };
        for fact in self.view.known_dues(&record) {
            if let Some(OnAccount::Assessed(dues)) = fact.value.on_account()
                && self.view.when(&dues.due).is_some()
            {
                let of = last.entry((dues.fund.clone(), dues.year)).or_default();
                *of = dues.revision.max(*of);
            }
        }
        last
    }
}
