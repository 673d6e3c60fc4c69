//! Following: the entries by one loop, the days that have begun by another, over one connection.

pub(crate) mod days;
pub(crate) mod entries;

use crate::connect::Link;
use crate::names::Names;
use crate::status::Status;
use standing_engine::{Ledger, Recorder};
use std::sync::Arc;

/// What both loops work with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub ledger: Ledger,
    pub recorder: Arc<Recorder>,
    pub status: Arc<Status>,
    pub link: Link,
    pub names: Names,
}
