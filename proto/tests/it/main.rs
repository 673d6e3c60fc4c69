//! The contract as its users see it.
#![allow(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

mod contract;
mod entry;
mod generate;
mod json;
mod kind;
mod malformed;
mod round_trip;
