//! The running ledger, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod assume;
mod common;
mod failing;
mod recording;
mod replay;
