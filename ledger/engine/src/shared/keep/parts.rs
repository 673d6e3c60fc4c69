//! What is kept of parties: what is found of each.

use parking_lot::Mutex;
use standing_domain::audit::gathered::Gathered;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is found of each party of which anything is, as known at a position, under the law of an
/// epoch.
#[derive(Clone)]
pub(crate) struct Parts {
    pub of: Arc<BTreeMap<PartyId, Gathered>>,
    pub epoch: Position,
    pub known_at: Position,
}

/// The parts that are kept; who fills them holds them, and the others wait.
pub(crate) type KeptParts = Mutex<Option<Parts>>;
