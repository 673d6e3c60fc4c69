//! Kill -9 while a file of the format before is brought to today's: at whatever moment, nothing of
//! it is lost, and the next opening goes on where it was.
//!
//! `STANDING_LONG=1` kills four hundred times, otherwise it is a tenth of that; `STANDING_SEED`
//! picks the moments.

use crate::support::all;
use crate::verify::entry;
use redb::{Builder, TableDefinition};
use standing_store::verify::verify;
use standing_store::{Log, Options};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const WHOLE: u64 = 400;
const SHARE: u64 = 10;
const SEED: u64 = 20_220_915;

/// How many entries the file has, and how many one transaction of the upgrade takes.
const ENTRIES: u64 = 300;
const AT_ONCE: u64 = 10;

/// Names the file to a process that opens it.
const JOB: &str = "STANDING_KILLS_JOB";
/// What such a process tells when it begins, and after each transaction.
const FAR: &str = "so far has come the upgrade: ";

/// The least that is taken for what a transaction takes, in microseconds.
const SHORTEST: u64 = 100;

/// Makes a file as the releases of format 1 did.
fn make_older(path: &Path, entries: &[Vec<u8>]) {
    let meta = TableDefinition::<&str, &[u8]>::new("meta");
    let table = TableDefinition::<u64, &[u8]>::new("entries");
    let database = Builder::new().create(path).unwrap();
    let write = database.begin_write().unwrap();
    let format = 1_u32.to_le_bytes();
    let mut meta = write.open_table(meta).unwrap();
    meta.insert("standing log format", format.as_slice())
        .unwrap();
    drop(meta);
    let mut table = write.open_table(table).unwrap();
    for (position, bytes) in (1..).zip(entries) {
        table.insert(position, bytes.as_slice()).unwrap();
    }
    drop(table);
    write.commit().unwrap();
}

fn options() -> Options {
    Options {
        upgrade_entries: AT_ONCE,
        ..Options::default()
    }
}

/// Opens the file in a process of its own and kills that a while after it has told of so many
/// transactions; returns whether it was still at it.
fn killed(path: &Path, transactions: u64, moment: Duration) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["kills::an_upgrade_killed_at_any_moment_goes_on", "--exact"]);
    command.arg("--nocapture").env(JOB, path);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines();
    let told = said.filter(|line| line.as_ref().is_ok_and(|line| line.contains(FAR)));
    // The first is told before there is any.
    let told = told.take(usize::try_from(transactions).unwrap() + 1);
    assert!(told.count() > 0);
    sleep(moment);
    let was_at_it = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_at_it
}

#[test]
fn an_upgrade_killed_at_any_moment_goes_on() {
    if let Some(path) = std::env::var_os(JOB) {
        eprintln!("{FAR}0");
        let tell = |done, _| eprintln!("{FAR}{done}");
        Log::create_or_open_telling(path, options(), &tell).unwrap();
        return;
    }
    let kills = match std::env::var("STANDING_LONG") {
        Ok(_) => WHOLE,
        Err(_) => WHOLE / SHARE,
    };
    let seed = std::env::var("STANDING_SEED").map_or(SEED, |seed| seed.parse().unwrap());
    let mut state = seed;
    let mut draw = |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let folder = tempfile::tempdir().unwrap();
    let entries: Vec<_> = (1..=ENTRIES).map(|at| entry(at, at, at)).collect();
    let [older, file, copy] = ["older", "file", "copy"].map(|name| folder.path().join(name));
    make_older(&older, &entries);

    // The longest that is waited after it has come so far: what a transaction takes here.
    std::fs::copy(&older, &file).unwrap();
    let begun = Instant::now();
    Log::open_existing(&file, options())
        .unwrap()
        .close()
        .unwrap();
    let transactions = u128::from(ENTRIES / AT_ONCE);
    let longest = u64::try_from(begun.elapsed().as_micros() / transactions).unwrap();
    let longest = longest.max(SHORTEST);

    let (mut done, mut in_time, mut upgraded) = (0, 0, 0);
    while done < kills {
        std::fs::copy(&older, &file).unwrap();
        // Again and again, until it is through.
        loop {
            let was_at_it = killed(
                &file,
                draw(ENTRIES / AT_ONCE),
                Duration::from_micros(draw(longest)),
            );
            done += 1;
            in_time += u64::from(was_at_it);
            std::fs::copy(&file, &copy).unwrap();
            let log = Log::open_existing(&copy, options()).unwrap();
            assert!(all(&log) == entries, "kill {done}, STANDING_SEED={seed}");
            log.close().unwrap();
            let report = verify(&copy).unwrap();
            assert!(report.is_sound(), "kill {done}: {report:#?}");
            if !was_at_it || done >= kills {
                upgraded += 1;
                break;
            }
        }
    }
    println!(
        "{done} kills, {in_time} while it was upgraded, of {upgraded} files, STANDING_SEED={seed}"
    );
    // Each file ends with one that comes too late.
    assert!(in_time > kills / 4, "only {in_time} kills came in time");
}
