//! The norms in force on a day, each with how certain that is.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::event::ArticleEnacted;
use crate::entry::norm::{Norm, Support};
use crate::id::ArticleRef;
use crate::id::position::Position;
use crate::law::{ArticleLine, LawView};
use crate::time::day::Day;
use crate::time::truth::Truth;

/// A norm that is, or may be, in force on a day.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    /// The article that carries it.
    pub article: &'a ArticleRef,
    /// The first version that carries it.
    pub version: &'a ArticleEnacted,
    /// The entry of that version.
    pub position: Position,
    /// The norm.
    pub norm: &'a Norm,
    /// Whether it is in force: unknown where only some version that may be in force carries it, or
    /// where nobody knows how it reads.
    pub certain: Truth,
}

impl LawView {
    /// Returns the norms in force on a day, by article and by their place in it; each once.
    #[must_use]
    pub fn in_force(&self, day: Day) -> Vec<InForce<'_>> {
        let mut found: Vec<InForce<'_>> = Vec::new();
        for line in self.articles() {
            line.in_force(day, &mut found);
        }
        found
    }

    /// Returns the norms in force on a day of the articles that carry, in some version, a norm that
    /// a test picks.
    pub(crate) fn in_force_where(
        &self,
        day: Day,
        test: &dyn Fn(&Norm) -> bool,
    ) -> Vec<InForce<'_>> {
        let mut found: Vec<InForce<'_>> = Vec::new();
        for line in self.articles().iter().filter(|line| line.norms().any(test)) {
            line.in_force(day, &mut found);
        }
        found
    }
}

impl ArticleLine {
    fn in_force<'a>(&'a self, day: Day, found: &mut Vec<InForce<'a>>) {
        let versions: Vec<_> = self.versions(day).collect();
        let first = found.len();
        for (version, position) in versions.iter().flatten() {
            for norm in &version.norms {
                if found[first..].iter().any(|other| other.norm == norm) {
                    continue;
                }
                let carried = versions.iter().map(|version| {
                    Truth::known(version.is_some_and(|(other, _)| other.norms.contains(norm)))
                });
                let known = if norm.support == Support::Unknown {
                    Truth::Unknown
                } else {
                    Truth::Yes
                };
                found.push(InForce {
                    article: &self.article,
                    version,
                    position: *position,
                    norm,
                    certain: Truth::agreed(carried).and(known),
                });
            }
        }
    }
}
