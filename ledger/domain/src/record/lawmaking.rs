//! Which articles came with which act that makes law: who annuls an adoption, an amendment or a
//! repeal annuls the versions and deletions of articles that came with it (rule 3).

use crate::entry::AuthorityKind;
use crate::id::InstrumentId;
use crate::id::position::Position;
use crate::record::fact::At;
use rustc_hash::FxHashMap;

/// What an article has in common with the act that it came with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lawmaking {
    /// The instrument.
    pub instrument: InstrumentId,
    /// When both take effect.
    pub at: At,
    /// On what both rest.
    pub authority: AuthorityKind,
}

/// Acts that make law, and the articles that came with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LawActs {
    /// What tells an entry about an article which acts it came with.
    articles: FxHashMap<Position, Lawmaking>,
    /// The entries about articles, and the acts, of each.
    of: FxHashMap<Lawmaking, Together>,
}

/// Entries that are one act.
#[derive(Debug, Clone, Default, PartialEq)]
struct Together {
    acts: Vec<Position>,
    articles: Vec<Position>,
}

impl LawActs {
    /// Notes an act that adopts, amends or repeals an instrument.
    pub fn add_act(&mut self, position: Position, by: Lawmaking) {
        self.of.entry(by).or_default().acts.push(position);
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

    /// Returns the entries about articles that came with what is like this.
    pub fn articles_of(&self, by: &Lawmaking) -> &[Position] {
        self.of.get(by).map_or(&[], |together| &together.articles)
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        self.articles.retain(|position, _| *position <= above);
        self.of.retain(|_, together| {
            together.acts.retain(|position| *position <= above);
            together.articles.retain(|position| *position <= above);
            !together.acts.is_empty() || !together.articles.is_empty()
        });
    }
}
