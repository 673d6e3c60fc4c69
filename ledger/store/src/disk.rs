//! Room on the disk.

use crate::keys::folder;
use std::io;
use std::path::Path;

/// Returns how many bytes can still be written in the folder of a file, by those who may not use
/// what is kept for root. Where the system does not tell, there is room for ever.
///
/// # Errors
///
/// Fails if the folder is not there or cannot be asked about.
#[cfg(unix)]
pub fn free(path: impl AsRef<Path>) -> io::Result<u64> {
    let found = rustix::fs::statvfs(folder(path.as_ref()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Returns that there is room: this system is not asked.
///
/// # Errors
///
/// Never fails.
#[cfg(not(unix))]
pub fn free(path: impl AsRef<Path>) -> io::Result<u64> {
    let _ = folder(path.as_ref());
    Ok(u64::MAX)
}
