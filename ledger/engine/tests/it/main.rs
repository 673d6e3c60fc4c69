//! The running ledger, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod assume;
mod bounds;
mod changes;
mod common;
mod failing;
mod follow;
mod recording;
mod replay;
