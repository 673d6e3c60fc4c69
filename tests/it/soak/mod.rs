//! A day in an hour: 64 callers who ask and record, a thousand watches coming and going, a replica,
//! backups, everything read anew time after time, and disks that are full twice. Memory stays what
//! it was, nothing fails that has no reason to, and at the end log, stream and replica are equal.
//!
//! It lasts five minutes, and with `STANDING_LONG=1` an hour at as many calls as a day has at
//! thirty a second; `STANDING_SOAK_MINUTES` says otherwise.

mod callers;
mod scene;
mod tally;
mod watches;

use crate::harness::cli;
use crate::questions;
use crate::questions::NEAR;
use crate::streams::{assert_published, until};
use callers::{CALLERS, Callers};
use scene::{Node, Scene, token_of};
use std::env;
use std::fs;
use std::path::Path;
use std::thread;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tonic::Code;
use watches::Watches;

/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a disk stays full once that is noticed.
const FULL: Duration = Duration::from_secs(5);

/// What a node may hold more than before for each entry it has learned since.
const ENTRY: u64 = 2 << 10;

/// What it may hold more than before whatever it learned: the allocator gives back late.
const SLACK: u64 = 48 << 20;

/// How long it goes on, and how fast.
pub struct Plan {
    lasts: Duration,
    /// How often each of those who ask does, and each of those who record.
    readers: Duration,
    recorders: Duration,
    /// How often all is read anew, and a backup is asked for.
    reloads: Duration,
    /// How often a node makes one by itself, and how long a watch lasts at most, in seconds.
    backups: u64,
    watches: u64,
    disk: &'static str,
}

impl Plan {
    fn read() -> Self {
        let minutes = env::var("STANDING_SOAK_MINUTES");
        let minutes = minutes.ok().map(|minutes| minutes.parse().unwrap());
        let lasts = |default| Duration::from_mins(minutes.unwrap_or(default));
        match env::var("STANDING_LONG") {
            Ok(_) => Self {
                lasts: lasts(60),
                readers: Duration::from_millis(62),
                recorders: Duration::from_millis(800),
                reloads: Duration::from_secs(20),
                backups: 30,
                watches: 60,
                disk: "512m",
            },
            Err(_) => Self {
                lasts: lasts(5),
                readers: Duration::from_secs(2),
                recorders: Duration::from_secs(4),
                reloads: Duration::from_secs(10),
                backups: 10,
                watches: 30,
                disk: "64m",
            },
        }
    }
}

/// What a node held at a moment.
struct Sample {
    after: Duration,
    entries: u64,
    resident: [u64; 2],
    files: [Option<usize>; 2],
}

/// What was seen while it ran.
struct Seen {
    samples: Vec<Sample>,
    reloads: u64,
    backups: u64,
}

#[test]
fn a_day_in_an_hour() {
    let plan = Plan::read();
    let scene = Scene::new(plan.disk, plan.backups);
    let [writer, replica] = [&*scene.nodes[0], &*scene.nodes[1]];
    let imported = writer.reader.head();
    until("the replica is there and has the keys", || {
        replica.reader.head() == imported
            && questions::bytes(&replica.reader, NEAR, None)
                == questions::bytes(&writer.reader, NEAR, None)
    });
    let callers = Callers::new(writer, imported);
    let watches = Watches::begin(&scene.nodes, plan.watches);
    let seen = thread::scope(|scope| {
        for number in 0..CALLERS {
            let (callers, plan) = (&callers, &plan);
            scope.spawn(move || callers.call(number, &[writer, replica], plan));
        }
        let _stops = callers.stops();
        run(&plan, &scene, &callers, imported)
    });
    watches.stop();

    let head = imported + callers.recorded();
    told(&plan, &seen, callers.recorded());
    writer.tally.end("writer");
    replica.tally.end("replica");
    until("the replica has everything", || {
        replica.reader.head() == head
    });
    assert_eq!(writer.reader.head(), head);
    for node in [writer, replica] {
        let complaints = node.complaints();
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
        reads_what_was_written_last(node, seen.reloads);
    }
    assert_equal(&scene, plan.lasts);
    assert_flat(&seen);
}

/// Runs it; returns what was seen meanwhile.
fn run(plan: &Plan, scene: &Scene, callers: &Callers, imported: u64) -> Seen {
    let [writer, replica] = [&*scene.nodes[0], &*scene.nodes[1]];
    let begun = Instant::now();
    let mut seen = Seen {
        samples: Vec::new(),
        reloads: 0,
        backups: 0,
    };
    let mut fills = [(35, writer), (65, replica)].into_iter();
    let mut fill = fills.next();
    let (mut look, mut reload) = (begun, begun + plan.reloads);
    // A short one goes on until every disk was full.
    while begun.elapsed() < plan.lasts || fill.is_some() {
        sleep(look.saturating_duration_since(Instant::now()));
        look = (look + LOOK).max(Instant::now());
        seen.samples.push(Sample {
            after: begun.elapsed(),
            entries: imported + callers.recorded(),
            resident: [writer, replica].map(|node| node.server.resident()),
            files: [writer, replica].map(|node| node.server.open_files()),
        });
        if Instant::now() >= reload {
            reload += plan.reloads;
            seen.reloads += 1;
            scene.reload(seen.reloads);
            let of = [writer, replica][usize::from(seen.reloads % 2 == 1)];
            let written = of.backup("asked.backup");
            // While the disk is full as well: it is another one that backups are written to.
            seen.backups += u64::from(fs::remove_file(written).is_ok());
        }
        if let Some((at, node)) = fill
            && begun.elapsed() >= plan.lasts * at / 100
        {
            full(callers, writer, node);
            fill = fills.next();
        }
    }
    seen
}

