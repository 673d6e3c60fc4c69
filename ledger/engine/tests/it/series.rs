//! Series: requests that one caller hands in without a wait between them.

use crate::common::*;
use crate::failing::Disk;
use standing_domain::entry::draft::Draft;
use standing_domain::id::position::Position;
use standing_engine::store::keys::KeyFile;
use standing_engine::store::{Log, Options as LogOptions};
use standing_engine::{Options, Outcome, RecordError, Recorder, Request, Series};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// What became of each request that was handed in, by its number, in the order of being told.
pub struct Told {
    send: Sender<(usize, Result<Outcome, RecordError>)>,
    receive: Receiver<(usize, Result<Outcome, RecordError>)>,
}

impl Told {
    pub fn new() -> Self {
        let (send, receive) = channel();
        Self { send, receive }
    }

    pub fn reply(
        &self,
        number: usize,
    ) -> impl FnOnce(Result<Outcome, RecordError>) + Send + 'static + use<> {
        let send = self.send.clone();
        move |outcome| send.send((number, outcome)).unwrap()
    }

    /// Waits for so many, and returns them by their numbers.
    pub fn all(&self, count: usize) -> Vec<Result<Outcome, RecordError>> {
        let mut all: Vec<_> = (0..count)
            .map(|_| self.receive.recv_timeout(Duration::from_secs(20)).unwrap())
            .collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

pub fn first(outcome: &Result<Outcome, RecordError>) -> Position {
    outcome.as_ref().unwrap().recorded().unwrap().first
}

fn is_ended(outcome: &Result<Outcome, RecordError>) -> bool {
    matches!(outcome, Err(RecordError::SeriesEnded))
}

fn registers(number: usize) -> Request {
    request(
        &format!("r-{number}"),
        vec![register(&format!("p-{number}"))],
    )
}

fn opened(folder: &tempfile::TempDir) -> Recorder {
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    record(&engine, founding()).unwrap();
    engine
}

/// Keeps the writer busy until what is returned is dropped.
pub fn held(engine: &Recorder) -> Sender<()> {
    let (hold, waits) = channel::<()>();
    let (tell, is_busy) = channel();
    let drafts: Vec<Draft> = vec![];
    // It is judged only, and told at once.
    let request = Request {
        validate_only: true,
        ..request("hold", [drafts, vec![register("nobody")]].concat())
    };
    engine.submit(request, move |_| {
        tell.send(()).unwrap();
        // Until the sender is gone.
        let _ = waits.recv();
    });
    is_busy.recv().unwrap();
    hold
}

#[test]
fn what_comes_behind_a_refused_request_is_not_tried() {
    let folder = tempfile::tempdir().unwrap();
    let engine = opened(&folder);
    let before = engine.ledger().head().position;
    let (told, mut series) = (Told::new(), engine.series());
    let hold = held(&engine);
    for number in 0..200 {
        let next = match number {
            70 => request("refused", vec![admit("nobody", "full", "2001-01-01")]),
            _ => registers(number),
        };
        engine.submit_next(&mut series, next, told.reply(number));
    }
    assert_eq!(series.count(), 200);
    drop(hold);
    let told = told.all(200);
    for (number, outcome) in told.iter().enumerate() {
        match number {
            0..70 => assert_eq!(first(outcome), before.after(number + 1)),
            70 => assert!(matches!(outcome, Err(RecordError::Refused(_)))),
            _ => assert!(is_ended(outcome), "{number}: {outcome:?}"),
        }
    }
    assert_eq!(engine.ledger().head().position, before.after(70));
    // It stays ended, and another begins anew.
    let again = Told::new();
    engine.submit_next(&mut series, registers(500), again.reply(0));
    let mut other = engine.series();
    engine.submit_next(&mut other, registers(69), again.reply(1));
    engine.submit_next(&mut other, registers(70), again.reply(2));
    let again = again.all(3);
    assert!(is_ended(&again[0]));
    assert!(again[1].as_ref().unwrap().is_replayed());
    assert_eq!(first(&again[2]), before.after(71));
}

#[test]
fn what_is_refused_beside_the_writer_ends_only_what_comes_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = opened(&folder);
    let (told, mut series) = (Told::new(), engine.series());
    let hold = held(&engine);
    engine.submit_next(&mut series, registers(0), told.reply(0));
    engine.submit_next(&mut series, request("none", vec![]), told.reply(1));
    engine.submit_next(&mut series, registers(2), told.reply(2));
    // It is told at once, and those before it wait all the same.
    let (number, outcome) = told.receive.recv().unwrap();
    assert_eq!(number, 1);
    assert!(matches!(outcome, Err(RecordError::Size(_))));
    drop(hold);
    let told = told.all(2);
    assert!(told[0].is_ok() && is_ended(&told[1]), "{told:?}");
}

