//! What an auditor finds: every finding on NEAR's history, against the list that was reviewed by
//! hand.

use super::ask;
use crate::harness::{list, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// The columns of the list that the ledger answers; two more say why, and where it is known from.
const COLUMNS: &str = "code\tseverity\tdate\tsession\tparties\tarticles\tmessage";

#[test]
fn every_finding_was_reviewed_and_every_reviewed_finding_is_found() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/near/findings.tsv");
    let reviewed = std::fs::read_to_string(path).expect("the list is there");
    let mut lines = reviewed.lines();
    assert_eq!(lines.next(), Some(&*format!("{COLUMNS}\twhy\tsource")));
    let reviewed: BTreeSet<String> = lines.map(answered).collect();
    let question = json!({"at": {"on": "2025-12-31"}, "pageSize": 1000});
    let answer = ask("AuditService/ListFindings", &question);
    let found: BTreeSet<String> = list(&answer, "findings").iter().map(line).collect();
    let more: Vec<_> = found.difference(&reviewed).collect();
    let fewer: Vec<_> = reviewed.difference(&found).collect();
    assert!(
        more.is_empty() && fewer.is_empty(),
        "found, not reviewed: {more:#?}\nreviewed, not found: {fewer:#?}"
    );
}

/// The columns that the ledger answers; fails unless the others say something.
fn answered(line: &str) -> String {
    let columns: Vec<&str> = line.split('\t').collect();
    let [answered @ .., why, source] = &columns[..] else {
        panic!("{line}")
    };
    assert!(!why.is_empty() && !source.is_empty(), "{line}");
    assert_eq!(answered.len(), COLUMNS.split('\t').count(), "{line}");
    answered.join("\t")
}

fn line(finding: &Value) -> String {
    let words = |key| {
        let words = finding[key].as_array().into_iter().flatten();
        let words: Vec<&str> = words.filter_map(Value::as_str).collect();
        words.join(",")
    };
    let field = |key| finding[key].as_str().unwrap_or_default().to_owned();
    let severity = text(finding, "severity");
    let severity = severity.trim_start_matches("SEVERITY_").to_lowercase();
    [
        field("code"),
        severity,
        field("date"),
        field("session"),
        words("parties"),
        words("articles"),
        field("message"),
    ]
    .join("\t")
}
