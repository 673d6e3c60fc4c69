//! What of a batch may be irregular, and the findings on it alone (rule 35).

use super::gathered::Gathered;
use super::{Audit, Finding, Severity};
use crate::answers::rotation::Visit;
use crate::answers::view::Parties;
use crate::entry::event::Event;
use crate::entry::event::ask::Disputable;
use crate::entry::norm::Rule;
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;
use crate::id::{PartyId, SessionId};
use crate::law::ArticleLine;
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// What a batch does that the law may disapprove of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concerned {
    /// The sessions that decide in it.
    pub sessions: BTreeSet<SessionId>,
    /// The parties that it admits, or whose rights it suspends.
    parties: BTreeSet<PartyId>,
    /// Whether it convenes a session.
    convenes: bool,
    /// Whether an office passes on.
    rotates: bool,
    /// Whether an act rests on a decision.
    rests: bool,
}

impl Concerned {
    /// Returns what a batch does that the law may disapprove of.
    #[must_use]
    pub fn by(contents: &[Content]) -> Self {
        let mut concerned = Self::default();
        for content in contents {
            let founding = content.authority.kind == AuthorityKind::Founding;
            let is_decided = matches!(content.authority.kind, AuthorityKind::Decision(_));
            concerned.rests |= is_decided && content.event.is_some();
            match content.event.as_ref().and_then(Event::disputable) {
                // A founding act is exempt from competence and quorum only (rule 13).
                Some(Disputable::Decision(_)) if founding => {}
                Some(Disputable::Decision(decision)) => {
                    concerned.sessions.insert(decision.session.clone());
                }
                Some(Disputable::Admission(party) | Disputable::Suspension(party)) => {
                    concerned.parties.insert(party.clone());
                }
                Some(Disputable::Convening) => concerned.convenes = true,
                Some(Disputable::Rotation) => concerned.rotates = true,
                None => {}
            }
        }
        concerned
    }

    /// Returns whether nothing in the batch can be irregular.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl<P: Parties> Audit<'_, P> {
    /// Returns the irregular findings that rest on a batch's own entries. The sessions of the audit
    /// are those that decide in it.
    ///
    /// # Errors
    /// The work was given up.
    pub fn irregular(
        &self,
        concerned: &Concerned,
        own: &RangeInclusive<Position>,
    ) -> Result<Vec<Finding>, Stopped> {
        let mut found = Vec::new();
        let wanted = |position: Position| own.contains(&position);
        self.decision_findings(&mut found)?;
        if concerned.convenes {
            self.calendar_findings(&mut found)?;
        }
        let rotates = |rule: &Rule| rule.rotation().is_some();
        if concerned.rotates && self.law_has(rotates) {
            self.rotation_findings(&mut found)?;
        }
        let judged = |rule: &Rule| rule.class().is_some();
        let suspends = |party: &PartyId| {
            let dues = |record: &PartyRecord| {
                let facts = record.dues_facts().iter();
                facts.rev().any(|fact| wanted(fact.position))
            };
            self.view
                .parties
                .with(party, |record| record.is_some_and(dues))
        };
        let classes = self.law_has(judged);
        let parties = concerned
            .parties
            .iter()
            .filter(|party| classes || suspends(party));
        let parties: Vec<&PartyId> = parties.collect();
        let only = |visit: &mut Visit<'_>| {
            for party in &parties {
                if let Some(record) = self.view.record(party) {
                    visit(party, &record)?;
                }
            }
            Ok(())
        };
        let audit = Audit {
            view: self.view_again(),
            on: self.on,
            walks: &only,
            lookup: self.lookup,
            sessions: self.sessions,
            stop: self.stop,
        };
        let mut gathered = Gathered::default();
        audit.party_findings(&wanted, &mut gathered)?;
        if concerned.rests {
            let mut entries = BTreeSet::new();
            entries.extend(own.start().to(*own.end()));
            audit.resting_findings(&entries, &mut gathered.shared)?;
        }
        found.extend(audit.told(gathered));
        found.retain(|finding| {
            let own = finding.entries.iter().any(|entry| wanted(*entry));
            own && finding.severity == Severity::Irregular
        });
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Returns whether any version of any article carries a norm that a test picks.
    pub(super) fn law_has(&self, test: impl Fn(&Rule) -> bool) -> bool {
        let articles = self.view.law.articles().iter();
        let mut norms = articles.flat_map(ArticleLine::norms);
        norms.any(|norm| test(&norm.rule))
    }
}
