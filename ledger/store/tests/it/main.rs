//! The store as its users see it.

mod append;
mod crash;
mod envelope;
mod golden;
mod keys;
mod open;
mod support;
