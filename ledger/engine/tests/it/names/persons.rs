//! Names of natural persons in texts: found however many are recorded, after a restart as before,
//! and by nobody any more once the key is erased.

use crate::common::*;
use standing_domain::entry::draft::{Draft, EntryRef, PersonName, Proposed};
use standing_domain::entry::event::term::NATURAL_PERSON;
use standing_domain::entry::event::{Event, PartyRegistered};
use standing_domain::id::position::Position;
use standing_domain::id::{PartyId, PersonId, Word};
use standing_engine::{Ledger, Recorder};
use std::time::{Duration, Instant};

fn person(id: &str) -> PersonId {
    PersonId::new(id).unwrap()
}

fn called(id: &str, name: &str) -> Draft {
    let name = PersonName {
        language: Word::new("en").unwrap(),
        text: name.to_owned(),
    };
    let (person, names) = (person(id), vec![name]);
    draft("", "", Proposed::PersonNamed { person, names })
}

fn member(id: &str, of: &str) -> Draft {
    let registered = PartyRegistered {
        party: party(id),
        kind: Word::new(NATURAL_PERSON).unwrap(),
        country: None,
        region: None,
        names: vec![],
        aliases: vec![],
        person: Some(person(of)),
    };
    draft("", "", Event::PartyRegistered(registered))
}

fn found(ledger: &Ledger, text: &str) -> Vec<String> {
    let found = ledger.person_search().find(text).unwrap();
    found.into_iter().map(|person| person.to_string()).collect()
}

fn parties(engine: &Recorder, known_at: Position, text: &str) -> Vec<String> {
    let reader = engine.ledger().at(known_at);
    let found = reader.find_parties(text).unwrap().into_iter();
    found.map(|party| party.to_string()).collect()
}

#[test]
fn a_name_is_found_after_a_restart_and_by_nobody_once_its_key_is_erased() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let text = "a letter of JANE DOE, and of Ann Lee";
    assert!(engine.ledger().person_search().is_empty());
    record(&engine, vec![called("s-1", "Jane Doe")]).unwrap();
    record(
        &engine,
        vec![called("s-2", "Ann Lee"), called("s-3", "ann lee")],
    )
    .unwrap();
    let ids = ["s-1", "s-2", "s-3"];
    assert_eq!(found(engine.ledger(), text), ids);
    drop(engine);
    let engine = open(folder.path());
    assert_eq!(found(engine.ledger(), text), ids);
    assert!(engine.erase_person(&person("s-2")).unwrap());
    assert_eq!(found(engine.ledger(), text), ["s-1", "s-3"]);
    drop(engine);
    let engine = open(folder.path());
    assert_eq!(found(engine.ledger(), text), ["s-1", "s-3"]);
    // Only what is known now is a name.
    let at = Position::new(1);
    let mut again = called("s-1", "Jane Roe");
    again.corrects = Some(EntryRef::Position(at));
    record(&engine, vec![again]).unwrap();
    assert_eq!(found(engine.ledger(), text), ["s-3"]);
    assert_eq!(found(engine.ledger(), "Jane Roe"), ["s-1"]);
    // What is refused, and what is only judged, is not found.
    let mut judged = request("judged", vec![called("s-9", "Eve Noe")]);
    judged.validate_only = true;
    engine.record(judged).unwrap();
    assert!(found(engine.ledger(), "Eve Noe").is_empty());
}

#[test]
fn a_party_is_found_by_the_name_of_the_person_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(
        &engine,
        vec![called("s-1", "Jane Doe"), called("s-2", "Jane Doe")],
    )
    .unwrap();
    record(&engine, vec![member("m-1", "s-1")]).unwrap();
    let head = record(&engine, vec![member("m-2", "s-2")]).unwrap().last;
    assert_eq!(parties(&engine, head, "jane doe"), ["m-1", "m-2"]);
    assert_eq!(parties(&engine, head.previous(), "jane doe"), ["m-1"]);
    assert!(parties(&engine, head, "Jane").is_empty());
    assert!(
        parties(&engine, head, "Jane-Doe").is_empty(),
        "not as it is written"
    );
    engine.erase_person(&person("s-1")).unwrap();
    assert_eq!(parties(&engine, head, "jane doe"), ["m-2"]);
}

#[test]
fn a_search_takes_no_longer_for_many_persons() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let text = "nobody of these is named in it, whoever reads on. ".repeat(600);
    let timed = || {
        let start = Instant::now();
        assert_eq!(found(engine.ledger(), &format!("{text} Ada Nr0")), ["p-0"]);
        start.elapsed()
    };
    record(&engine, vec![called("p-0", "Ada Nr0")]).unwrap();
    let few = timed();
    let many = (1..8_000).map(|n| called(&format!("p-{n}"), &format!("A{n} Nr{n}")));
    record(&engine, many.collect()).unwrap();
    let with_many = timed();
    eprintln!("1 person {few:?}, 8,000 persons {with_many:?}");
    assert!(
        with_many < few * 8 + Duration::from_millis(200),
        "{few:?} {with_many:?}"
    );
}

#[test]
fn who_may_not_read_names_finds_nobody_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(
        &engine,
        vec![called("s-1", "Jane Doe"), member("jane", "s-1")],
    )
    .unwrap();
    let ledger = engine.ledger();
    let head = ledger.head().position;
    for (ledger, expected) in [
        (ledger.clone(), &["jane"][..]),
        (ledger.without_names(), &[]),
    ] {
        let reader = ledger.at(head);
        let by_name = reader.find_parties("Jane Doe").unwrap();
        let by_name: Vec<_> = by_name.iter().map(PartyId::as_str).collect();
        assert_eq!(by_name, expected);
        assert_eq!(reader.find_parties("jane").unwrap().len(), 1);
        let found = found(&ledger, "a letter of Jane Doe");
        assert_eq!(found.is_empty(), expected.is_empty());
    }
}
