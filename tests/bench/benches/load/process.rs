//! What the system tells of a process (Linux).

use standing_bench::Outcome;
use std::fs;
use std::time::{Duration, Instant};

/// Below this share of a core a process counts as idle.
const IDLE: f64 = 0.05;

/// How often it is looked, and over how long a time idleness is judged.
const LOOK: Duration = Duration::from_millis(20);
const WINDOW: Duration = Duration::from_millis(200);

/// How long it is looked for idleness at most.
const PATIENCE: Duration = Duration::from_mins(1);

/// Ticks of a processor's time in a second, as the system counts them.
const TICKS: f64 = 100.0;

/// Returns the bytes that a process holds in memory.
pub fn resident(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?;
    Ok(kib.parse::<u64>()? * 1_024)
}

/// Returns the seconds of processor time that a process has used.
pub fn used(pid: u32) -> Outcome<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    let ticks: f64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<f64>().unwrap_or_default())
        .sum();
    Ok(ticks / TICKS)
}

/// Waits until a process is idle; returns the seconds until the time began over which it was.
pub fn seconds_until_idle(pid: u32) -> Outcome<f64> {
    let begun = Instant::now();
    let mut seen = vec![(Duration::ZERO, used(pid)?)];
    while begun.elapsed() < PATIENCE {
        std::thread::sleep(LOOK);
        seen.push((begun.elapsed(), used(pid)?));
        let (now, total) = seen[seen.len() - 1];
        let before = seen.iter().rev().find(|(then, _)| *then + WINDOW <= now);
        if let Some((then, before)) = before
            && (total - before) / now.saturating_sub(*then).as_secs_f64() < IDLE
        {
            return Ok(then.as_secs_f64());
        }
    }
    Ok(PATIENCE.as_secs_f64())
}
