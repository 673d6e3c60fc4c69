//! What is recorded, what is refused, and what a repeated request gets.

use crate::common::*;
use standing_domain::entry::draft::EntryRef;
use standing_domain::entry::event::{EndGround, Event};
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::id::DraftId;
use standing_domain::id::position::Position;
use standing_domain::time::truth::Truth;
use standing_engine::{Among, Outcome, RecordError};

#[test]
fn a_repeated_request_gets_the_first_answer_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let first = {
        let engine = open(folder.path());
        record(&engine, founding()).unwrap();
        let first = engine
            .record(request(
                "once",
                vec![register("a"), admit("a", "full", "2001-01-01")],
            ))
            .unwrap();
        let again = engine
            .record(request(
                "once",
                vec![register("a"), admit("a", "full", "2001-01-01")],
            ))
            .unwrap();
        assert!(again.is_replayed() && !first.is_replayed());
        first
    };
    let engine = open(folder.path());
    let again = engine
        .record(request(
            "once",
            vec![register("a"), admit("a", "full", "2001-01-01")],
        ))
        .unwrap();
    assert_eq!(
        (
            again.recorded().unwrap().first,
            again.recorded().unwrap().last,
            again.recorded().unwrap().record_time
        ),
        (
            first.recorded().unwrap().first,
            first.recorded().unwrap().last,
            first.recorded().unwrap().record_time
        )
    );
    assert!(again.is_replayed());
    let other = engine.record(request("once", vec![register("b")]));
    assert!(
        matches!(other, Err(RecordError::RequestIdReused { position, .. }) if position == first.recorded().unwrap().first)
    );
    let mut stranger = request(
        "once",
        vec![register("a"), admit("a", "full", "2001-01-01")],
    );
    stranger.actor = standing_domain::id::ActorId::new("somebody").unwrap();
    assert!(matches!(
        engine.record(stranger),
        Err(RecordError::RequestIdReused { .. })
    ));
    assert_eq!(
        engine.ledger().head().position,
        first.recorded().unwrap().last
    );
}

#[test]
fn a_request_that_wrote_nothing_binds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let refused = engine.record(request("r", vec![admit("nobody", "full", "2001-01-01")]));
    assert_eq!(reasons(refused), [(0, "UNKNOWN_PARTY")]);
    let mut only = request("r", vec![register("a")]);
    only.validate_only = true;
    assert_eq!(engine.record(only).unwrap(), Outcome::Judged);
    assert_eq!(engine.ledger().head().position, Position::new(6));
    assert_eq!(
        engine
            .record(request("r", vec![register("b")]))
            .unwrap()
            .recorded()
            .unwrap()
            .first,
        Position::new(7)
    );
    assert!(
        vote(
            engine.ledger(),
            "a",
            None,
            standing_domain::time::day::Day::MIN,
            Position::new(7)
        )
        .is_err()
    );
}

#[test]
fn a_batch_is_recorded_whole_or_refused_with_all_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let drafts = vec![
        register("a"),
        admit("a", "full", "2001-01-01"),
        admit("a", "gold", "2002-01-01"),
        leave("b", "2001-01-01"),
        admit("a", "observer", "2001-01-01"),
    ];
    let refused = reasons(record(&engine, drafts));
    for expected in [
        (2, "UNKNOWN_CLASS"),
        (3, "UNKNOWN_PARTY"),
        (3, "NOT_HELD"),
        (4, "ORDER_MISSING"),
    ] {
        assert!(refused.contains(&expected), "{expected:?} in {refused:?}");
    }
    assert_eq!(engine.ledger().head().position, Position::new(6));
    assert!(
        engine
            .ledger()
            .parties_after(&Among::Everybody, None, 10)
            .is_empty(),
        "nothing is left of the refused party"
    );
    record(
        &engine,
        vec![register("a"), admit("a", "full", "2001-01-01")],
    )
    .unwrap();
    assert_eq!(votes(&engine, "a", "2001-06-01"), Truth::Yes);
}

#[test]
fn a_batch_of_ten_thousand_of_which_the_last_is_refused_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let mut drafts: Vec<_> = (0..9_999).map(|n| register(&format!("p{n}"))).collect();
    drafts.push(leave("p0", "2001-01-01"));
    assert_eq!(
        reasons(record(&engine, drafts.clone())),
        [(9_999, "NOT_HELD")]
    );
    assert_eq!(engine.ledger().head().position, Position::new(6));
    drafts.push(register("more"));
    assert!(matches!(
        record(&engine, drafts.clone()),
        Err(RecordError::Size(_))
    ));
    drafts.truncate(9_999);
    assert_eq!(record(&engine, drafts).unwrap().last, Position::new(10_005));
}

