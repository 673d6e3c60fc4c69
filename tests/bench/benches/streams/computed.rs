//! Computing the changes of a whole log, published nowhere. There is nothing bare to hold it
//! against.

use crate::ledger;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{median, rate};
use standing_bench::table::Table;
use standing_domain::stop::Stop;
use standing_engine::Cursor;
use std::time::Instant;

pub fn computed(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let engine = ledger::open(folder.path(), scale.published)?;
    let frontier = engine.ledger().frontier();
    let mut rates = Vec::with_capacity(scale.rounds);
    for _ in 0..scale.rounds {
        let (begun, mut cursor, mut steps) = (Instant::now(), Cursor::START, 0);
        while let Some(step) = engine.ledger().next_step(cursor, frontier, Stop::NEVER)? {
            cursor = step.cursor;
            steps += 1;
        }
        rates.push(rate(steps, begun.elapsed()));
    }
    let what = format!(
        "computing the changes of {} entries",
        frontier.head.position
    );
    table.value(&what, "steps/s", median(rates), None);
    Ok(())
}
