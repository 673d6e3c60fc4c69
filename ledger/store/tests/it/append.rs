//! Appending, reading and scanning.

use crate::support::{Memory, all, append, batch, entry};
use standing_domain::id::position::Position;
use standing_store::envelope::MAX_ENTRY;
use standing_store::{AppendError, Log, Options};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn positions_are_gapless_from_one() {
    let memory = Memory::default();
    let log = memory.open();
    assert_eq!(log.head(), Position::ZERO);
    assert_eq!(log.read(Position::ZERO).unwrap(), None);
    assert_eq!(log.read(Position::FIRST).unwrap(), None);
    for first in [0, 2, u64::MAX] {
        let error = log
            .append(Position::new(first), [b"x".as_slice()])
            .unwrap_err();
        assert!(
            matches!(
                error,
                AppendError::NotNext {
                    head: Position::ZERO,
                    ..
                }
            ),
            "{error:?}"
        );
    }
    assert_eq!(append(&log, &batch(1, 3, 10)), Position::new(3));
    assert_eq!(append(&log, &batch(4, 4, 0)), Position::new(4));
    for first in [0, 4, 6] {
        let error = log
            .append(Position::new(first), [b"x".as_slice()])
            .unwrap_err();
        assert!(
            matches!(error, AppendError::NotNext { head, .. } if head == Position::new(4)),
            "{error:?}"
        );
    }
    // No entries, no commit.
    assert_eq!(log.append(Position::new(5), []).unwrap(), Position::new(4));
    assert_eq!(
        log.read(Position::new(2)).unwrap(),
        Some(entry(2, 1, 3, 10))
    );
    assert_eq!(
        log.read_with(Position::new(3), <[u8]>::len).unwrap(),
        Some(entry(3, 1, 3, 10).len())
    );
    assert_eq!(log.read(Position::new(5)).unwrap(), None);

    let before = all(&log);
    log.close().unwrap();
    assert_eq!(all(&memory.open()), before);
}

#[test]
fn an_entry_out_of_bounds_writes_nothing_of_its_batch() {
    let log = Memory::default().open();
    append(&log, &batch(1, 2, 10));
    let longest = vec![1; MAX_ENTRY];
    let too_long = vec![1; MAX_ENTRY + 1];
    for bad in [&too_long[..], b""] {
        let entries = [longest.as_slice(), b"fine", bad, b"fine"];
        let error = log.append(Position::new(3), entries).unwrap_err();
        assert!(
            matches!(error, AppendError::Length { position, .. } if position == Position::new(5)),
            "{error:?}"
        );
        assert_eq!(all(&log), batch(1, 2, 10));
    }
    assert_eq!(
        log.append(Position::new(3), [longest.as_slice(), b"x"])
            .unwrap(),
        Position::new(4)
    );
    assert_eq!(log.read(Position::new(3)).unwrap(), Some(longest));
}

#[test]
fn a_scan_gives_the_positions_asked_for_and_stops_when_told() {
    let log = Memory::default().open();
    // Three pages of a scan, the last one short.
    append(&log, &batch(1, 9_000, 4));
    append(&log, &batch(9_001, 9_100, 4));
    let scan = |range: std::ops::RangeInclusive<u64>, stop: u64| {
        let mut seen = Vec::new();
        let (first, last) = range.into_inner();
        let range = Position::new(first)..=Position::new(last);
        let end = log.scan(range, |position, bytes| {
            let position = position.number();
            let first = if position <= 9_000 {
                (1, 9_000)
            } else {
                (9_001, 9_100)
            };
            assert_eq!(bytes, entry(position, first.0, first.1, 4));
            seen.push(position);
            if position == stop {
                ControlFlow::Break(position)
            } else {
                ControlFlow::Continue(())
            }
        });
        (seen, end.unwrap())
    };
    for range in [
        1..=1,
        1..=4_096,
        1..=4_097,
        4_096..=8_193,
        8_999..=9_100,
        9_100..=9_100,
    ] {
        assert_eq!(
            scan(range.clone(), 0),
            (range.collect(), ControlFlow::Continue(()))
        );
    }
    assert_eq!(scan(0..=u64::MAX, 0).0.len(), 9_100);
    assert_eq!(scan(9_101..=u64::MAX, 0).0, []);
    #[expect(clippy::reversed_empty_ranges, reason = "what a caller may pass")]
    let reversed = 5..=4;
    assert_eq!(scan(reversed, 0).0, []);
    assert_eq!(
        scan(4_090..=9_000, 4_097),
        ((4_090..=4_097).collect(), ControlFlow::Break(4_097))
    );
}

