use super::*;
use crate::Limits;
use crate::access::tests::tokens;
use crate::tests::raw::{PATIENCE, Raw, framed};
use prost::Message as _;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::timeout;

const HEAD: &str = "standing.v1.LedgerService/GetHead";

async fn limited(most: usize, by_one: usize) -> World {
    empty(Config {
        access: tokens("sesame clerk/7 roles=reader\nopen clerk/8 roles=reader\n").unwrap(),
        limits: Limits {
            connections: most,
            connections_by_one: by_one,
            ..Limits::default()
        },
        ..Config::default()
    })
    .await
}

/// Asks for the head as somebody.
async fn ask(raw: &Raw, token: &str) -> Status {
    let bearer = format!("Bearer {token}");
    let mut call = raw.begin(HEAD, &[("authorization", &bearer)]).await;
    call.send(&framed(&v1::GetHeadRequest {}.encode_to_vec()), true);
    call.status().await
}

fn is_refused(status: &Status) -> bool {
    let reason = status.get_details_error_info().map(|info| info.reason);
    status.code() == Code::ResourceExhausted && reason.as_deref() == Some("TOO_MANY_CONNECTIONS")
}

#[tokio::test]
async fn an_actor_calls_over_so_many_connections() {
    let world = limited(100, 3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let raw = Raw::connect(&world, 65_535).await;
        assert_eq!(ask(&raw, "sesame").await.code(), Code::Ok);
        held.push(raw);
    }
    let fourth = Raw::connect(&world, 65_535).await;
    let status = ask(&fourth, "sesame").await;
    assert!(is_refused(&status), "{status:?}");
    assert!(status.get_details_retry_info().is_some());
    // Over a connection that it has, it goes on; and another has its own.
    assert_eq!(ask(&held[0], "sesame").await.code(), Code::Ok);
    assert_eq!(ask(&fourth, "open").await.code(), Code::Ok);
    held.pop();
    let begun = Instant::now();
    while ask(&fourth, "sesame").await.code() != Code::Ok {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn there_are_only_so_many_connections_and_who_comes_later_is_told() {
    // One is the test's own; nobody has called over it.
    let world = limited(4, 100).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let raw = Raw::connect(&world, 65_535).await;
        assert_eq!(ask(&raw, "sesame").await.code(), Code::Ok);
        held.push(raw);
    }
    let later = Raw::connect(&world, 65_535).await;
    let status = ask(&later, "sesame").await;
    assert!(is_refused(&status), "{status:?}");
    later.closed().await;
    held.clear();
    let begun = Instant::now();
    loop {
        let raw = Raw::connect(&world, 65_535).await;
        if ask(&raw, "sesame").await.code() == Code::Ok {
            break;
        }
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections_until_it_says_who_calls() {
    let world = limited(100, 3).await;
    let silent = [
        Raw::connect(&world, 65_535).await,
        Raw::connect(&world, 65_535).await,
    ];
    // With the test's own there are three that have said nothing.
    let later = Raw::connect(&world, 65_535).await;
    assert!(is_refused(&ask(&later, "sesame").await));
    assert_eq!(ask(&silent[0], "sesame").await.code(), Code::Ok);
    let begun = Instant::now();
    loop {
        let raw = Raw::connect(&world, 65_535).await;
        if ask(&raw, "open").await.code() == Code::Ok {
            break;
        }
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_watch_over_a_few_connections() {
    const WATCHES: usize = 3_000;
    let world = empty(Config::default()).await;
    let mut watching = JoinSet::new();
    for _ in 0..WATCHES / 1_000 {
        let endpoint = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
        let client = ChangeServiceClient::new(endpoint.connect().await.unwrap());
        for _ in 0..1_000 {
            let mut client = client.clone();
            watching.spawn(async move {
                let request = v1::WatchEntriesRequest {
                    start: Some(v1::watch_entries_request::Start::FromNow(true)),
                    ..v1::WatchEntriesRequest::default()
                };
                let mut watch = client.watch_entries(request).await.unwrap().into_inner();
                watch.message().await.unwrap().unwrap();
                watch
            });
        }
    }
    let watches = timeout(PATIENCE, watching.join_all()).await.unwrap();
    assert_eq!(watches.len(), WATCHES);
    assert_eq!(world.number("standing_watches_live").await, WATCHES as u64);
    // What they hold is what they need, no pages.
    let held = world.number("standing_calls_held_bytes").await;
    assert!(held < (WATCHES as u64) * (9 << 10), "{held}");
}

#[tokio::test]
async fn other_limits_are_kept_from_when_they_are_told() {
    let (adjust, adjusted) = tokio::sync::watch::channel(Limits::default());
    let world = empty(Config {
        adjusted: Some(adjusted),
        ..Config::default()
    })
    .await;
    let first = Raw::connect(&world, 65_535).await;
    assert_eq!(ask(&first, "").await.code(), Code::Unauthenticated);
    let fewer = Limits {
        connections: 2,
        ..Limits::default()
    };
    adjust.send(fewer).unwrap();
    // The two that stand go on, and no third is let in.
    let refused = async {
        loop {
            let another = Raw::connect(&world, 65_535).await;
            if is_refused(&ask(&another, "").await) {
                return;
            }
        }
    };
    timeout(PATIENCE, refused).await.unwrap();
    assert_eq!(ask(&first, "").await.code(), Code::Unauthenticated);
    adjust.send(Limits::default()).unwrap();
    let taken = async {
        loop {
            let another = Raw::connect(&world, 65_535).await;
            if ask(&another, "").await.code() == Code::Unauthenticated {
                return;
            }
        }
    };
    timeout(PATIENCE, taken).await.unwrap();
}
