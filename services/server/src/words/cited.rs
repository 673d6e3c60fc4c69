//! Entries that an answer cites, read from the log at once.

use crate::call::errors::Problem;
use standing_domain::entry::{AuthorityKind, Content};
use standing_domain::id::DecisionId;
use standing_domain::id::position::Position;
use standing_domain::words;
use standing_engine::Ledger;
use standing_proto::v1;
use std::collections::{BTreeMap, BTreeSet};

/// What entries say, by position.
#[derive(Default)]
pub(crate) struct Cited {
    contents: BTreeMap<Position, Content>,
    decisions: BTreeMap<DecisionId, Position>,
}

impl Cited {
    /// Reads the entries at positions. Call it without a reader in hand: it waits for the disk.
    pub fn read(
        ledger: &Ledger,
        positions: impl IntoIterator<Item = Position>,
    ) -> Result<Self, Problem> {
        let positions: BTreeSet<Position> = positions
            .into_iter()
            .filter(|p| *p != Position::ZERO)
            .collect();
        let entries = ledger.entries(positions)?.into_iter();
        let contents = entries.map(|stored| (stored.entry.position, stored.entry.content));
        Ok(Self {
            contents: contents.collect(),
            decisions: BTreeMap::new(),
        })
    }

    /// Reads besides the decisions on which these entries rest, as known at a position.
    pub fn with_decisions(mut self, ledger: &Ledger, known_at: Position) -> Result<Self, Problem> {
        let kinds = self
            .contents
            .values()
            .map(|content| &content.authority.kind);
        let decisions = kinds.filter_map(|kind| match kind {
            AuthorityKind::Decision(decision) => Some(decision.clone()),
            _ => None,
        });
        let decisions: BTreeSet<DecisionId> = decisions.collect();
        {
            let reader = ledger.at(known_at);
            let book = reader.view().book;
            for decision in decisions {
                if let Some(fact) = book.decision(&decision, known_at) {
                    let position = fact.position;
                    self.decisions.insert(decision, position);
                }
            }
        }
        let further = Self::read(ledger, self.decisions.values().copied())?;
        self.contents.extend(further.contents);
        Ok(self)
    }

    /// Returns the entry of a decision.
    pub fn decision(&self, decision: &DecisionId) -> Option<Position> {
        self.decisions.get(decision).copied()
    }

    /// Returns what an entry says.
    pub fn get(&self, position: Position) -> Option<&Content> {
        self.contents.get(&position)
    }

    /// Returns when an entry takes effect, as recorded; empty where it does not say.
    pub fn effective(&self, position: Position) -> String {
        self.get(position)
            .and_then(|content| content.effective.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Returns on what an entry rests.
    pub fn authority(&self, position: Position) -> String {
        self.get(position)
            .map(|content| words::authority(&content.authority.kind))
            .unwrap_or_default()
    }

    /// Returns how sure the sources make an entry; unspecified where it was not read.
    pub fn confidence(&self, position: Position) -> v1::Confidence {
        let content = self.get(position);
        let confidence = content.map(|content| content.confidence.into());
        confidence.unwrap_or_default()
    }

    /// Returns an entry as a ground of an answer.
    pub fn ground(&self, position: Position) -> v1::EntryGround {
        let content = self.get(position);
        v1::EntryGround {
            position: position.number(),
            kind: content.map_or("", |content| content.kind().name).to_owned(),
            says: content.map(words::says).unwrap_or_default(),
            effective: self.effective(position),
            authority: self.authority(position),
            confidence: self.confidence(position).into(),
        }
    }
}
