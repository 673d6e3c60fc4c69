//! Bad input gets a clear error and writes nothing.
//!
//! Tables of text: a row is what is expected and what is sent, in columns divided by ` | `. A `-`
//! stands for nothing, `BIG` for a text of a mebibyte.

mod drafts;
mod files;
mod points;
mod questions;

use crate::harness::{Client, Failure, Folder, Server};
use crate::recording::small;
use std::sync::LazyLock;
use tonic::Code;

/// A small ledger that all tables share: none of them may change it.
struct World {
    folder: Folder,
    server: Server,
}

/// Runs a test on a small ledger, and fails if that has changed after it.
fn on_small(test: impl FnOnce(&Client)) {
    let world = World::new();
    test(world.server.client());
    assert_eq!(world.server.client().head(), 28, "something was written");
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let server = small(&folder);
        Self { folder, server }
    }
}

/// The columns of the rows of a table.
fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    let rows = table.lines().map(str::trim).filter(|row| !row.is_empty());
    rows.map(|row| {
        let columns = row.splitn(N, " | ").map(str::trim);
        let columns: Vec<_> = columns
            .map(|column| if column == "-" { "" } else { column })
            .collect();
        let count = columns.len();
        columns
            .try_into()
            .unwrap_or_else(|_| panic!("{N} columns, not {count}: {row}"))
    })
}

fn big() -> &'static str {
    static BIG: LazyLock<String> = LazyLock::new(|| "b".repeat(1 << 20));
    &BIG
}

/// Fails unless an error has this code and reason, names the thing, and stays readable.
fn assert_refused<T: std::fmt::Debug>(
    outcome: Result<T, Failure>,
    (code, reason, name): (Code, &str, &str),
    row: &str,
) -> Failure {
    let failure = match outcome {
        Err(failure) => failure,
        Ok(answer) => panic!("{row}: answered {answer:?}"),
    };
    assert_eq!(failure.code, code, "{row}: {failure:?}");
    assert_eq!(failure.reason, reason, "{row}: {failure:?}");
    let said = format!("{} {}", failure.message, failure.violations.join(" "));
    assert!(said.contains(name), "{row}: {name} is not named: {said}");
    assert!(
        said.len() < 8_192,
        "{row}: {} bytes are no clear error",
        said.len()
    );
    failure
}
