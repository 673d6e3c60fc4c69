//! Walks over the ledger ask often whether to go on, end at once when they are not to, and hold
//! nothing meanwhile.

use super::*;
use standing_domain::entry::draft::Draft;
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, DraftId, PartyId, SessionId, Word};
use standing_domain::stop::{Stop, Stopped};
use standing_domain::time::day::Day;
use standing_engine::{Allowed, Among, ChangeError, FindingsError, RecordError, Request};
use standing_proto::draft::read_batch;
use std::cell::Cell;
use std::sync::mpsc;
use std::time::Duration;

/// How many parties there are beside those of the league.
pub(super) const MANY: usize = 600;

/// So many parties, registered and admitted.
pub(super) fn many(count: usize) -> String {
    let lines = (0..count).map(|n| {
        format!(
            r#"{{"id":"town-{n}","partyRegistered":{{"party":"town-{n}","kind":"town","names":[{{"language":"en","text":"Town {n}"}}]}}}}
{{"id":"town-{n}-full","effective":{{"date":"2001-01-01"}},"memberAdmitted":{{"party":"town-{n}","class":"full"}}}}
"#
        )
    });
    lines.collect()
}

const LAW: &str = r#"{"id":"charter-11","effective":{"date":"2015-01-01"},"articleEnacted":{"instrument":"charter","article":"11","citation":"11","change":"ARTICLE_CHANGE_ADDED","norms":[{"support":"SUPPORT_TEXT","suspend":{"right":"speak","classes":["full"]}}]}}"#;

fn drafts(text: &str) -> Vec<Draft> {
    let wire = parse_jsonl("test", text).map(|line| line.unwrap().1);
    read_batch(wire.collect()).unwrap()
}

fn request(id: &str, text: &str) -> Request {
    Request {
        id: DraftId::new(id).unwrap(),
        actor: ActorId::new("test").unwrap(),
        drafts: drafts(text),
        canonical: id.as_bytes().to_vec(),
        expectations: Vec::new(),
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    }
}

struct Ledger {
    engine: Recorder,
    /// Before the last batch, which moves everybody's rights.
    before: Position,
    _folder: tempfile::TempDir,
}

fn ledger() -> Ledger {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    engine.record(request("league", LEAGUE)).unwrap();
    let recorded = engine.record(request("many", &many(MANY))).unwrap();
    engine.record(request("law", LAW)).unwrap();
    Ledger {
        engine,
        before: recorded.recorded().unwrap().last,
        _folder: folder,
    }
}

impl Ledger {
    /// Under a reading nothing that is worked out is kept: every walk is walked again.
    fn anew(&self) -> standing_engine::Ledger {
        let reading = Word::new("text-only").unwrap();
        self.engine.ledger().reading(vec![reading])
    }
}

