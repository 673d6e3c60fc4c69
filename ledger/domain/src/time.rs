//! Days, uncertain days, what is true when, and timelines laid from them.

pub mod day;
pub mod record_time;
pub mod steps;
pub mod timeline;
pub mod truth;
pub mod when;
