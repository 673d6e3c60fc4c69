mod freshness;
mod rights;

use super::*;
use std::time::{Duration, Instant};
use tonic::Streaming;
use v1::watch_entries_request::Start;
use v1::watch_entries_response::Message;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(20);

type Watch = Streaming<v1::WatchEntriesResponse>;

fn from(start: Start) -> v1::WatchEntriesRequest {
    v1::WatchEntriesRequest {
        start: Some(start),
        ..v1::WatchEntriesRequest::default()
    }
}

async fn watch(world: &mut World, request: v1::WatchEntriesRequest) -> Watch {
    world
        .changes
        .watch_entries(request)
        .await
        .unwrap()
        .into_inner()
}

async fn next(watch: &mut Watch) -> Message {
    let message = tokio::time::timeout(PATIENCE, watch.message()).await;
    message.unwrap().unwrap().unwrap().message.unwrap()
}

/// Returns the positions up to the next caught-up message, and its position.
async fn positions(watch: &mut Watch) -> (Vec<u64>, u64) {
    let mut positions = Vec::new();
    loop {
        match next(watch).await {
            Message::Entry(entry) => positions.push(entry.position),
            Message::CaughtUp(caught_up) => return (positions, caught_up.position),
            Message::Progress(_) | Message::Heartbeat(_) => {}
        }
    }
}

fn party(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","partyRegistered":{{"party":"{id}","kind":"government","country":"kr"}}}}"#
    )
}

