//! Finds whose names a text contains: of persons whose names can be opened here.

use crate::entry::EntryError;
use crate::ledger::Ledger;
use crate::shared::Shared;
use crate::shared::persons::{PersonNames, fingerprint};
use standing_domain::id::PersonId;
use standing_domain::id::position::Position;
use standing_domain::text::{folded, words};
use std::collections::{BTreeMap, BTreeSet};

/// How many words are looked at between two looks at whether the writer waits.
const STRIDE: usize = 1_024;

/// How many entries one search reads at most: a name that very many persons share would otherwise
/// be opened for each of them.
const MOST_READ: usize = 1_000;

/// A search for the names of natural persons in texts. It takes as long as the texts are, however
/// many persons are recorded.
pub struct PersonSearch<'l> {
    shared: &'l Shared,
    /// Persons whose names are not recorded yet, each as if it stood in an entry of its number.
    own: PersonNames,
    own_ids: Vec<PersonId>,
    /// Whose name a fingerprint is, where that was looked up.
    known: BTreeMap<u64, BTreeSet<PersonId>>,
    read: usize,
    /// Whether those are looked for that are recorded.
    opens: bool,
}

impl Ledger {
    /// Begins to search texts for the names of persons that are recorded and can be opened here; of
    /// nobody, if whoever asks may not read names: what is found would tell them.
    #[must_use]
    pub fn person_search(&self) -> PersonSearch<'_> {
        PersonSearch {
            shared: &self.shared,
            own: PersonNames::default(),
            own_ids: Vec::new(),
            known: BTreeMap::new(),
            read: 0,
            opens: self.opens,
        }
    }
}

impl PersonSearch<'_> {
    /// Looks for a name too that is not recorded yet.
    pub fn note(&mut self, person: &PersonId, name: &str) {
        self.own
            .note(name, Position::FIRST.after(self.own_ids.len()));
        self.own_ids.push(person.clone());
    }

    /// Returns whether there is no name to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && (!self.opens || self.shared.persons().is_empty())
    }

    /// Returns the persons whose names a text contains.
    ///
    /// # Errors
    /// The log cannot be read, or an entry does not decode.
    pub fn find(&mut self, text: &str) -> Result<BTreeSet<PersonId>, EntryError> {
        let text = folded(text);
        let text = words(&text);
        let mut prints = BTreeSet::new();
        for start in (0..text.len()).step_by(STRIDE) {
            let end = start + STRIDE;
            self.own.find(&text, start, end, &mut prints);
            if self.opens {
                self.shared.persons().find(&text, start, end, &mut prints);
            }
        }
        let mut found = BTreeSet::new();
        for print in prints {
            let persons = match self.known.remove(&print) {
                Some(persons) => persons,
                None => self.persons_of(print)?,
            };
            found.extend(persons.iter().cloned());
            self.known.insert(print, persons);
        }
        Ok(found)
    }

    /// Returns the persons who have a name of this fingerprint, as known at the head.
    fn persons_of(&mut self, print: u64) -> Result<BTreeSet<PersonId>, EntryError> {
        let first = Position::FIRST;
        let own = self.own.candidates(print);
        let own = own.filter_map(|position| self.own_ids.get(position.nth_from(first)?));
        let mut persons: BTreeSet<PersonId> = own.cloned().collect();
        if !self.opens {
            return Ok(persons);
        }
        let left = MOST_READ - self.read;
        let recorded: Vec<Position> = self.shared.persons().candidates(print).take(left).collect();
        self.read += recorded.len();
        let head = self.shared.head().position;
        for position in recorded {
            let corrected = self.shared.book.read().corrected_by(position, head);
            if corrected.is_none() {
                let meant = |name: &str| fingerprint(name) == Some(print);
                persons.extend(self.shared.person_named(position, meant)?);
            }
        }
        Ok(persons)
    }
}
