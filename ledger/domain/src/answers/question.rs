//! What is asked of rights.
//!
//! Stratum (rule 27): questions; reads no other.

use crate::id::{BodyId, PartyId, RightId};
use crate::time::day::Day;

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

/// The days that govern an answer.
#[derive(Debug, Clone, Copy)]
pub struct GoverningDays {
    /// The day whose law it is given under.
    pub law: Day,
    /// The day on which counts what the party loses by itself.
    pub losses: Day,
}

impl GoverningDays {
    /// Returns one day for both.
    #[must_use]
    pub fn same(day: Day) -> Self {
        Self {
            law: day,
            losses: day,
        }
    }
}
