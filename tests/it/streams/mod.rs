//! The streams: what the writer publishes, who follows it, and what happens when something is wrong.

mod consumers;
mod servers;
