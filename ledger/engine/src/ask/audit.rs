//! Findings on the whole ledger, and on what one answer rests on.

use crate::entry::EntryError;
use crate::ledger::Ledger;
use crate::shared::Shared;
use crate::shared::unread::Unread;
use crate::shared::walks::Walking;
use standing_domain::answers::rotation::Visit;
use standing_domain::audit::{Audit, AuditedSession, Finding};
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{DecisionId, PartyId, SessionId};
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why there are no findings.
#[derive(Debug, thiserror::Error)]
pub enum FindingsError {
    /// An entry that they rest on cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Nobody waits for them any more.
    #[error(transparent)]
    GivenUp(#[from] Stopped),
}

impl Ledger {
    /// Returns every finding on a day, as known at a position that [`Ledger::resolve`] gave. It
    /// walks over everything that is recorded; meanwhile nobody waits for it, and the stop test
    /// holds nobody up either.
    ///
    /// # Errors
    /// The log cannot be read, or the walk was given up.
    pub fn findings(
        &self,
        on: Day,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Vec<Finding>, FindingsError> {
        stop.check()?;
        // On a copy of the book, so that the writer goes on; what is hypothetical has a book of its
        // own.
        let copy = match self.shared.lies_on() {
            Some(_) => self.clone(),
            None => Self {
                shared: Arc::new(Shared::over(&self.shared, known_at)?),
                readings: Arc::clone(&self.readings),
                opens: self.opens,
                noted: None,
            },
        };
        let sessions: BTreeSet<SessionId> = {
            let reader = copy.at(known_at);
            let book = reader.view().book;
            let slots = book.slots_from(&Slot::Decision(DecisionId::least()));
            let mut sessions = BTreeSet::new();
            for (slot, _) in slots.take_while(|(slot, _)| matches!(slot, Slot::Decision(_))) {
                stop.check()?;
                let decided = book.recorded(slot, known_at);
                sessions.extend(
                    decided.filter_map(|fact| Some(fact.value.decision()?.session.clone())),
                );
            }
            sessions
        };
        let frozen = copy.frozen_sessions(known_at);
        let annulled = copy.at(known_at).view().annulled_since();
        let all = sessions.into_iter().chain(frozen).chain(annulled);
        let all: BTreeSet<SessionId> = all.collect();
        let mut sessions: Vec<Arc<AuditedSession>> = Vec::new();
        for session in &all {
            // Of this ledger, as it keeps them.
            sessions.extend(self.session_rolls(session, known_at, stop)?);
        }
        let unread = Unread::default();
        let parts = if self.readings.is_empty() {
            let law = self.shared.law(known_at);
            Some(self.shared.parts((known_at, &law), &unread, stop)?)
        } else {
            None
        };
        let reader = copy.at(known_at);
        let walks = Walking {
            shared: &copy.shared,
            known_at,
            stop,
            unread: &unread,
        };
        let audit = Audit {
            view: reader.view(),
            on,
            walks: &walks,
            lookup: &|position| unread.keep(copy.shared.content(position)),
            sessions: &sessions.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
            stop,
        };
        let findings = match parts {
            Some(parts) => audit.findings_with(parts)?,
            None => audit.findings()?,
        };
        Ok(unread.or(findings)?)
    }

    /// Returns the findings on what an answer about a party rests on, when it cites these entries.
    /// The stop test is asked while rolls are taken, never while the book is held.
    ///
    /// # Errors
    /// An entry cannot be read, or the work was given up.
    pub fn findings_on(
        &self,
        party: &PartyId,
        cited: &[Position],
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Vec<Finding>, FindingsError> {
        let nobody = |_: &mut Visit<'_>| Ok(());
        let unread = Unread::default();
        let lookup = |position| unread.keep(self.shared.content(position));
        let resting = {
            let reader = self.at(known_at);
            let audit = Audit {
                view: reader.view(),
                on: Day::MAX,
                walks: &nobody,
                lookup: &lookup,
                sessions: &[],
                stop: Stop::NEVER,
            };
            audit.rests_on(cited.iter().copied())
        };
        let mut sessions: Vec<Arc<AuditedSession>> = Vec::new();
        for session in &resting.sessions {
            sessions.extend(self.session_rolls(session, known_at, stop)?);
        }
        let reader = self.at(known_at);
        let view = reader.view();
        let Some(record) = view.record(party) else {
            return Ok(unread.or(Vec::new())?);
        };
        let findings = Audit {
            view,
            on: Day::MAX,
            walks: &nobody,
            lookup: &lookup,
            sessions: &sessions.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
            stop: Stop::NEVER,
        }
        .findings_on(party, &record, &resting)?;
        Ok(unread.or(findings)?)
    }

    fn frozen_sessions(&self, known_at: Position) -> Vec<SessionId> {
        let reader = self.at(known_at);
        let view = reader.view();
        let sessions = view.book.sessions(None);
        let frozen = sessions.filter(|session| {
            let slot = Slot::FrozenRoll((*session).clone());
            view.book.known(&slot, known_at).next().is_some()
        });
        frozen.cloned().collect()
    }
}
