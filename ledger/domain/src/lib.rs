//! The meaning of the ledger: facts, timelines, law and rights.
//!
//! Pure: no clock, no I/O, no randomness, no hash order. Everything an answer depends on is an argument. The numbered
//! rules named in comments ("rule 7") are those of `ledger/MODEL.md`.

mod annulments;
pub mod apply;
pub mod arrears;
pub mod audit;
pub mod book;
pub mod changes;
pub mod competence;
pub mod condition;
pub mod day;
pub mod dues;
pub mod entry;
pub mod event;
pub mod fact;
pub mod id;
pub mod in_force;
mod interned;
pub mod judge;
pub mod key;
pub mod law_view;
pub mod limits;
pub mod losses;
pub mod norm;
pub mod party;
pub mod principal;
pub mod reach;
pub mod refs;
pub mod refusal;
pub mod rights;
pub mod roll;
pub mod rotation;
pub mod session;
pub mod slot;
mod slots;
pub mod state;
pub mod stop;
mod summary;
pub mod timeline;
pub mod truth;
pub mod view;
pub mod weighing;
pub mod when;
