//! The ways in which something takes a right from one party: what law weighs beside its own norms
//! (rules 17 and 18).
//!
//! Stratum (rule 27): law; reads no other.

use crate::id::BodyId;
use std::collections::BTreeSet;

/// One way in which a right may be taken from a party: the bodies, for each thing that takes it; of
/// no bodies, in every body. Nothing at all: it is not taken.
pub(crate) type Way = Vec<Vec<BodyId>>;

/// Something that takes a right, in one of these ways; of several nobody knows in which.
pub(crate) type Taking = BTreeSet<Way>;

/// Returns whether a right is taken in a body, or in one that nothing names.
pub(crate) fn is_taken(way: &Way, body: Option<&BodyId>) -> bool {
    way.iter()
        .any(|bodies| bodies.is_empty() || body.is_some_and(|body| bodies.contains(body)))
}
