//! What both benchmarks measure with.

pub mod environment;
pub mod memory;
pub mod rounds;
pub mod table;
pub mod world;

/// What a benchmark ends with.
pub type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
