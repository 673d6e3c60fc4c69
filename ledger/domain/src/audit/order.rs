//! Findings on what comes round: offices in their turn, duties of coordinators in their time.

use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::norm::{RotationRule, Rule};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{CommitteeId, PartyId};
use crate::law::in_force::InForce;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;

impl<P: Parties> Audit<'_, P> {
    pub(super) fn order_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        self.calendar_findings(found)?;
        self.rotation_findings(found)?;
        self.duty_findings(found)?;
        self.name_findings(found)
    }

    pub(super) fn rotation_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let articles = self.view.law.articles().iter();
        let rules = articles.flat_map(|article| article.norms().map(move |norm| (article, norm)));
        let mut seen: Vec<&RotationRule> = Vec::new();
        for (article, norm) in rules {
            let Some(rule) = norm.rule.rotation() else {
                continue;
            };
            if seen.contains(&rule) {
                continue;
            }
            seen.push(rule);
            let rotation = self
                .view
                .rotation(rule, Day::MAX, 0, &|visit| self.walks.concerned(visit))?;
            for taken in rotation.taken.into_iter().filter(|taken| taken.rotated) {
                self.stop.check()?;
                let (to, window, position) = (&taken.party, &taken.since, taken.position);
                let Some(due) = taken.due else { continue };
                let in_force = self.view.law.in_force(window.latest);
                let governs = |norm: &InForce<'_>| {
                    norm.norm.rule == Rule::Rotation(rule.clone()) && norm.certain == Truth::Yes
                };
                if !in_force.iter().any(governs) {
                    continue;
                }
                let message = format!(
                    "the {} passes to {to}; by {} it was the turn of {due}{}",
                    rule.office,
                    article.article,
                    super::known_as(norm.support)
                );
                let (code, severity) = (Code::Rotation, Severity::Irregular);
                let finding = Finding::new(code, severity, *window, [position], message);
                let finding = finding.of_parties([to.clone(), due]);
                found.push(finding.under([article.article.clone()]));
            }
        }
        Ok(())
    }

    /// Duties that come round of which the record does not show that coordinators did them in the
    /// last such time. What the law does not time can be done at any time, and is left alone.
    fn duty_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let norms = self.view.law.in_force(self.on);
        let duties = norms.iter().filter_map(|norm| {
            if let Some(rule) = norm.norm.rule.duty()
                && norm.certain == Truth::Yes
                && rule.every_years > 0
            {
                Some((norm, rule))
            } else {
                None
            }
        });
        for (norm, rule) in duties {
            let months = i32::try_from(rule.every_years).ok();
            let Some(months) = months.and_then(|years| years.checked_mul(-12)) else {
                continue;
            };
            let time = Window {
                earliest: self.on.plus_months(months).next(),
                latest: self.on,
            };
            let mut coordinators = Vec::new();
            for coordinator in self.coordinators(time) {
                self.stop.check()?;
                if !self.met(&coordinator.0, time) {
                    coordinators.push(coordinator);
                }
            }
            if coordinators.is_empty() {
                continue;
            }
            let committees: BTreeSet<String> = coordinators
                .iter()
                .map(|(committee, ..)| committee.to_string())
                .collect();
            let message = format!(
                "{} demands {} of coordinators every {} years; none is recorded since {} in {}{}",
                norm.article,
                rule.duty,
                rule.every_years,
                time.earliest,
                committees.into_iter().collect::<Vec<_>>().join(", "),
                super::known_as(norm.norm.support)
            );
            let entries = coordinators.iter().map(|(_, _, position)| *position);
            let (code, severity) = (Code::CoordinatorDuty, Severity::Gap);
            let finding = Finding::new(code, severity, time, entries, message);
            let parties = coordinators.iter().map(|(_, party, _)| party.clone());
            found.push(finding.of_parties(parties).under([norm.article.clone()]));
        }
        Ok(())
    }

    /// Returns whether a committee is recorded to have met in a time. The series of its sessions is
    /// named after it.
    fn met(&self, committee: &CommitteeId, time: Window) -> bool {
        let ending = format!("-{committee}");
        self.view.book.sessions(None).any(|session| {
            let series = session.series.as_str();
            let own = series == committee.as_str() || series.ends_with(&ending);
            let days = self.view.book.session_days(session, self.view.known_at);
            own && days.is_some_and(|days| days.opening.overlaps(time))
        })
    }

    /// Returns those who certainly coordinate all through a time, and of which committees.
    fn coordinators(&self, time: Window) -> Vec<(CommitteeId, PartyId, Position)> {
        let book = self.view.book;
        let least = Slot::Coordinator(CommitteeId::least(), None);
        let slots = book.slots_from(&least).map_while(|(slot, _)| match slot {
            Slot::Coordinator(committee, _) => Some((slot, committee)),
            _ => None,
        });
        let mut found = Vec::new();
        for (slot, committee) in slots {
            let Ok(line) = book.line(slot, self.view.known_at) else {
                continue;
            };
            let at = |day| {
                let mut values = line.possible(day);
                let value = values.next().flatten();
                value.filter(|_| values.next().is_none())
            };
            let (Some((event, position)), Some((_, since))) = (at(time.latest), at(time.earliest))
            else {
                continue;
            };
            if let Some(party) = event.coordinator()
                && position == since
            {
                found.push((committee.clone(), party.clone(), position));
            }
        }
        found
    }
}
