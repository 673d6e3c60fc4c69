//! Which entries are listed: of whom and what, by whom, of which kinds, recorded when.

use super::*;
use std::sync::atomic::{AtomicU64, Ordering};

const DAY: u64 = 86_400_000_000;
/// Noon of 2023-11-14 in UTC; in Seoul it is the evening of that day.
const NOON: u64 = 1_699_963_200_000_000;

/// Asks for all pages, each of so many entries; returns the ids of the drafts.
async fn listed(world: &mut World, asked: &v1::ListEntriesRequest, page_size: u32) -> Vec<String> {
    let mut request = v1::ListEntriesRequest {
        page_size,
        ..asked.clone()
    };
    let mut ids = Vec::new();
    loop {
        let page = world.ledger.list_entries(request.clone()).await.unwrap();
        let page = page.into_inner();
        let drafts = page.entries.into_iter().filter_map(|entry| entry.draft);
        ids.extend(drafts.map(|draft| draft.id));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return ids;
        }
    }
}

fn asked(kinds: &[&str], party: &str, session: &str) -> v1::ListEntriesRequest {
    v1::ListEntriesRequest {
        kinds: kinds.iter().map(ToString::to_string).collect(),
        party: party.to_owned(),
        session: session.to_owned(),
        ..v1::ListEntriesRequest::default()
    }
}

#[tokio::test]
async fn all_that_is_asked_for_holds_of_what_is_listed() {
    let mut world = league().await;
    let of_session = [
        "assembly-2",
        "decision-admit",
        "attendance",
        "west-full",
        "chair-2",
    ];
    for (asked, expected) in [
        (asked(&[], "", "assembly/2"), &of_session[..]),
        (asked(&[], "east", "assembly/2"), &["attendance"]),
        (
            asked(&["member_admitted"], "", ""),
            &["east-full", "west-full", "north-full"],
        ),
        (
            asked(&["member_admitted", "session_convened"], "west", ""),
            &["assembly-2", "west-full"],
        ),
        (
            asked(&["member_admitted"], "west", "assembly/2"),
            &["west-full"],
        ),
        (asked(&["withdrawal"], "", ""), &[]),
        (asked(&["seat_placed"], "west", ""), &[]),
    ] {
        for page_size in [1, 2, 1_000] {
            let found = listed(&mut world, &asked, page_size).await;
            assert_eq!(found, expected, "{asked:?}");
        }
    }
}

#[tokio::test]
async fn an_actor_is_taken_as_it_stands() {
    let mut world = league().await;
    let by = |actor: &str| v1::ListEntriesRequest {
        actor: actor.to_owned(),
        kinds: vec!["session_convened".to_owned()],
        ..v1::ListEntriesRequest::default()
    };
    let found = listed(&mut world, &by("local/operator"), 1).await;
    assert_eq!(found, ["assembly-1", "assembly-2"]);
    assert!(listed(&mut world, &by("local"), 1).await.is_empty());
}

#[tokio::test]
async fn every_entry_says_its_kind_in_a_word() {
    let mut world = league().await;
    let gone = r#"{"id":"gone","corrects":{"id":"seat"}}"#;
    world.record("gone", gone).await.unwrap();
    let all = world.ledger.list_entries(v1::ListEntriesRequest::default());
    let all = all.await.unwrap().into_inner().entries;
    let kind_of = |id: &str| {
        let is_it = |entry: &&v1::Entry| entry.draft.as_ref().is_some_and(|draft| draft.id == id);
        let entry = all.iter().find(is_it).unwrap();
        (entry.kind_number, entry.kind.clone())
    };
    assert_eq!(kind_of("seat"), (90, "seat_placed".to_owned()));
    assert_eq!(kind_of("gone"), (0, "withdrawal".to_owned()));
    let withdrawn = asked(&["withdrawal"], "east", "");
    assert_eq!(listed(&mut world, &withdrawn, 1).await, ["gone"]);
}

#[tokio::test]
async fn days_of_recording_are_those_where_the_association_is() {
    let clock = Arc::new(AtomicU64::new(NOON));
    let told = Arc::clone(&clock);
    let options = Options {
        clock: Arc::new(move || told.load(Ordering::SeqCst)),
        ..Options::default()
    };
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    let mut world = serving(folder, engine, Config::default()).await;
    world.record("league", LEAGUE).await.unwrap();
    // A quarter to midnight in Seoul, then a quarter past.
    for (id, order, micros) in [
        ("before", 1, NOON + DAY + DAY / 8 - DAY / 96),
        ("after", 2, NOON + DAY + DAY / 8 + DAY / 96),
    ] {
        clock.store(micros, Ordering::SeqCst);
        let moved = format!(
            r#"{{"id":"{id}","effective":{{"date":"2023-01-01"}},"order":{order},"seatPlaced":{{"place":"Town {id}"}}}}"#
        );
        world.record(id, &moved).await.unwrap();
    }
    for (first, last, expected) in [
        ("", "", &["seat", "before", "after"][..]),
        ("2023-11-14", "2023-11-14", &["seat"]),
        ("", "2023-11-15", &["seat", "before"]),
        ("2023-11-15", "2023-11-15", &["before"]),
        ("2023-11-16", "", &["after"]),
        ("2023-11-15", "2200-12-31", &["before", "after"]),
        ("1900-01-01", "2023-11-13", &[]),
        ("2200-12-31", "2200-12-31", &[]),
    ] {
        let asked = v1::ListEntriesRequest {
            first_recorded: first.to_owned(),
            last_recorded: last.to_owned(),
            ..asked(&["seat_placed"], "", "")
        };
        let found = listed(&mut world, &asked, 1).await;
        assert_eq!(found, expected, "{first} to {last}");
    }
}

#[tokio::test]
async fn a_token_belongs_to_what_was_asked_for() {
    let mut world = league().await;
    let question = v1::ListEntriesRequest {
        page_size: 1,
        ..asked(&["member_admitted"], "", "")
    };
    let page = world.ledger.list_entries(question.clone()).await.unwrap();
    let page_token = page.into_inner().next_page_token;
    assert!(!page_token.is_empty());
    let changed: [fn(&mut v1::ListEntriesRequest); 5] = [
        |asked| asked.kinds.push("seat_placed".to_owned()),
        |asked| asked.actor = "local/operator".to_owned(),
        |asked| asked.session = "assembly/2".to_owned(),
        |asked| asked.first_recorded = "2000-01-01".to_owned(),
        |asked| asked.last_recorded = "2200-01-01".to_owned(),
    ];
    for change in changed {
        let mut other = v1::ListEntriesRequest {
            page_token: page_token.clone(),
            ..question.clone()
        };
        change(&mut other);
        let other = world.ledger.list_entries(other).await;
        refused(other, Code::InvalidArgument, "PAGE_TOKEN");
    }
}

#[tokio::test]
async fn a_session_that_no_entry_concerns_is_told_with_those_that_come_near() {
    let mut world = league().await;
    let unknown = world.ledger.list_entries(asked(&[], "", "asembly/2")).await;
    let details = refused(unknown, Code::NotFound, "UNKNOWN_SESSION");
    let metadata = &details.error_info().unwrap().metadata;
    assert!(metadata["nearest"].contains("assembly/2"), "{metadata:?}");
}
