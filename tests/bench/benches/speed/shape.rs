//! The same questions at more and more entries: what one costs must not grow with the log.

use crate::check;
use crate::check::questions;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{Draws, median, nanos_each};
use standing_bench::table::Table;
use standing_bench::world;
use standing_bench::world::{LONG, request};
use standing_domain::answers::question::Question;
use standing_domain::entry::slot::Ref;
use standing_domain::id::RightId;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{Among, Point, Recorder};
use std::hint::black_box;

/// How often each is asked in a round.
const ASKED: usize = 20_000;

/// How many entries are appended, one after the other.
const APPENDED: u32 = 500;

/// What the asking of one question costs, in nanoseconds, by its name.
type Costs = Vec<(&'static str, f64)>;

pub fn shape(scale: &Scale, table: &mut Table) -> Outcome {
    let mut sizes = vec![10_000, 1_000_000];
    if scale.large {
        sizes.push(10_000_000);
    }
    for entries in sizes {
        let folder = tempfile::tempdir()?;
        let parties = entries / LONG.len();
        let parties = u32::try_from(parties)?;
        let engine = world::open(folder.path(), parties, LONG)?;
        for (what, nanos) in costs(scale, &engine, parties)? {
            table.value(&format!("{what} at {entries} entries"), "ns", nanos, None);
        }
    }
    Ok(())
}

fn costs(scale: &Scale, engine: &Recorder, parties: u32) -> Outcome<Costs> {
    let asked = questions(ASKED, parties)?;
    let ledger = engine.ledger();
    let head = ledger.head().position;
    let party = |place: usize| &asked[place].question.party;
    let right = RightId::new("vote")?;
    let mut draws = Draws(11);
    let most = u32::try_from(head.number()).unwrap_or(u32::MAX);
    let drawn = (0..ASKED).map(|_| Position::new(draws.below(most).into()));
    let earlier: Vec<Position> = drawn.collect();
    let mut costs = Costs::new();
    let mut cost = |what, ask: &dyn Fn(usize)| {
        let each = |_| nanos_each(ASKED, || (0..ASKED).for_each(ask));
        costs.push((what, median((0..scale.rounds).map(each))));
    };
    let verdict = |place: usize, known_at: Position| {
        let _ = black_box(check::verdict(ledger, &asked[place], known_at));
    };
    cost("verdict", &|place| verdict(place, head));
    cost("verdict as once known", &|place| {
        verdict(place, earlier[place]);
    });
    cost("verdict with its grounds", &|place| {
        let reader = ledger.at(head);
        let view = reader.view();
        let (party, right) = (party(place).clone(), right.clone());
        let question = Question {
            party,
            right,
            body: None,
        };
        if let Some(record) = view.record(&question.party) {
            black_box(view.grounds(&question, &record, asked[place].day));
        }
    });
    cost("party by name", &|place| {
        let name = format!("bench {} in ko", &party(place).as_str()[4..]);
        let _ = black_box(ledger.at(head).find_parties(&name));
    });
    cost("page of 100 parties", &|place| {
        black_box(ledger.parties_after(&Among::Everybody, Some(party(place)), 100));
    });
    cost("positions of a party", &|place| {
        let what = Ref::Party(party(place).clone());
        black_box(ledger.positions(Some(&what), Position::FIRST, head, 100));
    });
    cost("entry", &|place| {
        let _ = black_box(ledger.entry(earlier[place]));
    });
    cost("instant to position", &|place| {
        let instant = RecordTime::from_micros(1_700_000_000_000_000 + earlier[place].number());
        let _ = black_box(ledger.resolve(Point::Instant(instant), Position::ZERO));
    });
    let requests = (0..APPENDED).map(|serial| request(world::fresh(serial, parties)?));
    let requests = requests.collect::<Outcome<Vec<_>>>()?;
    let mut refused = None;
    let nanos = nanos_each(requests.len(), || {
        for request in requests {
            refused = engine.record(request).err().or(refused.take());
        }
    });
    costs.push(("durable append", nanos));
    refused.map_or(Ok(costs), |error| Err(error.into()))
}
