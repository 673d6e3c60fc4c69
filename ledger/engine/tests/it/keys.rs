//! Keys of persons: made with the batch that needs them, written once a group, told when they are
//! lost or another ledger's.

use crate::common::*;
use standing_domain::entry::event::Event;
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::id::PersonId;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_engine::store::keys::{KeyFile, NewKeys};
use standing_engine::store::seal::PersonKey;
use standing_engine::store::{Log, disk};
use standing_engine::{OpenError, Options, RecordError, Recorder, TroubleKind};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|file| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        (name, fs::read(file.path()).unwrap())
    });
    files.collect()
}

#[test]
fn what_is_not_recorded_writes_nothing_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let known = request("known", vec![named("known")]);
    let first = |request| engine.record(request).unwrap().recorded().unwrap().first;
    let at = first(known.clone());
    let before = files(folder.path());
    assert_eq!(before.len(), 2, "{:?}", before.keys());

    let with = |drafts: Vec<_>| {
        let named = vec![named("new"), named_again("known", at)];
        request("new", [named, drafts].concat())
    };
    let mut judged = with(vec![]);
    judged.validate_only = true;
    assert_eq!(
        engine.record(judged).unwrap(),
        standing_engine::Outcome::Judged
    );

    let refused = with(vec![admit("nobody", "full", "2001-01-01")]);
    assert!(matches!(
        engine.record(refused),
        Err(RecordError::Refused(_))
    ));

    let mut large = register("large");
    large.note = "x".repeat(70_000);
    let large = with(vec![large]);
    assert!(matches!(engine.record(large), Err(RecordError::Size(_))));

    let mut stale = with(vec![]);
    stale.expectations = vec![Expectation {
        of: Expected::Log,
        position: Position::FIRST,
        epoch: standing_domain::id::epoch::Epoch::FIRST,
    }];
    assert!(matches!(
        engine.record(stale),
        Err(RecordError::StalePosition { .. })
    ));

    let mut again = known;
    assert!(engine.record(again.clone()).unwrap().is_replayed());
    again.drafts = vec![named("new")];
    again.canonical = b"other".to_vec();
    assert!(matches!(
        engine.record(again),
        Err(RecordError::RequestIdReused { .. })
    ));

    let supposed = engine.ledger().assume(
        vec![named("new")],
        engine.ledger().head().position,
        Stop::NEVER,
    );
    assert_eq!(supposed.unwrap().assumed().count(), 1);

    assert!(files(folder.path()) == before, "a file has changed");
    // The person is as new as before.
    let at = first(with(vec![]));
    for position in [at, at.next()] {
        let entry = engine.ledger().entry(position).unwrap().unwrap();
        assert_eq!(unsealed(&engine, &entry), ["A Natural Person"]);
    }
}

#[test]
fn a_follower_holds_the_keys_of_another_and_forgets_what_is_erased_there() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let positions = ["a", "b", "c"].map(|person| {
        record(&engine, vec![named(person)]).unwrap();
        engine.ledger().head().position
    });
    let (first, version) = engine.keys("", 2);
    let (rest, same) = engine.keys(&first[1].0, 2);
    let ids =
        |keys: &[(String, PersonKey)]| keys.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids(&first), ids(&rest)),
        (vec!["a".into(), "b".into()], vec!["c".into()])
    );
    assert_eq!(version, same);

    let other = tempfile::tempdir().unwrap();
    let follower = Recorder::open_follower(&other.path().join("ledger"), &Options::default());
    let follower = follower.unwrap();
    let names = || {
        positions.map(|position| {
            let entry = engine.ledger().entry(position).unwrap().unwrap();
            unsealed(&follower, &entry).len()
        })
    };
    assert_eq!(names(), [0, 0, 0]);
    assert!(follower.hold_keys(first.into_iter().chain(rest).collect()));
    assert_eq!(names(), [1, 1, 1]);
    assert!(engine.erase_person(&PersonId::new("b").unwrap()).unwrap());
    let (left, now) = engine.keys("", 10);
    assert_ne!(now, version);
    assert!(follower.hold_keys(left.into_iter().collect()));
    assert_eq!(names(), [1, 0, 1]);
    // Nothing of it is on disk, and who has a file of its own holds no other's.
    assert!(!other.path().join("ledger.keys").exists());
    assert!(!engine.hold_keys(NewKeys::new()));
    // Whoever may not read names opens none, whatever is held.
    let entry = engine.ledger().entry(positions[0]).unwrap().unwrap();
    let Some(Event::PersonNamed { person, names }) = &entry.entry.content.event else {
        panic!("a person was named")
    };
    let sealed = &names[0].sealed;
    assert!(engine.ledger().unseal(person, sealed).is_some());
    assert_eq!(engine.ledger().without_names().unseal(person, sealed), None);
    let mut search = engine.ledger().person_search();
    assert_eq!(search.find("A Natural Person").unwrap().len(), 2);
    let nameless = engine.ledger().without_names();
    assert!(nameless.person_search().is_empty());
    assert!(
        nameless
            .person_search()
            .find("A Natural Person")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn ten_thousand_new_persons_are_a_batch_like_another() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let timed = |drafts| {
        let start = Instant::now();
        record(&engine, drafts).unwrap();
        start.elapsed()
    };
    let parties = timed(
        (0..10_000)
            .map(|n| register(&format!("party-{n}")))
            .collect(),
    );
    let persons = timed((0..10_000).map(|n| named(&format!("person-{n}"))).collect());
    eprintln!("10,000 parties {parties:?}, 10,000 persons {persons:?}");
    assert!(
        persons < parties * 4 + Duration::from_secs(2),
        "{persons:?}"
    );
    drop(engine);
    let engine = open(folder.path());
    assert!(engine.ledger().troubles().is_empty(), "every key is there");
    let entry = engine
        .ledger()
        .entry(engine.ledger().head().position)
        .unwrap()
        .unwrap();
    assert_eq!(unsealed(&engine, &entry), ["A Natural Person"]);
}

