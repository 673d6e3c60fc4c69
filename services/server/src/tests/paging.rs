use super::stopping::many;
use super::*;
use crate::call::paging::open;
use crate::dear::Ask;
use crate::ledger::entries;
use crate::ledger::record;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_proto::ask::ledger::ListEntries;
use standing_proto::ask::point::PointInTime;
use standing_proto::ask::read_request;

/// A ledger with the league in it, that nobody serves.
fn recorded() -> (tempfile::TempDir, Recorder) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    let request = record::read(
        engine.ledger(),
        batch("league", LEAGUE),
        &crate::access::tests::operator(),
        &[],
    );
    engine.record(request.unwrap().request).unwrap();
    (folder, engine)
}

/// A token that says that so much was listed, as anybody can make one.
fn forged(engine: &Recorder, question: &v1::ListEntriesRequest, reached: &str) -> String {
    let asked: ListEntries = read_request(question.clone()).unwrap();
    let at = PointInTime {
        on: Some(Day::MIN),
        ..PointInTime::default()
    };
    let page = open(&Ask::cheap(engine.ledger(), Stop::NEVER), &at, &asked.page).unwrap();
    page.token(reached)
}

#[test]
fn a_token_beyond_everything_is_no_token() {
    let (_folder, engine) = recorded();
    let head = LEAGUE.lines().count() as u64;
    let list = |reached: &str, first: u64| {
        let mut request = v1::ListEntriesRequest {
            first_position: first,
            ..v1::ListEntriesRequest::default()
        };
        request.page_token = forged(&engine, &request, reached);
        let asked = read_request(request).unwrap();
        entries::list_entries(&Ask::cheap(engine.ledger(), Stop::NEVER), &asked)
            .map(|page| page.entries.len())
    };
    assert_eq!(list("2", 0).unwrap() as u64, head - 2);
    assert_eq!(list(&head.to_string(), 0).unwrap(), 0);
    assert_eq!(list("0", u64::MAX).unwrap(), 0);
    for reached in [head + 1, u64::MAX - 1, u64::MAX] {
        let status = Status::from(list(&reached.to_string(), 0).unwrap_err());
        refused::<()>(Err(status), Code::InvalidArgument, "PAGE_TOKEN");
    }
    for reached in ["18446744073709551616", "-1", "", "x"] {
        let status = Status::from(list(reached, 0).unwrap_err());
        refused::<()>(Err(status), Code::InvalidArgument, "PAGE_TOKEN");
    }
}

#[tokio::test]
async fn numbers_at_the_end_of_their_range_are_answered() {
    let mut world = league().await;
    // The last microsecond there is, and a part of it.
    let time = prost_types::Timestamp {
        seconds: 9_223_372_036_854,
        nanos: 775_807_999,
    };
    let request = v1::WatchEntriesRequest {
        start: Some(v1::watch_entries_request::Start::FromRecordTime(time)),
        ..v1::WatchEntriesRequest::default()
    };
    assert!(world.changes.watch_entries(request).await.is_ok());
    let request = v1::GetEntryRequest {
        position: u64::MAX,
        epoch: None,
    };
    let found = world.ledger.get_entry(request).await;
    refused(found, Code::NotFound, "UNKNOWN_ENTRY");
    let request = v1::ListEntriesRequest {
        first_position: u64::MAX,
        page_size: u32::MAX,
        ..v1::ListEntriesRequest::default()
    };
    let listed = world.ledger.list_entries(request).await.unwrap();
    assert!(listed.into_inner().entries.is_empty());
}

#[test]
fn a_page_that_finds_little_ends_and_the_next_goes_on() {
    let (_folder, engine) = recorded();
    let towns = batch("towns", &many(150));
    let towns = record::read(
        engine.ledger(),
        towns,
        &crate::access::tests::operator(),
        &[],
    );
    engine.record(towns.unwrap().request).unwrap();
    let mut request = v1::ListEntriesRequest {
        kinds: vec!["seat_placed".to_owned()],
        ..v1::ListEntriesRequest::default()
    };
    let mut pages = Vec::new();
    loop {
        let asked: ListEntries = read_request(request.clone()).unwrap();
        // A stride at a time is looked at, however little may be.
        let page = entries::list(&Ask::cheap(engine.ledger(), Stop::NEVER), &asked, 1).unwrap();
        let found = page.entries.iter().map(|entry| entry.position);
        pages.push(found.collect::<Vec<u64>>());
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(pages, [vec![World::position("seat")], vec![], vec![]]);
}

#[tokio::test]
async fn a_page_beyond_the_limit_is_one_of_the_limit() {
    let mut world = league().await;
    let towns: String = (0..1_005)
        .map(|n| {
            let party = format!(r#"{{"party":"town-{n}","kind":"town"}}"#);
            format!(r#"{{"id":"town-{n}","partyRegistered":{party}}}"#) + "\n"
        })
        .collect();
    world.record("towns", &towns).await.unwrap();
    for (page_size, expected) in [(0, 100), (1_000, 1_000), (1_001, 1_000), (u32::MAX, 1_000)] {
        let request = v1::ListPartiesRequest {
            page_size,
            ..v1::ListPartiesRequest::default()
        };
        let page = world.roll.list_parties(request).await.unwrap().into_inner();
        assert_eq!(page.parties.len(), expected, "{page_size}");
        assert!(!page.next_page_token.is_empty());
    }
}
