//! Keys as others hold them: handed on to a replica, and held there in memory alone; or as a copy
//! of the file.

use super::{KeyFile, NewKeys, Persons, text};
use crate::seal::PersonKey;
use std::ops::Bound;
use std::sync::atomic::Ordering;

impl KeyFile {
    /// Returns up to `limit` keys of the persons after one, in the order of their ids; the empty
    /// text is before all.
    #[must_use]
    pub fn page(&self, after: &str, limit: usize) -> Vec<(String, PersonKey)> {
        let persons = self.read();
        let after = (Bound::Excluded(after), Bound::Unbounded);
        let page = persons.keys.range::<str, _>(after).take(limit);
        page.map(|(person, key)| (person.clone(), key.clone()))
            .collect()
    }

    /// Returns a number that is another one whenever the keys are others.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Holds the keys of another ledger's file, in memory alone, in place of those that were held
    /// before. Only where there is no file: returns whether that is so.
    pub fn hold(&self, keys: NewKeys) -> bool {
        if self.is_present() {
            return false;
        }
        self.change(|persons| persons.keys = keys);
        true
    }

    /// Returns what the file would hold if it were written now; none where there is no file. It is
    /// all secret.
    #[must_use]
    pub fn copy(&self) -> Option<String> {
        self.is_present()
            .then(|| text::write(&self.digest, &self.read()))
    }

    /// Returns the fingerprint of the key file that a text is; none if it is none.
    #[must_use]
    pub fn fingerprint_of(text: &[u8]) -> Option<[u8; 32]> {
        let read = text::read(text).ok();
        read.map(|found| found.digest.fingerprint())
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Persons)) {
        change(&mut self.write());
        self.version.fetch_add(1, Ordering::AcqRel);
    }
}
