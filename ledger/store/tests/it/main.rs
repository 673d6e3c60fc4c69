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
mod keys;
mod kills;
mod open;
mod pages;
mod samples;
mod samples_claim;
mod samples_dues;
mod samples_law;
mod samples_policy;
mod support;
mod verify;
