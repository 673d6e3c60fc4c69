//! The store as its users see it.
#![allow(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking, helpers included"
)]

mod append;
mod backup;
mod codec;
mod crash;
mod envelope;
mod golden;
mod integrity;
mod keys;
mod kills;
mod open;
mod samples;
mod support;
mod upgrade;
mod verify;
