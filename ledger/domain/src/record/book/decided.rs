//! Which decisions were taken in which session: whatever is asked of a session walks over its own.

use crate::id::position::Position;
use crate::id::{BodyId, DecisionId, SessionId};
use std::collections::BTreeMap;

/// The decisions of each session.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Decided {
    /// With the first entry that has it so, corrected or not.
    of: BTreeMap<SessionId, BTreeMap<DecisionId, Position>>,
    said: BTreeMap<Position, (SessionId, DecisionId)>,
}

impl Decided {
    /// Notes that an entry has a decision as one of a session.
    pub fn add(&mut self, position: Position, session: &SessionId, decision: &DecisionId) {
        let of = self.of.entry(session.clone()).or_default();
        of.entry(decision.clone()).or_insert(position);
        let said = (session.clone(), decision.clone());
        self.said.insert(position, said);
    }

    /// Returns the decisions that any entry ever had as ones of a session, in order.
    pub fn of(&self, session: &SessionId) -> impl Iterator<Item = &DecisionId> {
        self.of.get(session).into_iter().flat_map(BTreeMap::keys)
    }

    /// Returns the same of the sessions of a body, with the session.
    pub fn of_body(&self, body: &BodyId) -> impl Iterator<Item = (&SessionId, &DecisionId)> {
        let first = SessionId {
            series: body.clone(),
            ordinal: 0,
        };
        let sessions = self.of.range(first..);
        let own = sessions.take_while(|(session, _)| session.series == *body);
        own.flat_map(|(session, of)| of.keys().map(move |decision| (session, decision)))
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        for (session, decision) in self.said.split_off(&above.next()).into_values() {
            let Some(of) = self.of.get_mut(&session) else {
                continue;
            };
            if of.get(&decision).is_some_and(|first| *first > above) {
                of.remove(&decision);
            }
            if of.is_empty() {
                self.of.remove(&session);
            }
        }
    }
}
