//! Single bits flipped in the files of a small ledger: in every byte of every stored entry, and ten
//! thousand times anywhere. Whatever the ledger then does, it serves no other bytes as if they were
//! those that were recorded.
//!
//! Each flip is tried in a process of its own or one that it shares: a damaged file may end it.
//! `STANDING_LONG=1` tries all of them, otherwise a part, which `STANDING_SEED` picks. All of them,
//! optimised:
//!
//! ```sh
//! STANDING_LONG=1 cargo test --release -p standing-server --test flips -- --nocapture
//! ```
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod plan;
mod questions;
mod scene;
mod trial;

use fastrand::Rng;
use plan::Flip;
use scene::Scene;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;
use trial::{Outcome, trial};

/// The share of the flips anywhere that is tried unless all are asked for.
const SHARE: usize = 20;
/// The share of the flips in entries; the tests of the store flip more of them, and ask less.
const SHARE_OF_ENTRIES: usize = 40;
const SEED: u64 = 20_241_203;
/// How many processes try flips at a time.
const WORKERS: usize = 2;
/// Which flips a process tries: the first, and how far each is from the one before.
const JOB: &str = "STANDING_FLIPS_JOB";
/// What begins a line in which such a process tells how far it is.
const TOLD: &str = "flip ";

#[test]
fn no_byte_of_an_entry_passes_for_another() {
    flips(
        "no_byte_of_an_entry_passes_for_another",
        plan::of_entries,
        SHARE_OF_ENTRIES,
    );
}

#[test]
fn no_bit_of_the_files_passes_for_another() {
    flips(
        "no_bit_of_the_files_passes_for_another",
        plan::anywhere,
        SHARE,
    );
}

/// What is counted, by its name.
type Counts = BTreeMap<String, usize>;

/// Whether all flips are asked for.
pub fn is_long() -> bool {
    std::env::var("STANDING_LONG").is_ok()
}

fn flips(test: &str, plan: fn(&Scene, &mut Rng) -> Vec<Flip>, share: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let begun = Instant::now();
    let scene = runtime.block_on(Scene::new());
    let seed = seed();
    let mut rng = Rng::with_seed(seed);
    let mut flips = plan(&scene, &mut rng);
    if !is_long() {
        rng.shuffle(&mut flips);
        flips.truncate(flips.len() / share);
    }
    if let Ok(job) = std::env::var(JOB) {
        let (first, step) = job.split_once('/').unwrap();
        let (first, step) = (first.parse().unwrap(), step.parse().unwrap());
        return runtime.block_on(work(&scene, &flips, first, step));
    }
    let told = Mutex::new((Counts::new(), Vec::new()));
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (flips, told) = (&flips, &told);
            scope.spawn(move || supervise(test, flips, worker, told));
        }
    });
    let (counts, wrong) = told.into_inner().unwrap();
    println!(
        "{} flips in {} s, STANDING_SEED={seed}: {counts:?}",
        flips.len(),
        begun.elapsed().as_secs()
    );
    let tried: usize = counts.values().sum();
    assert_eq!(tried, flips.len());
    let some: Vec<&String> = wrong.iter().take(40).collect();
    assert!(wrong.is_empty(), "{} are wrong: {some:#?}", wrong.len());
}

fn seed() -> u64 {
    let set = std::env::var("STANDING_SEED").ok();
    set.map_or(SEED, |set| set.parse().unwrap())
}

/// Tries every flip of a job, and tells on the standard error how far it is and how each ended.
async fn work(scene: &Scene, flips: &[Flip], first: usize, step: usize) {
    let folder = scene::folder();
    for (number, flip) in flips.iter().enumerate().skip(first).step_by(step) {
        tell(number, "begun");
        let opened = || tell(number, "opened");
        let outcome = trial(scene, flip, folder.path(), &opened).await;
        tell(number, &format!("ended {}", told_of(flip, &outcome)));
    }
}

/// The most bytes of one line: a pipe takes no more of one writer at once.
const LINE: usize = 3_000;

