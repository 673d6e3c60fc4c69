//! Sessions with their rolls, kept for the answers that rest on them.

use parking_lot::Mutex;
use standing_domain::audit::AuditedSession;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use std::sync::Arc;

/// How many are kept.
const KEPT: usize = 32;

/// A session as known at a position.
struct Kept {
    session: SessionId,
    known_at: Position,
    audited: Arc<AuditedSession>,
}

/// Sessions with their rolls, the one asked for last at the end.
#[derive(Default)]
pub(crate) struct SessionCache(Mutex<Vec<Kept>>);

impl SessionCache {
    /// Returns a session as known at a position, if it is kept.
    pub fn find(&self, session: &SessionId, known_at: Position) -> Option<Arc<AuditedSession>> {
        let kept = self.0.lock();
        let mut of = kept.iter();
        let found = of.find(|kept| kept.session == *session && kept.known_at == known_at);
        found.map(|kept| Arc::clone(&kept.audited))
    }

    /// Keeps a session as known at a position; the one that was kept first goes for it, where there
    /// is no room.
    pub fn keep(&self, session: &SessionId, known_at: Position, audited: &Arc<AuditedSession>) {
        let mut kept = self.0.lock();
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(Kept {
            session: session.clone(),
            known_at,
            audited: Arc::clone(audited),
        });
    }
}
