//! What is done with a file, without a server; and how a new one is made.

pub mod fresh;
pub mod inspect;
pub mod keys;
mod look;
pub mod restore;
pub mod verify;
