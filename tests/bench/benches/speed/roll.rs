//! A roll at a date, against a plain loop over maps.

use crate::check::Lookup;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{Draws, interleaved};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::{DAYS, LONG};
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use std::hint::black_box;
use std::time::Instant;

/// How many dates a side counts in a round.
const DATES: usize = 20;

pub fn counts(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let engine = world::open(folder.path(), scale.roll, LONG)?;
    let lookup = Lookup::new(scale.roll, LONG);
    let head = engine.ledger().head().position;
    let mut draws = Draws(7);
    let days: Vec<Day> = (0..DATES).map(|_| world::day(draws.below(DAYS))).collect();
    for day in &days {
        let counted = engine.ledger().count_members(*day, head, Stop::NEVER)?;
        let [_, associate, full] = lookup.count((*day).into());
        if counted
            .iter()
            .map(|counts| counts.certain)
            .ne([associate, full])
        {
            return Err(format!("two rolls: {counted:?}, {associate} and {full}").into());
        }
    }
    let per_second = |count: &dyn Fn(Day)| {
        let start = Instant::now();
        for day in &days {
            count(*day);
        }
        DATES as f64 / start.elapsed().as_secs_f64()
    };
    let rounds = interleaved(
        scale.rounds,
        || {
            Ok(per_second(&|day| {
                drop(black_box(engine.ledger().count_members(
                    day,
                    head,
                    Stop::NEVER,
                )));
            }))
        },
        || {
            Ok(per_second(&|day| {
                drop(black_box(lookup.count(day.into()).to_vec()));
            }))
        },
    )?;
    let what = format!("roll of {} parties at a date; plain loop", scale.roll);
    table.ratio(&what, "/s", &rounds, Some(Bound::AtLeast(1.0)));
    Ok(())
}
