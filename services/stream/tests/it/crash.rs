//! The publisher ends at every moment there is, and another goes on.

use crate::ledger;
use crate::ledger::Place;
use crate::nats::Nats;
use crate::patience;
use crate::world::*;
use standing_proto::v1::StreamState;
use standing_stream::{Hook, Point, Which};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// Ends the publisher the first time it comes to a moment at which none has ended yet.
fn ends_once_at_each(done: &Arc<Mutex<HashSet<(Which, Point)>>>) -> Hook {
    let done = Arc::clone(done);
    Arc::new(move |which, point| {
        let is_new = done.lock().unwrap().insert((which, point));
        if is_new {
            // No message: this is no failure.
            std::panic::resume_unwind(Box::new(()));
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_ends_at_any_moment_skips_and_repeats_nothing() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 12);
    // A step of which some messages are there and some are not.
    ledger::admit_together(&engine, "together", 4);
    let done = Arc::default();
    let mut ended = 0;
    loop {
        let mut publisher = publish_with(&engine, &nats, Some(ends_once_at_each(&done)));
        let status = publisher.status();
        let settled = until(&status, "caught up, or has stopped", |report| {
            matches!(report.state(), StreamState::CaughtUp | StreamState::Stopped)
        });
        let report = settled.await;
        if report.state() == StreamState::CaughtUp {
            break;
        }
        // It did not stop for another reason, which would be no end.
        assert!(report.problem.contains("crashed"), "{report:?}");
        publisher.ended().await;
        ended += 1;
        if ended % 20 == 0 {
            ledger::admit(&engine, &format!("late-{ended}"), "2023-11-20").unwrap();
        }
        assert!(ended < 2_000);
    }
    // Looked, checked and compared, and sent, had been sent and confirmed for each entry; some of
    // each of the changes.
    assert!(ended > 3 * 30, "{ended}");
    assert_published(&nats.context().await, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_acknowledgements_are_made_out_by_looking() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    ledger::admit_many(&engine, "party", 12);
    // The first goes alone, then all others at once: they are in the stream when the publisher ends
    // before it hears of them.
    let hook: Hook = Arc::new(|which, point| {
        if (which, point) == (Which::Entries, Point::Confirmed(2)) {
            std::panic::resume_unwind(Box::new(()));
        }
    });
    let mut publisher = publish_with(&engine, &nats, Some(hook));
    publisher.ended().await;
    assert_eq!(publisher.status().report().entries_position, 1);
    drop(publisher);
    let context = nats.context().await;
    let held = async || {
        let stream = context.get_stream(names().entries_stream()).await.ok()?;
        Some(stream.cached_info().state.last_sequence).filter(|last| *last > 2)
    };
    patience::until("stream that holds more than was heard of", held).await;

    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    assert_published(&context, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_crashes_is_seen_to_have_stopped_and_recording_goes_on() {
    let (nats, place) = (Nats::start().await, Place::new());
    let engine = place.open();
    ledger::found(&engine, ASSOCIATION);
    let hook: Hook = Arc::new(|which, point| {
        if (which, point) == (Which::Rights, Point::Confirmed(1)) {
            std::panic::resume_unwind(Box::new(()));
        }
    });
    let mut publisher = publish_with(&engine, &nats, Some(hook));
    publisher.ended().await;
    let report = publisher.status().report();
    assert_eq!(report.state(), StreamState::Stopped, "{report:?}");
    assert!(report.problem.contains("crashed"), "{report:?}");
    ledger::admit(&engine, "late", "2023-11-20").unwrap();
    drop(publisher);

    let publisher = publish(&engine, &nats);
    caught_up(&publisher.status()).await;
    assert_published(&nats.context().await, &engine).await;
}
