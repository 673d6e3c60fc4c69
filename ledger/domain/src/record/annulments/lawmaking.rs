//! Which articles came with which act that makes law: who annuls an adoption, an amendment or a
//! repeal annuls the versions and deletions of articles that came with it (rule 3).

use crate::entry::AuthorityKind;
use crate::id::InstrumentId;
use crate::id::position::Position;
use crate::record::fact::At;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// What an article has in common with the act that it came with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Lawmaking {
    /// The same instrument, day and authority.
    Alike {
        /// The instrument.
        instrument: InstrumentId,
        /// When both take effect.
        at: At,
        /// On what both rest.
        authority: AuthorityKind,
    },
    /// The act itself, which the article names: by its first entry, whatever corrected that.
    Named(Position),
}

/// Acts that make law, and the articles that came with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LawActs {
    /// What tells an entry about an article which acts it came with.
    articles: BTreeMap<Position, Lawmaking>,
    /// The entries about articles, and the acts, of each.
    of: FxHashMap<Lawmaking, Together>,
    /// The first entry of an act, by the entries that correct it.
    first: BTreeMap<Position, Position>,
    /// What tells an act which articles came with it.
    acts: BTreeMap<Position, Lawmaking>,
}

/// Entries that are one act.
#[derive(Debug, Clone, Default, PartialEq)]
struct Together {
    acts: Vec<Position>,
    articles: Vec<Position>,
}

impl LawActs {
    /// Notes an act that adopts, amends or repeals an instrument, and what it corrects.
    pub fn add_act(&mut self, position: Position, corrects: Option<Position>, alike: Lawmaking) {
        if let Some(corrects) = corrects {
            self.first.insert(position, self.first(corrects));
        }
        for by in [alike.clone(), self.named(position)] {
            self.of.entry(by).or_default().acts.push(position);
        }
        self.acts.insert(position, alike);
    }

    /// Returns by what articles go that name an act.
    pub fn named(&self, act: Position) -> Lawmaking {
        Lawmaking::Named(self.first(act))
    }

    fn first(&self, act: Position) -> Position {
        self.first.get(&act).copied().unwrap_or(act)
    }

    /// Notes an entry that enacts or deletes an article.
    pub fn add_article(&mut self, position: Position, by: Lawmaking) {
        let together = self.of.entry(by.clone()).or_default();
        together.articles.push(position);
        self.articles.insert(position, by);
    }

    /// Returns the acts that an entry about an article came with; none of any other entry.
    pub fn acts_of(&self, article: Position) -> &[Position] {
        let by = self.articles.get(&article);
        let together = by.and_then(|by| self.of.get(by));
        together.map_or(&[], |together| &together.acts)
    }

    /// Returns the entries about articles that came with an act; none of another entry.
    pub fn came_with(&self, act: Position) -> Vec<Position> {
        let alike = self.acts.get(&act);
        alike.map_or_else(Vec::new, |alike| self.articles_of(act, alike))
    }

    /// Returns the entries about articles that came with an act: those alike that name none, and
    /// those that name it.
    pub fn articles_of(&self, act: Position, alike: &Lawmaking) -> Vec<Position> {
        let of = |by| self.of.get(by).map(|together| together.articles.iter());
        let both = [of(alike), of(&self.named(act))];
        both.into_iter().flatten().flatten().copied().collect()
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        let later = above.next();
        let articles = self.articles.split_off(&later).into_values();
        let acts = self.acts.split_off(&later).into_iter();
        let acts: Vec<Lawmaking> = acts
            .flat_map(|(act, alike)| [alike, self.named(act)])
            .collect();
        for by in articles.chain(acts) {
            let Some(together) = self.of.get_mut(&by) else {
                continue;
            };
            let keep = |of: &[Position]| of.partition_point(|position| *position <= above);
            together.acts.truncate(keep(&together.acts));
            together.articles.truncate(keep(&together.articles));
            if together.acts.is_empty() && together.articles.is_empty() {
                self.of.remove(&by);
            }
        }
        self.first.split_off(&later);
    }
}
