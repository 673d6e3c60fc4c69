//! Fuzz targets: what takes bytes from outside is given others than it expects. It never panics,
//! hangs, or takes them for what they are not.
//!
//! As a test, each target tries its corpus. `./tests/fuzz/run` builds the workspace so that it
//! counts what it runs (`counters`) and fuzzes: see there for what the environment says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod counters;
mod edits;
mod engine;
mod mutate;
mod targets;
mod wire;
mod world;

use engine::fuzz;

#[test]
fn entries() {
    fuzz::<targets::entries::Entries>();
}

#[test]
fn header() {
    fuzz::<targets::header::Header>();
}

#[test]
fn lines() {
    fuzz::<targets::lines::Lines>();
}

#[test]
fn pages() {
    fuzz::<targets::pages::Pages>();
}

#[test]
fn requests() {
    fuzz::<targets::requests::Requests>();
}

#[test]
fn tokens() {
    fuzz::<targets::tokens::Tokens>();
}
