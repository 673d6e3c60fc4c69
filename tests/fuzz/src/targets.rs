//! What is fuzzed.

pub mod entries;
pub mod header;
pub mod lines;
pub mod pages;
pub mod requests;
pub mod tokens;
