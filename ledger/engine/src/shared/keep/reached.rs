//! Whom entries reach, kept for the last of them: what is kept of sessions is turned by it.

use standing_domain::entry::reach::rolls::RollReach;
use standing_domain::id::position::Position;
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

    /// Looks at entries up to a position, which is visible, a run of them at most; returns whether
    /// it has come there, and nothing where what entries after `low` reach is not known any more.
    /// `of` works out whom visible entries reach, one by one. Whoever waits between two runs holds
    /// nobody else up.
    pub fn advance(&mut self, (low, high): (Position, Position), of: &ReachOf<'_>) -> Option<bool> {
        if self.since.is_none_or(|since| since > low) {
            return None;
        }
        let behind = usize::try_from(high.since(self.until.min(high))).unwrap_or(usize::MAX);
        if behind > MOST {
            *self = Self::default();
            self.begin(high);
            return None;
        }
        if self.until < high {
            let end = high.min(self.until.plus(RUN));
            for reach in of(self.until.next(), end)? {
                self.until = self.until.next();
                if !reach.is_nothing() {
                    self.reaching.push_back((self.until, reach));
                }
            }
        }
        while self.reaching.len() > MOST {
            self.since = self.reaching.pop_front().map(|(position, _)| position);
        }
        let is_known = self.since.is_some_and(|since| since <= low);
        is_known.then_some(self.until >= high)
    }

    /// Returns whom the entries reach on days up to one, after a position up to another, which were
    /// looked at.
    pub fn between(&self, (low, high): (Position, Position), until: Day) -> RollReach {
        let place = |of: Position| {
            self.reaching
                .partition_point(|(position, _)| *position <= of)
        };
        let mut all = RollReach::default();
        for (_, reach) in self.reaching.range(place(low)..place(high)) {
            all.join(reach, until);
        }
        all
    }
}
