//! Claims: what sources say, against what follows from the record (rule 33).

use super::answers::{Answer, count};
use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::event::claim::{Claim, ClaimQuestion};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{PartyId, SessionId};
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::when::Window;

/// A question of a claim, with what follows from the record.
struct Asked {
    /// The question in words; an answer ends the sentence.
    says: String,
    /// Its day, where it has one.
    on: Option<Window>,
    /// The session that it is about.
    session: Option<SessionId>,
    /// What follows from the record.
    answer: Answer,
    /// The parties that bear on it.
    parties: Vec<PartyId>,
}

impl Asked {
    fn new(says: impl Into<String>, answer: Answer) -> Self {
        Self {
            says: says.into(),
            on: None,
            session: None,
            answer,
            parties: Vec::new(),
        }
    }

    fn on(self, day: Window) -> Self {
        let on = Some(day);
        Self { on, ..self }
    }

    fn of(self, parties: impl IntoIterator<Item = PartyId>) -> Self {
        let parties = parties.into_iter().collect();
        Self { parties, ..self }
    }
}

impl<P: Parties> Audit<'_, P> {
    pub(super) fn claim_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let known = self.view.book.known(&Slot::Claims, self.view.known_at);
        let claims: Vec<(Claim, Position)> = known
            .filter_map(|fact| Some((fact.value.claim()?.clone(), fact.position)))
            .collect();
        for (claim, position) in claims {
            self.stop.check()?;
            let asked = self.claim(&claim.question)?;
            if asked.answer.allows(&claim.answer) {
                continue;
            }
            let message = format!(
                "a source says that {} {}; the record gives {}",
                asked.says,
                claim.answer,
                asked.answer.told()
            );
            let date = asked.on.unwrap_or(Window::day(Day::MIN));
            let (code, severity) = (Code::Claim, Severity::Mismatch);
            let mut finding = Finding::new(code, severity, date, [position], message);
            finding.session = asked.session;
            found.push(finding.of_parties(asked.parties));
        }
        Ok(())
    }

    /// Returns a question in words, with what follows from the record; a row for each question.
    fn claim(&self, question: &ClaimQuestion) -> Result<Asked, Stopped> {
        Ok(match question {
            ClaimQuestion::MembersOfClass { class, country, on } => {
                let of = country.as_ref().map(|of| format!(" of {of}"));
                let of = of.unwrap_or_default();
                let says = format!("the number of {class} members{of} on {on} is");
                Asked::new(says, self.members(class, country.as_ref(), *on)?).on(*on)
            }
            ClaimQuestion::ClassOf { party, on } => {
                let says = format!("the class of {party} on {on} is");
                let asked = Asked::new(says, self.class_of(party, *on)).on(*on);
                asked.of([party.clone()])
            }
            ClaimQuestion::Admitted { party, class } => {
                let says = format!("the admission of {party} as {class} was on");
                Asked::new(says, self.admitted(party, class)).of([party.clone()])
            }
            ClaimQuestion::SessionsHeld { series, through } => {
                let says = format!("the sessions of {series} through {through} are");
                Asked::new(says, self.sessions_held(series, *through)).on(*through)
            }
            ClaimQuestion::SessionDays { session } => {
                self.of_session(session, "the days of", self.days_met(session))
            }
            ClaimQuestion::SessionHost { session } => {
                self.of_session(session, "the hosts of", self.hosted_by(session))
            }
            ClaimQuestion::BodiesPresent { session } => {
                self.of_session(session, "the bodies counted at", self.present(session))
            }
            ClaimQuestion::Attended { session, party } => {
                let what = format!("the answers to whether {party} was at");
                let asked = self.of_session(session, &what, self.attended(session, party));
                asked.of([party.clone()])
            }
            ClaimQuestion::OfficeHolder { office, ordinal } => {
                let says = format!("holder {ordinal} of the office of {office} is");
                let (answer, holders) = self.nth_holder(office, *ordinal);
                Asked::new(says, answer).of(holders)
            }
            ClaimQuestion::OfficeHolders { office, through } => {
                let says = format!("the holders of the office of {office} through {through} are");
                let terms = self.terms(office).into_iter().map(|(window, ..)| window);
                Asked::new(says, count(terms, *through)).on(*through)
            }
            ClaimQuestion::Amendments {
                instrument: of,
                through,
            } => {
                let says = format!("the amendments of {of} through {through} are");
                Asked::new(says, self.times_amended(of, *through)).on(*through)
            }
            ClaimQuestion::ArticleInForce { article } => {
                let says = format!("{article} is in force since");
                Asked::new(says, self.first_in_force(article))
            }
            ClaimQuestion::Committees { on } => {
                let says = format!("the number of committees on {on} is");
                Asked::new(says, self.committees(*on)).on(*on)
            }
            ClaimQuestion::Coordinator { committee, on } => {
                let says = format!("the coordinator of {committee} on {on} is");
                Asked::new(says, self.coordinator(committee, *on)).on(*on)
            }
            ClaimQuestion::Founders { country } => {
                let founders = self.founders(country.as_ref())?;
                Asked::new("the number of founders is", founders)
            }
            ClaimQuestion::Applicants { on } => {
                let says = format!("the number of applications pending on {on} is");
                Asked::new(says, self.applicants(*on)?).on(*on)
            }
            ClaimQuestion::PartyOfName { name, language } => {
                let says = format!("the party of the name {name} ({language}) is");
                Asked::new(says, self.bearers(name, language)?)
            }
        })
    }

    /// Returns a question about a session: its day is the one on which the session opens.
    fn of_session(&self, session: &SessionId, what: &str, answer: Answer) -> Asked {
        let days = self.view.book.session_days(session, self.view.known_at);
        Asked {
            on: days.map(|days| days.opening),
            session: Some(session.clone()),
            ..Asked::new(format!("{what} {session} are"), answer)
        }
    }
}
