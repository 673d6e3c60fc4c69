mod auth;
mod connections;
mod reads;

use super::raw::{PATIENCE, Raw, framed};
use super::*;
use crate::Limits;
use prost::Message as _;
use std::time::{Duration, Instant};

const RECORD: &str = "standing.v1.LedgerService/Record";
const HEAD: &str = "standing.v1.LedgerService/GetHead";
const ENTRIES: &str = "standing.v1.LedgerService/ListEntries";
const WATCH: &str = "standing.v1.ChangeService/WatchEntries";

/// What a call over plain HTTP holds: that which asks how much is held.
const PLAIN: u64 = 16 << 10;

const MIB: usize = 1 << 20;

pub fn limited(limits: Limits) -> Config {
    Config {
        limits,
        ..Config::default()
    }
}

/// Holds a status to its code and reason.
#[track_caller]
pub fn ends(status: &Status, code: Code, reason: &str) {
    refused::<()>(Err(status.clone()), code, reason);
}

/// Waits until calls hold nothing.
pub async fn nothing_held(world: &World) {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE);
        // Refused while others of the address hold what it may.
        let (status, _) = world.http("/healthz").await;
        if status != 429 && world.number("standing_calls_held_bytes").await <= PLAIN {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A batch with conditions in one another, as a rule of an article.
fn nested(depth: usize) -> v1::RecordRequest {
    let mut condition = v1::Condition::default();
    for _ in 0..depth {
        condition = v1::Condition {
            test: Some(v1::condition::Test::Not(Box::new(condition))),
        };
    }
    let norm = v1::Norm {
        condition: Some(condition),
        ..v1::Norm::default()
    };
    let enacted = v1::ArticleEnacted {
        norms: vec![norm],
        ..v1::ArticleEnacted::default()
    };
    v1::RecordRequest {
        drafts: vec![v1::Draft {
            event: Some(v1::draft::Event::ArticleEnacted(enacted)),
            ..v1::Draft::default()
        }],
        ..v1::RecordRequest::default()
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_the_callers_fault() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    let ok = v1::GetHeadRequest {}.encode_to_vec();
    let two = [framed(&ok), framed(&ok)].concat();
    for (what, method, body) in [
        ("no message", HEAD, vec![]),
        ("half a prefix", HEAD, vec![0, 0, 0]),
        ("cut off", RECORD, vec![0, 0, 0, 0, 9, 1, 2]),
        ("a compressed flag", HEAD, vec![1, 0, 0, 0, 0]),
        ("another flag", HEAD, vec![7, 0, 0, 0, 0]),
        ("two messages", HEAD, two),
        ("no protobuf", RECORD, framed(&[0xff; 40])),
        ("no UTF-8", RECORD, framed(&[0x0a, 1, 0xff])),
        ("a length beyond the end", RECORD, framed(&[0x0a, 0x7f, 1])),
        (
            "no protobuf for health",
            "grpc.health.v1.Health/Check",
            framed(&[0xff; 40]),
        ),
    ] {
        let status = raw.call(method, &body).await;
        assert!(!status.message().contains('/'), "{what}: {status:?}");
        ends(&status, Code::InvalidArgument, "UNDECODABLE");
    }
    // An encoding that is named and not spoken is another matter.
    let mut call = raw.begin(HEAD, &[("grpc-encoding", "gzip")]).await;
    call.send(&[1, 0, 0, 0, 0], true);
    assert_eq!(call.status().await.code(), Code::Unimplemented);
    // Whoever keeps to the contract is answered over the same connection.
    assert_eq!(raw.call(HEAD, &framed(&ok)).await.code(), Code::Ok);
}

#[tokio::test]
async fn conditions_nested_too_deep_are_the_callers_fault() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    let deep = nested(98).encode_to_vec();
    assert!(v1::RecordRequest::decode(&deep[..]).is_err(), "deep enough");
    // Groups of fields that nobody knows, in one another: the reading has to give up by itself.
    let groups = [0x9b, 0x3e].repeat(200);
    for body in [deep, groups] {
        ends(
            &raw.call(RECORD, &framed(&body)).await,
            Code::InvalidArgument,
            "UNDECODABLE",
        );
    }
    // What can be read and is too deep is told by its field, as before.
    let readable = nested(20).encode_to_vec();
    ends(
        &raw.call(RECORD, &framed(&readable)).await,
        Code::InvalidArgument,
        "MALFORMED",
    );
}

#[tokio::test]
async fn base64_that_is_none_is_the_callers_fault() {
    let world = empty(Config::default()).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let request = "POST /standing.v1.LedgerService/GetHead HTTP/1.1\r\nhost: HERE\r\n\
        content-type: application/grpc-web-text\r\naccept: application/grpc-web-text\r\n\
        content-length: 8\r\nconnection: close\r\n\r\n*?*?*?*?";
    let request = world.named(request);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.to_lowercase().contains("grpc-status: 3"), "{answer}");
}

