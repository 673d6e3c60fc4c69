//! What is kept that is worked out of many facts, by itself: who works it out is elsewhere.

pub(crate) mod parts;
pub(crate) mod reached;
pub(crate) mod sessions;
