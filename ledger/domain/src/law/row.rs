//! One row of answers: what norms come to day by day, for classes that the same norms name.
//!
//! Stratum (rule 27): law; reads no other.

use super::sets::{Counted, Effects, Together};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;

/// The days from which the answer is another; none where it is to be weighed when asked for. Before
/// the first it is no.
pub(super) type Row = Steps<Option<Truth>>;

/// What comes to be, or goes, on a day: something of an article.
pub(super) struct Turn {
    pub day: Day,
    pub article: usize,
    pub comes: bool,
    pub effects: Effects,
}

/// Lays out what comes and goes as a row of answers.
pub(super) fn row(mut turns: Vec<Turn>) -> Row {
    turns.sort_by_key(|turn| turn.day);
    let articles = turns.iter().map(|turn| turn.article + 1).max().unwrap_or(0);
    let mut counted = vec![Counted::default(); articles];
    let mut together = Together::new(articles);
    let mut row = Row::default();
    for of_day in turns.chunk_by(|a, b| a.day == b.day) {
        for turn in of_day {
            let article = &mut counted[turn.article];
            if turn.comes {
                article.add(turn.effects);
            } else {
                article.remove(turn.effects);
            }
        }
        for turn in of_day {
            together.set(turn.article, counted[turn.article].effects());
        }
        let truth = together.all().truth();
        let last = row.last().copied().unwrap_or(Some(Truth::No));
        let last = last.unwrap_or(Truth::Unknown);
        if let Some(first) = of_day.first().filter(|_| last != truth) {
            row.push(first.day, Some(truth));
        }
    }
    row
}
