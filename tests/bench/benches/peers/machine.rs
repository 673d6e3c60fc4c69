//! What the machine is, as the table tells it. What the system does not tell is left open.

use standing_bench::Outcome;
use standing_bench::rounds::percentile;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

/// How often it is measured how long a page takes to the disk, and how large it is.
const SYNCS: usize = 200;
const PAGE: [u8; 4_096] = [7; 4_096];

/// Describes the machine and how busy it is.
pub fn described() -> Outcome<String> {
    let unknown = || "unknown".to_owned();
    let cores = std::thread::available_parallelism()?;
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(unknown);
    let memory = field("/proc/meminfo", "MemTotal").unwrap_or_else(unknown);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| unknown());
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_else(|_| unknown());
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let files = file_system(&std::env::temp_dir()).unwrap_or_else(unknown);
    let sync = sync()?.as_secs_f64() * 1e6;
    Ok(format!(
        "{cores} cores ({model}), {memory} of memory, Linux {}; files on {files}, where a page of \
         4 KiB at the end of a file takes {sync:.0} us to the disk (median of {SYNCS}). Load average before the run: \
         {}.",
        kernel.trim(),
        load.join(", "),
    ))
}

/// Returns what stands after a colon in the first line that begins so.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Returns the kind of the file system that a folder is on.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let (_, kind) = mounts
        .filter(|(at, _)| folder.starts_with(at))
        .max_by_key(|(at, _)| at.len())?;
    Some(kind.to_owned())
}

/// Returns how long it takes to write a page at the end of a file and have it on the disk.
fn sync() -> Outcome<Duration> {
    let mut file = NamedTempFile::new()?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&PAGE)?;
        file.as_file().sync_data()?;
        times.push(begun.elapsed());
    }
    Ok(percentile(&mut times, 500))
}
