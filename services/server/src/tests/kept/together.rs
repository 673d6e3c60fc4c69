//! Readers and a writer at once, with a keeper beside them: what any of them was told of a session
//! is what is drawn up anew at that position, after all is over.

use super::history::{History, SESSIONS};
use super::{anew, request};
use fastrand::Rng;
use standing_domain::audit::AuditedSession;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_engine::{Meanwhile, Options, Outcome, RecordError, Recorder};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

/// How many histories are tried.
const CASES: u64 = 4;
/// How many requests each has.
const LENGTH: usize = 120;
/// How many ask at once.
const READERS: u64 = 3;

/// How many requests of the writer are not answered at a time.
const UNDER_WAY: usize = 6;

/// What was written and asked for, and where it is answered.
type Asked = VecDeque<(Vec<String>, Receiver<Result<Outcome, RecordError>>)>;

/// What somebody was told of a session, and as known when.
type Told = (SessionId, Position, Option<Arc<AuditedSession>>);

#[test]
fn what_readers_are_told_at_once_is_what_is_so() {
    for seed in 0..CASES {
        at_once(seed);
    }
}

fn at_once(seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        keeps_ahead: true,
        decides_meanwhile: Meanwhile::Always,
        ..Options::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    let founding = request("founding", &History::beginning(), false).unwrap();
    engine.record(founding).unwrap();
    let over = AtomicBool::new(false);
    let told: Vec<Told> = std::thread::scope(|scope| {
        let (engine, over) = (&engine, &over);
        let begun = |reader| {
            let random = Rng::with_seed(seed * READERS + reader);
            scope.spawn(move || read(engine, over, random))
        };
        let readers: Vec<_> = (0..READERS).map(begun).collect();
        write(engine, seed);
        over.store(true, Ordering::Relaxed);
        let told = readers.into_iter().map(|reader| reader.join().unwrap());
        told.flatten().collect()
    });
    assert!(told.len() > 20, "{} were told", told.len());
    let ledger = anew(engine.ledger());
    for (session, known_at, told) in told {
        let drawn = ledger
            .session_rolls(&session, known_at, Stop::NEVER)
            .unwrap();
        let of = |session: Option<Arc<AuditedSession>>| {
            session.map(|of| (of.frame.clone(), of.rolls.clone()))
        };
        assert_eq!(
            of(told),
            of(drawn),
            "{session} at {known_at}, history {seed}"
        );
    }
}

fn write(engine: &Recorder, seed: u64) {
    let ledger = engine.ledger();
    let mut history = History::new(seed, ledger.head().position.number());
    // What is not answered, so that some is decided while other is on its way to the disk.
    let mut asked = Asked::new();
    for number in 0..LENGTH {
        let text = history.line();
        let lines = history.lines_written();
        if let Some(request) = request(&format!("request-{number}"), &text, false) {
            let (tell, told) = channel();
            engine.submit(request, move |outcome| tell.send(outcome).unwrap());
            asked.push_back((lines, told));
        }
        if asked.len() > UNDER_WAY {
            note_first(&mut asked, &mut history);
        }
    }
    while !asked.is_empty() {
        note_first(&mut asked, &mut history);
    }
}

/// Waits for the first that is not answered, and takes note of it.
fn note_first(asked: &mut Asked, history: &mut History) {
    let (lines, answer) = asked.pop_front().unwrap();
    if let Ok(outcome) = answer.recv().unwrap() {
        let last = outcome.recorded().unwrap().last;
        history.note_recorded(lines, last.number());
    }
}

/// Asks until it is over, of any session, at the head and before it.
fn read(engine: &Recorder, over: &AtomicBool, mut random: Rng) -> Vec<Told> {
    let ledger = engine.ledger();
    let mut told = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let head = ledger.head().position;
        let known_at = if random.u32(0..4) == 0 {
            Position::new(random.u64(1..=head.number()))
        } else {
            head
        };
        let number = random.u32(1..=SESSIONS);
        let session = SessionId::new(&format!("assembly/{number}")).unwrap();
        let found = ledger.session_rolls(&session, known_at, Stop::NEVER);
        // To draw all of them up anew would take long.
        if random.u32(0..8) == 0 {
            told.push((session, known_at, found.unwrap()));
        }
    }
    told
}
