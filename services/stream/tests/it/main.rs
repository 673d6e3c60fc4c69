//! The publisher and the follower against a real NATS server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod crash;
mod faults;
mod follow;
mod ledger;
mod nats;
mod patience;
mod publish;
mod refuse;
mod spoilt;
mod world;
