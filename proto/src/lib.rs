//! The contract: standing.v1, its generated code, and its mapping to the domain.
//!
//! Inwards everything is checked for its shape, and every malformed field is reported at once
//! ([`Malformed`]); what a draft means is for the domain to judge. Outwards the mapping cannot
//! fail. Domain types never travel, generated types never enter the domain.

pub mod ask;
pub mod change;
mod choice;
pub mod codec;
pub mod draft;
pub mod entry;
pub mod json;
pub mod kind;
mod limit;
mod malformed;
pub mod norm;
pub mod permission;
mod read;
pub mod time;

pub use malformed::{FieldViolation, Malformed};

/// The generated code of the package `standing.v1`, committed; `proto/generate` makes it.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "generated"
)]
pub mod v1 {
    include!("generated/standing.v1.rs");
}

/// The contract as a `google.protobuf.FileDescriptorSet`: with its imports, and with comments.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/standing.v1.binpb");
