//! The streams over NATS JetStream: the publisher of a ledger that records, and the follower of one that does not. The only crate
//! that names async-nats.
