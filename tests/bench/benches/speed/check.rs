//! Does this party hold this right? Against a hash and a binary search, and against an empty call.

use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{Draws, interleaved, nanos_each};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::{ASSEMBLY, CLASSES, DAYS, HELD, RIGHTS, SHORT, Step};
use standing_domain::answers::question::Question;
use standing_domain::id::position::Position;
use standing_domain::id::{BodyId, PartyId, RightId};
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_engine::{CheckError, Ledger};
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

/// A question about a day.
pub struct Asked {
    pub question: Question,
    pub day: Day,
}

/// Draws questions about parties and days of all ages.
pub fn questions(count: usize, parties: u32) -> Outcome<Vec<Asked>> {
    let mut draws = Draws(u64::from(parties));
    let drawn = (0..count).map(|_| {
        let question = Question {
            party: PartyId::new(&world::party_id(draws.below(parties)))?,
            right: RightId::new(RIGHTS[draws.below(4) as usize])?,
            body: Some(BodyId::new(ASSEMBLY)?),
        };
        let day = world::day(draws.below(DAYS));
        Ok(Asked { question, day })
    });
    drawn.collect()
}

/// Asks for the verdict alone.
pub fn verdict(ledger: &Ledger, asked: &Asked, known_at: Position) -> Result<Truth, CheckError> {
    let Question { party, right, body } = &asked.question;
    ledger.verdict(party, right, body.as_ref(), asked.day, known_at)
}

pub fn verdicts(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let engine = world::open(folder.path(), scale.checked, SHORT)?;
    let lookup = Lookup::new(scale.checked, SHORT);
    let questions = questions(QUESTIONS, scale.checked)?;
    let head = engine.ledger().head().position;
    let ask = |asked: &Asked| verdict(engine.ledger(), asked, head);
    let look_up = |Asked { question, day }: &Asked| {
        lookup.holds(
            question.party.as_str(),
            question.right.as_str(),
            (*day).into(),
        )
    };
    for asked in questions.iter().take(1_000) {
        if look_up(asked).map(Truth::known) != ask(asked).ok() {
            let Question { party, right, .. } = &asked.question;
            return Err(format!("two answers for {party} {right}").into());
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
                    black_box(look_up(question));
                }
            }))
        },
    )?;
    let what = format!("verdict at {} parties; bare look-up", scale.checked);
    table.ratio(&what, "ns", &rounds, Some(Bound::AtMost(2.0)));
    Ok(())
}
