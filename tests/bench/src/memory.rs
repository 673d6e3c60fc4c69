//! What this process holds in memory.

use crate::Outcome;

/// Returns the bytes of memory that this process holds, where the system tells (Linux).
///
/// # Errors
/// The system does not tell.
pub fn resident() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmRSS")?;
    Ok(kib.parse::<u64>()? * 1_024)
}
