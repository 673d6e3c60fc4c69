//! The answers of the sides, compared before anything is timed: nothing is measured that answers
//! wrongly.

use crate::Present;
use crate::SIDES;
use crate::side::{Answer, Side, Turn, Work};
use standing_bench::Outcome;
use std::sync::Arc;

/// What is compared, and how often. Appends are not: what they answer is checked as they are timed.
const COMPARED: [(Work, usize); 7] = [
    (Work::Check, 2_000),
    (Work::CheckEarlier, 500),
    (Work::CheckTen, 200),
    (Work::Count, 20),
    (Work::Roll, 2),
    (Work::Page, 100),
    (Work::History, 500),
];

/// How far the questions that are compared lie apart, so that they are various.
const APART: usize = 797;

/// Asks every side the same and compares what it says with the ledger.
///
/// # Errors
/// A side answers something else, or not at all.
pub async fn compare(sides: &[Present]) -> Outcome {
    for (work, times) in COMPARED {
        let able = SIDES
            .iter()
            .zip(sides)
            .filter_map(|(name, side)| Some((name, side.as_ref().ok()?)));
        let able: Vec<(&&str, &Arc<dyn Side>)> = able.filter(|(_, side)| side.does(work)).collect();
        let Some(((_, ours), theirs)) = able.split_first() else {
            continue;
        };
        let mut various = Vec::new();
        for number in 0..times {
            let number = number * APART;
            let turn = Turn { caller: 0, number };
            let said = ours.ask(work, turn).await?;
            for (name, side) in theirs {
                let other = side.ask(work, turn).await?;
                if other != said {
                    return Err(format!(
                        "{work:?} {number}: {} says {}, {name} says {}",
                        SIDES[0],
                        short(&said),
                        short(&other)
                    )
                    .into());
                }
            }
            if !various.contains(&said) {
                various.push(said);
            }
        }
        // An answer that is always the same would prove nothing.
        if various.len() < 2 && times > 1 {
            return Err(format!("{work:?}: every answer is {}", short(&various[0])).into());
        }
    }
    Ok(())
}

/// Writes as much of an answer as a person reads.
fn short(answer: &Answer) -> String {
    format!("{answer:?}").chars().take(600).collect()
}