/// Waits until so many watch.
async fn watched_by(world: &World, count: u64) {
    let start = Instant::now();
    while world.number("standing_watches{of=\"entries\"}").await != count
        || world.number("standing_watches_live").await != count
    {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_empty_ledger_is_caught_up_with_and_then_told_of() {
    let mut world = empty(Config::default()).await;
    let mut watch = watch(&mut world, v1::WatchEntriesRequest::default()).await;
    assert_eq!(positions(&mut watch).await, (vec![], 0));
    world.record("league", LEAGUE).await.unwrap();
    for position in 1..=LEAGUE.lines().count() as u64 {
        let Message::Entry(told) = next(&mut watch).await else {
            panic!("an entry is told next");
        };
        let request = v1::GetEntryRequest {
            position,
            epoch: None,
        };
        let read = world.ledger.get_entry(request).await.unwrap().into_inner();
        assert_eq!(Some(told), read.entry);
    }
}

#[tokio::test]
async fn a_watch_begins_at_every_position_and_instant() {
    let mut world = league().await;
    let head = LEAGUE.lines().count() as u64;
    for after in 0..=head {
        let mut watch = watch(&mut world, from(Start::AfterPosition(after))).await;
        let expected: Vec<u64> = (after + 1..=head).collect();
        assert_eq!(positions(&mut watch).await, (expected, head));
    }
    for position in 1..=head {
        let request = v1::GetEntryRequest {
            position,
            epoch: None,
        };
        let read = world.ledger.get_entry(request).await.unwrap().into_inner();
        let mut time = read.entry.unwrap().record_time.unwrap();
        for (later, first) in [(0, position), (1, position + 1)] {
            time.nanos += later;
            let mut watch = watch(&mut world, from(Start::FromRecordTime(time))).await;
            let expected: Vec<u64> = (first..=head).collect();
            assert_eq!(positions(&mut watch).await, (expected, head));
        }
    }
    let early = prost_types::Timestamp::default();
    let mut early = watch(&mut world, from(Start::FromRecordTime(early))).await;
    assert_eq!(positions(&mut early).await.0.len() as u64, head);
    let mut now = watch(&mut world, from(Start::FromNow(true))).await;
    assert_eq!(positions(&mut now).await, (vec![], head));
    world.record("south", &party("south")).await.unwrap();
    assert!(matches!(next(&mut now).await, Message::Entry(entry) if entry.position == head + 1));
}

#[tokio::test]
async fn a_filter_passes_the_same_entries_from_the_log_and_live() {
    let mut world = empty(Config::default()).await;
    let of_west = v1::WatchEntriesRequest {
        parties: vec!["west".to_owned(), "nobody".to_owned()],
        ..v1::WatchEntriesRequest::default()
    };
    let of_kinds = v1::WatchEntriesRequest {
        kinds: vec!["member_admitted".to_owned(), "withdrawal".to_owned()],
        ..v1::WatchEntriesRequest::default()
    };
    let of_both = v1::WatchEntriesRequest {
        kinds: of_kinds.kinds.clone(),
        ..of_west.clone()
    };
    let mut live = Vec::new();
    for request in [&of_west, &of_kinds, &of_both] {
        let mut watch = watch(&mut world, request.clone()).await;
        assert_eq!(positions(&mut watch).await, (vec![], 0));
        live.push(watch);
    }
    world.record("league", LEAGUE).await.unwrap();
    let list = v1::ListEntriesRequest {
        party: "west".to_owned(),
        ..v1::ListEntriesRequest::default()
    };
    let listed = world.ledger.list_entries(list).await.unwrap().into_inner();
    let west: Vec<u64> = listed.entries.iter().map(|entry| entry.position).collect();
    let admitted = ["east-full", "west-full", "north-full"].map(World::position);
    let expected = [west, admitted.to_vec(), vec![World::position("west-full")]];
    let head = LEAGUE.lines().count() as u64;
    for ((request, live), expected) in [of_west, of_kinds, of_both]
        .into_iter()
        .zip(live)
        .zip(expected)
    {
        let mut live = live;
        for position in &expected {
            let message = next(&mut live).await;
            assert!(matches!(message, Message::Entry(entry) if entry.position == *position));
        }
        // What is after the last passes nothing, and is told of after a while.
        let message = next(&mut live).await;
        assert!(matches!(message, Message::Progress(progress) if progress.position == head));

        let mut again = watch(&mut world, request).await;
        for position in &expected {
            let message = next(&mut again).await;
            assert!(matches!(message, Message::Entry(entry) if entry.position == *position));
        }
        let message = next(&mut again).await;
        assert!(matches!(message, Message::Progress(progress) if progress.position == head));
        assert_eq!(positions(&mut again).await, (vec![], head));
    }
}

#[tokio::test]
async fn a_long_log_is_read_page_by_page() {
    let mut world = empty(Config::default()).await;
    let parties: Vec<String> = (0..1_300).map(|n| party(&format!("p-{n}"))).collect();
    world.record("many", &parties.join("\n")).await.unwrap();
    let mut all = watch(&mut world, v1::WatchEntriesRequest::default()).await;
    let expected: Vec<u64> = (1..=1_300).collect();
    assert_eq!(positions(&mut all).await, (expected, 1_300));

    let request = v1::WatchEntriesRequest {
        kinds: vec!["withdrawal".to_owned()],
        ..v1::WatchEntriesRequest::default()
    };
    let mut none = watch(&mut world, request).await;
    // What passes nothing is told of once, not page by page.
    let message = next(&mut none).await;
    assert!(matches!(message, Message::Progress(progress) if progress.position == 1_300));
    assert!(matches!(next(&mut none).await, Message::CaughtUp(_)));
    let several = v1::WatchEntriesRequest {
        parties: (0..600).map(|n| format!("p-{}", 2 * n)).collect(),
        ..v1::WatchEntriesRequest::default()
    };
    let mut several = watch(&mut world, several).await;
    let expected: Vec<u64> = (0..600).map(|n| 2 * n + 1).collect();
    assert_eq!(positions(&mut several).await, (expected, 1_300));
}

#[tokio::test]
async fn a_silent_watch_says_that_it_is_there() {
    let mut world = empty(Config {
        heartbeat: Duration::from_millis(20),
        ..Config::default()
    })
    .await;
    world.record("league", LEAGUE).await.unwrap();
    let head = LEAGUE.lines().count() as u64;
    let mut watch = watch(&mut world, from(Start::FromNow(true))).await;
    positions(&mut watch).await;
    for _ in 0..3 {
        let message = next(&mut watch).await;
        assert!(matches!(message, Message::Heartbeat(beat) if beat.position == head));
    }
}

#[tokio::test]
async fn a_slow_client_is_moved_back_to_the_log_and_misses_nothing() {
    let mut world = empty(Config {
        kept: 4,
        ..Config::default()
    })
    .await;
    // Little room on the way, so that what the client does not take stays with the server.
    let endpoint = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
    let narrow = endpoint
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535);
    let mut client = ChangeServiceClient::new(narrow.connect().await.unwrap());
    let request = v1::WatchEntriesRequest::default();
    let mut slow = client.watch_entries(request).await.unwrap().into_inner();
    assert_eq!(positions(&mut slow).await, (vec![], 0));
    let note = "x".repeat(4_000);
    for n in 0..120 {
        let draft = party(&format!("p-{n}")).replacen('{', &format!(r#"{{"note":"{note}","#), 1);
        world.record(&format!("r-{n}"), &draft).await.unwrap();
    }
    let expected: Vec<u64> = (1..=120).collect();
    assert_eq!(positions(&mut slow).await, (expected, 120));
    assert!(world.number("standing_watches_moved_back_total").await > 0);
    world.record("last", &party("last")).await.unwrap();
    assert!(matches!(next(&mut slow).await, Message::Entry(entry) if entry.position == 121));
}

#[tokio::test]
async fn a_watch_that_is_dropped_leaves_nothing_behind() {
    let mut world = league().await;
    let mut watches = Vec::new();
    for _ in 0..5 {
        let mut watch = watch(&mut world, from(Start::AfterPosition(3))).await;
        positions(&mut watch).await;
        watches.push(watch);
    }
    watched_by(&world, 5).await;
    watches.truncate(2);
    watched_by(&world, 2).await;
    drop(watches);
    watched_by(&world, 0).await;
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused_before_anything_is_sent() {
    let mut world = league().await;
    let beyond = world
        .changes
        .watch_entries(from(Start::AfterPosition(1_000)))
        .await;
    let details = refused(beyond, Code::OutOfRange, "POSITION_BEYOND_HEAD");
    let metadata = &details.error_info().unwrap().metadata;
    let head = LEAGUE.lines().count().to_string();
    assert_eq!((&*metadata["asked"], &*metadata["head"]), ("1000", &*head));

    let malformed = v1::WatchEntriesRequest {
        start: Some(Start::FromNow(false)),
        kinds: vec!["member_admitted".to_owned(), "member_adored".to_owned()],
        parties: vec!["Not an id".to_owned()],
        epoch: 0,
    };
    let malformed = world.changes.watch_entries(malformed).await;
    let details = refused(malformed, Code::InvalidArgument, "MALFORMED");
    assert_eq!(fields(&details), ["from_now", "kinds[1]", "parties[0]"]);

    let many = v1::WatchEntriesRequest {
        kinds: vec!["member_admitted".to_owned(); 101],
        parties: vec!["west".to_owned(); 1_001],
        ..v1::WatchEntriesRequest::default()
    };
    let many = world.changes.watch_entries(many).await;
    let details = refused(many, Code::InvalidArgument, "MALFORMED");
    assert_eq!(fields(&details), ["kinds", "parties"]);
}

#[tokio::test]
async fn a_shutdown_ends_watches() {
    let mut world = league().await;
    let mut watch = watch(&mut world, from(Start::FromNow(true))).await;
    positions(&mut watch).await;
    let start = Instant::now();
    world.stop.send(()).unwrap();
    refused(watch.message().await, Code::Unavailable, "CLOSING");
    drop((
        world.ledger,
        world.rights,
        world.roll,
        world.law,
        world.changes,
    ));
    world.served.await.unwrap().unwrap();
    assert!(start.elapsed() < Config::default().drain);
}
