//! End-to-end tests.
#![cfg(test)]

mod architecture;
mod tidy;
