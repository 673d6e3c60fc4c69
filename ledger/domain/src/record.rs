//! What is known: the facts that entries state, kept by what they are about.

pub mod acts;
pub mod annulments;
pub mod apply;
mod assessed;
pub mod book;
pub mod class;
pub mod fact;
pub mod heir;
pub(crate) mod interned;
pub mod number;
pub mod party;
pub mod passage;
pub mod slots;
pub(crate) mod summary;
pub mod without;
