//! Tokens that were verified: whoever calls again with the same one is known by its digest.

use super::Verified;
use super::key::Keys;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// The most tokens that are remembered.
const MOST: usize = 4_096;

/// What was verified, with the keys of a time. Other keys, and all is forgotten.
#[derive(Default)]
pub(super) struct Warm(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    keys: Arc<Keys>,
    tokens: HashMap<[u8; 32], Entry>,
}

/// A token that was verified.
#[derive(Clone)]
pub(super) struct Entry {
    /// The name of its key.
    pub kid: String,
    pub verified: Verified,
}

impl Warm {
    /// Returns what is remembered of a token, and the keys that it was verified with.
    pub fn get(&self, digest: &[u8; 32]) -> Option<(Entry, Arc<Keys>)> {
        let remembered = self.0.lock();
        let entry = remembered.tokens.get(digest)?;
        Some((entry.clone(), Arc::clone(&remembered.keys)))
    }

    /// Remembers a token. Where there is no room those go that do not hold any more, and if all
    /// hold, all: to verify them again costs less than to know which was asked for last.
    pub fn put(
        &self,
        digest: [u8; 32],
        entry: Entry,
        keys: &Arc<Keys>,
        holds: impl Fn(&Entry) -> bool,
    ) {
        let mut remembered = self.0.lock();
        if !Arc::ptr_eq(&remembered.keys, keys) {
            remembered.keys = Arc::clone(keys);
            remembered.tokens.clear();
        }
        if remembered.tokens.len() >= MOST {
            remembered.tokens.retain(|_, entry| holds(entry));
            if remembered.tokens.len() >= MOST {
                remembered.tokens.clear();
            }
        }
        remembered.tokens.insert(digest, entry);
    }
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.lock().tokens.len()
    }
}
