//! What ends a stream that goes on too long, or holds too much.

use super::*;
use crate::Limits;
use crate::tests::door::{limited, nothing_held};
use crate::tests::troubled::with_room;
use std::future::pending;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

#[tokio::test]
async fn a_stream_that_falls_silent_ends() {
    let limits = Limits {
        unsent: Duration::from_millis(40),
        ..Limits::default()
    };
    let mut world = empty(limited(limits)).await;
    let (send, requests) = mpsc::channel(8);
    let answers = world.ledger.record_stream(ReceiverStream::new(requests));
    let mut answers = answers.await.unwrap().into_inner();
    let league = batch("league", LEAGUE);
    for request in [league, registers(1)] {
        send.send(asked(request)).await.unwrap();
        answers.message().await.unwrap().unwrap();
    }
    // The sender is there, and says nothing.
    let (told, status) = read(answers).await;
    assert!(told.is_empty());
    ended(status, Code::DeadlineExceeded, "STREAM_SILENT", 3);
    drop(send);

    // Within a request it is ended sooner.
    let raw = Raw::connect(&world, 65_535).await;
    let mut begun = raw.begin(STREAM, &[]).await;
    begun.send(&framed(&asked(registers(2)).encode_to_vec()), false);
    begun.send(&[0, 0, 0, 1, 0, 1, 2, 3], false);
    let status = begun.status().await;
    ended(Some(status), Code::DeadlineExceeded, "BODY_LATE", 2);
    nothing_held(&world).await;
}

#[tokio::test]
async fn a_stream_whose_answers_are_not_read_ends() {
    let limits = Limits {
        unread: Duration::from_millis(300),
        ..Limits::default()
    };
    let mut world = empty(limited(limits)).await;
    world.record("league", LEAGUE).await.unwrap();
    let raw = Raw::connect(&world, 0).await;
    let mut begun = raw.begin(STREAM, &[]).await;
    for number in 0..1_000 {
        begun.send(&framed(&asked(registers(number)).encode_to_vec()), false);
    }
    nothing_held(&world).await;
    // Others are served.
    world.ledger.record(registers(2_000)).await.unwrap();
    drop(begun);
}

#[tokio::test]
async fn a_stream_ends_with_the_deadline_of_its_caller_and_with_the_server() {
    let mut world = league().await;
    let requests = || {
        let more = tokio_stream::StreamExt::chain(
            iter([asked(registers(1))]),
            futures_util::stream::once(pending()),
        );
        tonic::Request::new(more)
    };
    let mut call = requests();
    call.set_timeout(Duration::from_millis(300));
    let answers = world.ledger.record_stream(call).await.unwrap();
    let (told, status) = read(answers.into_inner()).await;
    assert_eq!(told.len(), 1);
    let code = status.unwrap().code();
    // Both ends keep to it.
    assert!(
        matches!(code, Code::DeadlineExceeded | Code::Cancelled),
        "{code:?}"
    );

    let answers = world.ledger.record_stream(requests()).await.unwrap();
    let mut answers = answers.into_inner();
    assert!(
        answers
            .message()
            .await
            .unwrap()
            .unwrap()
            .response
            .unwrap()
            .replayed
    );
    world.stop.send(()).unwrap();
    let (told, status) = read(answers).await;
    assert!(told.is_empty());
    refused::<()>(Err(status.unwrap()), Code::Unavailable, "CLOSING");
    world.served.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_waits_for_what_its_own_answers_give_back() {
    let limits = Limits {
        memory: 4 << 20,
        ..Limits::default()
    };
    let mut world = empty(limited(limits)).await;
    world.record("league", LEAGUE).await.unwrap();
    let before = head(&mut world).await;
    // Each needs a seventh of what one caller may hold for recording.
    let requests = (0..60).map(|number| noted(number * 100, 15));
    let (told, status) = streamed(&mut world, requests).await;
    assert!(status.is_none(), "{status:?}");
    assert_eq!(told.len(), 60);
    assert_eq!(head(&mut world).await, before + 900);
    assert_eq!(
        world.number("standing_refused_total{what=\"calls\"}").await,
        0
    );
    nothing_held(&world).await;
}

#[tokio::test]
async fn a_full_disk_ends_a_stream_at_the_first_that_is_not_recorded() {
    let (mut world, room) = with_room(1_000).await;
    world.record("league", LEAGUE).await.unwrap();
    let before = head(&mut world).await;
    let (send, requests) = mpsc::channel(8);
    let answers = world.ledger.record_stream(ReceiverStream::new(requests));
    let mut answers = answers.await.unwrap().into_inner();
    send.send(asked(registers(0))).await.unwrap();
    answers.message().await.unwrap().unwrap();
    room.store(999, Ordering::SeqCst);
    for number in 1..4 {
        send.send(asked(registers(number))).await.unwrap();
    }
    let (told, status) = read(answers).await;
    assert!(told.is_empty());
    let metadata = ended(status, Code::ResourceExhausted, "DISK_FULL", 2);
    assert_eq!(
        (&*metadata["request_id"], &*metadata["trouble"]),
        ("p-1", "disk-full")
    );
    room.store(1_000, Ordering::SeqCst);
    let (told, status) = streamed(&mut world, (0..4).map(registers)).await;
    assert!(status.is_none(), "{status:?}");
    let replayed: Vec<bool> = told.iter().map(|answer| answer.replayed).collect();
    assert_eq!(replayed, [true, false, false, false]);
    assert_eq!(head(&mut world).await, before + 4);
}
