//! Opening a ledger: entries a second, and what is then held in memory. Each time in a process of
//! its own, so that nothing is left over from before.

use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::memory::resident;
use standing_bench::rounds::{median, rate};
use standing_bench::table::{Bound, Table};
use standing_bench::world;
use standing_bench::world::LONG;
use standing_engine::{Options, Recorder};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What makes this binary a process that opens one ledger.
pub const CHILD_FLAG: &str = "--open-and-tell";

/// What redb may cache while memory is measured: the rest is the ledger's own.
const SMALL_CACHE: usize = 1 << 20;

/// Opens a ledger and prints the seconds it took, and the bytes of memory that it then holds.
pub fn open_and_tell(path: &Path) -> Outcome {
    let mut options = Options::default();
    if std::env::var_os("STANDING_BENCH_SMALL_CACHE").is_some() {
        options.log.cache_bytes = SMALL_CACHE;
    }
    let before = resident()?;
    let start = Instant::now();
    let engine = Recorder::open(path, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{seconds} {}", resident()?.saturating_sub(before));
    drop(engine);
    Ok(())
}

pub fn replay(scale: &Scale, table: &mut Table) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ledger.redb");
    world::build(&path, scale.replayed, LONG)?;
    let entries = u64::from(scale.replayed) * LONG.len() as u64;
    let mut rates = Vec::new();
    for _ in 0..scale.rounds {
        let (seconds, _) = told(&path, false)?;
        rates.push(rate(entries, std::time::Duration::from_secs_f64(seconds)));
    }
    let what = format!("replay of {entries} entries");
    table.value(&what, "/s", median(rates), Some(Bound::AtLeast(1.5e6)));

    let (_, bytes) = told(&path, true)?;
    let what = format!(
        "memory a party, {} parties of {} entries",
        scale.replayed,
        LONG.len()
    );
    let each = bytes / f64::from(scale.replayed);
    table.value(&what, "bytes", each, Some(Bound::AtMost(1_024.0)));
    Ok(())
}

fn told(path: &Path, small_cache: bool) -> Outcome<(f64, f64)> {
    let mut child = Command::new(std::env::current_exe()?);
    child.arg(CHILD_FLAG).arg(path);
    if small_cache {
        child.env("STANDING_BENCH_SMALL_CACHE", "1");
    }
    let output = child.output()?;
    let text = String::from_utf8(output.stdout)?;
    let (seconds, bytes) = text
        .trim()
        .split_once(' ')
        .ok_or("the child said nothing")?;
    Ok((seconds.parse()?, bytes.parse()?))
}
