//! Files with secrets: who else may read them.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// A file with secrets can be read by everybody on this machine.
#[derive(Debug, thiserror::Error)]
#[error("{path} is open to others (mode {mode:03o}): chmod o= {path}")]
pub struct Exposed {
    /// The file.
    pub path: PathBuf,
    /// Its mode.
    pub mode: u32,
}

/// Refuses a file that others may read.
#[cfg(unix)]
pub(crate) fn refuse_exposed(path: &Path, metadata: &Metadata) -> Result<(), Exposed> {
    use std::os::unix::fs::PermissionsExt as _;
    // The group may have it, as with the key file: Kubernetes opens a volume's files to the group
    // of the pod.
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o007 != 0 => Err(Exposed {
            path: path.to_owned(),
            mode,
        }),
        _ => Ok(()),
    }
}

/// Where files have no modes, none is refused.
#[cfg(not(unix))]
pub(crate) fn refuse_exposed(_: &Path, _: &Metadata) -> Result<(), Exposed> {
    Ok(())
}
