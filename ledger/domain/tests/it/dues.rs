//! Dues: tables that a domain expert can proofread (`tests/tables/dues/`), contradictions, and
//! properties.

mod contradictions;
mod language;
mod properties;

use language::Case;
use standing_domain::dues::built_in::{BUILT_IN, built_in};
use std::fs;
use std::path::Path;

#[test]
fn dues_tables_hold() {
    let failures: Vec<String> = tables()
        .iter()
        .flat_map(|(name, text)| run(name, text))
        .collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_built_in_tier_and_reading_stands_in_a_table() {
    let text: String = tables().into_iter().map(|(_, text)| text).collect();
    let named: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("policy "))
        .collect();
    for name in BUILT_IN {
        let policy = built_in(name).unwrap();
        for (r, reading) in policy.readings.iter().enumerate() {
            for t in 0..reading.tiers.len() {
                let mut line = (*name).to_owned();
                if r > 0 {
                    line.extend([" reading ", reading.name.as_str()]);
                }
                if t > 0 {
                    line.extend([" tier ", &(t + 1).to_string()]);
                }
                assert!(named.contains(&line.as_str()), "no table about {line}");
            }
        }
    }
}

#[test]
fn rules_27_to_30_stand_in_tables() {
    let text: String = tables().into_iter().map(|(_, text)| text).collect();
    for rule in 28..=30 {
        assert!(
            text.contains(&format!("= rule {rule}")),
            "no table names rule {rule}"
        );
    }
}

fn tables() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tables/dues");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(file).unwrap())
        })
        .collect()
}

/// Runs the cases of a file and returns what does not hold.
fn run(name: &str, text: &str) -> Vec<String> {
    let mut failures = Vec::new();
    let mut case = Case::default();
    let mut heading = "";
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split(" # ").next().unwrap().trim();
        if let Some(next) = line.strip_prefix("= ") {
            case = Case::default();
            heading = next;
        } else if let Some((question, expected)) = line.split_once(" => ") {
            let found = case.answer(question);
            if found != expected {
                failures.push(format!(
                    "{name}:{number}: {heading}: {line}\n    is {found}"
                ));
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            case.read(line);
        }
    }
    failures
}
