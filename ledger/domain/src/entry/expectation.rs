//! What a client believes of the ledger when it asks to record: whoever was quicker makes it wrong.

use crate::id::epoch::Epoch;
use crate::id::position::Position;
use crate::id::{InstrumentId, PartyId};

/// What a client believes of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Of what.
    pub of: Expected,
    /// The epoch of the history that the position is of.
    pub epoch: Epoch,
    /// The position of the last entry that concerns it; [`Position::ZERO`] where none does.
    pub position: Position,
}

/// What an expectation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// The log.
    Log,
    /// A party.
    Party(PartyId),
    /// An instrument.
    Instrument(InstrumentId),
}
