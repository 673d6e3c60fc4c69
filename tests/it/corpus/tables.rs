//! The tables' histories, case by case: each is recorded into a ledger of its own.
//!
//! `tests/data/corpus/tables` holds what the cases of the domain's tables record, as drafts, and
//! the words they start with. A line is a case, what it starts with, or a batch; a batch that the
//! tables foresee to be refused says so.

use super::asked::Asked;
use super::scene::Scene;
use super::{named, stored};
use crate::harness::{Client, Folder, batch, data, json_lines, list, text};
use serde_json::{Value, json};

#[test]
fn the_tables_answer_as_before() {
    let files = named(&data("corpus/tables"), "tables-");
    let files: Vec<_> = files
        .into_iter()
        .filter(|(name, _)| !name.starts_with("tables-start-"))
        .collect();
    assert_eq!(files.len(), 16, "files of tables");
    // Starting a server waits more than it works.
    let next = std::sync::Mutex::new(files.iter());
    let take = || next.lock().expect("no other has failed").next();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some((name, file)) = take() {
                    let lines = json_lines(file);
                    let cases = lines.chunk_by(|_, line| line.get("case").is_none());
                    let answers: Vec<_> = (1..)
                        .zip(cases)
                        .flat_map(|(n, case)| answers(n, case))
                        .collect();
                    stored::hold(name, &answers);
                }
            });
        }
    });
}

/// Records a case and asks about it; the answers of a method have one line, as many as they are.
fn answers(number: usize, case: &[Value]) -> Vec<(String, String)> {
    let folder = Folder::new();
    let server = folder.serve();
    let started = case.iter().map(|line| text(line, "start"));
    let mut starts = vec!["vocabulary"];
    for start in started.filter(|start| !start.is_empty()) {
        match start {
            "empty" => starts.clear(),
            more => starts.push(more),
        }
    }
    let mut told = Vec::new();
    for start in starts {
        for line in json_lines(&data(&format!("corpus/tables/start-{start}.jsonl"))) {
            told.push(recorded(server.client(), told.len(), &line));
        }
    }
    for line in case.iter().filter(|line| line.get("drafts").is_some()) {
        told.push(recorded(server.client(), told.len(), line));
    }
    let mut asked = Asked::new(server.client());
    let scene = Scene::of(&asked);
    let days = scene.days(2);
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let written = json!(case).to_string();
    let about = scene
        .parties
        .iter()
        .filter(|party| written.contains(&format!("{party:?}")));
    let about: Vec<String> = about.cloned().collect();
    asked.systematically(&scene, &days, &[""], &about);
    let heading = text(&case[0], "case");
    let mut lines = vec![(
        format!("{number}. {heading}: recorded"),
        Value::from(told).to_string(),
    )];
    let grouped = asked.grouped();
    lines.extend(
        grouped
            .into_iter()
            .map(|(method, digest)| (format!("{number}. {method}"), digest)),
    );
    lines
}

/// Records a batch; returns where it stands, or why it is refused.
fn recorded(client: &Client, number: usize, line: &Value) -> Value {
    let drafts = list(line, "drafts").iter().enumerate().map(|(i, draft)| {
        let mut draft = draft.clone();
        draft["id"] = json!(format!("draft-{number}-{i}"));
        draft.to_string()
    });
    let drafts: Vec<String> = drafts.collect();
    let outcome = client.record(&batch(&format!("batch-{number}"), &drafts.join("\n")));
    let foreseen = line.get("refused").is_some();
    assert_eq!(outcome.is_err(), foreseen, "{line}: {outcome:?}");
    match outcome {
        Ok(answer) => json!(answer.last_position),
        Err(failure) => json!([failure.reason, failure.violations]),
    }
}