/// Fills the disk of a node until it can write nothing, frees it, and waits until all goes on.
fn full(callers: &Callers, writer: &Node, node: &Node) {
    let before = node.failed();
    node.tally.set_full(true);
    callers.set_large(true);
    node.room.fill();
    until("want of room is told", || {
        sleep(LOOK);
        node.failed() > before
    });
    sleep(FULL);
    callers.set_large(false);
    node.room.free();
    let recorded = callers.recorded();
    until("it is recorded again", || callers.recorded() > recorded + 4);
    let head = writer.reader.head();
    until("the node has everything", || node.reader.head() >= head);
    node.tally.set_full(false);
}

/// What was read anew last counts, and what was there before does not.
fn reads_what_was_written_last(node: &Node, round: u64) {
    let by = |round: u64| {
        let client = node.reader.with_token(&token_of(round));
        client.ask("LedgerService/GetHead", "{}")
    };
    until("the last tokens count", || by(round).is_ok());
    assert_eq!(by(round - 1).unwrap_err().code, Code::Unauthenticated);
}

/// The log, the stream and the replica are one: the same entries, answers and backups.
fn assert_equal(scene: &Scene, lasts: Duration) {
    let [writer, replica] = [&*scene.nodes[0], &*scene.nodes[1]];
    assert!(writer.reader.entries() == replica.reader.entries());
    assert_published(&scene.nats.url(), "near", &writer.reader);
    let answers = [writer, replica].map(|node| questions::bytes(&node.reader, NEAR, None));
    questions::assert_same(&answers[0], &answers[1]);
    let [one, other] = [writer, replica].map(|node| node.backup("last.backup"));
    assert!(fs::read(&one).unwrap() == fs::read(other).unwrap());
    for node in [writer, replica] {
        for file in fs::read_dir(node.folder.path().join("backups")).unwrap() {
            verified(&file.unwrap().path());
        }
    }
    // As copied while nothing is written. Served anew, it holds what it has to.
    let anew = writer.room.copied();
    verified(&anew.ledger());
    let server = anew.serve();
    let answers = [&writer.reader, server.client()].map(|of| questions::bytes(of, NEAR, None));
    questions::assert_same(&answers[0], &answers[1]);
    println!(
        "after {} min the writer holds {} MiB, and one that was just started {} MiB",
        lasts.as_secs() / 60,
        writer.server.resident() >> 20,
        server.resident() >> 20
    );
}

fn verified(file: &Path) {
    let said = cli(["verify".as_ref(), file.as_os_str()]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// Prints what was seen.
fn told(plan: &Plan, seen: &Seen, recorded: u64) {
    println!(
        "{} s: {recorded} entries recorded, {} reloads, {} backups asked for",
        plan.lasts.as_secs(),
        seen.reloads,
        seen.backups
    );
    let count = seen.samples.len();
    for tenth in 0..=10 {
        let sample = &seen.samples[(count * tenth / 10).min(count - 1)];
        println!(
            "{:>5} s: {} entries; writer {} MiB, {} files; replica {} MiB, {} files",
            sample.after.as_secs(),
            sample.entries,
            sample.resident[0] >> 20,
            sample.files[0].unwrap_or_default(),
            sample.resident[1] >> 20,
            sample.files[1].unwrap_or_default()
        );
    }
}

/// What a node held late is what it held early, and what it learned since.
fn assert_flat(seen: &Seen) {
    let count = seen.samples.len();
    let (early, late) = (
        &seen.samples[count / 6..count / 3],
        &seen.samples[count * 9 / 10..],
    );
    let learned = late[late.len() - 1].entries - early[0].entries;
    for node in 0..2 {
        let most = |samples: &[Sample]| {
            let held = samples.iter().map(|sample| sample.resident[node]);
            held.max().unwrap_or_default()
        };
        let grown = most(late).saturating_sub(most(early));
        assert!(
            grown <= SLACK + learned * ENTRY,
            "node {node}: {grown} bytes more, and {learned} entries"
        );
        let files = |samples: &[Sample]| {
            let open = samples.iter().filter_map(|sample| sample.files[node]);
            open.max().unwrap_or_default()
        };
        assert!(
            files(late) <= files(early) + 50,
            "node {node}: {:?} files, and {:?}",
            files(early),
            files(late)
        );
    }
}