#[test]
fn readers_see_whole_batches_while_the_writer_appends() {
    const BATCHES: u64 = 200;
    const SIZE: u64 = 7;
    let log = Memory::default().open();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let head = log.head();
                    assert_eq!(head.number() % SIZE, 0);
                    let mut count = 0;
                    let end = log.scan(Position::FIRST..=head, |position, bytes| {
                        let position = position.number();
                        let first = (position - 1) / SIZE * SIZE + 1;
                        assert_eq!(bytes, entry(position, first, first + SIZE - 1, 30));
                        count += 1;
                        ControlFlow::<()>::Continue(())
                    });
                    assert!(end.unwrap().is_continue());
                    assert_eq!(count, head.number());
                    if head > Position::ZERO {
                        assert!(log.read(head).unwrap().is_some());
                    }
                }
            });
        }
        for number in 0..BATCHES {
            let first = number * SIZE + 1;
            append(&log, &batch(first, first + SIZE - 1, 30));
        }
        done.store(true, Ordering::Release);
    });
    assert_eq!(log.head(), Position::new(BATCHES * SIZE));
}

#[test]
fn two_writers_never_take_one_position() {
    let log = Memory::default().open();
    let written = std::thread::scope(|scope| {
        let writer = || {
            (0..200).filter(|_| {
                let next = log.head().next();
                let first = next.number();
                log.append(next, [entry(first, first, first, 8).as_slice()])
                    .is_ok()
            })
        };
        let threads = [
            scope.spawn(move || writer().count()),
            scope.spawn(move || writer().count()),
        ];
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum::<usize>()
    });
    assert_eq!(all(&log).len(), written);
}

#[test]
fn quick_repair_changes_nothing_but_the_speed() {
    let memory = Memory::default();
    let options = Options {
        quick_repair: true,
        ..Options::default()
    };
    let log = Log::with_backend(memory.clone(), options).unwrap();
    append(&log, &batch(1, 50, 100));
    append(&log, &batch(51, 60, 100));
    let crashed = Memory::new(memory.bytes());
    assert_eq!(all(&crashed.open()), all(&log));
}

/// The pages that an entry is read from are written again only when nobody reads them any more:
/// redb asserts so where it is built with debug assertions.
#[test]
fn what_is_being_read_stays_while_others_append() {
    let memory = Memory::default();
    let log = memory.open();
    append(&log, &batch(1, 3, 10));
    let on = |next: &std::cell::Cell<u64>| {
        let position = next.get();
        next.set(position + 1);
        append(&log, &batch(position, position, 10));
    };
    let next = std::cell::Cell::new(4);
    for position in 1..=3 {
        let read = log.read_with(Position::new(position), |bytes| {
            (0..4).for_each(|_| on(&next));
            bytes.to_vec()
        });
        assert_eq!(read.unwrap(), Some(entry(position, 1, 3, 10)));
    }
    log.read_each(Position::FIRST.to(Position::new(3)), |position, bytes| {
        (0..4).for_each(|_| on(&next));
        assert_eq!(bytes, entry(position.number(), 1, 3, 10));
    })
    .unwrap();
    let scanned = log.scan(Position::FIRST..=Position::new(3), |position, bytes| {
        (0..4).for_each(|_| on(&next));
        assert_eq!(bytes, entry(position.number(), 1, 3, 10));
        ControlFlow::<()>::Continue(())
    });
    assert!(scanned.unwrap().is_continue());
}
