//! The running ledger, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod assume;
mod bounds;
mod changes;
mod common;
mod damage;
mod failing;
mod follow;
mod guarded;
mod instants;
mod keys;
mod names;
mod recording;
mod replay;
mod series;
