//! Following: whole batches as stored, all or none, and nothing else.

use crate::common::*;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_engine::store::{Envelope, Log, envelope};
use standing_engine::{FollowError, RecordError, Recorder, Role};
use std::path::Path;

fn stored(engine: &Recorder) -> Vec<Vec<u8>> {
    let entries = engine
        .ledger()
        .entries(Position::FIRST.to(engine.ledger().head().position))
        .unwrap();
    entries.into_iter().map(|entry| entry.stored).collect()
}

/// A ledger with batches of six, two and one, and a follower of it.
fn pair(folder: &Path) -> (Vec<Vec<u8>>, Recorder) {
    let engine = open(folder);
    record(&engine, founding()).unwrap();
    record(&engine, vec![register("a"), register("b")]).unwrap();
    record(&engine, vec![admit("a", "full", "2001-01-01")]).unwrap();
    let follower = Recorder::open_follower(&folder.join("follower.redb"), &options()).unwrap();
    (stored(&engine), follower)
}

/// The same entry with another envelope.
fn altered(stored: &[u8], alter: impl FnOnce(&mut Envelope<'_>)) -> Vec<u8> {
    let mut envelope = Envelope::decode(stored).unwrap();
    alter(&mut envelope);
    let mut bytes = Vec::new();
    envelope.encode(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_follower_ends_with_the_same_bytes_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (entries, follower) = pair(folder.path());
    assert_eq!(follower.role(), Role::Follower);
    assert_eq!(
        follower.follow(Position::FIRST, &entries[..6]).unwrap(),
        Position::new(6)
    );
    assert_eq!(
        follower.follow(Position::new(7), &entries[6..]).unwrap(),
        Position::new(9)
    );
    assert_eq!(stored(&follower), entries);
    assert_eq!(
        votes(&follower, "a", "2001-01-01"),
        standing_domain::time::truth::Truth::Yes
    );
    drop(follower);
    let log = Log::open_existing(
        folder.path().join("follower.redb"),
        standing_engine::store::Options::default(),
    );
    let log = log.unwrap();
    assert_eq!(
        (1..=9)
            .map(|n| log.read(Position::new(n)).unwrap().unwrap())
            .collect::<Vec<_>>(),
        entries
    );
}

#[test]
fn what_does_not_follow_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (entries, follower) = pair(folder.path());
    follower.follow(Position::FIRST, &entries[..6]).unwrap();
    let refused = |first: u64, entries: &[Vec<u8>]| {
        let error = follower.follow(Position::new(first), entries).unwrap_err();
        assert_eq!(
            (follower.ledger().head().position, stored(&follower).len()),
            (Position::new(6), 6),
            "{error}"
        );
        error.to_string()
    };
    assert_eq!(
        refused(9, &entries[8..]),
        "entry 9 does not follow the head, which is 6"
    );
    assert_eq!(
        refused(1, &entries[..6]),
        "entry 1 does not follow the head, which is 6"
    );
    assert_eq!(
        refused(7, &entries[6..7]),
        "entry 7 stands in no whole batch"
    );
    assert_eq!(refused(7, &entries[7..]), "entry 8 does not decode");
    let early = altered(&entries[6], |envelope| {
        envelope.record_time = RecordTime::from_micros(1);
    });
    let early = [early, entries[7].clone()];
    assert_eq!(
        refused(7, &early),
        "the record time of entry 7 is not later than that of the entry before"
    );
    let same = altered(&entries[7], |envelope| {
        let micros = envelope.record_time.micros();
        envelope.record_time = RecordTime::from_micros(micros - 1);
    });
    let same = [entries[6].clone(), same];
    assert_eq!(
        refused(7, &same),
        "the record time of entry 8 is not later than that of the entry before"
    );
    let newer = altered(&entries[6], |envelope| envelope.payload_version = 200);
    assert!(refused(7, &[newer, entries[7].clone()]).starts_with("entry 7 does not decode"));
    let mut format = entries[6].clone();
    format[0] = envelope::FORMAT + 1;
    assert!(refused(7, &[format, entries[7].clone()]).starts_with("entry 7 does not decode"));
    assert_eq!(
        follower.follow(Position::new(7), &entries[6..]).unwrap(),
        Position::new(9)
    );
}

#[test]
fn a_follower_records_nothing_and_a_writer_follows_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (entries, follower) = pair(folder.path());
    follower.follow(Position::FIRST, &entries).unwrap();
    assert!(matches!(
        record(&follower, vec![register("c")]),
        Err(RecordError::Follower)
    ));
    drop(follower);
    let writer = open(folder.path());
    assert!(matches!(
        writer.follow(Position::new(10), &entries),
        Err(FollowError::NotAFollower)
    ));
    writer.stop_recording("another history was published");
    writer.stop_recording("a later reason");
    let stopped = record(&writer, vec![register("c")])
        .unwrap_err()
        .to_string();
    assert_eq!(
        stopped,
        "nothing is recorded any more: another history was published"
    );
    assert_eq!(writer.ledger().head().position, Position::new(9));
}
