//! What is kept of sessions: each as known at the last position it was asked at, and some as known
//! at others.

use crate::shared::keep::reached::Reached;
use parking_lot::Mutex;
use standing_domain::audit::AuditedSession;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many sessions as known at positions of the past are kept.
const PAST: usize = 32;

/// How much the laws that are sessions' own may weigh together, by [`LawView::weight`]: some
/// hundred megabytes.
const MOST_WEIGHT: usize = 1 << 22;

/// A session as known at a position, under the law of an epoch.
#[derive(Clone)]
pub(crate) struct Kept {
    pub audited: Arc<AuditedSession>,
    pub epoch: Position,
    pub known_at: Position,
}

/// The place of a session.
#[derive(Default)]
pub(crate) struct Place {
    /// Who fills it holds this, and the others wait; the writer does neither.
    pub filling: Mutex<()>,
    kept: Mutex<Option<Kept>>,
}

impl Place {
    /// Returns what is kept; nobody is waited for.
    pub fn kept(&self) -> Option<Kept> {
        self.kept.lock().clone()
    }

    pub fn keep(&self, kept: Kept) {
        *self.kept.lock() = Some(kept);
    }
}

/// The places of sessions.
#[derive(Default)]
pub(crate) struct Places {
    of: BTreeMap<SessionId, Placed>,
    /// How often any was asked for.
    asked: u64,
}

/// A place, how much memory the laws take that are its session's own, and when it was asked for.
struct Placed {
    place: Arc<Place>,
    weight: usize,
    asked: u64,
}

impl Places {
    pub fn find(&mut self, session: &SessionId) -> Option<Arc<Place>> {
        self.asked += 1;
        let placed = self.of.get_mut(session)?;
        placed.asked = self.asked;
        Some(Arc::clone(&placed.place))
    }

    fn weight(&self) -> usize {
        self.of.values().map(|placed| placed.weight).sum()
    }

    /// Takes note of what a session's own laws weigh; those that were not asked for longest go,
    /// where that is too much.
    pub fn weigh(&mut self, session: &SessionId, weight: usize) {
        if let Some(placed) = self.of.get_mut(session) {
            placed.weight = weight;
        }
        let mut all = self.weight();
        while all > MOST_WEIGHT {
            let oldest = self.of.iter().filter(|(_, placed)| placed.weight > 0);
            let oldest = oldest.min_by_key(|(_, placed)| placed.asked);
            let Some(oldest) = oldest.map(|(session, _)| session.clone()) else {
                return;
            };
            all -= self.of.remove(&oldest).map_or(0, |placed| placed.weight);
        }
    }
}

/// The sessions that are kept.
#[derive(Default)]
pub(crate) struct Sessions {
    /// Each as known at the last position it was asked at.
    pub latest: Mutex<Places>,
    /// As known at others, the one asked for last at the end.
    past: Mutex<Vec<(SessionId, Kept)>>,
    /// Whom entries reached.
    pub reached: Mutex<Reached>,
}

impl Sessions {
    pub fn place(&self, session: &SessionId) -> Arc<Place> {
        let mut latest = self.latest.lock();
        if let Some(place) = latest.find(session) {
            return place;
        }
        let (place, asked) = (Arc::<Place>::default(), latest.asked);
        let placed = Placed {
            place: Arc::clone(&place),
            weight: 0,
            asked,
        };
        latest.of.insert(session.clone(), placed);
        place
    }

    /// Returns whether a session is kept, or being drawn up.
    pub fn is_kept(&self, session: &SessionId) -> bool {
        let latest = self.latest.lock();
        let placed = latest.of.get(session);
        placed.is_some_and(|placed| {
            let place = &placed.place;
            place.filling.is_locked() || place.kept.lock().is_some()
        })
    }

    /// Returns whether there is room for more sessions without any having to go.
    pub fn has_room(&self) -> bool {
        self.latest.lock().weight() < MOST_WEIGHT / 2
    }

    /// Begins to keep whom entries reach, unless that is kept already: from a position on, as of
    /// which something was worked out that is kept.
    pub fn begin(&self, position: Position) {
        self.reached.lock().begin(position);
    }

    pub fn find_past(
        &self,
        asked: &SessionId,
        known_at: Position,
        epoch: Position,
    ) -> Option<Kept> {
        let past = self.past.lock();
        let is_it = |kept: &Kept| kept.known_at == known_at && kept.epoch == epoch;
        let mut of = past.iter().filter(|(session, _)| session == asked);
        of.find(|(_, kept)| is_it(kept))
            .map(|(_, kept)| kept.clone())
    }

    pub fn keep_past(&self, session: &SessionId, kept: &Kept) {
        let mut past = self.past.lock();
        if past.len() >= PAST {
            past.remove(0);
        }
        past.push((session.clone(), kept.clone()));
    }
}
