//! What of NEAR's log is listed: by what it is about, by kind, by day.

use super::ask;
use crate::harness::{list, near, number, text};
use serde_json::{Value, json};

/// The ids of the drafts of a list, and the words for their kinds.
fn listed(question: &Value) -> Vec<(String, String)> {
    let answer = ask("LedgerService/ListEntries", question);
    let entries = list(&answer, "entries").iter();
    let told = entries.map(|entry| {
        let id = text(entry, "draft.id").to_owned();
        (id, text(entry, "kind").to_owned())
    });
    told.collect()
}

#[test]
fn entries_are_listed_by_session_and_kind() {
    let of = |id: &str, kind: &str| (id.to_owned(), kind.to_owned());
    let found = listed(&json!({"session": "general-assembly/15", "pageSize": 1000}));
    for expected in [
        of("near-session-ga-15", "session_convened"),
        of("near-decision-ga-15-admissions", "decision_taken"),
        of("near-chair-16", "chair_rotated"),
    ] {
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    }
    let question = json!({"session": "general-assembly/15", "kinds": ["decision_taken"]});
    let decisions = [of("near-decision-ga-15-admissions", "decision_taken")];
    assert_eq!(listed(&question), decisions);
}

#[test]
fn a_terminal_lists_entries() {
    let printed = |arguments: &[&str]| near().cli(["entries"].iter().chain(arguments)).ok();
    let session = ["--session", "general-assembly/15"];
    let decision = printed(&[&session[..], &["--kind", "decision_taken"]].concat());
    let lines: Vec<&str> = decision.lines().collect();
    assert!(lines[0].starts_with("ENTRY  RECORDED"), "{decision}");
    assert!(lines[1].contains("  decision_taken  "), "{decision}");
    let all = ask("LedgerService/GetHead", &json!({}));
    let head = format!(
        "The log stands at position {}.",
        number(&all, "head.position")
    );
    assert_eq!(lines.last(), Some(&head.as_str()));
    // NEAR's history was recorded when the test began, whenever that is.
    let kind = ["--kind", "seat_placed", "--actor", "local/operator"];
    let today = printed(&[&kind[..], &["--recorded-from", "2024-01-01"]].concat());
    assert!(today.contains("  seat_placed  "), "{today}");
    let earlier = printed(&[&kind[..], &["--recorded-to", "2023-12-31"]].concat());
    assert!(
        earlier.starts_with("No such entry is recorded.\n"),
        "{earlier}"
    );
}

#[test]
fn a_terminal_lists_what_may_be_named() {
    let printed = near().cli(["vocabulary", "--on", "2024-09-25"]).ok();
    for line in [
        "general-assembly",
        "sessions to general-assembly/15",
        "regional-government",
        "charter/9-2",
    ] {
        assert!(printed.contains(line), "{line}:\n{printed}");
    }
}
