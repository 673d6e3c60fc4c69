//! Functions are short, and those that are not become shorter.

use super::{check_all, is_measured};
use std::collections::{BTreeMap, BTreeSet};

/// A function longer than this, from `fn` to its last brace, is two functions.
const MAX_LINES: usize = 70;

/// Those that are longer: crate, name, lines. A row says how long its function is, so that it only
/// becomes shorter; where it is not longer than [`MAX_LINES`] any more the row goes.
const LONGER: &str = "
    ledger/domain claim 78
    ledger/domain correction 71
    ledger/domain each_key 142
    ledger/domain event 157
    ledger/domain event 183
    ledger/domain event 87
    ledger/domain event_refs 200
    ledger/domain lay 77
    ledger/domain norm_refs 88
    ledger/domain of_party 85
    ledger/store norms_v1 84
    ledger/store offices 94
    ledger/store open_storage 92
    proto/src from 314
    proto/src read_proposed 205
    services/server sessions_and_committees_are_listed 73
    services/standing rule 75
    services/stream dangerous 110
    services/stream of_config 102
    tests/bench latency 72
    tests/bench law 99
    tests/bench load 71
    tests/it a_full_disk_loses_nothing_and_needs_no_restart 71
";

/// The lengths of the longer functions of one name in one crate, the longest first.
type Longer = BTreeMap<(String, String), Vec<usize>>;

#[test]
fn functions_are_short() {
    let mut found = Longer::new();
    check_all(|path, text| {
        if !is_measured(path) {
            return Vec::new();
        }
        let (functions, broken) = functions(text);
        for (name, lines) in functions {
            if lines > MAX_LINES {
                let key = (crate_of(path).to_owned(), name);
                found.entry(key).or_default().push(lines);
            }
        }
        broken
    });
    let offences = offences(found, table(LONGER));
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn long_functions_are_found_and_rows_are_needed() {
    let long = format!(
        "    fn long(\n    ) {{\n{}    }}\n",
        "        x();\n".repeat(68)
    );
    let text = format!("trait T {{\n    fn declared(\n    );\n    fn one() {{}}\n{long}}}\n");
    assert_eq!(
        functions(&text),
        (vec![("long".to_owned(), 71)], Vec::new())
    );
    assert_eq!(functions("fn endless() {\n").1.len(), 1);
    assert_eq!(functions("pub(crate) async fn f() {\n}\n").0[0].1, 2);
    assert_eq!(crate_of("tests/bench/src/a.rs"), "tests/bench");
    assert_eq!(crate_of("tests/it/a.rs"), "tests/it");
    assert_eq!(crate_of("proto/src/a.rs"), "proto/src");

    let problems = |found: &str, rows: &str| offences(table(found), table(rows)).join("; ");
    assert_eq!(problems("a f 80\na f 75", "a f 75\na f 80"), "");
    assert!(problems("a f 80", "").contains("70 at most"));
    assert!(problems("a f 81", "a f 80").contains("80 at most"));
    assert!(problems("a f 80\na f 71", "a f 80").contains("70 at most"));
    assert!(problems("a f 79", "a f 80").contains("write 79"));
    assert!(problems("", "a f 80").contains("no such function"));
}

/// Compares what is found with what the table knows.
fn offences(mut found: Longer, mut rows: Longer) -> Vec<String> {
    let mut offences = Vec::new();
    let keys = found.keys().chain(rows.keys()).cloned();
    for key in keys.collect::<BTreeSet<_>>() {
        let mut found = found.remove(&key).unwrap_or_default();
        let mut rows = rows.remove(&key).unwrap_or_default();
        found.sort_unstable_by(|a, b| b.cmp(a));
        rows.sort_unstable_by(|a, b| b.cmp(a));
        let name = format!("{} {}", key.0, key.1);
        for at in 0..found.len().max(rows.len()) {
            match (found.get(at), rows.get(at)) {
                (Some(lines), None) => {
                    offences.push(format!("{name}: {lines} lines, {MAX_LINES} at most"));
                }
                (Some(lines), Some(row)) if lines > row => {
                    offences.push(format!("{name}: {lines} lines, {row} at most"));
                }
                (Some(lines), Some(row)) if lines < row => {
                    offences.push(format!("{name}: write {lines} into the table, not {row}"));
                }
                (None, Some(row)) => {
                    offences.push(format!("{name} {row}: there is no such function any more"));
                }
                _ => {}
            }
        }
    }
    offences
}

fn table(rows: &str) -> Longer {
    let mut longer = Longer::new();
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [krate, name, lines] = words[..] else {
            panic!("a row is a crate, a name and lines: {row}");
        };
        let lines = lines.parse().expect("the lines of a row are a number");
        let key = (krate.to_owned(), name.to_owned());
        longer.entry(key).or_default().push(lines);
    }
    longer
}

/// Returns the two folders that a file lies in: the crate, mostly.
fn crate_of(path: &str) -> &str {
    let slash = path.match_indices('/').nth(1);
    slash.map_or(path, |(at, _)| &path[..at])
}

/// Returns the functions that have a body of lines of their own, with their lines, and those whose
/// end is not found. It reads what `cargo fmt` has written: a function ends with the brace that
/// stands below its beginning.
fn functions(text: &str) -> (Vec<(String, usize)>, Vec<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let (mut functions, mut endless) = (Vec::new(), Vec::new());
    for (begin, line) in lines.iter().enumerate() {
        let Some(name) = function(line) else {
            continue;
        };
        let indent = &line[..line.len() - line.trim_start().len()];
        let below = |line: &str| line.strip_prefix(indent).map(str::to_owned);
        let end = (begin..lines.len()).find(|at| {
            let rest = below(lines[*at]).unwrap_or_default();
            rest == "}" || (*at == begin || rest.starts_with(')')) && ends_at_once(&rest)
        });
        match end {
            Some(end) if lines[end].trim() == "}" => {
                functions.push((name.to_owned(), end - begin + 1));
            }
            Some(_) => {}
            None => endless.push(format!("line {}: {name} has no end", begin + 1)),
        }
    }
    (functions, endless)
}

/// Whether a line ends a declaration, or a function of one line.
fn ends_at_once(line: &str) -> bool {
    line.ends_with(';') || line.ends_with('}')
}

/// Returns the name of the function that begins on a line.
fn function(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    while let Some((word, after)) = rest.split_once(' ') {
        if word == "fn" {
            let end = after.find(|c: char| !c.is_alphanumeric() && c != '_');
            return after.get(..end?);
        }
        if !matches!(word, "pub" | "const" | "async") && !word.starts_with("pub(") {
            return None;
        }
        rest = after;
    }
    None
}
