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

impl Ledger {
    /// Returns the batches after one position up to another, both of them ends of batches, that may
    /// move what is answered about a party: those with entries that are about it or about one
    /// whose membership or account came to it, and those that move law, sessions, or the years for
    /// which dues are assessed.
    ///
    /// # Errors
    /// The log cannot be read, or the work was given up.
    pub fn knowledge_steps(
        &self,
        party: &PartyId,
        (after, up_to): (Position, Position),
        stop: Stop<'_>,
    ) -> Result<Vec<KnowledgeStep>, KnowledgeError> {
        stop.check()?;
        let (mut entries, forebears) = {
            let book = self.shared.book.read();
            (book.stirring(after, up_to), book.forebears(party))
        };
        let shards = self.shared.shards();
        for party in &forebears {
            stop.check()?;
            shards.with(party, |record| {
                let mentions = record.map_or(&[][..], |record| record.mentions());
                let first = mentions.partition_point(|at| *at <= after);
                let within = mentions[first..].iter();
                entries.extend(within.take_while(|at| **at <= up_to));
            });
        }
        let mut steps: Vec<KnowledgeStep> = Vec::new();
        for entry in entries {
            if let Some(batch) = steps.last_mut().filter(|batch| entry <= batch.last) {
                batch.entries.push(entry);
                continue;
            }
            stop.check()?;
            steps.push(KnowledgeStep {
                last: self.shared.stamp(entry)?.last,
                entries: vec![entry],
            });
        }
        Ok(steps)
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

    /// Returns the first entry, after one position up to another, with whose batch something is
    /// answered about a party on a day otherwise than in `before`, as is known at the first of
    /// them; none if nothing is. Of a batch the first that is about the party is named, else the
    /// first that may move its answers. Of more than 256 batches that may move its answers it is
    /// one with which they part.
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
    /// let head = ledger.head().position;
    /// let before = ledger.held(&east, day, Position::ZERO);
    /// assert_eq!(before, None);
    /// let range = (Position::ZERO, head);
    /// let parted = ledger.parted_by(&east, day, &before, range, Stop::NEVER)?;
    /// // Nobody is known before the first batch, which registers East.
    /// assert!(parted.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The log cannot be read, or the work was given up.
    pub fn parted_by(
        &self,
        party: &PartyId,
        day: Day,
        before: &Option<Held>,
        (after, up_to): (Position, Position),
        stop: Stop<'_>,
    ) -> Result<Option<Position>, KnowledgeError> {
        let steps = self.knowledge_steps(party, (after, up_to), stop)?;
        let differs = |batch: &KnowledgeStep| -> Result<bool, Stopped> {
            stop.check()?;
            Ok(self.held(party, day, batch.last) != *before)
        };
        let (near, far) = steps.split_at(steps.len().min(ONE_BY_ONE));
        for batch in near {
            if differs(batch)? {
                return Ok(self.parting(party, batch));
            }
        }
        let Some(last) = far.last() else {
            return Ok(None);
        };
        if !differs(last)? {
            return Ok(None);
        }
        // Before `low` steps nothing differs; with that at `high` something does.
        let (mut low, mut high) = (0, far.len() - 1);
        while low < high {
            let middle = low.midpoint(high);
            if differs(&far[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(far.get(high).and_then(|batch| self.parting(party, batch)))
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
