//! Days: those on which something changes, and what lies ahead.

pub(crate) mod days;
pub(crate) mod upcoming;
