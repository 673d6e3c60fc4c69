//! Sessions: what their rolls come down to, and who is on them.

use crate::ledger::Ledger;
use crate::shared::index::first;
use crate::shared::sessions::Asked;
use crate::shared::sessions::drawn::{AT_ONCE, Drawing, draw};
use standing_domain::answers::electorate::VOTE;
use standing_domain::answers::session::RollEntry;
use standing_domain::audit::AuditedSession;
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, RightId, SessionId};
use standing_domain::stop::{Stop, Stopped};
use std::sync::Arc;

/// Which part of a roll is asked for.
#[derive(Debug, Clone, Copy)]
pub struct RollPage<'a> {
    /// The roll, by its place among those of the session.
    pub roll: usize,
    /// The party after which it begins; none at the start.
    pub after: Option<&'a PartyId>,
    /// How many lines at most.
    pub limit: usize,
}

impl Ledger {
    /// Returns a session with the laws that govern it and its rolls; none if it is not convened as
    /// known at the position (rules 22 and 23). What they come down to is kept for as long as
    /// nothing that they rest on has changed.
    ///
    /// # Errors
    /// The work was given up.
    pub fn session_rolls(
        &self,
        session: &SessionId,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Option<Arc<AuditedSession>>, Stopped> {
        let law = &self.shared.law(known_at);
        if self.readings.is_empty() {
            let asked = Asked {
                session,
                known_at,
                law,
                above: None,
            };
            return self.shared.session(&asked, stop);
        }
        let drawing = Drawing {
            session,
            known_at,
            law,
            readings: &self.readings,
        };
        Ok(draw(&self.shared, &drawing, stop)?.map(Arc::new))
    }

    /// Returns lines of a roll of a session, or of who was present beside it, by id.
    ///
    /// # Errors
    /// The work was given up.
    pub fn roll_page(
        &self,
        session: &AuditedSession,
        page: &RollPage<'_>,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<Vec<(PartyId, RollEntry)>, Stopped> {
        let (frame, laws) = (&session.frame, &session.laws);
        let mut after = page.after.cloned();
        let mut found = Vec::new();
        let Ok(vote) = RightId::new(VOTE) else {
            return Ok(found);
        };
        let body = Some(&frame.facts.session.series);
        let law = laws.of_roll(page.roll).law;
        let voting = self.may_hold(&law, &vote, body, (frame.law_day, known_at));
        let frozen = frame.frozen.iter().flat_map(|frozen| &frozen.entitled);
        let there = frame.present.iter().chain(&frame.in_writing).chain(frozen);
        let there: Vec<PartyId> = first(there.cloned().collect(), usize::MAX);
        while found.len() < page.limit {
            stop.check()?;
            let mut some = self.shared.parties_after(&voting, after.as_ref(), AT_ONCE);
            let begun = there.partition_point(|party| after.as_ref().is_some_and(|of| party <= of));
            some.extend(there[begun..].iter().take(AT_ONCE).cloned());
            let some = first(some, AT_ONCE);
            let Some(last) = some.last() else { break };
            after = Some(last.clone());
            let reader = self.at(known_at);
            let view = reader.view();
            for party in some {
                let record = view.record(&party);
                let lines = record.and_then(|of| view.roll_lines(frame, laws, &party, &of));
                let line = lines.and_then(|lines| lines.on(page.roll).cloned());
                found.extend(line.map(|line| (party, line)));
            }
        }
        found.truncate(page.limit);
        Ok(found)
    }
}
