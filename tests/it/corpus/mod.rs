//! The corpus of answers: what the binary answers about every history in the repository, asked of
//! it over gRPC, by a systematic list of questions, and by the command line with `--json`.
//!
//! `tests/data/corpus` holds a digest of every answer, and the whole answers of the command line.
//! No rearrangement of the code may change one. Answers that differ are written whole to the tests'
//! target folder, where those of another commit can be laid beside them. Where an answer is meant
//! to change, `STANDING_BLESS=1` writes the corpus anew:
//!
//! ```sh
//! STANDING_BLESS=1 cargo test -p standing-tests corpus
//! ```

mod asked;
mod scene;
mod stored;
mod tables;

use crate::harness::{Folder, data, near};
use crate::house::tidy::root;
use crate::questions;
use asked::Asked;
use scene::Scene;
use std::path::{Path, PathBuf};

/// Days before, in and after the history of NEAR, and those on which the most of it turns.
const NEAR_DAYS: &[&str] = &[
    "1996-09-11",
    "1996-09-12",
    "2004-09-08",
    "2012-07-15",
    "2024-09-25",
    "2026-01-01",
];

/// What the command line is asked about NEAR; its answers are kept whole.
const COMMANDS: &str = "
    rights cn-qinghai --on 2024-09-25
    rights kr-pohang --right vote --why --on 2024-09-25
    rights ru-kamchatka --right vote --on 2007-06-30 --known-at 300
    holders vote --on 2012-07-15
    roll --on 1997-01-01
    roll --on 2024-09-25
    party cn-liaoning --on 2022-01-01
    chairs --on 2024-09-25
    chairs --office secretary-general --on 2024-01-01
    law charter 9(1) --on 2024-09-25
    law charter 9-2 --on 2024-09-25
    account kr-pohang --on 2024-09-25
    arrears --on 2024-09-25
    committees --on 2024-12-31
    history cn-qinghai
    entry 2
    entry 300
";

#[test]
fn near_answers_as_before() {
    let mut asked = Asked::new(near().client());
    let scene = Scene::of(&asked);
    assert!(scene.parties.len() > 80, "NEAR has its parties");
    asked.systematically(&scene, NEAR_DAYS, &[""], &scene.parties);
    for position in [0, 150, 300, 500, 600] {
        asked.as_known_at(&scene, NEAR_DAYS[4], position);
        for (method, question) in questions::read(questions::NEAR, Some(position)) {
            // What is not asked for a day is asked for today, and lists of all days are not.
            if question.contains(r#""on""#) || method.ends_with("ListEntries") {
                asked.ask(method, &question);
            }
        }
    }
    asked.supposing(&scene, NEAR_DAYS[5]);
    stored::leave("near", &asked.whole());
    stored::hold("near", &asked.digests());
}

#[test]
fn the_command_line_answers_as_before() {
    let asked = Asked::new(near().client());
    let commands = COMMANDS
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let answers = commands.map(|command| {
        let output = near().cli(command.split(' ').chain(["--json"]));
        let answer = match output.code {
            Some(0) => serde_json::from_str(&output.stdout).expect("--json prints JSON"),
            code => panic!("{command} ends with {code:?}: {}", output.stderr),
        };
        (command.to_owned(), asked.plain(answer).to_string())
    });
    stored::hold("near-commands", &answers.collect::<Vec<_>>());
}

#[test]
fn every_other_history_answers_as_before() {
    for (name, file) in histories() {
        let folder = Folder::new();
        let server = folder.serve_with(&["--import".into(), file]);
        let mut asked = Asked::new(server.client());
        let scene = Scene::of(&asked);
        assert!(!scene.entries.is_empty(), "{name} is recorded");
        let bodies: Vec<&str> = scene.bodies.iter().map(String::as_str).collect();
        let bodies = [&[""], &bodies[..]].concat();
        let days = scene.days(6);
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        let last = days[days.len() - 1];
        asked.systematically(&scene, &days, &bodies, &scene.parties);
        asked.under_readings(&scene, &days);
        asked.as_known_at(&scene, last, scene.entries.len() as u64 / 2);
        asked.supposing(&scene, last);
        stored::leave(&name, &asked.whole());
        stored::hold(&name, &asked.digests());
    }
}

/// The histories that are files of drafts and stand on their own; a name and a file.
fn histories() -> Vec<(String, PathBuf)> {
    let mut found = vec![
        ("small".to_owned(), data("small.jsonl")),
        (
            "league".to_owned(),
            root().join("services/server/src/tests/league.jsonl"),
        ),
    ];
    found.extend(named(&root().join("deploy/dues"), "dues-"));
    found
}

fn named(folder: &Path, prefix: &str) -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let files = files.map(|entry| entry.expect("an entry").path());
    let named = files.filter_map(|file| {
        let name = file.file_name()?.to_str()?.strip_suffix(".jsonl")?;
        Some((format!("{prefix}{name}"), file.clone()))
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    named
}

#[test]
fn the_corpus_can_tell() {
    let lines = |answers: &[(&str, &str)]| -> Vec<(String, String)> {
        let owned = answers.iter().map(|(q, a)| (q.to_string(), a.to_string()));
        owned.collect()
    };
    let stored = stored::written(&lines(&[("a question", "1"), ("another", "2")]));
    let differs = |answers| stored::differences(&stored, &stored::written(&lines(answers)));
    assert_eq!(differs(&[("a question", "1"), ("another", "2")]), [""; 0]);
    assert_eq!(
        differs(&[("a question", "1"), ("another", "3")]),
        ["another"]
    );
    assert_eq!(differs(&[("a question", "1")]), ["another"]);
    assert_eq!(
        differs(&[("a question", "1"), ("another", "2"), ("more", "")]),
        ["more"]
    );

    // A party of a real ledger that is another's: the digest of its answer is another.
    let mut asked = Asked::new(near().client());
    let question = |party| format!(r#"{{"party": "{party}", "at": {{"on": "2024-09-25"}}}}"#);
    asked.ask("RightsService/GetStanding", &question("cn-qinghai"));
    asked.ask("RightsService/GetStanding", &question("kr-pohang"));
    let answers = asked.digests();
    assert_ne!(answers[0].1, answers[1].1);
}
