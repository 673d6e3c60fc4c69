//! Finds parties by a part of their names, or by what is written nearly so.

use crate::entry::{EntryError, decode};
use crate::ledger::Ledger;
use crate::shared::search::matching;
use standing_domain::answers::view::Parties as _;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::text::sought::{Demand, Joined, MatchKind, Sought};
use std::collections::{BTreeMap, BTreeSet};

/// How many entries are read between two looks at whether to go on.
const STRIDE: usize = 64;

/// The most entries that are read for what only comes near. A word that comes near so many names
/// says nothing.
const NEAR: usize = 20_000;

/// How a party matches what is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// In which way.
    pub kind: MatchKind,
    /// The id, the name or the alias that does; none where it is a sealed name of a natural person.
    pub text: Option<String>,
}

/// Why nobody is found.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// An entry that may give a name cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Nobody waits for the answer any more.
    #[error(transparent)]
    GivenUp(#[from] Stopped),
}

impl Ledger {
    /// Returns the parties of which an id, alias or name of any time, in any language, matches as a
    /// whole or by parts, and those that are a natural person whose name is sealed and is this text
    /// as a whole, where it can be opened here and whoever asks may read it.
    ///
    /// # Errors
    /// The log cannot be read, or the search was given up.
    pub fn matching_parties(
        &self,
        sought: &Sought,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<BTreeMap<PartyId, Matched>, SearchError> {
        let entries = self.having(&sought.demands(), stop)?;
        let matches = |name: &Joined| sought.matches(name);
        let mut found = self.matched(&entries, &matches, known_at, stop)?;
        for party in self.at(known_at).find_sealed(sought.text())? {
            let (kind, text) = (MatchKind::Whole, None);
            let known = found.get(&party);
            if self.is_registered(&party, known_at) && known.is_none_or(|known| kind < known.kind) {
                found.insert(party, Matched { kind, text });
            }
        }
        Ok(found)
    }

    /// Returns the parties of which an id, alias or name of any time, in any language, comes near;
    /// those may be among them of which another matches. No sealed name comes near; and nothing
    /// does where more than 20,000 entries might.
    ///
    /// # Errors
    /// The log cannot be read, or the search was given up.
    pub fn near_parties(
        &self,
        sought: &Sought,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<BTreeMap<PartyId, Matched>, SearchError> {
        let entries = self.having(&sought.near_demands(), stop)?;
        if entries.len() > NEAR {
            return Ok(BTreeMap::new());
        }
        let near = |name: &Joined| sought.is_near(name).then_some(MatchKind::Near);
        self.matched(&entries, &near, known_at, stop)
    }

    /// Returns the entries that give names which have all that one of these lists demands.
    fn having(&self, ways: &[Vec<Demand>], stop: Stop<'_>) -> Result<Vec<Position>, Stopped> {
        let mut entries = BTreeSet::new();
        for way in ways {
            entries.extend(self.shared.find_grams(way, stop)?);
        }
        Ok(entries.into_iter().collect())
    }

    /// Returns the parties that are named in entries and match, each as it does best.
    fn matched(
        &self,
        entries: &[Position],
        matches: &dyn Fn(&Joined) -> Option<MatchKind>,
        known_at: Position,
        stop: Stop<'_>,
    ) -> Result<BTreeMap<PartyId, Matched>, SearchError> {
        let mut found: BTreeMap<PartyId, Matched> = BTreeMap::new();
        for some in entries.chunks(STRIDE) {
            stop.check()?;
            let known: Vec<Position> = {
                let book = self.shared.book.read();
                let is_known = |position: &Position| {
                    *position <= known_at && book.corrected_by(*position, known_at).is_none()
                };
                some.iter().copied().filter(is_known).collect()
            };
            let mut read = Vec::new();
            let decoded = |position, stored: &[u8]| read.push(decode(position, stored));
            self.shared
                .read_each(known, decoded)
                .map_err(EntryError::from)?;
            for entry in read {
                let content = entry?.entry.content;
                let Some((party, kind, text)) = matching(&content, matches) else {
                    continue;
                };
                // Of what matches alike a name says more than an id.
                let rank = |kind, text: Option<&str>| (kind, text == Some(party.as_str()));
                let best = found.get(party).is_none_or(|known| {
                    rank(kind, Some(text)) < rank(known.kind, known.text.as_deref())
                });
                if best && self.is_registered(party, known_at) {
                    let text = Some(text.to_owned());
                    found.insert(party.clone(), Matched { kind, text });
                }
            }
        }
        Ok(found)
    }

    fn is_registered(&self, party: &PartyId, known_at: Position) -> bool {
        let registered = |record: &PartyRecord| record.is_registered(known_at);
        let shards = self.shared.shards();
        shards.with(party, |record| record.is_some_and(registered))
    }
}
