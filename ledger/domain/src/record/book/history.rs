//! Which history this is: where it was resumed after entries were lost (rule 37).

use crate::entry::event::Event;
use crate::id::epoch::Epoch;
use crate::id::position::Position;

/// Where a history was resumed, and in which epochs, in order of position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(Vec<(Position, Epoch)>);

impl History {
    /// Takes note of an entry, if the history is resumed with it.
    pub(crate) fn note(&mut self, position: Position, event: &Event) {
        let resumed = event.resumed();
        self.0
            .extend(resumed.map(|resumed| (position, resumed.epoch)));
    }

    /// Forgets what was noted above a position.
    pub(crate) fn retract(&mut self, above: Position) {
        self.0.retain(|(position, _)| *position <= above);
    }

    /// Returns the first position at which it was resumed; none if it never was.
    #[must_use]
    pub fn first(&self) -> Option<Position> {
        self.0.first().map(|(position, _)| *position)
    }

    /// Returns the last position at which it was resumed; none if it never was.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.0.last().map(|(position, _)| *position)
    }

    /// Returns the epoch at a position.
    #[must_use]
    pub fn epoch(&self, known_at: Position) -> Epoch {
        let past = |(position, _): &&(Position, Epoch)| *position <= known_at;
        let last = self.0.iter().rev().find(past);
        last.map_or(Epoch::FIRST, |(_, epoch)| *epoch)
    }

    /// Returns how far a history that was told by an epoch is this one, as known at a position: up
    /// to [`Position::MAX`] where it is this one itself, up to the last position that was kept
    /// where this one was resumed since; none where this one never had that epoch.
    #[must_use]
    pub fn kept(&self, epoch: Epoch, known_at: Position) -> Option<Position> {
        let mut later = self.0.iter().filter(|(position, _)| *position <= known_at);
        if epoch != Epoch::FIRST {
            later.by_ref().find(|(_, known)| *known == epoch)?;
        }
        let next = later.next();
        Some(next.map_or(Position::MAX, |(position, _)| position.previous()))
    }

    /// Returns every epoch as known at a position, the first included, in order.
    pub fn epochs(&self, known_at: Position) -> impl Iterator<Item = Epoch> {
        let known = move |(position, _): &&(Position, Epoch)| *position <= known_at;
        let resumed = self.0.iter().filter(known).map(|(_, epoch)| *epoch);
        std::iter::once(Epoch::FIRST).chain(resumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(resumed: &[(u64, u64)]) -> History {
        let resumed = resumed.iter();
        History(
            resumed
                .map(|(position, epoch)| (Position::new(*position), Epoch::new(*epoch)))
                .collect(),
        )
    }

    #[test]
    fn a_history_is_the_same_as_another_up_to_where_it_was_resumed() {
        let twice = [(11, 500), (21, 700)];
        for (resumed, epoch, known_at, kept) in [
            (&[][..], 0, 9, Some(u64::MAX)),
            (&[], 500, 9, None),
            (&twice, 0, 30, Some(10)),
            (&twice, 500, 30, Some(20)),
            (&twice, 700, 30, Some(u64::MAX)),
            (&twice, 600, 30, None),
            // Not known yet.
            (&twice, 0, 10, Some(u64::MAX)),
            (&twice, 500, 10, None),
            (&twice, 500, 20, Some(u64::MAX)),
            (&twice, 0, 11, Some(10)),
        ] {
            let found = history(resumed).kept(Epoch::new(epoch), Position::new(known_at));
            let found = found.map(Position::number);
            assert_eq!(found, kept, "epoch {epoch} as known at {known_at}");
        }
    }

    #[test]
    fn each_position_has_the_epoch_of_the_last_resumption() {
        let history = history(&[(11, 500), (21, 700)]);
        for (position, epoch) in [(0, 0), (10, 0), (11, 500), (20, 500), (21, 700), (99, 700)] {
            assert_eq!(history.epoch(Position::new(position)).number(), epoch);
        }
        let epochs = history.epochs(Position::new(20)).map(Epoch::number);
        assert_eq!(epochs.collect::<Vec<_>>(), [0, 500]);
    }
}
