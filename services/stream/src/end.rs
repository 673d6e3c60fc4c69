//! The end of a stream: a history that is resumed after entries were lost goes on in streams of its
//! own, and the last message of those that held the other says so to whoever reads them.

use crate::names::header;
use async_nats::HeaderMap;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;

/// Where the history of a stream goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// In which epoch.
    pub epoch: Epoch,
    /// The last position that both have in common.
    pub kept: Position,
}

impl End {
    /// Reads what a message says of the end of its stream; none if it is another message.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &'static str| headers.get(name)?.as_str().parse().ok();
        Some(Self {
            epoch: Epoch::new(number(header::EPOCH)?),
            kept: Position::new(number(header::KEPT)?),
        })
    }
}
