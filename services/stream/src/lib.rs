//! The streams over NATS JetStream: the publisher of a ledger that records, and the follower of one
//! that does not. The only crate that names async-nats.
//!
//! The log is the truth, and the stream's own last sequence is the publisher's cursor: entry n is
//! message n, and every message is sent on the condition that its predecessor is the last. After
//! any failure the publisher looks at what the stream holds, compares bytes, and goes on from there
//! or stops with a reason.

mod connect;
mod end;
mod error;
mod follow;
mod follower;
mod message;
mod names;
mod publish;
mod publisher;
mod retry;
mod rights;
mod settings;
mod status;
mod stream;

pub use connect::Connect;
pub use end::End;
pub use error::Stop;
pub use follower::{Follower, Following, follow};
pub use message::BadMessage;
pub use names::{Names, header};
pub use publish::{Hook, Point, Which};
pub use publisher::{Publisher, Publishing, publish};
pub use settings::Violation;
pub use status::Status;
pub use stream::reach::{Reach, how_far};