/// A walk to its end, or until it is given up.
type Walk = fn(&Ledger, Stop<'_>) -> Result<(), Stopped>;

fn given_up<T>(outcome: Result<T, RecordError>) -> Result<(), Stopped> {
    match outcome {
        Ok(_) => Ok(()),
        Err(RecordError::GivenUp(stopped)) => Err(stopped),
        Err(other) => panic!("{other}"),
    }
}

fn given_up_findings<T>(outcome: Result<T, FindingsError>) -> Result<(), Stopped> {
    match outcome {
        Ok(_) => Ok(()),
        Err(FindingsError::GivenUp(stopped)) => Err(stopped),
        Err(other) => panic!("{other}"),
    }
}

/// Every walk, and how often it asks at least.
const WALKS: [(&str, usize, Walk); 8] = [
    ("findings", 3 * MANY, |ledger, stop| {
        let head = ledger.engine.ledger().head().position;
        given_up_findings(ledger.anew().findings(Day::MAX, head, stop))
    }),
    ("members by class", MANY / 64, |ledger, stop| {
        let head = ledger.engine.ledger().head().position;
        let counts = ledger.engine.ledger().count_members(Day::MAX, head, stop)?;
        assert!(counts.iter().any(|count| count.certain >= MANY as u64));
        Ok(())
    }),
    ("all records", MANY / 16, |ledger, stop| {
        let head = ledger.engine.ledger().head().position;
        ledger
            .engine
            .ledger()
            .each_record(&Among::Everybody, head, stop, &mut |_, _, _| {})
    }),
    ("the roll of a session", MANY / 16, |ledger, stop| {
        let head = ledger.engine.ledger().head().position;
        let session = SessionId::new("assembly/2").unwrap();
        let rolls = ledger.anew().session_rolls(&session, head, stop)?;
        let attended = rolls.unwrap().rolls.attended(0);
        assert!(attended.entitled.certain >= MANY as u64);
        Ok(())
    }),
    ("what-if", 2 * MANY, |ledger, stop| {
        let more = many(2 * MANY);
        let new = drafts(&more[more.find(r#"{"id":"town-600""#).unwrap()..]);
        assert_eq!(new.len(), 2 * MANY);
        let head = ledger.engine.ledger().head().position;
        given_up(ledger.engine.ledger().assume(new, head, stop))
    }),
    ("what-if about law", 8, |ledger, stop| {
        let text = LAW
            .replace("charter-11", "charter-12")
            .replace("\"11\"", "\"12\"");
        let head = ledger.engine.ledger().head().position;
        given_up(ledger.engine.ledger().assume(drafts(&text), head, stop))
    }),
    (
        "a step that concerns everybody",
        MANY / 16,
        |ledger, stop| {
            let engine = &ledger.engine;
            let before = engine.ledger().cursor_at(ledger.before).unwrap();
            match engine
                .ledger()
                .next_step(before, engine.ledger().frontier(), stop)
            {
                Ok(step) => {
                    assert!(step.unwrap().changes.len() >= MANY);
                    Ok(())
                }
                Err(ChangeError::GivenUp(stopped)) => Err(stopped),
                Err(other) => panic!("{other}"),
            }
        },
    ),
    ("findings on an answer", MANY / 16, |ledger, stop| {
        let at = ledger.before;
        let (party, cited) = (PartyId::new("west").unwrap(), World::position("west-full"));
        match ledger
            .anew()
            .findings_on(&party, &[Position::new(cited)], at, stop)
        {
            Ok(found) => {
                assert!(found.iter().all(|finding| !finding.entries.is_empty()));
                Ok(())
            }
            Err(FindingsError::GivenUp(stopped)) => Err(stopped),
            Err(other) => panic!("{other}"),
        }
    }),
];

/// Walks, and returns how often it was asked whether to go on. It is given up when it is asked so
/// often, if that is said.
fn asked(ledger: &Ledger, walk: Walk, most: Option<usize>) -> (Result<(), Stopped>, usize) {
    let count = Cell::new(0);
    let test = || {
        count.set(count.get() + 1);
        if most == Some(count.get()) {
            return Err(Stopped);
        }
        Ok(())
    };
    let outcome = walk(ledger, Stop::when(&test));
    (outcome, count.get())
}

#[test]
fn every_walk_asks_often_and_ends_at_once() {
    let ledger = ledger();
    for (name, least, walk) in WALKS {
        let (outcome, all) = asked(&ledger, walk, None);
        assert_eq!(outcome, Ok(()), "{name}");
        assert!(all >= least, "{name}: asked {all} times, not {least}");
        for most in [1, 2, all / 3 + 1, all / 2 + 1, all - all / 10] {
            let (outcome, count) = asked(&ledger, walk, Some(most));
            assert_eq!((outcome, count), (Err(Stopped), most), "{name} of {all}");
        }
    }
}

#[test]
fn recording_goes_on_while_a_walk_waits_for_its_turn() {
    let ledger = ledger();
    for (name, _, walk) in WALKS {
        let (_, all) = asked(&ledger, walk, None);
        let (count, recorded) = (Cell::new(0), Cell::new(0));
        let test = || {
            count.set(count.get() + 1);
            if count.get() % (all / 7 + 1) != 1 {
                return Ok(());
            }
            // Whoever waits here for a lock of the running ledger waits for the walk, which waits
            // for this.
            let id = format!("{}-{}", name.replace(' ', "-"), count.get());
            let text =
                format!(r#"{{"id":"{id}-1","partyRegistered":{{"party":"{id}","kind":"town"}}}}"#);
            let (tell, told) = mpsc::channel();
            ledger.engine.submit(request(&id, &text), move |outcome| {
                let _ = tell.send(outcome);
            });
            let outcome = told.recv_timeout(Duration::from_secs(20));
            let outcome = outcome.unwrap_or_else(|_| panic!("{name} holds up recording"));
            outcome.unwrap();
            recorded.set(recorded.get() + 1);
            Ok(())
        };
        walk(&ledger, Stop::when(&test)).unwrap();
        assert!(recorded.get() >= 4, "{name}: {}", recorded.get());
    }
}