#[test]
fn keys_that_cannot_be_written_hold_back_only_those_who_need_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let head = engine.ledger().head().position;
    let keys = folder.path().join("ledger.keys");
    // Whoever runs the tests may write to any file, but not to a folder.
    let aside = folder.path().join("aside");
    fs::rename(&keys, &aside).unwrap();
    fs::create_dir(&keys).unwrap();
    let error = engine.record(request("p", vec![named("p-1")])).unwrap_err();
    assert!(matches!(error, RecordError::Storage(_)), "{error:?}");
    assert!(!error.to_string().contains(folder.path().to_str().unwrap()));
    assert_eq!(
        engine.ledger().head().position,
        head,
        "nothing is committed"
    );
    let kinds: Vec<_> = engine.ledger().troubles().iter().map(|t| t.kind).collect();
    assert_eq!(kinds, [TroubleKind::KeysFailed]);
    record(&engine, vec![register("a")]).unwrap();

    fs::remove_dir(&keys).unwrap();
    fs::rename(&aside, &keys).unwrap();
    let first = engine.record(request("p", vec![named("p-1")])).unwrap();
    assert!(!first.is_replayed());
    assert!(engine.ledger().troubles().is_empty());
}

#[test]
fn a_key_file_that_was_replaced_stops_recording() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, vec![named("p-1")]).unwrap();
    let keys = folder.path().join("ledger.keys");
    let copy = folder.path().join("copy");
    fs::copy(&keys, &copy).unwrap();
    fs::rename(&copy, &keys).unwrap();
    let head = engine.ledger().head();
    assert!(matches!(
        record(&engine, vec![named("p-2")]),
        Err(RecordError::Storage(_))
    ));
    assert!(matches!(
        record(&engine, vec![named("p-1")]),
        Err(RecordError::HeldBack(trouble)) if trouble.kind == TroubleKind::Replaced
    ));
    assert_eq!(engine.ledger().head(), head);
}

#[test]
fn the_key_file_of_another_ledger_is_refused_by_name() {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for folder in [&one, &two] {
        let engine = open(folder.path());
        record(&engine, vec![named("p-1")]).unwrap();
    }
    let mut options = options();
    let other = two.path().join("ledger.keys");
    options.keys = Some(other.clone());
    let log = one.path().join("ledger.redb");
    for opened in [
        Recorder::open(&log, &options),
        Recorder::open_follower(&log, &options),
    ] {
        let Err(error @ OpenError::OtherKeys { .. }) = opened else {
            panic!("opened");
        };
        let text = error.to_string();
        assert!(
            text.contains(other.to_str().unwrap()) && text.contains("--keys"),
            "{text}"
        );
    }
    options.keys = None;
    Recorder::open(&log, &options).unwrap();
    // A replica may have the keys or not.
    Recorder::open_follower(&log, &options).unwrap();
    fs::remove_file(one.path().join("ledger.keys")).unwrap();
    let engine = Recorder::open_follower(&log, &options).unwrap();
    assert!(engine.ledger().troubles().is_empty());
}

