//! What is known: the facts that entries state, kept by what they are about.

pub mod acts;
pub(crate) mod annulled;
pub mod annulments;
pub mod apply;
pub mod book;
pub mod class;
pub mod fact;
pub(crate) mod interned;
pub(crate) mod lawmaking;
pub mod number;
pub mod party;
pub mod slots;
pub(crate) mod summary;
pub mod without;
