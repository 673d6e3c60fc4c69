//! What is known: the facts that entries state, kept by what they are about.

pub(crate) mod annulments;
pub mod apply;
pub mod book;
pub mod fact;
pub(crate) mod interned;
pub mod party;
pub(crate) mod slots;
pub(crate) mod summary;
