//! What stands after each step of a row in which some switches take back what others say.

use super::{Change, Step, Switch};
use crate::id::position::Position;
use std::collections::{BTreeMap, BTreeSet};

/// What has happened so far, by entry.
#[derive(Default)]
struct Happened<'a> {
    /// By how many entries that are not taken back themselves each is taken back.
    undone: BTreeMap<Position, usize>,
    /// What each entry that takes back has taken back.
    takes_back: BTreeMap<Position, &'a [Position]>,
    /// The step of each entry that has set a value.
    set: BTreeMap<Position, usize>,
    /// The steps whose values are not taken back.
    standing: BTreeSet<usize>,
}

impl<'a> Happened<'a> {
    fn set(&mut self, entry: Position, step: usize) {
        self.set.insert(entry, step);
        if self.counts(entry) {
            self.standing.insert(step);
        }
    }

    fn take_back(&mut self, entry: Position, of: &'a [Position]) {
        self.takes_back.insert(entry, of);
        if self.counts(entry) {
            self.change(of, true);
        }
    }

    /// Returns whether nothing takes an entry back.
    fn counts(&self, entry: Position) -> bool {
        self.undone.get(&entry).is_none_or(|by| *by == 0)
    }

    /// Entries are taken back by one more, or one less. What that changes may be long, so it is not
    /// followed by recursion.
    fn change(&mut self, entries: &'a [Position], more: bool) {
        let mut open: Vec<(&[Position], bool)> = vec![(entries, more)];
        while let Some((entries, more)) = open.pop() {
            for entry in entries {
                let by = self.undone.entry(*entry).or_default();
                let before = *by;
                *by = if more {
                    before + 1
                } else {
                    before.saturating_sub(1)
                };
                if (before == 0) == (*by == 0) {
                    continue;
                }
                if let Some(step) = self.set.get(entry) {
                    if more {
                        self.standing.remove(step);
                    } else {
                        self.standing.insert(*step);
                    }
                }
                if let Some(of) = self.takes_back.get(entry) {
                    open.push((of, !more));
                }
            }
        }
    }
}

/// Finds, for every step, the step whose value stands after it, given what is taken back from the
/// start.
pub(super) fn settle<V>(from_start: &[Switch<V>], steps: &mut [Step<V>]) {
    let takes_back = |step: &Step<V>| matches!(step.change, Change::Undo(_));
    if from_start.is_empty() && !steps.iter().any(takes_back) {
        for (place, step) in steps.iter_mut().enumerate() {
            step.standing = Some(place);
        }
        return;
    }
    let mut happened = Happened::default();
    for switch in from_start {
        if let Change::Undo(undone) = &switch.change {
            happened.take_back(switch.position, &undone.of);
        }
    }
    let standing = steps.iter().enumerate().map(|(place, step)| {
        match &step.change {
            Change::Set(_) => happened.set(step.position, place),
            Change::Undo(undone) => happened.take_back(step.position, &undone.of),
        }
        happened.standing.last().copied()
    });
    let standing: Vec<Option<usize>> = standing.collect();
    for (step, standing) in steps.iter_mut().zip(standing) {
        step.standing = standing;
    }
}