#[tokio::test]
async fn a_message_too_large_is_refused_by_its_length() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    for (method, length) in [
        (HEAD, 4 * MIB + 1),
        (RECORD, 17 * MIB + 1),
        (RECORD, 0xffff_ffff),
    ] {
        let mut call = raw.begin(method, &[]).await;
        let length = u32::try_from(length).unwrap().to_be_bytes();
        // Nothing but the length is ever sent.
        call.send(&[&[0][..], &length].concat(), false);
        ends(&call.status().await, Code::OutOfRange, "MESSAGE_TOO_LARGE");
    }
}

#[tokio::test]
async fn a_message_that_becomes_too_much_is_refused_before_it_is_read() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    let drafts = |count: usize| framed(&[0x12, 0].repeat(count));
    // Two bytes each, and a few hundred in memory.
    let status = raw.call(RECORD, &drafts(1 << 20)).await;
    ends(&status, Code::InvalidArgument, "TOO_MANY");
    // Fewer can be read, and are counted by the contract.
    let status = raw.call(RECORD, &drafts(20_000)).await;
    ends(&status, Code::InvalidArgument, "MALFORMED");
    nothing_held(&world).await;
}

#[tokio::test]
async fn a_message_that_does_not_come_ends_the_call() {
    let world = empty(limited(Limits {
        unsent: Duration::from_millis(100),
        ..Limits::default()
    }))
    .await;
    let raw = Raw::connect(&world, 65_535).await;
    for begun in [&[][..], &[0, 0], &[0, 0, 0x10, 0, 0, 1, 2, 3]] {
        let mut call = raw.begin(RECORD, &[]).await;
        call.send(begun, false);
        ends(&call.status().await, Code::DeadlineExceeded, "BODY_LATE");
    }
    // Byte by byte it takes too long in all.
    let mut call = raw.begin(RECORD, &[]).await;
    call.send(&[0, 0, 0, 0xff, 0xff], false);
    let begun = Instant::now();
    let status = call.drip(Duration::from_millis(30)).await;
    ends(&status, Code::DeadlineExceeded, "BODY_LATE");
    assert!(begun.elapsed() >= Duration::from_millis(900));
    nothing_held(&world).await;
}

#[tokio::test]
async fn bodies_are_charged_before_they_are_read() {
    let world = empty(limited(Limits {
        memory: 64 * MIB,
        ..Limits::default()
    }))
    .await;
    let raw = Raw::connect(&world, 65_535).await;
    let ask = framed(&v1::GetHeadRequest {}.encode_to_vec());
    // Six mebibytes are foretold, and none of them sent: a caller has room for one such batch.
    let foretold = [0, 0, 0x60, 0, 0];
    let mut first = raw.begin(RECORD, &[]).await;
    first.send(&foretold, false);
    while world.number("standing_calls_held_bytes").await < (24 * MIB) as u64 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut second = raw.begin(RECORD, &[]).await;
    second.send(&foretold, false);
    let status = second.status().await;
    ends(&status, Code::ResourceExhausted, "BUDGET_OF_BYTES");
    let again = status.get_details_retry_info().unwrap().retry_delay;
    assert!(again.is_some_and(|delay| !delay.is_zero()));
    // Questions of the same caller go on, and small batches.
    assert_eq!(raw.call(HEAD, &ask).await.code(), Code::Ok);
    let small = framed(&batch("league", LEAGUE).encode_to_vec());
    assert_eq!(raw.call(RECORD, &small).await.code(), Code::Ok);
    // Given up, it leaves room.
    let mut third = raw.begin(RECORD, &[]).await;
    third.send(&foretold, false);
    first.body.send_reset(h2::Reason::CANCEL);
    while world.number("standing_calls_held_bytes").await < (24 * MIB) as u64 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    third.body.send_reset(h2::Reason::CANCEL);
    nothing_held(&world).await;
}

