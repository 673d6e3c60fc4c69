//! End-to-end tests: the real binary, real files, real clients.
#![cfg(test)]

mod asyncapi;
mod bad_input;
mod clients;
mod corpus;
mod crash;
mod dear;
mod deploy;
mod dues;
mod facts;
mod files;
mod full_disk;
mod harness;
mod house;
mod kills;
mod lifecycle;
mod memory;
mod near;
mod persons;
mod questions;
mod recording;
mod soak;
mod strangers;
mod streams;
mod watch;
