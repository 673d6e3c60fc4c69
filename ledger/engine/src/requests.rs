//! Finds the entries of a request or a draft by its id. Keeps fingerprints only; what they point at is verified against
//! the log.

use rustc_hash::FxHasher;
use standing_domain::event::Position;
use std::hash::Hasher;

/// The low bits of a fingerprint pick its bucket.
const BUCKET_BITS: u32 = 14;

/// Positions by the fingerprint of an id, in many small sorted rows: none is ever long enough for the writer to stall
/// when it grows.
pub(crate) struct RequestIndex {
    buckets: Vec<Vec<(u32, Position)>>,
}

impl Default for RequestIndex {
    fn default() -> Self {
        Self {
            buckets: vec![Vec::new(); 1 << BUCKET_BITS],
        }
    }
}

fn fingerprint(id: &str) -> (usize, u32) {
    let mut hasher = FxHasher::default();
    hasher.write(id.as_bytes());
    let hash = hasher.finish();
    let bucket = usize::try_from(hash & ((1 << BUCKET_BITS) - 1)).unwrap_or(0);
    (bucket, u32::try_from(hash >> 32).unwrap_or(0))
}

impl RequestIndex {
    /// Notes that an id is that of the entry at a position.
    pub fn insert(&mut self, id: &str, position: Position) {
        let (bucket, mark) = fingerprint(id);
        let row = &mut self.buckets[bucket];
        let place = row.partition_point(|entry| *entry < (mark, position));
        row.insert(place, (mark, position));
    }

    /// Notes an id out of order, while the log is read; [`Self::settle`] puts all in order.
    pub fn push(&mut self, id: &str, position: Position) {
        let (bucket, mark) = fingerprint(id);
        self.buckets[bucket].push((mark, position));
    }

    /// Puts everything pushed in order.
    pub fn settle(&mut self) {
        for row in &mut self.buckets {
            row.sort_unstable();
        }
    }

    /// Takes a note back.
    pub fn remove(&mut self, id: &str, position: Position) {
        let (bucket, mark) = fingerprint(id);
        self.buckets[bucket].retain(|entry| *entry != (mark, position));
    }

    /// Returns the positions that may be those of an id.
    pub fn candidates(&self, id: &str) -> Vec<Position> {
        let (bucket, mark) = fingerprint(id);
        let row = &self.buckets[bucket];
        let first = row.partition_point(|entry| entry.0 < mark);
        row[first..]
            .iter()
            .take_while(|entry| entry.0 == mark)
            .map(|entry| entry.1)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_their_positions() {
        let mut index = RequestIndex::default();
        for position in 1..=1_000 {
            index.insert(&format!("request-{position}"), position);
        }
        assert!((1..=1_000).all(|p| index.candidates(&format!("request-{p}")).contains(&p)));
        index.remove("request-7", 7);
        assert!(!index.candidates("request-7").contains(&7));
    }
}