/// Tells one thing in one piece, on a line of its own, whatever other threads write meanwhile.
fn tell(number: usize, what: &str) {
    let what: String = what.chars().take(LINE / 4).collect();
    let line = format!("\n{TOLD}{number} {what}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Returns one line for an outcome.
fn told_of(flip: &Flip, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Same => "every answer as before".to_owned(),
        Outcome::Refused => "refused".to_owned(),
        Outcome::DataLoss => "DATA_LOSS".to_owned(),
        Outcome::FellBack => "fell back and said so".to_owned(),
        Outcome::Wrong(what) => format!("{WRONG}{flip:?}: {}", what.replace('\n', " ")),
    }
}

const WRONG: &str = "wrong: ";

/// What a line says that tells of a panic.
const PANICKED: &str = "panicked at ";

/// Returns whether redb gave up, and nothing of ours did: on pages that nobody verified it does so
/// in places where nothing can catch it.
fn are_of_redb(panics: &[String]) -> bool {
    let has = |panic: &String, part: &str| panic.contains(part);
    let is_ours = |panic: &String| has(panic, "ledger/") || has(panic, "services/");
    panics.iter().any(|panic| has(panic, "/redb-")) && !panics.iter().any(is_ours)
}

#[test]
fn only_redb_may_give_up() {
    let redb = "thread 'x' panicked at /r/redb-4.6.0/src/tree_store/btree.rs:1:2:".to_owned();
    let ours = "thread 'x' panicked at ledger/store/src/log.rs:1:2:".to_owned();
    let core = "thread 'x' panicked at library/core/src/panicking.rs:1:2:".to_owned();
    assert!(are_of_redb(&[redb.clone(), core.clone()]));
    assert!(!are_of_redb(&[redb, ours.clone()]));
    assert!(!are_of_redb(&[core]) && !are_of_redb(&[ours]) && !are_of_redb(&[]));
}

/// Starts processes that try a worker's flips until all are tried: one that dies leaves the rest to
/// the next.
fn supervise(test: &str, flips: &[Flip], worker: usize, told: &Mutex<(Counts, Vec<String>)>) {
    let mut first = worker;
    while first < flips.len() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture"]);
        command.env(JOB, format!("{first}/{WORKERS}"));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut is_open = false;
        let mut is_begun = false;
        let mut said = String::new();
        let mut panics = Vec::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap_or_default();
            let Some((number, what)) = line
                .strip_prefix(TOLD)
                .and_then(|line| line.split_once(' '))
            else {
                if line.contains(PANICKED) {
                    panics.push(line.clone());
                }
                if !line.is_empty() {
                    said = line;
                }
                continue;
            };
            first = number.parse().unwrap();
            if what == "begun" {
                panics.clear();
            }
            if let Some(outcome) = what.strip_prefix("ended ") {
                note(told, outcome);
                (is_begun, is_open, first) = (false, false, first + WORKERS);
            } else {
                (is_begun, is_open) = (true, what == "opened");
            }
        }
        let status = child.wait().unwrap();
        if first < flips.len() {
            assert!(is_begun, "a process ends between flips: {status}, {said}");
            let outcome = if is_open && flips[first].bare && are_of_redb(&panics) {
                println!("{:?}: {status}, {panics:?}", flips[first]);
                "the process ended, over pages that were not verified".to_owned()
            } else if is_open {
                format!(
                    "{WRONG}{:?}: the process ended while it served: {status}, {said}",
                    flips[first]
                )
            } else {
                "the process ended while it opened the file".to_owned()
            };
            note(told, &outcome);
            first += WORKERS;
        }
    }
}

fn note(told: &Mutex<(Counts, Vec<String>)>, outcome: &str) {
    let (counts, wrong) = &mut *told.lock().unwrap();
    let name = match outcome.strip_prefix(WRONG) {
        Some(what) => {
            wrong.push(what.to_owned());
            WRONG.trim_end_matches(": ")
        }
        None => outcome,
    };
    *counts.entry(name.to_owned()).or_default() += 1;
}
