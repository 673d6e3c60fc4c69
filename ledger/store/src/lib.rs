//! The log on redb: envelope, codec, append, read, verify; and the key file beside it.
//!
//! This is the only crate that names redb. What is stored is frozen before anything is stored:
//! [`envelope`] fixes the bytes around an event, and golden files in `golden/`, never edited, pin
//! every byte.

pub mod backup;
pub mod codec;
pub mod digest;
pub mod disk;
pub mod envelope;
mod guard;
pub mod keys;
pub mod leaf;
pub mod log;
pub mod open;
pub mod restore;
pub mod seal;
pub mod tree;
pub mod verify;

pub use redb::StorageBackend;

pub use crate::codec::CodecError;
pub use crate::envelope::{Envelope, EnvelopeError};
pub use crate::leaf::LeafHash;
pub use crate::log::{AppendError, DayFloor, Log, ReadError, StorageFailure};
pub use crate::open::{Check, OpenError, Options};
pub use crate::tree::Tree;