#[test]
fn a_log_without_a_fingerprint_gets_one_when_its_keys_open_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, vec![named("p-1")]).unwrap();
    let entries: Vec<_> = engine
        .ledger()
        .entries(Position::FIRST.to(Position::FIRST))
        .unwrap()
        .into_iter()
        .map(|entry| entry.stored)
        .collect();
    drop(engine);
    // As an older release left it: the entries, and no fingerprint.
    let path = folder.path().join("old");
    let log = Log::create_or_open(&path, options().log).unwrap();
    log.append(Position::FIRST, entries.iter().map(Vec::as_slice))
        .unwrap();
    assert_eq!(log.fingerprint().unwrap(), None);
    drop(log);
    let fingerprint = || {
        let log = Log::create_or_open(&path, options().log).unwrap();
        log.fingerprint().unwrap()
    };
    let mut options = options();
    options.keys = Some(folder.path().join("ledger.keys"));
    drop(Recorder::open_follower(&path, &options).unwrap());
    assert_eq!(fingerprint(), None, "a replica takes no note");

    // A key file that has a key for the person, but another one.
    let wrong = folder.path().join("wrong");
    let keys = KeyFile::create(&wrong).unwrap();
    let key = standing_engine::store::seal::PersonKey::new([7; 32]);
    keys.add(&[("p-1".to_owned(), key)].into()).unwrap();
    let mut with_wrong = options.clone();
    with_wrong.keys = Some(wrong);
    let engine = Recorder::open(&path, &with_wrong).unwrap();
    assert_eq!(engine.ledger().troubles()[0].kind, TroubleKind::KeysMissing);
    drop(engine);
    assert_eq!(fingerprint(), None, "nor does one who may be wrong");

    let engine = Recorder::open(&path, &options).unwrap();
    assert!(engine.ledger().troubles().is_empty());
    drop(engine);
    assert!(fingerprint().is_some());
    assert!(matches!(
        Recorder::open(&path, &with_wrong),
        Err(OpenError::OtherKeys { .. })
    ));
}

#[test]
fn persons_whose_key_is_lost_are_told_and_not_named_again() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let all = ["lost-1", "lost-2", "erased", "again", "kept"];
    record(&engine, all.map(named).to_vec()).unwrap();
    for person in ["erased", "again"] {
        let person = PersonId::new(person).unwrap();
        assert!(engine.erase_person(&person).unwrap());
    }
    // To be named again after an erasure is a new recording, under a new key.
    let again = record(&engine, vec![named_again("again", Position::new(4))])
        .unwrap()
        .first;
    let opened = |engine: &Recorder, position| {
        unsealed(engine, &engine.ledger().entry(position).unwrap().unwrap())
    };
    assert_eq!(opened(&engine, again), ["A Natural Person"]);
    assert!(
        opened(&engine, Position::new(4)).is_empty(),
        "the erased name stays shut"
    );
    drop(engine);
    assert!(open(folder.path()).ledger().troubles().is_empty());

    let keys = folder.path().join("ledger.keys");
    let text = fs::read_to_string(&keys).unwrap();
    let kept = text.lines().filter(|line| !line.starts_with("person lost"));
    let kept: Vec<&str> = kept.collect();
    fs::write(&keys, kept.join("\n") + "\n").unwrap();
    let engine = open(folder.path());
    let troubles = engine.ledger().troubles();
    assert_eq!(troubles.len(), 1);
    assert_eq!(troubles[0].kind, TroubleKind::KeysMissing);
    assert!(
        troubles[0].text.starts_with("2 persons have "),
        "{troubles:?}"
    );
    let before = fs::read(&keys).unwrap();
    for validate_only in [false, true] {
        let mut request = request(
            "l",
            vec![register("a"), named_again("lost-1", Position::FIRST)],
        );
        request.validate_only = validate_only;
        let Err(RecordError::KeyMissing { draft, person }) = engine.record(request) else {
            panic!("recorded");
        };
        assert_eq!((draft, person.as_str()), (1, "lost-1"));
    }
    assert_eq!(fs::read(&keys).unwrap(), before);
    for draft in [
        named_again("erased", Position::new(3)),
        named_again("again", again),
        named_again("kept", Position::new(5)),
        named("new"),
    ] {
        record(&engine, vec![draft]).unwrap();
    }
    drop(engine);
    // The right file back, and the names are.
    fs::write(&keys, text).unwrap();
    let engine = open(folder.path());
    assert_eq!(opened(&engine, Position::FIRST), ["A Natural Person"]);
}

#[test]
fn what_a_crash_left_of_the_keys_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let keys = folder.path().join("ledger.keys");
    let left = folder.path().join(".ledger.keys.new-x1y2z3");
    let other = folder.path().join(".other.keys.new-x1y2z3");
    for file in [&left, &other] {
        fs::copy(&keys, file).unwrap();
    }
    drop(open(folder.path()));
    assert!(!left.exists() && other.exists() && keys.exists());
}

#[test]
fn the_disk_is_asked_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.redb");
    assert!(disk::free(&path).unwrap() > 0);
    let start = Instant::now();
    for _ in 0..1_000 {
        disk::free(&path).unwrap();
    }
    let each = start.elapsed() / 1_000;
    eprintln!("the disk is asked in {each:?}");
    assert!(each < Duration::from_millis(1), "{each:?}");
}
