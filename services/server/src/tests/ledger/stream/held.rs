//! What happens while the writer is busy: the test keeps it so.

use super::*;
use crate::tests::door::nothing_held;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What a stream holds besides its requests, and what asks for it.
const BESIDES: u64 = (48 << 10) + (16 << 10);

/// The most requests on their way.
const MOST: u64 = 256;

/// A league, and what records it.
async fn recorded() -> (World, Arc<Recorder>) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    let engine = Arc::new(engine);
    let mut world = serving(folder, Arc::clone(&engine), Config::default()).await;
    world.record("league", LEAGUE).await.unwrap();
    (world, engine)
}

/// Keeps the writer busy until what is returned is dropped.
async fn busy(engine: &Arc<Recorder>) -> Sender<()> {
    let (hold, waits) = channel::<()>();
    let (tell, is_busy) = tokio::sync::oneshot::channel();
    let trial = v1::RecordRequest {
        validate_only: true,
        ..registers(9_999)
    };
    let tester = crate::access::tests::operator();
    let trial = crate::ledger::record::read(engine.ledger(), trial, &tester, &[]);
    engine.submit(trial.unwrap().request, move |_| {
        tell.send(()).unwrap();
        // Until the sender is gone.
        let _ = waits.recv();
    });
    is_busy.await.unwrap();
    hold
}

/// Waits until calls hold so much and no more comes; returns how much.
async fn settled(world: &World, at_least: u64) -> u64 {
    let begun = Instant::now();
    let mut last = 0;
    loop {
        sleep(Duration::from_millis(150)).await;
        let held = world.number("standing_calls_held_bytes").await;
        if held == last && held >= at_least {
            return held;
        }
        last = held;
        assert!(begun.elapsed() < Duration::from_secs(20), "{held} held");
    }
}

/// What so many small requests need, at least and at most.
fn small(count: u64) -> std::ops::RangeInclusive<u64> {
    count * 1_024..=count * 2_048
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_read_than_may_be_on_its_way_and_nothing_is_refused_for_it() {
    let (mut world, engine) = recorded().await;
    let before = head(&mut world).await;
    let pause = busy(&engine).await;
    let raw = Raw::connect(&world, 1 << 20).await;
    let mut begun = raw.begin(STREAM, &[]).await;
    for number in 0..1_000 {
        begun.send(&framed(&asked(registers(number)).encode_to_vec()), false);
    }
    begun.send(&[], true);
    let held = settled(&world, small(MOST).start() + 1).await;
    let bounds = small(MOST);
    let most = bounds.end() + BESIDES;
    assert!((*bounds.start()..=most).contains(&held), "{held} held");
    drop(pause);
    assert_eq!(begun.status().await.code(), Code::Ok);
    assert_eq!(head(&mut world).await, before + 1_000);
    nothing_held(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_bytes_are_read_than_may_be_on_their_way() {
    let (mut world, engine) = recorded().await;
    let before = head(&mut world).await;
    let pause = busy(&engine).await;
    let requests = iter((1..=9).map(|number| asked(noted(number * 1_000, 250))));
    let answers = world.ledger.record_stream(requests).await.unwrap();
    let answers = tokio::spawn(read(answers.into_inner()));
    // Four of a million bytes fit, five do not.
    let held = settled(&world, 4 * 4_000_000).await;
    assert!(held < 4 * (4 << 20) + BESIDES + (1 << 16), "{held} held");
    drop(pause);
    let (told, status) = answers.await.unwrap();
    assert!(status.is_none(), "{status:?}");
    assert_eq!(told.len(), 9);
    assert_eq!(head(&mut world).await, before + 2_250);
    nothing_held(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_call_goes_between_the_requests_of_a_full_stream() {
    let (mut world, engine) = recorded().await;
    let before = head(&mut world).await;
    let pause = busy(&engine).await;
    let requests = iter((0..500).map(|number| asked(registers(number))));
    let answers = world.ledger.record_stream(requests).await.unwrap();
    let answers = tokio::spawn(read(answers.into_inner()));
    let held = settled(&world, *small(MOST).start()).await;
    let mut client = world.ledger.clone();
    let single = tokio::spawn(async move { client.record(registers(5_000)).await });
    // It has come when more is held; the writer gets it within the same moment.
    settled(&world, held + 1).await;
    drop(pause);
    let single = single.await.unwrap().unwrap().into_inner();
    let between = single.first_position - before - 1;
    assert!(between <= 3, "{between} requests of the stream came before");
    let (told, status) = answers.await.unwrap();
    assert!(status.is_none() && told.len() == 500, "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_leaves_behind_is_not_recorded_and_holds_nothing() {
    let (mut world, engine) = recorded().await;
    let before = head(&mut world).await;
    let pause = busy(&engine).await;
    let requests = iter((0..200).map(|number| asked(registers(number))));
    let answers = world.ledger.record_stream(requests).await.unwrap();
    settled(&world, *small(200).start()).await;
    drop(answers);
    // What lies with the writer is held until it has been looked at.
    sleep(Duration::from_millis(300)).await;
    drop(pause);
    nothing_held(&world).await;
    assert_eq!(head(&mut world).await, before);
    world.ledger.record(registers(0)).await.unwrap();
    assert_eq!(head(&mut world).await, before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_what_had_come_with_a_refused_request_is_recorded() {
    let (mut world, engine) = recorded().await;
    let before = head(&mut world).await;
    let pause = busy(&engine).await;
    let requests = (0..20)
        .map(registers)
        .chain(once(refused_one()))
        .chain((20..220).map(registers));
    let requests = requests.collect::<Vec<_>>();
    let answers = world
        .ledger
        .record_stream(iter(requests.into_iter().map(asked)));
    let answers = tokio::spawn(read(answers.await.unwrap().into_inner()));
    settled(&world, *small(221).start()).await;
    drop(pause);
    let (told, status) = answers.await.unwrap();
    assert_eq!(told.len(), 20);
    ended(status, Code::FailedPrecondition, "REFUSED", 21);
    nothing_held(&world).await;
    assert_eq!(head(&mut world).await, before + 20);
}
