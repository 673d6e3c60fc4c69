//! Findings on the whole ledger, and on what one answer rests on.

use crate::Engine;
use crate::reader::EntryError;
use crate::request::RecordError;
use crate::unread::Unread;
use parking_lot::Mutex;
use standing_domain::audit::{Audit, AuditedSession, Finding};
use standing_domain::book::Slot;
use standing_domain::day::Day;
use standing_domain::event::{Event, Position};
use standing_domain::id::{DecisionId, PartyId, SessionId};
use standing_domain::party::PartyRecord;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many sessions are kept with their rolls, for the answers that rest on them.
const SESSIONS_KEPT: usize = 32;

/// Sessions with their rolls as known at a position, the one asked for last at the end.
pub(crate) type SessionCache = Mutex<Vec<(SessionId, Position, Arc<AuditedSession>)>>;

impl Engine {
    /// Returns every finding on a day, as known at a position that [`Engine::resolve`] gave. It walks over everything that is
    /// recorded; meanwhile nobody waits for it.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn findings(&self, on: Day, known_at: Position) -> Result<Vec<Finding>, RecordError> {
        // On a copy of the book, so that the writer goes on; what is hypothetical has a book of its own.
        let layer = match self.shared.over {
            Some(_) => None,
            None => Some(self.assume(Vec::new(), known_at)?),
        };
        let copy = layer.as_ref().unwrap_or(self);
        let sessions: BTreeSet<SessionId> = {
            let reader = copy.at(known_at);
            let book = reader.view().book;
            let slots = book.slots_from(&Slot::Decision(DecisionId::least()));
            let decisions = slots.take_while(|(slot, _)| matches!(slot, Slot::Decision(_)));
            let known = decisions.flat_map(|(slot, _)| book.known(slot, known_at));
            let sessions = known.filter_map(|fact| match &*fact.value {
                Event::DecisionTaken(decision) => Some(decision.session.clone()),
                _ => None,
            });
            sessions.collect()
        };
        let frozen = copy.frozen_sessions(known_at);
        let sessions: Vec<Arc<AuditedSession>> = sessions
            .into_iter()
            .chain(frozen)
            .collect::<BTreeSet<_>>()
            .iter()
            .filter_map(|session| copy.audited(session, known_at))
            .collect();
        let reader = copy.at(known_at);
        let unread = Unread::default();
        let findings = Audit {
            view: reader.view(),
            on,
            everyone: &|visit| copy.shared.each_registered(known_at, visit),
            lookup: &|position| unread.keep(copy.shared.content(position)),
            sessions: &sessions.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        }
        .findings();
        Ok(unread.or(findings)?)
    }

    /// Returns the findings on what an answer about a party rests on, when it cites these entries.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn findings_on(
        &self,
        party: &PartyId,
        cited: &[Position],
        known_at: Position,
    ) -> Result<Vec<Finding>, EntryError> {
        let nobody = |_: &mut dyn FnMut(&PartyId, &PartyRecord)| {};
        let unread = Unread::default();
        let lookup = |position| unread.keep(self.shared.content(position));
        let (entries, sessions) = {
            let reader = self.at(known_at);
            let audit = Audit {
                view: reader.view(),
                on: Day::MAX,
                everyone: &nobody,
                lookup: &lookup,
                sessions: &[],
            };
            audit.rests_on(cited.iter().copied())
        };
        let sessions: Vec<Arc<AuditedSession>> = sessions
            .iter()
            .filter_map(|session| self.audited(session, known_at))
            .collect();
        let reader = self.at(known_at);
        let view = reader.view();
        let Some(record) = view.record(party) else {
            return unread.or(Vec::new());
        };
        let findings = Audit {
            view,
            on: Day::MAX,
            everyone: &nobody,
            lookup: &lookup,
            sessions: &sessions.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        }
        .findings_on(party, &record, &entries);
        unread.or(findings)
    }

    /// Returns a session with the law that governs it and its roll.
    fn audited(&self, session: &SessionId, known_at: Position) -> Option<Arc<AuditedSession>> {
        let default = self.readings.is_empty();
        if default {
            let kept = self.shared.sessions.lock();
            let found = kept
                .iter()
                .find(|(of, at, _)| of == session && *at == known_at);
            if let Some((_, _, session)) = found {
                return Some(Arc::clone(session));
            }
        }
        let (frame, law, lines) = self.session_roll(session, known_at)?;
        let lines = lines.into_iter().map(|line| (line.party, line.entry));
        let audited = Arc::new(AuditedSession {
            frame,
            law,
            lines: lines.collect(),
        });
        if default {
            let mut kept = self.shared.sessions.lock();
            if kept.len() >= SESSIONS_KEPT {
                kept.remove(0);
            }
            kept.push((session.clone(), known_at, Arc::clone(&audited)));
        }
        Some(audited)
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
