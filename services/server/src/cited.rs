//! Entries that an answer cites, read from the log at once.

use crate::errors::Problem;
use crate::words;
use standing_domain::event::{Content, Position};
use standing_engine::Engine;
use standing_proto::kind::Kind;
use standing_proto::v1;
use std::collections::{BTreeMap, BTreeSet};

/// What entries say, by position.
pub(crate) struct Cited(BTreeMap<Position, Content>);

impl Cited {
    /// Reads the entries at positions. Call it without a reader in hand: it waits for the disk.
    pub fn read(
        engine: &Engine,
        positions: impl IntoIterator<Item = Position>,
    ) -> Result<Self, Problem> {
        let positions: BTreeSet<Position> = positions.into_iter().filter(|p| *p != 0).collect();
        let entries = engine.entries(positions)?.into_iter();
        let contents = entries.map(|stored| (stored.entry.position, stored.entry.content));
        Ok(Self(contents.collect()))
    }

    /// Returns what an entry says.
    pub fn get(&self, position: Position) -> Option<&Content> {
        self.0.get(&position)
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

    /// Returns an entry as a ground of an answer.
    pub fn ground(&self, position: Position) -> v1::EntryGround {
        let content = self.get(position);
        v1::EntryGround {
            position,
            kind: content
                .map_or("", |content| Kind::from(content).name)
                .to_owned(),
            says: content.map(words::says).unwrap_or_default(),
            effective: self.effective(position),
            authority: self.authority(position),
            confidence: content
                .map_or("", |content| words::confidence(content.confidence))
                .to_owned(),
        }
    }
}
