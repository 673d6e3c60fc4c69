//! The versions of one article, and what they carry.
//!
//! Stratum (rule 27): law; reads recorded acts.

use super::ArticleLine;
use crate::entry::event::{ArticleEnacted, Event};
use crate::entry::norm::Norm;
use crate::id::ArticleRef;
use crate::id::position::Position;
use crate::time::day::Day;
use crate::time::timeline::{Change, Timeline};
use std::sync::Arc;

impl ArticleLine {
    /// Returns an article with the one timeline it has, and with those it may have instead.
    pub(super) fn new(
        article: ArticleRef,
        line: Timeline<Arc<Event>>,
        others: Vec<Timeline<Arc<Event>>>,
    ) -> Self {
        let states = (1..=line.steps().len()).filter_map(|state| {
            let step = line.standing_after(state - 1)?;
            Some((step, state))
        });
        let mut states: Vec<(usize, usize)> = states.collect();
        states.sort_unstable();
        let mut new = Self {
            article,
            line,
            others,
            states,
            dues: false,
        };
        let dues = |norm: &Norm| norm.rule.sanction().is_some();
        let concerned = new.norms().any(dues);
        new.dues = concerned;
        new
    }

    /// Returns the days on which another version may be in force than the day before.
    pub(super) fn bounds(&self) -> impl Iterator<Item = Day> {
        let steps = self.lines().flat_map(Timeline::steps);
        steps.flat_map(|step| [step.window.earliest, step.window.latest])
    }

    /// Returns the timelines it may have, in the order of their numbers: one, unless it is open
    /// which acts count.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Timeline<Arc<Event>>> {
        std::iter::once(&self.line).chain(&self.others)
    }

    /// Returns whether it is open which acts count.
    pub(super) fn is_open(&self) -> bool {
        !self.others.is_empty()
    }

    /// Returns the versions that were ever enacted, with the timelines and the steps that set them.
    pub(super) fn enacted(&self) -> impl Iterator<Item = ((usize, usize), &ArticleEnacted)> {
        let lines = self.lines().enumerate();
        let steps = lines.flat_map(|(of, line)| {
            let steps = line.steps().iter().enumerate();
            steps.map(move |(place, step)| ((of, place), step))
        });
        steps.filter_map(|(place, step)| match &step.change {
            Change::Set(event) => Some((place, event.enacted()?)),
            Change::Undo(_) => None,
        })
    }

    /// Returns the numbers of steps after which the value that a step set stands.
    pub(super) fn states_of(&self, step: usize) -> impl Iterator<Item = usize> {
        let first = self.states.partition_point(|(of, _)| *of < step);
        let states = self.states[first..].iter();
        states
            .take_while(move |(of, _)| *of == step)
            .map(|(_, state)| *state)
    }

    /// Returns the versions that may be in force on a day, with their entries; `None` where the
    /// article may not be.
    pub fn versions(&self, day: Day) -> impl Iterator<Item = Option<(&ArticleEnacted, Position)>> {
        let possible = self.lines().flat_map(move |line| line.possible(day));
        let mut seen: Vec<Option<Position>> = Vec::new();
        possible
            .filter(move |value| {
                let entry = value.map(|(_, position)| position);
                let again = self.is_open() && seen.contains(&entry);
                seen.push(entry);
                !again
            })
            .map(|value| {
                let (event, position) = value?;
                Some((event.enacted()?, position))
            })
    }

    /// Returns whether some version carries a dues policy, or lets one take rights.
    #[must_use]
    pub fn concerns_dues(&self) -> bool {
        self.dues
    }

    /// Returns the norms of all versions.
    pub fn norms(&self) -> impl Iterator<Item = &Norm> {
        self.enacted().flat_map(|(_, version)| &version.norms)
    }
}
