//! The versions of one article, and what they carry.

use super::ArticleLine;
use crate::day::Day;
use crate::event::{ArticleEnacted, Event, Position};
use crate::norm::{Norm, Rule};
use crate::timeline::Change;

impl ArticleLine {
    /// Returns the versions that may be in force on a day, with their entries; `None` where the article may not be.
    pub fn versions(&self, day: Day) -> impl Iterator<Item = Option<(&ArticleEnacted, Position)>> {
        self.line.possible(day).map(|value| match value {
            Some((event, position)) => match &**event {
                Event::ArticleEnacted(enacted) => Some((enacted, position)),
                _ => None,
            },
            None => None,
        })
    }

    /// Returns whether some version carries a dues policy, or lets one take rights.
    #[must_use]
    pub fn concerns_dues(&self) -> bool {
        let dues = |norm: &Norm| matches!(norm.rule, Rule::Dues(_) | Rule::Suspension(_));
        self.norms().any(dues)
    }

    /// Returns the norms of all versions.
    pub fn norms(&self) -> impl Iterator<Item = &Norm> {
        self.line
            .steps()
            .iter()
            .flat_map(|step| match &step.change {
                Change::Set(event) => match &**event {
                    Event::ArticleEnacted(enacted) => enacted.norms.as_slice(),
                    _ => &[],
                },
                Change::Undo(_) => &[],
            })
    }
}
