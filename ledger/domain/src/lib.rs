//! The meaning of the ledger: facts, timelines, law and rights.
//!
//! Pure: no clock, no I/O, no randomness, no hash order. Everything an answer depends on is an
//! argument. The numbered rules named in comments ("rule 7") are those of `ledger/MODEL.md`.

pub mod answers;
pub mod audit;
pub mod dues;
pub mod entry;
pub mod id;
pub mod judge;
pub mod law;
pub mod limits;
pub mod record;
pub mod state;
pub mod stop;
pub mod text;
pub mod time;
pub mod words;
