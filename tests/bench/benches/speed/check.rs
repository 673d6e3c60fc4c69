//! Does this party hold this right? Against a hash and a binary search, and against an empty call.

use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{Draws, interleaved, nanos_each};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::{ASSEMBLY, CLASSES, DAYS, HELD, RIGHTS, SHORT, Step};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use std::collections::HashMap;
use std::hint::black_box;

/// How many questions a side answers in a round.
const QUESTIONS: usize = 200_000;

/// The bare look-up: who is of which class from which day on, and which class has which right.
pub struct Lookup {
    classes: HashMap<String, Vec<(i32, u16)>>,
    held: HashMap<(u16, &'static str), bool>,
}

impl Lookup {
    pub fn new(parties: u32, steps: &[Step]) -> Self {
        let rows = CLASSES.iter().zip(HELD).zip(1..);
        Self {
            classes: (0..parties)
                .map(|party| (world::party_id(party), world::classes(party, steps)))
                .collect(),
            held: rows
                .flat_map(|((_, held), class)| {
                    RIGHTS
                        .into_iter()
                        .zip(held)
                        .map(move |(right, held)| ((class, right), held))
                })
                .collect(),
        }
    }

    fn class(row: &[(i32, u16)], day: i32) -> u16 {
        let reached = row.partition_point(|(from, _)| *from <= day);
        reached.checked_sub(1).map_or(0, |place| row[place].1)
    }

    pub fn holds(&self, party: &str, right: &str, day: i32) -> Option<bool> {
        let class = Self::class(self.classes.get(party)?, day);
        Some(self.held.get(&(class, right)).copied().unwrap_or(false))
    }

    /// Counts the parties of each class on a day.
    pub fn count(&self, day: i32) -> [u64; 3] {
        let mut counts = [0; 3];
        for row in self.classes.values() {
            counts[usize::from(Self::class(row, day))] += 1;
        }
        counts
    }
}

/// A question.
pub struct Question {
    pub party: String,
    pub right: &'static str,
    pub day: Day,
}

/// Draws questions about parties and days of all ages.
pub fn questions(count: usize, parties: u32) -> Vec<Question> {
    let mut draws = Draws(u64::from(parties));
    (0..count)
        .map(|_| Question {
            party: world::party_id(draws.below(parties)),
            right: RIGHTS[draws.below(4) as usize],
            day: world::day(draws.below(DAYS)),
        })
        .collect()
}

pub fn verdicts(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let engine = world::open(folder.path(), scale.checked, SHORT)?;
    let lookup = Lookup::new(scale.checked, SHORT);
    let questions = questions(QUESTIONS, scale.checked);
    let head = engine.ledger().head().position;
    let ask = |q: &Question| {
        engine
            .ledger()
            .verdict(&q.party, q.right, Some(ASSEMBLY), q.day, head)
    };
    for question in questions.iter().take(1_000) {
        let held = lookup.holds(&question.party, question.right, question.day.into());
        if held.map(Truth::known) != ask(question).ok() {
            return Err(format!("two answers for {} {}", question.party, question.right).into());
        }
    }
    let rounds = interleaved(
        scale.rounds,
        || {
            Ok(nanos_each(QUESTIONS, || {
                for question in &questions {
                    let _ = black_box(ask(question));
                }
            }))
        },
        || {
            Ok(nanos_each(QUESTIONS, || {
                for question in &questions {
                    black_box(lookup.holds(&question.party, question.right, question.day.into()));
                }
            }))
        },
    )?;
    let what = format!("verdict at {} parties; bare look-up", scale.checked);
    table.ratio(&what, "ns", &rounds, Some(Bound::AtMost(2.0)));
    Ok(())
}
