//! Does this party hold this right? Against a hash and a binary search, and against an empty call.

use crate::Outcome;
use crate::append::Sides;
use crate::grpc::{self, Callers, Served};
use crate::rounds::{Draws, interleaved, nanos_each};
use crate::scale::Scale;
use crate::table::{Bound, Table};
use crate::world::{self, ASSEMBLY, CLASSES, DAYS, HELD, RIGHTS, SHORT, Step};
use standing_domain::day::Day;
use standing_domain::truth::Truth;
use standing_proto::v1::{self, rights_service_client::RightsServiceClient};
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tonic::transport::Channel;

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

pub fn in_process(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let engine = world::open(folder.path(), scale.checked, SHORT)?;
    let lookup = Lookup::new(scale.checked, SHORT);
    let questions = questions(QUESTIONS, scale.checked);
    let head = engine.head().position;
    let ask = |q: &Question| engine.verdict(&q.party, q.right, Some(ASSEMBLY), q.day, head);
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
    table.ratio(&what, "ns", &rounds, Bound::AtMost(2.0));
    Ok(())
}

pub fn over_grpc(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let standing = Served::standing(Arc::clone(&sides.engine))?;
    let bare = Served::bare(Arc::clone(&sides.bare))?;
    let (to_standing, to_bare) = (Callers::of(standing.address)?, Callers::of(bare.address)?);
    let asked = Arc::new(questions(QUESTIONS, sides.parties));
    let next = Arc::new(AtomicUsize::new(0));
    let rounds = interleaved(
        scale.rounds,
        || {
            let (asked, next) = (Arc::clone(&asked), Arc::clone(&next));
            to_standing.calls(scale.slice, move |channel| {
                let question = &asked[next.fetch_add(1, Ordering::Relaxed) % QUESTIONS];
                check_right(channel, question.wire())
            })
        },
        || to_bare.calls(scale.slice, grpc::empty),
    )?;
    let what = format!(
        "CheckRight over gRPC, {} callers; an empty call",
        grpc::CALLERS
    );
    table.ratio(&what, "/s", &rounds, Bound::AtLeast(0.9));
    Ok(())
}

async fn check_right(channel: Channel, request: v1::CheckRightRequest) -> Outcome {
    RightsServiceClient::new(channel)
        .check_right(request)
        .await?;
    Ok(())
}

impl Question {
    fn wire(&self) -> v1::CheckRightRequest {
        v1::CheckRightRequest {
            question: Some(v1::RightQuestion {
                party: self.party.clone(),
                right: self.right.to_owned(),
                body: ASSEMBLY.to_owned(),
            }),
            at: Some(v1::PointInTime {
                on: self.day.to_string(),
                ..v1::PointInTime::default()
            }),
            verdict_only: true,
        }
    }
}
