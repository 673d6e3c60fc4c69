//! What was known when: the steps in which the knowledge of a party grew, and where two states of
//! it part.

use crate::entry::EntryError;
use crate::ledger::Ledger;
use standing_domain::answers::changes::Held;
use standing_domain::answers::view::Parties as _;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use std::collections::{BTreeMap, BTreeSet};

/// How many steps are gone through one by one to find the first with which answers part; beyond
/// that one with which they do is found by halves.
const ONE_BY_ONE: usize = 256;

/// A batch that may move what is answered about a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeStep {
    /// Its last position.
    pub last: Position,
    /// Those of its entries that may, ascending.
    pub entries: Vec<Position>,
}

/// Why it is not told what was known.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// An entry cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Nobody waits for it any more.
    #[error(transparent)]
    GivenUp(#[from] Stopped),
}

/// The batches after one position up to another, both of them ends of batches, that may move what
/// is answered about everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stirring {
    after: Position,
    up_to: Position,
    batches: Vec<KnowledgeStep>,
}

impl Ledger {
    /// Returns the batches after one position up to another, both of them ends of batches, that
    /// move law, sessions, or the years for which dues are assessed.
    ///
    /// # Errors
    /// The log cannot be read, or the work was given up.
    pub fn stirring(
        &self,
        (after, up_to): (Position, Position),
        stop: Stop<'_>,
    ) -> Result<Stirring, KnowledgeError> {
        stop.check()?;
        let entries = self.shared.book.read().stirring(after, up_to);
        let batches = self.in_batches(entries, stop)?;
        Ok(Stirring {
            after,
            up_to,
            batches,
        })
    }

    /// Returns the batches that may move what is answered about a party: those that move what is
    /// answered about everybody, and those with entries that are about it, or about one whose
    /// membership or account came to it.
    ///
    /// # Errors
    /// The log cannot be read, or the work was given up.
    pub fn knowledge_steps(
        &self,
        party: &PartyId,
        stirring: &Stirring,
        stop: Stop<'_>,
    ) -> Result<Vec<KnowledgeStep>, KnowledgeError> {
        let forebears = self.shared.book.read().forebears(party);
        let mut own = BTreeSet::new();
        for party in &forebears {
            stop.check()?;
            self.shared.shards().with(party, |record| {
                let mentions = record.map_or(&[][..], |record| record.mentions());
                let first = mentions.partition_point(|at| *at <= stirring.after);
                let within = mentions[first..].iter();
                own.extend(within.take_while(|at| **at <= stirring.up_to));
            });
        }
        let mut steps: BTreeMap<Position, BTreeSet<Position>> = BTreeMap::new();
        let own = self.in_batches(own, stop)?;
        for batch in stirring.batches.iter().chain(&own) {
            let entries = steps.entry(batch.last).or_default();
            entries.extend(batch.entries.iter().copied());
        }
        let steps = steps.into_iter();
        let steps = steps.map(|(last, entries)| KnowledgeStep {
            last,
            entries: entries.into_iter().collect(),
        });
        Ok(steps.collect())
    }

    /// Puts entries together by their batches.
    fn in_batches(
        &self,
        entries: BTreeSet<Position>,
        stop: Stop<'_>,
    ) -> Result<Vec<KnowledgeStep>, KnowledgeError> {
        let mut batches: Vec<KnowledgeStep> = Vec::new();
        for entry in entries {
            if let Some(batch) = batches.last_mut().filter(|batch| entry <= batch.last) {
                batch.entries.push(entry);
                continue;
            }
            stop.check()?;
            batches.push(KnowledgeStep {
                last: self.shared.stamp(entry)?.last,
                entries: vec![entry],
            });
        }
        Ok(batches)
    }

    /// Returns what is answered about a party at the end of a day, as known at a position; none
    /// where it is not registered.
    #[must_use]
    pub fn held(&self, party: &PartyId, day: Day, known_at: Position) -> Option<Held> {
        let reader = self.at(known_at);
        let view = reader.view();
        let record = view.record(party)?;
        Some(view.held_on(&record, day))
    }

    /// Returns, for each of some parties, the first entry with whose batch something is answered
    /// about it on a day otherwise than is said, which is what is known before these batches; none
    /// where nothing is. Of a batch the first that is about the party is named, else the first that
    /// may move its answers. Of more than 256 batches that may it is one with which they part.
    ///
    /// The batches are gone through in their order for all parties at once: each has a law of its
    /// own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/league.rs"));
    /// # fn main() -> Result<(), Box<dyn Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use standing_domain::id::PartyId;
    /// use standing_domain::id::position::Position;
    /// use standing_domain::stop::Stop;
    /// use standing_domain::time::day::Day;
    ///
    /// let recorder = league(folder.path())?;
    /// let ledger = recorder.ledger();
    /// let (east, day) = (PartyId::new("east")?, Day::parse("2001-05-01")?);
    /// let before = ledger.held(&east, day, Position::ZERO);
    /// assert_eq!(before, None);
    /// let range = (Position::ZERO, ledger.head().position);
    /// let stirring = ledger.stirring(range, Stop::NEVER)?;
    /// let parted = ledger.parted_by(&[(east, before)], day, &stirring, Stop::NEVER)?;
    /// // Nobody is known before the first batch, which registers East.
    /// assert!(parted[0].is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The log cannot be read, or the work was given up.
    pub fn parted_by(
        &self,
        parties: &[(PartyId, Option<Held>)],
        day: Day,
        stirring: &Stirring,
        stop: Stop<'_>,
    ) -> Result<Vec<Option<Position>>, KnowledgeError> {
        let mut parted = vec![None; parties.len()];
        let mut near: BTreeMap<Position, Vec<(usize, Option<Position>)>> = BTreeMap::new();
        let mut many = Vec::new();
        for (place, (party, _)) in parties.iter().enumerate() {
            let steps = self.knowledge_steps(party, stirring, stop)?;
            for batch in steps.iter().take(ONE_BY_ONE) {
                let named = self.parting(party, batch);
                near.entry(batch.last).or_default().push((place, named));
            }
            if steps.len() > ONE_BY_ONE {
                many.push(place);
            }
        }
        let differs = |place: usize, known_at: Position| -> Result<bool, Stopped> {
            stop.check()?;
            let (party, before) = &parties[place];
            Ok(self.held(party, day, known_at) != *before)
        };
        for (last, of) in near {
            for (place, named) in of {
                if parted[place].is_none() && differs(place, last)? {
                    parted[place] = named;
                }
            }
        }
        for place in many {
            if parted[place].is_some() {
                continue;
            }
            let party = &parties[place].0;
            let mut far = self.knowledge_steps(party, stirring, stop)?;
            far.drain(..ONE_BY_ONE);
            let Some(last) = far.last() else { continue };
            if !differs(place, last.last)? {
                continue;
            }
            // Before `low` batches nothing differs; with that at `high` something does.
            let (mut low, mut high) = (0, far.len() - 1);
            while low < high {
                let middle = low.midpoint(high);
                if differs(place, far[middle].last)? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            parted[place] = self.parting(party, &far[high]);
        }
        Ok(parted)
    }

    /// Returns which entry of a batch to name: the first that is about the party, else the first
    /// that may move its answers.
    fn parting(&self, party: &PartyId, batch: &KnowledgeStep) -> Option<Position> {
        let own = self.shared.shards().with(party, |record| {
            let mentions = record.map_or(&[][..], |record| record.mentions());
            let mut entries = batch.entries.iter();
            entries
                .find(|entry| mentions.binary_search(entry).is_ok())
                .copied()
        });
        own.or_else(|| batch.entries.first().copied())
    }
}
