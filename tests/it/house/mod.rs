//! Rules that the clone keeps: which crate and which room may name which, and how files look.

mod architecture;
mod catch_alls;
mod reasons;
mod rooms;
mod source;
mod strata;
pub mod tidy;