#[test]
fn expectations_hold_or_nothing_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let mut stale = request("stale", vec![register("a")]);
    stale.expectations = vec![Expectation {
        of: Expected::Log,
        position: Position::new(5),
        epoch: standing_domain::id::epoch::Epoch::FIRST,
    }];
    assert!(matches!(
        engine.record(stale.clone()),
        Err(RecordError::StalePosition { found, .. }) if found == Position::new(6)
    ));
    stale.expectations = vec![
        Expectation {
            of: Expected::Log,
            position: Position::new(6),
            epoch: standing_domain::id::epoch::Epoch::FIRST,
        },
        Expectation {
            of: Expected::Party(party("a")),
            position: Position::ZERO,
            epoch: standing_domain::id::epoch::Epoch::FIRST,
        },
    ];
    assert_eq!(
        engine.record(stale).unwrap().recorded().unwrap().first,
        Position::new(7)
    );
}

#[test]
fn rule_8_a_correction_by_id_takes_the_place_of_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let mut admission = admit("a", "full", "2001-01-01");
    admission.id = Some(DraftId::new("admission-of-a").unwrap());
    record(&engine, vec![register("a"), admission]).unwrap();
    let before = engine.ledger().head().position;
    let mut correction = admit("a", "full", "2003-01-01");
    correction.corrects = Some(EntryRef::Draft(DraftId::new("admission-of-a").unwrap()));
    record(&engine, vec![correction.clone()]).unwrap();
    assert_eq!(votes(&engine, "a", "2002-01-01"), Truth::No);
    assert_eq!(votes(&engine, "a", "2003-01-01"), Truth::Yes);
    let day = standing_domain::time::day::Day::parse("2002-01-01").unwrap();
    assert_eq!(
        vote(engine.ledger(), "a", None, day, before),
        Ok(Truth::Yes),
        "what was known stays known"
    );
    assert!(reasons(record(&engine, vec![correction])).contains(&(0, "ALREADY_CORRECTED")));
    let mut nothing = admit("a", "full", "2003-01-01");
    nothing.corrects = Some(EntryRef::Draft(DraftId::new("never-recorded").unwrap()));
    assert_eq!(
        reasons(record(&engine, vec![nothing])),
        [(0, "UNKNOWN_ENTRY")]
    );
}

#[test]
fn rule_34_what_others_rest_on_cannot_be_corrected_away() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let registered = record(&engine, vec![register("a")]).unwrap().first;
    let admitted = record(&engine, vec![admit("a", "full", "2001-01-01")])
        .unwrap()
        .first;
    record(&engine, vec![leave("a", "2005-01-01")]).unwrap();
    let withdraw = |position| {
        let mut draft = register("a");
        draft.event = None;
        draft.corrects = Some(EntryRef::Position(position));
        draft
    };
    let RecordError::Refused(refusals) = record(&engine, vec![withdraw(registered)]).unwrap_err()
    else {
        panic!()
    };
    let rested = refusals
        .iter()
        .find(|r| r.reason.code() == "RESTED_ON")
        .unwrap();
    assert_eq!(
        rested.collides,
        [admitted, admitted.next()],
        "every dependent is named"
    );
    assert_eq!(
        reasons(record(&engine, vec![withdraw(admitted)])),
        [(0, "NOT_HELD")]
    );
}

#[test]
fn record_times_increase_although_the_clock_stands_still() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let times: Vec<_> = (0..5)
        .map(|n| {
            record(&engine, vec![register(&format!("p{n}"))])
                .unwrap()
                .record_time
        })
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

#[test]
fn a_name_is_stored_sealed_and_erased_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let person = standing_domain::id::PersonId::new("p-1").unwrap();
    let position = record(&engine, vec![named("p-1")]).unwrap().first;
    let stored = engine.ledger().entry(position).unwrap().unwrap();
    assert!(!stored.stored.windows(7).any(|bytes| bytes == b"Natural"));
    let Some(Event::PersonNamed { names, .. }) = stored.entry.content.event else {
        panic!()
    };
    assert_eq!(
        engine.ledger().unseal(&person, &names[0].sealed).as_deref(),
        Some("A Natural Person")
    );
    assert!(engine.erase_person(&person).unwrap());
    assert_eq!(engine.ledger().unseal(&person, &names[0].sealed), None);
    drop(engine);
    assert_eq!(
        open(folder.path())
            .ledger()
            .unseal(&person, &names[0].sealed),
        None
    );
}

#[test]
fn endings_need_something_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let succession = Event::MembershipEnded {
        party: party("a"),
        ground: EndGround::Succession,
    };
    let drafts = vec![register("a"), draft("", "2001-01-01", succession)];
    assert_eq!(reasons(record(&engine, drafts)), [(1, "NOT_HELD")]);
}
