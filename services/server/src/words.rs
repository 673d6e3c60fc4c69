//! What answers read from the ledger to say it in words.

pub(crate) mod cited;
pub(crate) mod names;
pub(crate) mod nearest;
