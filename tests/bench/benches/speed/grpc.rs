//! Calls over loopback.

/// How many connections the callers share.
pub const CONNECTIONS: usize = 4;
