//! The entries that give names, by the grams of these, so that a name is found by a part of it. Two
//! grams may share a row: whoever asks reads the names that they lead to.

use rustc_hash::FxHasher;
use standing_domain::id::position::Position;
use standing_domain::limits;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::text::sought::Gram;
use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher as _};

/// So many bits of a hash pick the row of a gram.
const ROW_BITS: u32 = 16;

/// How many entries are gone over between two looks at whether to go on.
const STRIDE: usize = 16_384;

/// So many bits of a step stand in a byte; the bit above says whether another follows.
const STEP_BITS: u32 = 7;
const MORE: u8 = 1 << STEP_BITS;

/// Positions by the grams of names: a step from one to the next is a byte or two.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Grams {
    /// None while nothing is noted: most layers of assumptions name nobody.
    rows: Vec<Row>,
    noted: u64,
}

/// Ascending positions, each once, as steps from one to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    steps: Vec<u8>,
    last: u64,
}

/// Returns the numbers of the rows of some grams, each once.
fn rows_of(grams: &BTreeSet<Gram>) -> BTreeSet<usize> {
    let row = |gram: &Gram| {
        let mut hasher = FxHasher::default();
        gram.hash(&mut hasher);
        usize::try_from(hasher.finish() >> (u64::BITS - ROW_BITS)).unwrap_or(0)
    };
    grams.iter().map(row).collect()
}

impl Grams {
    /// Notes that the entry at a position gives names that have these grams.
    pub fn insert(&mut self, grams: &BTreeSet<Gram>, position: Position) {
        if position.number() > limits::ENTRIES {
            return;
        }
        if self.rows.is_empty() {
            self.rows = vec![Row::default(); 1 << ROW_BITS];
        }
        for row in rows_of(grams) {
            self.noted += u64::from(self.rows[row].insert(position.number()));
        }
    }

    /// Takes the note back.
    pub fn remove(&mut self, grams: &BTreeSet<Gram>, position: Position) {
        if self.rows.is_empty() {
            return;
        }
        for row in rows_of(grams) {
            self.noted -= u64::from(self.rows[row].remove(position.number()));
        }
        if self.noted == 0 {
            self.rows = Vec::new();
        }
    }

    /// Gives back the room that was left for growing.
    pub fn settle(&mut self) {
        for row in &mut self.rows {
            row.steps.shrink_to_fit();
        }
    }

    /// Returns the number of the row of each gram, each once.
    pub fn rows_of(grams: &BTreeSet<Gram>) -> BTreeSet<usize> {
        rows_of(grams)
    }

    /// Returns a copy of a row: whoever goes over it holds no lock meanwhile.
    pub fn row(&self, row: usize) -> Row {
        self.rows.get(row).cloned().unwrap_or_default()
    }
}

impl Row {
    /// Adds a position, mostly behind all others. Returns whether it was not there.
    fn insert(&mut self, position: u64) -> bool {
        let later = self.pop_from(position);
        let is_new = later.last() != Some(&position);
        if is_new {
            self.push(position);
        }
        later.into_iter().rev().for_each(|at| self.push(at));
        is_new
    }

    /// Takes a position out, mostly the last. Returns whether it was there.
    fn remove(&mut self, position: u64) -> bool {
        let mut later = self.pop_from(position);
        let was_there = later.last() == Some(&position);
        if was_there {
            later.pop();
        }
        later.into_iter().rev().for_each(|at| self.push(at));
        was_there
    }

    /// Takes out all positions from one on, the last first.
    fn pop_from(&mut self, position: u64) -> Vec<u64> {
        let mut later = Vec::new();
        while self.last >= position && self.last > 0 {
            later.push(self.last);
            self.pop();
        }
        later
    }

    fn push(&mut self, position: u64) {
        let mut step = position - self.last;
        while step >= u64::from(MORE) {
            self.steps.push(low_bits(step) | MORE);
            step >>= STEP_BITS;
        }
        self.steps.push(low_bits(step));
        self.last = position;
    }

    fn pop(&mut self) {
        let mut step = 0;
        if let Some(highest) = self.steps.pop() {
            step = u64::from(highest);
        }
        while let Some(byte) = self.steps.pop_if(|byte| *byte & MORE != 0) {
            step = step << STEP_BITS | u64::from(byte & !MORE);
        }
        self.last -= step;
    }

    /// Returns the positions, ascending.
    fn positions(&self) -> impl Iterator<Item = u64> + '_ {
        let mut bytes = self.steps.iter();
        let mut at = 0;
        std::iter::from_fn(move || {
            let (mut step, mut bits) = (0, 0);
            loop {
                let byte = bytes.next()?;
                step |= u64::from(byte & !MORE) << bits;
                if byte & MORE == 0 {
                    break;
                }
                bits += STEP_BITS;
            }
            at += step;
            Some(at)
        })
    }
}

