//! A file that is damaged: no start, answer, verdict or repeated request passes over what cannot be
//! read.

use crate::common::*;
use crate::failing::Disk;
use standing_domain::entry::draft::{Draft, EntryRef};
use standing_domain::entry::event::Event;
use standing_domain::id::position::Position;
use standing_domain::id::{ClassId, DraftId};
use standing_domain::stop::Stop;
use standing_engine::store::keys::KeyFile;
use standing_engine::store::{Check, Log, Options, ReadError};
use standing_engine::{EntryError, OpenError, Point, RecordError, Recorder, TroubleKind};

/// Nothing is verified by page, and nothing stays in memory.
fn blind() -> Options {
    Options {
        cache_bytes: 0,
        check: Check::Never,
        ..Options::default()
    }
}

fn start(disk: &Disk, log: Options) -> Result<Recorder, OpenError> {
    // Nobody is named here.
    let keys = KeyFile::absent("(none)");
    let log = Log::with_backend(disk.clone(), log)?;
    Recorder::start(log, keys, &options())
}

fn admission(id: &str, party: &str) -> Draft {
    let mut draft = admit(party, "full", "2001-01-01");
    draft.id = Some(DraftId::new(id).unwrap());
    draft
}

/// Starts a ledger of ten entries: the last is an admission that a draft can name.
fn ledger() -> (Disk, Recorder) {
    let disk = Disk::default();
    let engine = start(&disk, blind()).unwrap();
    record(&engine, founding()).unwrap();
    record(&engine, vec![register("a"), admission("adm-a", "a")]).unwrap();
    engine
        .record(request(
            "again",
            vec![register("b"), admission("adm-b", "b")],
        ))
        .unwrap();
    assert_eq!(engine.ledger().head().position, Position::new(10));
    (disk, engine)
}

/// Flips a bit of the stored bytes of an entry, wherever they stand.
fn flip(disk: &Disk, stored: &[u8], offset: usize) {
    let mut bytes = disk.bytes.lock().unwrap();
    let windows = bytes.windows(stored.len()).enumerate();
    let places: Vec<usize> = windows
        .filter(|(_, window)| *window == stored)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + offset] ^= 1 << (offset % 8);
    }
}

/// Damages an entry under a running ledger.
fn damage(disk: &Disk, engine: &Recorder, position: Position) {
    let stored = engine.ledger().entry(position).unwrap().unwrap().stored;
    flip(disk, &stored, stored.len() - 1);
}

fn is_damage(error: &RecordError, at: Position) -> bool {
    match error {
        RecordError::Unread(error) => matches!(
            error.as_ref(),
            EntryError::Log(ReadError::Damaged { position, .. }) if *position == at
        ),
        _ => false,
    }
}

#[test]
fn a_start_refuses_every_flipped_byte_of_every_entry() {
    let (disk, engine) = ledger();
    let entries = engine
        .ledger()
        .entries(Position::FIRST.to(Position::new(10)))
        .unwrap();
    drop(engine);
    let whole = disk.bytes.lock().unwrap().clone();
    let stride = if std::env::var_os("STANDING_LONG").is_some() {
        1
    } else {
        7
    };
    for entry in entries {
        for offset in (0..entry.stored.len()).step_by(stride) {
            let position = entry.entry.position;
            disk.bytes.lock().unwrap().clone_from(&whole);
            flip(&disk, &entry.stored, offset);
            let checked = start(&disk, Options::default());
            assert!(
                matches!(checked, Err(OpenError::Log(_))),
                "{position}, {offset}"
            );
            disk.bytes.lock().unwrap().clone_from(&whole);
            flip(&disk, &entry.stored, offset);
            match start(&disk, blind()) {
                Err(OpenError::Read(error)) => assert_eq!(error.position(), Some(position)),
                other => panic!("{position}, {offset}: {:?}", other.err()),
            }
        }
    }
}

#[test]
fn what_is_damaged_is_told_and_nothing_is_recorded_on_top_of_it() {
    let (disk, engine) = ledger();
    assert!(engine.ledger().troubles().is_empty());
    damage(&disk, &engine, Position::new(8));
    let error = engine.ledger().entry(Position::new(8)).unwrap_err();
    assert!(matches!(
        error,
        EntryError::Log(ReadError::Damaged { position, .. }) if position == Position::new(8)
    ));
    assert!(
        engine
            .ledger()
            .entries(Position::new(7).to(Position::new(9)))
            .is_err()
    );
    let troubles = engine.ledger().troubles();
    assert_eq!(troubles[0].kind, TroubleKind::Damaged);
    for part in ["position 8", "restore a backup"] {
        assert!(troubles[0].text.contains(part), "{troubles:?}");
    }
    assert!(engine.held_back().is_some());
    let refused = record(&engine, vec![register("c")]).unwrap_err();
    assert!(
        matches!(
            refused,
            RecordError::Damaged { position, .. } if position == Some(Position::new(8))
        ),
        "{refused:?}"
    );
    assert_eq!(engine.ledger().head().position, Position::new(10));
    // What verifies is answered.
    assert!(engine.ledger().entry(Position::new(9)).unwrap().is_some());
    assert_eq!(
        engine
            .ledger()
            .resolve(Point::Position(Position::new(10)), Position::ZERO)
            .unwrap(),
        Position::new(10)
    );
    assert!(
        engine
            .ledger()
            .resolve(Point::Position(Position::new(8)), Position::ZERO)
            .is_err()
    );
}

#[test]
fn no_verdict_on_drafts_rests_on_less_than_it_says() {
    // A draft that names what is damaged: it is not said to be unknown.
    let (disk, engine) = ledger();
    damage(&disk, &engine, Position::new(8));
    let mut correction = draft(
        "",
        "2002-01-01",
        Event::MemberAdmitted {
            party: party("a"),
            class: ClassId::new("full").unwrap(),
            founder: true,
        },
    );
    correction.corrects = Some(EntryRef::Draft(DraftId::new("adm-a").unwrap()));
    let error = record(&engine, vec![correction.clone()]).unwrap_err();
    assert!(is_damage(&error, Position::new(8)), "{error:?}");
    assert_eq!(engine.ledger().head().position, Position::new(10));

    // The same as what if.
    let (disk, engine) = ledger();
    damage(&disk, &engine, Position::new(8));
    let error = engine
        .ledger()
        .assume(vec![correction], Position::new(10), Stop::NEVER)
        .err()
        .unwrap();
    assert!(is_damage(&error, Position::new(8)), "{error:?}");

    // A request that was recorded: it is neither recorded twice nor said to be another one.
    let (disk, engine) = ledger();
    damage(&disk, &engine, Position::new(9));
    let again = request("again", vec![register("b"), admission("adm-b", "b")]);
    let error = engine.record(again).unwrap_err();
    assert!(is_damage(&error, Position::new(9)), "{error:?}");
    assert_eq!(engine.ledger().head().position, Position::new(10));
}

#[test]
fn no_basis_and_no_finding_is_made_up_for_an_entry_that_cannot_be_read() {
    let (disk, engine) = ledger();
    damage(&disk, &engine, Position::new(8));
    assert!(
        engine
            .ledger()
            .basis(engine.ledger().today(), Position::new(8))
            .is_err()
    );
    assert!(
        engine
            .ledger()
            .assume(Vec::new(), Position::new(8), Stop::NEVER)
            .is_err()
    );
    assert!(engine.ledger().cursor_at(Position::new(8)).is_err());
}
