//! The disk: room on it, and what makes new names durable.

use std::fs::File;
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

/// Returns the folder a file stands in.
#[must_use]
pub fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a rename or a new file in the folder of a file durable.
///
/// # Errors
///
/// Fails if the folder cannot be opened, or the disk fails.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()
    } else {
        Ok(())
    }
}
