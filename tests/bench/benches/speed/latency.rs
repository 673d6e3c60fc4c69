//! Who waits for whom: the slowest of a hundred questions while 64 callers append, and the slowest of a hundred appends and
//! questions while somebody walks over all parties.

use crate::Outcome;
use crate::append::Sides;
use crate::check::{Question, questions};
use crate::rounds::percentile;
use crate::scale::Scale;
use crate::table::Table;
use crate::world::{self, ASSEMBLY};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long each is watched, in slices of the scale.
const SLICES: u32 = 5;

/// How many callers append while questions are asked.
const CALLERS: usize = 64;

/// Something that keeps the ledger busy until it is told to stop.
type Busy<'a> = dyn Fn() -> Outcome + Sync + 'a;

pub fn latency(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.roll)?;
    let asked = questions(10_000, scale.roll);
    let ask = |place: usize| {
        let Question { party, right, day } = &asked[place % asked.len()];
        let head = sides.engine.head().position;
        let _ = black_box(
            sides
                .engine
                .verdict(party, right, Some(ASSEMBLY), *day, head),
        );
        Ok(())
    };
    let append = |_: usize| sides.record();
    let count = || {
        let head = sides.engine.head().position;
        drop(black_box(
            sides.engine.count_members(world::day(5_000), head),
        ));
        Ok(())
    };
    let walk = || {
        let head = sides.engine.head().position;
        let mut records = 0_usize;
        sides
            .engine
            .each_record(head, &mut |_, _, record| records += record.mentions().len());
        black_box(records);
        Ok(())
    };
    let watched = scale.slice * SLICES;
    let record = || sides.record();
    let nothing: &Busy = &|| Ok(());
    let cases: [(&str, &(dyn Fn(usize) -> Outcome + Sync), usize, &Busy); 7] = [
        ("verdict alone", &ask, 0, nothing),
        ("verdict while 64 callers append", &ask, CALLERS, &record),
        ("verdict while members are counted", &ask, 1, &count),
        ("verdict while all records are walked", &ask, 1, &walk),
        ("append alone", &append, 0, nothing),
        ("append while members are counted", &append, 1, &count),
        ("append while all records are walked", &append, 1, &walk),
    ];
    for (what, call, busy, work) in cases {
        let mut times = watch(watched, call, busy, work)?;
        for (name, thousandths, bounded) in [
            ("p50", 500, false),
            ("p99", 990, true),
            ("p99.9", 999, false),
        ] {
            table.time(
                &format!("{name} of {what}"),
                percentile(&mut times, thousandths),
                bounded,
            );
        }
    }
    Ok(())
}

/// Times calls one after the other while others work.
fn watch(
    watched: Duration,
    call: &(dyn Fn(usize) -> Outcome + Sync),
    busy: usize,
    work: &Busy,
) -> Outcome<Vec<Duration>> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let working = || -> Outcome {
            while !stop.load(Ordering::Relaxed) {
                work()?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..busy).map(|_| scope.spawn(working)).collect();
        let start = Instant::now();
        let mut times = Vec::new();
        let mut timed = || -> Outcome {
            let begun = Instant::now();
            call(times.len())?;
            times.push(begun.elapsed());
            Ok(())
        };
        let mut outcome = Ok(());
        while outcome.is_ok() && start.elapsed() < watched {
            outcome = timed();
        }
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().map_err(|_| "a worker panicked")??;
        }
        outcome.map(|()| times)
    })
}
