//! Claims: what sources say, against what follows from the record (rule 33).

use super::answers::{Answer, count, one};
use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::event::Event;
use crate::entry::event::claim::{Claim, ClaimQuestion};
use crate::entry::slot::Slot;
use crate::id::{PartyId, Position, SessionId};
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::when::Window;

impl<P: Parties> Audit<'_, P> {
    pub(super) fn claim_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let known = self.view.book.known(&Slot::Claims, self.view.known_at);
        let claims: Vec<(Claim, Position)> = known
            .filter_map(|fact| {
                if let Event::ClaimRecorded(claim) = &*fact.value {
                    Some((claim.clone(), fact.position))
                } else {
                    None
                }
            })
            .collect();
        for (claim, position) in claims {
            let (asked, on) = self.asked(&claim.question);
            self.stop.check()?;
            let (answer, parties) = self.answer(&claim.question)?;
            if answer.allows(&claim.answer) {
                continue;
            }
            let message = format!(
                "a source says that {asked} {}; the record gives {}",
                claim.answer,
                answer.told()
            );
            let date = on.unwrap_or(Window::day(Day::MIN));
            let (code, severity) = (Code::Claim, Severity::Mismatch);
            let mut finding = Finding::new(code, severity, date, [position], message);
            finding.session = session_of(&claim.question).cloned();
            found.push(finding.of_parties(parties));
        }
        Ok(())
    }

    /// Returns a question in words, and its day where it has one.
    fn asked(&self, question: &ClaimQuestion) -> (String, Option<Window>) {
        let of_session = |session: &SessionId, what: &str| {
            let days = self.view.book.session_days(session, self.view.known_at);
            (format!("{what} {session} are"), days.map(|days| days.0))
        };
        match question {
            ClaimQuestion::MembersOfClass { class, country, on } => {
                let of = country
                    .as_ref()
                    .map(|of| format!(" of {of}"))
                    .unwrap_or_default();
                (
                    format!("the number of {class} members{of} on {on} is"),
                    Some(*on),
                )
            }
            ClaimQuestion::ClassOf { party, on } => {
                (format!("the class of {party} on {on} is"), Some(*on))
            }
            ClaimQuestion::Admitted { party, class } => {
                (format!("the admission of {party} as {class} was on"), None)
            }
            ClaimQuestion::SessionsHeld { series, through } => (
                format!("the sessions of {series} through {through} are"),
                Some(*through),
            ),
            ClaimQuestion::SessionDays { session } => of_session(session, "the days of"),
            ClaimQuestion::SessionHost { session } => of_session(session, "the hosts of"),
            ClaimQuestion::BodiesPresent { session } => {
                of_session(session, "the bodies counted at")
            }
            ClaimQuestion::Attended { session, party } => {
                of_session(session, &format!("the answers to whether {party} was at"))
            }
            ClaimQuestion::OfficeHolder { office, ordinal } => (
                format!("holder {ordinal} of the office of {office} is"),
                None,
            ),
            ClaimQuestion::OfficeHolders { office, through } => (
                format!("the holders of the office of {office} through {through} are"),
                Some(*through),
            ),
            ClaimQuestion::Amendments {
                instrument,
                through,
            } => (
                format!("the amendments of {instrument} through {through} are"),
                Some(*through),
            ),
            ClaimQuestion::ArticleInForce { article } => {
                (format!("{article} is in force since"), None)
            }
            ClaimQuestion::Committees { on } => {
                (format!("the number of committees on {on} is"), Some(*on))
            }
            ClaimQuestion::Coordinator { committee, on } => (
                format!("the coordinator of {committee} on {on} is"),
                Some(*on),
            ),
            ClaimQuestion::Founders { .. } => ("the number of founders is".to_owned(), None),
            ClaimQuestion::Applicants { on } => (
                format!("the number of applications pending on {on} is"),
                Some(*on),
            ),
            ClaimQuestion::PartyOfName { name, language } => (
                format!("the party of the name {name} ({language}) is"),
                None,
            ),
        }
    }

    /// Returns what follows from the record, and the parties that bear on it.
    ///
    /// # Errors
    /// The work was given up.
    pub fn answer(&self, question: &ClaimQuestion) -> Result<(Answer, Vec<PartyId>), Stopped> {
        let nobody = Vec::new;
        Ok(match question {
            ClaimQuestion::MembersOfClass { class, country, on } => {
                (self.members(class, country.as_ref(), *on)?, nobody())
            }
            ClaimQuestion::ClassOf { party, on } => {
                let Some(record) = self.view.record(party) else {
                    return Ok((Answer::Nothing, nobody()));
                };
                (
                    Answer::OneOf(self.classes_within(&record, *on)),
                    vec![party.clone()],
                )
            }
            ClaimQuestion::Admitted { party, class } => {
                (self.admitted(party, class), vec![party.clone()])
            }
            ClaimQuestion::SessionsHeld { series, through } => {
                let sessions = self.view.book.sessions(Some(series));
                let openings = sessions.filter_map(|session| {
                    Some(self.view.book.session_days(session, self.view.known_at)?.0)
                });
                (count(openings, *through), nobody())
            }
            ClaimQuestion::SessionDays { session } => {
                let days = self.view.book.session_days(session, self.view.known_at);
                (
                    days.map_or(Answer::Nothing, |(a, b)| Answer::Days(a, b)),
                    nobody(),
                )
            }
            ClaimQuestion::SessionHost { session } => {
                let host = self
                    .view
                    .session_facts(session)
                    .and_then(|facts| facts.host);
                (
                    host.map_or(Answer::Nothing, |host| one(&host.to_string())),
                    nobody(),
                )
            }
            ClaimQuestion::BodiesPresent { session } => (self.present(session), nobody()),
            ClaimQuestion::Attended { session, party } => {
                let frame = self.view.session_frame(session);
                let answer = match frame.filter(|frame| frame.named_in_person) {
                    Some(frame) if frame.present.contains(party) => one("yes"),
                    Some(_) => one("no"),
                    None => Answer::Nothing,
                };
                (answer, vec![party.clone()])
            }
            ClaimQuestion::OfficeHolder { office, ordinal } => self.nth_holder(office, *ordinal),
            ClaimQuestion::OfficeHolders { office, through } => {
                let terms = self.terms(office).into_iter().map(|(window, ..)| window);
                (count(terms, *through), nobody())
            }
            ClaimQuestion::Amendments {
                instrument,
                through,
            } => {
                let slot = Slot::Amendments(instrument.clone());
                let known = self.view.book.known(&slot, self.view.known_at);
                let on =
                    known.filter_map(|fact| self.view.book.window(fact.at, self.view.known_at));
                (count(on, *through), nobody())
            }
            ClaimQuestion::ArticleInForce { article } => {
                let slot = Slot::Article(article.clone());
                let line = self.view.book.line(&slot, self.view.known_at);
                let first = line
                    .ok()
                    .and_then(|line| line.steps().first().map(|step| step.window));
                (first.map_or(Answer::Nothing, Answer::Day), nobody())
            }
            ClaimQuestion::Committees { on } => (self.committees(*on), nobody()),
            ClaimQuestion::Coordinator { committee, on } => {
                (self.coordinator(committee, *on), nobody())
            }
            ClaimQuestion::Founders { country } => (self.founders(country.as_ref())?, nobody()),
            ClaimQuestion::Applicants { on } => (self.applicants(*on)?, nobody()),
            ClaimQuestion::PartyOfName { name, language } => {
                (self.bearers(name, language)?, nobody())
            }
        })
    }
}

fn session_of(question: &ClaimQuestion) -> Option<&SessionId> {
    if let ClaimQuestion::SessionDays { session }
    | ClaimQuestion::SessionHost { session }
    | ClaimQuestion::BodiesPresent { session }
    | ClaimQuestion::Attended { session, .. } = question
    {
        Some(session)
    } else {
        None
    }
}
