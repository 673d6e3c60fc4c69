//! What is asked of a running ledger, each at a position of its own.

pub(crate) mod association;
pub(crate) mod assume;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod knowledge;
pub(crate) mod listing;
pub(crate) mod names;
pub(crate) mod persons;
pub(crate) mod preview;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod sessions;