#[test]
fn the_writer_takes_from_series_and_others_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let engine = opened(&folder);
    let before = engine.ledger().head().position;
    let (told, single) = (Told::new(), Told::new());
    let mut series: Vec<Series> = (0..2).map(|_| engine.series()).collect();
    let hold = held(&engine);
    for number in 0..300 {
        let of = &mut series[number / 200];
        engine.submit_next(of, registers(number), told.reply(number));
    }
    for number in 1_000..1_003 {
        engine.submit(registers(number), single.reply(number));
    }
    drop(hold);
    let (told, single) = (told.all(300), single.all(3));
    let at = |outcome| first(outcome).nth_from(before.next()).unwrap();
    // One of theirs, one of a series; of the series one and then the other.
    for (number, outcome) in single.iter().enumerate() {
        let at = at(outcome);
        assert!(at <= 2 * number + 1, "single {number} at {at}");
    }
    for (number, outcome) in told[200..].iter().enumerate() {
        let at = at(outcome);
        assert!(at <= 2 * number + 1 + 3, "second series, {number} at {at}");
    }
    assert_eq!(engine.ledger().head().position, before.after(303));
}

#[test]
fn a_failed_commit_ends_a_series() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyFile::create(folder.path().join("keys")).unwrap();
    let disk = Disk::default();
    let log = Log::with_backend(disk.clone(), LogOptions::default()).unwrap();
    let engine = Recorder::start(log, keys, &Options::default()).unwrap();
    record(&engine, founding()).unwrap();
    let before = engine.ledger().head().position;

    let (told, mut series) = (Told::new(), engine.series());
    let hold = held(&engine);
    for number in 0..50 {
        engine.submit_next(&mut series, registers(number), told.reply(number));
    }
    disk.fail(0, false);
    drop(hold);
    for (number, outcome) in told.all(50).into_iter().enumerate() {
        assert!(
            matches!(outcome, Err(RecordError::Storage(_))),
            "{number}: {outcome:?}"
        );
    }
    // The disk is well again, and the series has ended all the same.
    let late = Told::new();
    engine.submit_next(&mut series, registers(50), late.reply(0));
    assert!(is_ended(&late.all(1)[0]));
    assert_eq!(engine.ledger().head().position, before);
    assert!(engine.record(registers(0)).is_ok());
}

#[test]
fn a_series_that_is_dropped_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let engine = opened(&folder);
    let before = engine.ledger().head();
    let (told, mut series) = (Told::new(), engine.series());
    let hold = held(&engine);
    for number in 0..50 {
        engine.submit_next(&mut series, registers(number), told.reply(number));
    }
    drop(series);
    drop(hold);
    assert!(told.all(50).iter().all(is_ended));
    assert_eq!(engine.ledger().head(), before);
}

#[test]
fn what_waits_when_the_recorder_is_dropped_becomes_durable() {
    let folder = tempfile::tempdir().unwrap();
    let engine = opened(&folder);
    let before = engine.ledger().head().position;
    let (told, mut series) = (Told::new(), engine.series());
    let hold = held(&engine);
    for number in 0..50 {
        engine.submit_next(&mut series, registers(number), told.reply(number));
    }
    let closing = std::thread::spawn(move || drop(engine));
    drop(hold);
    closing.join().unwrap();
    assert!(told.all(50).iter().all(Result::is_ok));
    let again = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    assert_eq!(again.ledger().head().position, before.after(50));
}
