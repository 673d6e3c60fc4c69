//! The running ledger, from outside.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;
mod failing;
mod recording;
mod replay;
