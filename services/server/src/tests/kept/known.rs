//! When what is known of a party grew, and which entry parts two states of knowledge, is what a
//! model finds that asks after every batch of random histories. `STANDING_CASES` sets how many are
//! tried.

use super::*;
use standing_domain::answers::changes::Held;
use standing_domain::answers::changes::ahead::Wanted;

/// How many histories are tried where nobody says.
const CASES: u64 = 8;

/// The days that are asked about.
const DAYS: [&str; 4] = ["2000-12-31", "2001-01-09", "2001-01-20", "2003-06-01"];

/// Records a random history; returns the ends of its batches, 0 first.
fn recorded(engine: &Recorder, seed: u64) -> Vec<Position> {
    let founding = request("founding", &History::beginning(), false).unwrap();
    let mut ends = vec![Position::ZERO];
    ends.extend(
        engine
            .record(founding)
            .unwrap()
            .recorded()
            .map(|of| of.last),
    );
    let mut history = History::new(seed, engine.ledger().head().position.number());
    for number in 0..LENGTH {
        let count = if history.below(5) == 0 { 3 } else { 1 };
        let text: String = (0..count).map(|_| history.line()).collect();
        let request = request(&format!("request-{number}"), &text, false);
        let recorded = request.and_then(|request| engine.record(request).ok());
        let last = recorded.and_then(|outcome| outcome.recorded().map(|of| of.last));
        history.note(last.map(Position::number));
        ends.extend(last);
    }
    ends
}

fn cases() -> u64 {
    let cases = std::env::var("STANDING_CASES").ok();
    cases.map_or(CASES, |cases| cases.parse().unwrap())
}

#[test]
fn what_lies_ahead_is_what_a_model_finds() {
    let (first, last) = (
        Day::parse("2000-12-20").unwrap(),
        Day::parse("2003-03-01").unwrap(),
    );
    let mut turned = 0;
    for seed in 500..500 + cases() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
        recorded(&engine, seed);
        let reader = engine.ledger().at(engine.ledger().head().position);
        let view = reader.view();
        for (party, record) in registered(&view) {
            let mut model = Vec::new();
            let mut before = view.held_on(&record, first);
            let mut day = first;
            while day < last {
                day = day.next();
                let now = view.held_on(&record, day);
                let otherwise = now.otherwise(&before).into_iter();
                model.extend(otherwise.map(|of| (day, of.right, of.bodies, of.before, of.after)));
                before = now;
            }
            let days = first.next()..=last;
            let wanted = Wanted {
                rights: true,
                money: true,
                law_turns: view.law_turns(&days),
            };
            let ahead = view.ahead(&party, &record, &days, wanted);
            let told = ahead.rights.into_iter();
            let told: Vec<_> = told
                .map(|of| (of.start, of.right, of.bodies, of.before, of.after))
                .collect();
            turned += told.len();
            assert_eq!(told, model, "{party} of history {seed}");
            let listed = view.lay_rights(&record).days();
            let of_model: Vec<Day> = model.iter().map(|(day, ..)| *day).collect();
            let listed: Vec<Day> = listed.range(days).copied().collect();
            assert!(
                of_model.iter().all(|day| listed.contains(day)),
                "{party} of history {seed}"
            );
            assert!(
                listed.iter().all(|day| of_model.contains(day)),
                "{party} of history {seed}"
            );
        }
    }
    assert!(turned > 0);
}

#[test]
fn what_was_known_when_is_what_a_model_finds() {
    let (mut moved, mut steps, mut batches, mut returned) = (0, 0, 0, 0);
    for seed in 100..100 + cases() {
        let folder = tempfile::tempdir().unwrap();
        let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
        let ledger = engine.ledger();
        let ends = recorded(&engine, seed);
        let head = ledger.head().position;
        for party in parties() {
            let range = (Position::ZERO, head);
            let stirring = ledger.stirring(range, Stop::NEVER).unwrap();
            let told = ledger.knowledge_steps(&party, &stirring, Stop::NEVER);
            let told = told.unwrap();
            let told: Vec<Position> = told.iter().map(|step| step.last).collect();
            steps += told.len();
            batches += ends.len() - 1;
            for day in DAYS.map(|day| Day::parse(day).unwrap()) {
                let known = |at: &Position| ledger.held(&party, day, *at);
                let all: Vec<Option<Held>> = ends.iter().map(known).collect();
                for (place, pair) in all.windows(2).enumerate() {
                    let end = ends[place + 1];
                    moved += usize::from(pair[0] != pair[1]);
                    assert!(
                        pair[0] == pair[1] || told.contains(&end),
                        "{party} on {day} with {end} of history {seed}"
                    );
                }
                for from in (0..ends.len()).step_by(7) {
                    for to in (from..ends.len()).step_by(11) {
                        let range = (ends[from], ends[to]);
                        let stirring = ledger.stirring(range, Stop::NEVER).unwrap();
                        let asked = [(party.clone(), all[from].clone())];
                        let found = ledger.parted_by(&asked, day, &stirring, Stop::NEVER);
                        let found = found.unwrap()[0];
                        let mut later = from + 1..=to;
                        let first = later.find(|place| all[*place] != all[from]);
                        let told = format!("{party} on {day} in {range:?} of history {seed}");
                        let (Some(found), Some(first)) = (found, first) else {
                            assert!(found.is_none() && first.is_none(), "{told}");
                            continue;
                        };
                        returned += usize::from(all[to] == all[from]);
                        // It is in that batch.
                        let batch = ends[first - 1].next()..=ends[first];
                        assert!(batch.contains(&found), "{found}, {batch:?}: {told}");
                    }
                }
            }
        }
    }
    // Answers moved, went and came back, and not every batch is looked at.
    assert!(moved > 0 && returned > 0, "{moved} {returned}");
    assert!(steps < batches, "{steps} of {batches}");
}
