//! What a ledger does about entries: it records them, or takes them over.

/// Whether a ledger records, or takes over what another records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It records.
    Writer,
    /// It follows.
    Follower,
}
