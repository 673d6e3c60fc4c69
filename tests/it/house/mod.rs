//! Rules that the clone keeps: which crate and which room may name which, and how files look.

mod architecture;
pub mod tidy;
