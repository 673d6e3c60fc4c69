//! Golden files: bytes that some ledger may hold. They are written once, for a new format or kind,
//! and never edited.

use std::fmt::Write as _;
use std::path::PathBuf;

/// Returns where a golden file stands.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
}

/// Compares bytes with a golden file. A file that is missing is written only if
/// `STANDING_BLESS_NEW` is set; one that is there is never touched.
pub fn check(name: &str, bytes: &[u8]) {
    let path = path(name);
    if !path.exists() && std::env::var_os("STANDING_BLESS_NEW").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run once with STANDING_BLESS_NEW=1",
            path.display()
        )
    });
    assert!(
        golden == bytes,
        "{name} is pinned for ever: bytes that were stored once must stay readable.\n\
         Give the change a version of its own.\n golden {}\n    now {}",
        hex(&golden),
        hex(bytes),
    );
}

/// Reads a golden file.
pub fn read(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
