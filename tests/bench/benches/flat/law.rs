//! A change of law while a writer records: how long he waits, and how long who asks then.

use crate::callers::Calling;
use crate::questions::{Asked, GROUNDS};
use crate::row::Row;
use crate::scale::Scale;
use crate::writer::{Wait, record};
use standing_bench::Outcome;
use standing_bench::crowd;
use standing_bench::rounds::median;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const LONGEST_RECORD: &str = "longest Record around a change of law";
const LONGEST_ANSWER: &str = "CheckRight with grounds after a change of law: most";

/// What rows are held against, in milliseconds.
pub const BOUNDS: [(&str, f64); 2] = [(LONGEST_RECORD, 5.0), (LONGEST_ANSWER, 1_000.0)];

/// How long it is from one change to the next.
const REST: Duration = Duration::from_secs(1);

/// A change of law.
pub struct Change {
    begun: Instant,
    recorded: Duration,
    /// How long an answer took that was asked for as soon as the change was recorded; none where
    /// it did not come in time.
    answered: Option<Duration>,
    /// Until when what happens is because of it.
    over: Instant,
}

/// Changes the law some times, and asks after each.
pub fn changes(calling: &Calling, asked: &Asked, scale: &Scale) -> Outcome<Vec<Change>> {
    let channel = &calling.channel;
    calling.runtime.block_on(async {
        let mut changes = Vec::new();
        for number in 1..=scale.changes {
            tokio::time::sleep(REST).await;
            let amendment = crowd::amendment(number)?;
            let begun = Instant::now();
            record(channel, &amendment).await?;
            let (recorded, asking) = (begun.elapsed(), Instant::now());
            let answer = (GROUNDS.ask)(channel.clone(), asked.draw(number));
            let answered = match timeout(scale.patience, answer).await {
                Ok(answer) => {
                    answer?;
                    Some(asking.elapsed())
                }
                Err(_) => None,
            };
            // Whoever is held up by the change, is so by now.
            tokio::time::sleep(REST / 2).await;
            changes.push(Change {
                begun,
                recorded,
                answered,
                over: Instant::now(),
            });
        }
        Ok(changes)
    })
}

/// Tells what the changes cost.
pub fn rows(changes: &[Change], waits: &[Wait]) -> Vec<Row> {
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let around = |wait: &&Wait| {
        let (begun, took) = **wait;
        changes
            .iter()
            .any(|change| begun + took >= change.begun && begun <= change.over)
    };
    let longest = waits.iter().filter(around).map(|(_, took)| *took).max();
    let recorded = median(changes.iter().map(|change| millis(change.recorded)));
    let answered: Option<Vec<f64>> = changes
        .iter()
        .map(|change| change.answered.map(millis))
        .collect();
    let mut rows = vec![
        Row::new("a change of law recorded: median", "ms", recorded),
        match longest {
            Some(longest) => Row::new(LONGEST_RECORD, "ms", millis(longest)),
            None => Row::without(LONGEST_RECORD, "nothing was recorded then"),
        },
    ];
    match answered {
        Some(answered) => {
            let most = answered.iter().copied().fold(0.0, f64::max);
            let what = "CheckRight with grounds after a change of law: median";
            rows.push(Row::new(what, "ms", median(answered)));
            rows.push(Row::new(LONGEST_ANSWER, "ms", most));
        }
        None => rows.push(Row::without(LONGEST_ANSWER, "not answered in time")),
    }
    rows
}
