//! Who waits for whom: the slowest of a hundred questions while 64 callers append, and the slowest
//! of a hundred appends and questions while somebody walks over all parties. The disk has a p99 of
//! its own: an append is measured without it (judged only), and with it beside redb by hand under
//! the same load.

use crate::append::Sides;
use crate::check::{questions, verdict};
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{interleaved, median, percentile};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::request;
use standing_domain::answers::view::View;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::Stop;
use standing_engine::{Among, Shards};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many callers append while questions are asked.
const CALLERS: usize = 64;

/// Something that keeps the ledger busy until it is told to stop.
type Busy<'a> = dyn Fn() -> Outcome + Sync + 'a;

/// Something whose time is taken, with its number.
type Call<'a> = dyn Fn(usize) -> Outcome + Sync + 'a;

pub fn latency(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.roll)?;
    let asked = questions(10_000, scale.roll)?;
    let ledger = sides.engine.ledger();
    let head = || ledger.head().position;
    let ask = |place: usize| {
        let _ = black_box(verdict(ledger, &asked[place % asked.len()], head()));
        Ok(())
    };
    let judge = |_: usize| {
        let mut request = request(sides.fresh()?)?;
        request.validate_only = true;
        sides.engine.record(request)?;
        Ok(())
    };
    let append = |_: usize| sides.record();
    let template = world::stored(Position::FIRST, &sides.fresh()?)?;
    let by_hand = |_: usize| sides.bare.record(template.clone()).map(drop);

    let record = || sides.record();
    let count = || {
        black_box(ledger.count_members(world::day(5_000), head(), Stop::NEVER)?);
        Ok(())
    };
    let walk = || {
        let mut mentions = 0;
        let mut look = |_: View<'_, Shards>, _: &PartyId, record: &PartyRecord| {
            mentions += record.mentions().len();
        };
        ledger.each_record(&Among::Everybody, head(), Stop::NEVER, &mut look)?;
        black_box(mentions);
        Ok(())
    };
    let works: [(&str, usize, &Busy); 4] = [
        ("alone", 0, &|| Ok(())),
        ("while 64 callers append", CALLERS, &record),
        ("while members are counted", 1, &count),
        ("while all records are walked", 1, &walk),
    ];
    let p99 = |call: &Call, busy, work| -> Outcome<f64> {
        let mut times = watch(scale.slice, call, busy, work)?;
        Ok(percentile(&mut times, 990).as_secs_f64() * 1e6)
    };
    let bound = Some(Bound::AtMost(2_000.0));
    for (when, busy, work) in works {
        let rounds = (0..scale.rounds).map(|_| p99(&ask, busy, work));
        let micros = median(rounds.collect::<Outcome<Vec<_>>>()?);
        table.value(&format!("p99 of a verdict {when}"), "us", micros, bound);
    }
    for (when, busy, work) in works {
        let rounds = (0..scale.rounds).map(|_| p99(&judge, busy, work));
        let micros = median(rounds.collect::<Outcome<Vec<_>>>()?);
        let bound = bound.filter(|_| busy < CALLERS);
        table.value(
            &format!("p99 of judging an append {when}"),
            "us",
            micros,
            bound,
        );
    }
    for (when, busy, work) in works {
        let (ours, theirs) = (|| p99(&append, busy, work), || p99(&by_hand, busy, work));
        let rounds = interleaved(scale.rounds, ours, theirs)?;
        table.ratio(
            &format!("p99 of an append {when}; redb by hand"),
            "us",
            &rounds,
            None,
        );
    }
    Ok(())
}

/// Times calls one after the other while others work.
fn watch(watched: Duration, call: &Call, busy: usize, work: &Busy) -> Outcome<Vec<Duration>> {
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
