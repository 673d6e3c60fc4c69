//! End-to-end tests: the real binary, real files, real clients.
#![cfg(test)]

mod architecture;
mod asyncapi;
mod bad_input;
mod clients;
mod crash;
mod dues;
mod facts;
mod harness;
mod integrity;
mod lifecycle;
mod near;
mod questions;
mod recording;
mod streams;
mod tidy;
mod watch;
