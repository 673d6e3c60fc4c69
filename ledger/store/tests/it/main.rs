//! The store as its users see it.
#![allow(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking, helpers included"
)]

mod append;
mod codec;
mod crash;
mod envelope;
mod golden;
mod integrity;
mod keys;
mod open;
mod reopen;
mod samples;
mod samples_claim;
mod samples_dues;
mod samples_law;
mod samples_policy;
mod support;
mod upgrade;
mod verify;