/// Returns the lowest bits of a number, as many as a step has in a byte.
fn low_bits(number: u64) -> u8 {
    let [lowest, ..] = number.to_le_bytes();
    lowest & !MORE
}

/// A row of a ledger and of the one on which it lies, up to the position known of that.
#[derive(Debug, Default)]
pub(crate) struct LaidRow {
    /// What lies below, and the last position known of it.
    pub below: Option<(Row, Position)>,
    /// What lies above.
    pub own: Row,
}

impl LaidRow {
    fn len(&self) -> usize {
        let below = self.below.as_ref().map_or(0, |(row, _)| row.steps.len());
        below + self.own.steps.len()
    }

    fn positions(&self) -> impl Iterator<Item = u64> + '_ {
        let below = self.below.iter().flat_map(|(row, last)| {
            let known = row.positions();
            known.take_while(|position| *position <= last.number())
        });
        below.chain(self.own.positions())
    }
}

/// Returns the positions that stand in so many of some rows at least, ascending. It takes as long
/// as the rows are; a position that may not come to stand in enough of them is let go of early.
pub(crate) fn sharing(
    mut rows: Vec<LaidRow>,
    least: usize,
    stop: Stop<'_>,
) -> Result<Vec<Position>, Stopped> {
    rows.sort_by_key(LaidRow::len);
    let mut counted: Vec<(u64, usize)> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let left = rows.len() - place - 1;
        counted = merged(&counted, row, (least, left), stop)?;
    }
    let found = counted.into_iter().map(|(position, _)| position);
    Ok(found.map(Position::new).collect())
}

/// Counts a row in. Kept are positions that stand in enough rows by `least` where so many are left.
fn merged(
    counted: &[(u64, usize)],
    row: &LaidRow,
    (least, left): (usize, usize),
    stop: Stop<'_>,
) -> Result<Vec<(u64, usize)>, Stopped> {
    let mut kept = Vec::new();
    let mut keep = |position: u64, count: usize| {
        if count + left >= least {
            kept.push((position, count));
        }
    };
    let mut before = counted.iter().copied().peekable();
    for (number, position) in row.positions().enumerate() {
        if number % STRIDE == 0 {
            stop.check()?;
        }
        while let Some((earlier, count)) = before.next_if(|(earlier, _)| *earlier < position) {
            keep(earlier, count);
        }
        let same = before.next_if(|(same, _)| *same == position);
        keep(position, same.map_or(0, |(_, count)| count) + 1);
    }
    before.for_each(|(position, count)| keep(position, count));
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(positions: &[u64]) -> Row {
        let mut row = Row::default();
        for position in positions {
            row.insert(*position);
        }
        row
    }

    proptest! {
        #[test]
        fn a_row_is_a_set(
            acts in prop::collection::vec((any::<bool>(), prop_oneof![1..20_u64, 1..1_000_000_u64]), 0..60),
        ) {
            let (mut row, mut set) = (Row::default(), BTreeSet::new());
            for (adds, position) in acts {
                if adds {
                    prop_assert_eq!(row.insert(position), set.insert(position));
                } else {
                    prop_assert_eq!(row.remove(position), set.remove(&position));
                }
                prop_assert!(row.positions().eq(set.iter().copied()));
            }
            let ascending: Vec<u64> = set.into_iter().collect();
            prop_assert_eq!(row, self::row(&ascending));
        }

        #[test]
        fn what_stands_in_enough_rows_is_found(
            rows in prop::collection::vec(prop::collection::btree_set(1..30_u64, 0..12), 1..6),
            least in 1..6_usize,
            at in 0..30_u64,
        ) {
            let laid = rows.iter().map(|all| {
                let all: Vec<u64> = all.iter().copied().collect();
                let (below, own) = all.split_at(all.partition_point(|position| *position <= at));
                LaidRow {
                    // What is recorded later below is not known above.
                    below: Some((row(&[below, &[at + 1, at + 2]].concat()), Position::new(at))),
                    own: row(own),
                }
            });
            let found = sharing(laid.collect(), least, Stop::NEVER).unwrap();
            let expected = (1..30).filter(|position| {
                rows.iter().filter(|row| row.contains(position)).count() >= least
            });
            prop_assert!(found.into_iter().map(Position::number).eq(expected));
        }
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let grams = |text| standing_domain::text::sought::Joined::of(text).grams();
        let mut noted = Grams::default();
        noted.insert(&grams("north"), Position::FIRST);
        let before = noted.clone();
        noted.insert(&grams("north east"), Position::new(2));
        noted.insert(&grams("south"), Position::new(3));
        noted.remove(&grams("north east"), Position::new(2));
        noted.remove(&grams("south"), Position::new(3));
        assert!(noted == before);
        noted.remove(&grams("north"), Position::FIRST);
        assert!(noted == Grams::default());
    }
}
