//! Findings on the calendar that the law sets for sessions.

use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::norm::SessionRule;
use crate::id::position::Position;
use crate::id::{BodyId, SessionId};
use crate::law::in_force::InForce;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;

/// A session that was held.
struct Held {
    session: SessionId,
    opening: Window,
    position: Position,
}

impl<P: Parties> Audit<'_, P> {
    /// Sessions of a series that were held, by opening.
    fn held(&self, series: &BodyId) -> Vec<Held> {
        let sessions = self.view.book.sessions(Some(series));
        let mut held: Vec<Held> = sessions
            .filter_map(|session| {
                let facts = self.view.session_facts(session)?;
                let known = !facts.cancelled && facts.opening.latest <= self.on;
                known.then(|| Held {
                    session: session.clone(),
                    opening: facts.opening,
                    position: facts.position,
                })
            })
            .collect();
        held.sort_by(|a, b| (a.opening, &a.session).cmp(&(b.opening, &b.session)));
        held
    }

    pub(super) fn calendar_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        for series in self.series() {
            let held = self.held(&series);
            for (place, session) in held.iter().enumerate() {
                self.stop.check()?;
                if let Some(before) = place.checked_sub(1).map(|before| &held[before]) {
                    self.late(&series, before, session, found);
                }
                self.year_before(&series, session, found);
            }
            if let Some(last) = held.last() {
                self.overdue(&series, last, found);
            }
        }
        Ok(())
    }

    fn series(&self) -> Vec<BodyId> {
        let mut series: Vec<BodyId> = Vec::new();
        for session in self.view.book.sessions(None) {
            if series.last() != Some(&session.series) {
                series.push(session.series.clone());
            }
        }
        series
    }

    /// Calls `found` with the rules on sessions that are certainly in force on both of two days,
    /// each with its norm.
    fn governing(&self, days: [Day; 2], visit: &mut dyn FnMut(&InForce<'_>, &SessionRule)) {
        let later = self.view.law.in_force(days[1]);
        for norm in self.view.law.in_force(days[0]) {
            let Some(rule) = norm.norm.rule.sessions() else {
                continue;
            };
            let stays = later
                .iter()
                .any(|other| other.certain == Truth::Yes && other.norm.rule == norm.norm.rule);
            if norm.certain == Truth::Yes && stays {
                visit(&norm, rule);
            }
        }
    }

    /// A session that opened in a later year than the law has it. One more than it demands breaks
    /// nothing.
    fn late(&self, series: &BodyId, before: &Held, session: &Held, found: &mut Vec<Finding>) {
        let (last, year) = (
            before.opening.latest.year(),
            session.opening.earliest.year(),
        );
        if before.opening.earliest.year() != last {
            return;
        }
        let days = [before.opening.latest, session.opening.earliest];
        self.governing(days, &mut |norm, rule| {
            let Some(due) = due(rule, last).filter(|due| rule.series == *series && *due < year) else {
                return;
            };
            let message = format!(
                "{series} meets every {} years by {}: after {} of {last} none opened in {due}, the next, {}, in {year}{}",
                rule.every_years,
                norm.article,
                before.session,
                session.session,
                super::known_as(norm.norm.support)
            );
            let (code, severity) = (Code::Calendar, Severity::Irregular);
            let entries = [session.position];
            let finding = Finding::new(code, severity, session.opening, entries, message);
            found.push(finding.of_session(&session.session).under([norm.article.clone()]));
        });
    }

    /// A series that the law would have had meet again by now.
    fn overdue(&self, series: &BodyId, last: &Held, found: &mut Vec<Finding>) {
        let year = last.opening.latest.year();
        self.governing([last.opening.latest, self.on], &mut |norm, rule| {
            let Some(due) =
                due(rule, year).filter(|due| rule.series == *series && *due < self.on.year())
            else {
                return;
            };
            let message = format!(
                "{series} meets every {} years by {}: no session is recorded after {} of {year}",
                rule.every_years, norm.article, last.session
            );
            let (code, severity) = (Code::Calendar, Severity::Gap);
            let date = Window {
                earliest: Day::first_of_year(due),
                latest: Day::first_of_year(due.saturating_add(1)).previous(),
            };
            let finding = Finding::new(code, severity, date, [last.position], message);
            found.push(finding.under([norm.article.clone()]));
        });
    }

    /// A session in the year before which another series had to meet, and did not.
    fn year_before(&self, of: &BodyId, session: &Held, found: &mut Vec<Finding>) {
        let Held { opening, .. } = session;
        let year = opening.earliest.year();
        if opening.latest.year() != year {
            return;
        }
        let before = [
            Day::first_of_year(year.saturating_sub(1)),
            Day::first_of_year(year).previous(),
        ];
        self.governing(before, &mut |norm, rule| {
            if rule.year_before.as_ref() != Some(of) {
                return;
            }
            let held = self.held(&rule.series);
            let met = |year: i16| {
                held.iter()
                    .find(|other| other.opening.earliest.year() <= year && year <= other.opening.latest.year())
            };
            if met(year.saturating_sub(1)).is_some() {
                return;
            }
            let first = self.first_convened(&session.session).map(Day::year);
            let then = first.filter(|first| *first < year);
            let then = then.and_then(|first| Some((first, met(first.saturating_sub(1))?)));
            let (series, article) = (&rule.series, norm.article);
            let (severity, why, other) = match then {
                // It was observed as far as anybody could see ahead.
                Some((first, other)) => (
                    Severity::Note,
                    format!("{} met in the year before {first}, for which it was first convened", other.session),
                    Some(other.position),
                ),
                None => (Severity::Gap, format!("no session of it is recorded in {}", year.saturating_sub(1)), None),
            };
            let message = format!(
                "{article} has {series} meet in the year before {}, which was held in {year}; {why}{}",
                session.session,
                super::known_as(norm.norm.support)
            );
            let entries = [session.position].into_iter().chain(other);
            let finding = Finding::new(Code::Calendar, severity, *opening, entries, message);
            found.push(finding.of_session(&session.session).under([article.clone()]));
        });
    }

    /// Returns the day for which a session was first convened.
    fn first_convened(&self, session: &SessionId) -> Option<Day> {
        let slot = crate::entry::slot::Slot::Session(session.clone());
        let known = self.view.book.known(&slot, self.view.known_at);
        let mut convened = known.filter_map(|fact| match fact.at {
            crate::record::fact::At::Window(window) => Some(window.earliest),
            crate::record::fact::At::Anchor(..) => None,
        });
        convened.next()
    }
}

/// Returns the year by which a body that met in one meets again.
fn due(rule: &SessionRule, last: i16) -> Option<i16> {
    let years = i16::try_from(rule.every_years)
        .ok()
        .filter(|years| *years > 0)?;
    last.checked_add(years)
}
