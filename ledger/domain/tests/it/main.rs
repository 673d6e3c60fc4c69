//! The domain from outside: tables that an expert can proofread, and a naive model that enumerates
//! every placement.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read their tables from the disk and say what they expect by panicking"
)]

mod bounds;
mod dues;
mod naive;
mod persons;
mod policies;
mod support;
mod tables;
