//! What is asked: drawn once, the same for every side.

use crate::ours::{Ours, Page};
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::Draws;
use standing_bench::world::{DAYS, RIGHTS, day};
use standing_domain::time::day::Day;

/// How many questions there are, after which they come again.
const QUESTIONS: usize = 10_000;

/// How many questions one call asks, where it asks several.
pub const TEN: usize = 10;

/// The days that questions are about: all of the history, and those after the dues of its last year
/// are a year late.
const MOST_DAYS: u32 = DAYS + 1_200;

/// The first of the days that rolls are about: from then on everybody belongs.
const FIRST_ROLL: u32 = DAYS;

/// The day that pages are about: some do not hold the vote any more.
pub const PAGES_ON: u32 = DAYS + 1_000;

/// How many holders are on a page.
pub const PAGE: u32 = 100;

/// A question about a right.
pub struct Check {
    pub party: String,
    pub right: &'static str,
    pub day: Day,
    /// As known at a position before the head.
    pub earlier: u64,
}

/// Everything that is asked.
pub struct Asked {
    checks: Vec<Check>,
    pages: Vec<Page>,
    /// The position of the last entry, where no append has been measured yet.
    pub head: u64,
}

impl Asked {
    /// Draws questions about a ledger; pages are asked for, from where it serves.
    pub async fn of(ours: &Ours, scale: &Scale) -> Outcome<Self> {
        let (size, head) = (scale.size(), ours.head().await?);
        let mut draws = Draws(head);
        let checks = (0..QUESTIONS).map(|_| Check {
            party: size.member(draws.below(size.members)),
            right: RIGHTS[draws.below(4) as usize],
            day: day(draws.below(MOST_DAYS)),
            earlier: u64::from(draws.below(u32::try_from(head).unwrap_or(u32::MAX))) + 1,
        });
        Ok(Self {
            checks: checks.collect(),
            pages: ours.pages(day(PAGES_ON)).await?,
            head,
        })
    }

    pub fn check(&self, number: usize) -> &Check {
        &self.checks[number % self.checks.len()]
    }

    /// Returns ten questions, which are asked about the day of the first.
    pub fn ten(&self, number: usize) -> &[Check] {
        let (tens, _) = self.checks.as_chunks::<TEN>();
        &tens[number % tens.len()]
    }

    pub fn page(&self, number: usize) -> &Page {
        &self.pages[number % self.pages.len()]
    }

    /// Returns whose history is asked for.
    pub fn party(&self, number: usize) -> &str {
        &self.check(number).party
    }
}

/// Returns the day of a roll.
pub fn day_of_roll(number: usize) -> Day {
    let days = (MOST_DAYS - FIRST_ROLL) as usize;
    day(FIRST_ROLL + u32::try_from(number % days).unwrap_or(0))
}

/// Returns the day of a count: any of the history.
pub fn day_of_count(number: usize) -> Day {
    // A step that has no divisor in common with the days, so that all of them come.
    let number = number * 997 % MOST_DAYS as usize;
    day(u32::try_from(number).unwrap_or(0))
}
