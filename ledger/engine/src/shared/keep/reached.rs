//! Whom entries reach, kept for the last of them: what is kept of sessions is turned by it.

use standing_domain::entry::reach::rolls::RollReach;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::collections::VecDeque;

/// How many entries that reach somebody are kept, and how many are read at most to catch up; beyond
/// that sessions are drawn up anew, which then takes no longer.
const MOST: usize = 16_384;

/// How many entries are read at a time.
const RUN: u64 = 256;

/// Works out whom each entry reaches from one to another; none if one of them cannot be read.
type ReachOf<'a> = dyn Fn(Position, Position) -> Option<Vec<RollReach>> + 'a;

/// Whom entries reach, in order of their positions.
#[derive(Default)]
pub(crate) struct Reached {
    /// The position before the first that is looked at; none before anything is kept.
    since: Option<Position>,
    /// The last position that was looked at.
    until: Position,
    /// Those that reach somebody.
    reaching: VecDeque<(Position, RollReach)>,
}

impl Reached {
    /// Begins to keep what entries reach, unless that is kept already: from a position on, as of
    /// which something was drawn up.
    pub fn begin(&mut self, position: Position) {
        if self.since.is_none() {
            (self.since, self.until) = (Some(position), position);
        }
    }

    /// Returns whom the entries reach on days up to one, after a position up to another, which is
    /// visible; none where that is not known any more. `of` works out whom visible entries reach,
    /// one by one.
    pub fn between(
        &mut self,
        ((low, high), until): ((Position, Position), Day),
        of: &ReachOf<'_>,
        stop: Stop<'_>,
    ) -> Result<Option<RollReach>, Stopped> {
        if self.since.is_none_or(|since| since > low) {
            return Ok(None);
        }
        let behind = usize::try_from(high.since(self.until.min(high))).unwrap_or(usize::MAX);
        if behind > MOST {
            *self = Self::default();
            self.begin(high);
            return Ok(None);
        }
        while self.until < high {
            stop.check()?;
            let end = high.min(self.until.plus(RUN));
            let Some(reaches) = of(self.until.next(), end) else {
                return Ok(None);
            };
            for reach in reaches {
                self.until = self.until.next();
                if !reach.is_nothing() {
                    self.reaching.push_back((self.until, reach));
                }
            }
        }
        while self.reaching.len() > MOST {
            self.since = self.reaching.pop_front().map(|(position, _)| position);
        }
        if self.since.is_none_or(|since| since > low) {
            return Ok(None);
        }
        let first = self
            .reaching
            .partition_point(|(position, _)| *position <= low);
        let last = self
            .reaching
            .partition_point(|(position, _)| *position <= high);
        let mut all = RollReach::default();
        for (_, reach) in self.reaching.range(first..last) {
            all.join(reach, until);
        }
        Ok(Some(all))
    }
}
