//! Finds the entries that a text stands in: a request's or a draft's id, a name, an alias. Keeps
//! fingerprints only; what they point at is read from the log and verified.

use rustc_hash::FxHasher;
use standing_domain::id::position::Position;
use standing_domain::limits;
use std::hash::Hasher;

/// So many bits of a hash pick its row.
const ROW_BITS: u32 = 14;

/// So many bits of a mark are the position; the bits above are of the hash.
const POSITION_BITS: u32 = 40;

/// Positions by the fingerprint of a text: eight bytes each, in many short rows, none of which is
/// ever long enough for the writer to stall when it grows.
#[derive(Clone, PartialEq)]
pub(crate) struct Marks {
    rows: Vec<Vec<u64>>,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            rows: vec![Vec::new(); 1 << ROW_BITS],
        }
    }
}

/// Returns the row of a text, and the upper bits of its marks.
fn fingerprint(text: &[u8]) -> (usize, u64) {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let hash = hasher.finish();
    let row = usize::try_from(hash >> (u64::BITS - ROW_BITS)).unwrap_or(0);
    (row, hash << POSITION_BITS)
}

impl Marks {
    /// Returns whether a text may stand in an entry.
    pub fn has(&self, text: impl AsRef<[u8]>) -> bool {
        let (row, print) = fingerprint(text.as_ref());
        let mut marks = self.rows[row].iter();
        marks.any(|mark| *mark >> POSITION_BITS == print >> POSITION_BITS)
    }

    /// Notes that a text stands in the entry at a position. Recording ends long before positions
    /// have more bits than a mark has room for; one that had would not be found, rather than found
    /// elsewhere.
    pub fn insert(&mut self, text: impl AsRef<[u8]>, position: Position) {
        if position.number() > limits::ENTRIES {
            return;
        }
        let (row, print) = fingerprint(text.as_ref());
        self.rows[row].push(print | position.number());
    }

    /// Takes a note back.
    pub fn remove(&mut self, text: impl AsRef<[u8]>, position: Position) {
        let (row, print) = fingerprint(text.as_ref());
        self.rows[row].retain(|mark| *mark != print | position.number());
    }

    /// Takes over the notes of another.
    pub fn absorb(&mut self, other: Self) {
        for (row, others) in self.rows.iter_mut().zip(other.rows) {
            if row.is_empty() {
                *row = others;
            } else {
                row.extend(others);
            }
        }
    }

    /// Brings the notes into the order of the positions, whoever made them, and gives back the room
    /// that was left for growing.
    pub fn settle(&mut self) {
        for row in &mut self.rows {
            row.sort_unstable();
            row.shrink_to_fit();
        }
    }

    /// Returns the positions of entries that the text may stand in, ascending if they were noted
    /// so.
    pub fn candidates(&self, text: impl AsRef<[u8]>) -> Vec<Position> {
        let (row, print) = fingerprint(text.as_ref());
        let marks = self.rows[row].iter();
        marks
            .filter(|mark| *mark >> POSITION_BITS == print >> POSITION_BITS)
            .map(|mark| Position::new(mark & ((1 << POSITION_BITS) - 1)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_lead_to_their_positions() {
        let mut marks = Marks::default();
        for position in Position::FIRST.to(Position::new(1_000)) {
            marks.insert(format!("request-{position}"), position);
        }
        marks.settle();
        for position in Position::FIRST.to(Position::new(1_000)) {
            assert!(
                marks
                    .candidates(format!("request-{position}"))
                    .contains(&position)
            );
        }
        marks.remove("request-7", Position::new(7));
        assert!(!marks.candidates("request-7").contains(&Position::new(7)));
    }
}