/// A ledger with entries that fill a page, read by nobody who is in a hurry.
async fn wordy(limits: Limits) -> World {
    let mut world = empty(limited(limits)).await;
    let note = "n".repeat(4_000);
    let line = |n: usize| {
        format!(
            r#"{{"note":"{note}","id":"p-{n}","partyRegistered":{{"party":"p-{n}","kind":"government","country":"kr"}}}}"#
        )
    };
    let lines: Vec<String> = (0..300).map(line).collect();
    world.record("wordy", &lines.join("\n")).await.unwrap();
    world
}

fn unread(millis: u64) -> Limits {
    Limits {
        unread: Duration::from_millis(millis),
        ..Limits::default()
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_ends_and_its_connection_goes_on() {
    let world = wordy(unread(1_000)).await;
    let ask = framed(
        &v1::ListEntriesRequest {
            page_size: 1_000,
            ..Default::default()
        }
        .encode_to_vec(),
    );
    for window in [0, 1, 70_000] {
        let raw = Raw::connect(&world, window).await;
        let mut heads = Vec::new();
        for _ in 0..5 {
            let mut call = raw.begin(ENTRIES, &[]).await;
            call.send(&ask, true);
            heads.push(call.head().await);
        }
        let held = world.number("standing_calls_held_bytes").await;
        assert!(held > MIB as u64, "{window}: {held}");
        nothing_held(&world).await;
        for (response, _) in heads {
            let mut body = response.into_body();
            let error = loop {
                match tokio::time::timeout(PATIENCE, body.data()).await.unwrap() {
                    Some(Ok(_)) => {}
                    Some(Err(error)) => break error,
                    None => panic!("the answer came whole"),
                }
            };
            assert_eq!(error.reason(), Some(h2::Reason::CANCEL), "{window}");
        }
        // A refusal has no body, and needs no window.
        let status = raw.call(HEAD, &[1, 0, 0, 0, 0]).await;
        ends(&status, Code::InvalidArgument, "UNDECODABLE");
        assert!(!raw.is_closed());
    }
}

#[tokio::test]
async fn answers_that_lie_with_their_connection_end_with_it() {
    let world = empty(limited(unread(1_000))).await;
    // The first byte of each is let through, so that all of it is out of the server's hands.
    let raw = Raw::connect(&world, 1).await;
    let ask = framed(&v1::GetHeadRequest {}.encode_to_vec());
    let mut heads = Vec::new();
    for _ in 0..10 {
        let mut call = raw.begin(HEAD, &[]).await;
        call.send(&ask, true);
        heads.push(call.head().await);
    }
    assert!(world.number("standing_calls_held_bytes").await > 10 * PLAIN);
    raw.closed().await;
    drop(heads);
    nothing_held(&world).await;
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_comes_whole() {
    let world = wordy(unread(1_000)).await;
    let raw = Raw::connect(&world, 65_535).await;
    let ask = v1::ListEntriesRequest {
        page_size: 1_000,
        ..Default::default()
    };
    let mut call = raw.begin(ENTRIES, &[]).await;
    call.send(&framed(&ask.encode_to_vec()), true);
    let (response, _body) = call.head().await;
    let mut body = response.into_body();
    let (mut bytes, begun) = (0, Instant::now());
    while let Some(some) = body.data().await {
        bytes += some.as_ref().unwrap().len();
        if bytes % (192 << 10) < (16 << 10) {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let _ = body.flow_control().release_capacity(some.unwrap().len());
    }
    assert!(bytes > MIB && begun.elapsed() > Duration::from_millis(1_100));
    assert!(body.trailers().await.unwrap().is_some());
    nothing_held(&world).await;
}

#[tokio::test]
async fn a_watch_that_is_not_read_ends_and_one_that_waits_does_not() {
    let mut world = wordy(Limits {
        memory: 32 * MIB,
        ..unread(400)
    })
    .await;
    let idle = v1::WatchEntriesRequest {
        start: Some(v1::watch_entries_request::Start::FromNow(true)),
        ..v1::WatchEntriesRequest::default()
    };
    let mut idle = world
        .changes
        .watch_entries(idle)
        .await
        .unwrap()
        .into_inner();
    idle.message().await.unwrap().unwrap();
    let raw = Raw::connect(&world, 0).await;
    let ask = framed(&v1::WatchEntriesRequest::default().encode_to_vec());
    let mut heads = Vec::new();
    // More than there is room to read pages for: the rest waits for its page, not for room to
    // begin.
    for _ in 0..60 {
        let mut call = raw.begin(WATCH, &[]).await;
        call.send(&ask, true);
        heads.push(call.head().await);
    }
    let held = world.number("standing_calls_held_bytes").await;
    assert!(held <= (14 * MIB) as u64, "{held}");
    let begun = Instant::now();
    while world.number("standing_watches{of=\"entries\"}").await > 1 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.record("more", r#"{"id":"more","partyRegistered":{"party":"more","kind":"government","country":"kr"}}"#).await.unwrap();
    idle.message().await.unwrap().unwrap();
}

#[tokio::test]
async fn http_1_answers_that_are_not_read_end_with_their_connection() {
    let world = wordy(unread(1_000)).await;
    let ask = v1::ListEntriesRequest {
        page_size: 1_000,
        ..Default::default()
    };
    let ask = framed(&ask.encode_to_vec());
    let mut streams = Vec::new();
    for _ in 0..3 {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        // Little room on the way, so that what is not taken stays with the server.
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(world.address).await.unwrap();
        let head = format!(
            "POST /{ENTRIES} HTTP/1.1\r\nhost: {}\r\n\
             content-type: application/grpc-web+proto\r\ncontent-length: {}\r\n\r\n",
            world.address,
            ask.len()
        );
        // More than the system takes off the server's hands.
        for _ in 0..8 {
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&ask).await.unwrap();
        }
        streams.push(stream);
    }
    let begun = Instant::now();
    while world.number("standing_calls_held_bytes").await < MIB as u64 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    nothing_held(&world).await;
    let begun = Instant::now();
    // The one that asks is a connection too; so is that of the test's own clients.
    while world.number("standing_connections").await > 2 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(streams);
}

#[tokio::test]
async fn a_stranger_is_refused_before_anything_is_read_or_charged() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    let mut call = raw.begin(RECORD, &[("x-forwarded-for", "192.0.2.7")]).await;
    call.send(&[0, 0xff, 0xff, 0xff, 0xff], false);
    ends(&call.status().await, Code::Unauthenticated, "TOKEN_MISSING");
    nothing_held(&world).await;
}

#[tokio::test]
async fn what_needs_no_token_holds_little() {
    let world = empty(limited(Limits {
        memory: 64 * MIB,
        ..unread(2_000)
    }))
    .await;
    let raw = Raw::connect(&world, 0).await;
    let (mut held, mut refused) = (Vec::new(), 0);
    for _ in 0..300 {
        let response = raw.get("/metrics").await;
        match response.status().as_u16() {
            200 => held.push(response),
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    // A thirty-second of all, of which questions have three quarters.
    assert!((24..=96).contains(&held.len()), "{}", held.len());
    assert_eq!(held.len() + refused, 300);
    // A caller that says who it is has its own.
    let ask = framed(&v1::GetHeadRequest {}.encode_to_vec());
    let mut call = raw.begin(HEAD, &[]).await;
    call.send(&ask, true);
    assert!(call.head().await.0.status().is_success());
    // Those that are not read end, and others are served again.
    let begun = Instant::now();
    while world.http("/metrics").await.0 != 200 {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(held);
    nothing_held(&world).await;
    assert!(world.number("standing_refused_total{what=\"calls\"}").await >= 204);
}

#[tokio::test]
async fn a_deadline_that_is_over_is_told_as_one() {
    let world = empty(Config::default()).await;
    let raw = Raw::connect(&world, 65_535).await;
    // A body that does not come within it.
    let call = raw.begin(RECORD, &[("grpc-timeout", "50m")]).await;
    ends(&call.status().await, Code::DeadlineExceeded, "DEADLINE");
}
