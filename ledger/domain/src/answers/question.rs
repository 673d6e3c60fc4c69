//! What is asked of rights.
//!
//! Stratum (rule 27): questions; reads no other.

use crate::id::{BodyId, PartyId, RightId};

/// A right in a body asked about, of whichever party.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The right.
    pub right: &'a RightId,
    /// The body in which; none is in any.
    pub body: Option<&'a BodyId>,
}

/// A right asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The party.
    pub party: PartyId,
    /// The right.
    pub right: RightId,
    /// The body in which; none is in any.
    pub body: Option<BodyId>,
}
