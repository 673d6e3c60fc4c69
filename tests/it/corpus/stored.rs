//! The files of the corpus: a line an answer, `answer TAB question`.

use crate::harness::data;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// How many of the differing questions a failure names.
const NAMED: usize = 10;

/// Compares answers with those stored under a name, or stores them if that is wished.
pub fn hold(name: &str, answers: &[(String, String)]) {
    let found = written(answers);
    let stored = data(&format!("corpus/{name}.tsv"));
    if env::var_os("STANDING_BLESS").is_some_and(|wish| wish == "1") {
        fs::write(&stored, &found).expect("the corpus can be written");
        return;
    }
    let expected = fs::read_to_string(&stored).unwrap_or_default();
    let differ = differences(&expected, &found);
    if differ.is_empty() {
        assert_eq!(expected, found, "{name}: the order of the questions");
        return;
    }
    let beside = target(&format!("{name}.tsv"));
    fs::write(&beside, &found).expect("a file can be written");
    panic!(
        "{name}: {} of {} answers are others than before; all of them are in {}. The first:\n{}",
        differ.len(),
        answers.len(),
        beside.parent().unwrap_or(Path::new(".")).display(),
        differ[..differ.len().min(NAMED)].join("\n")
    );
}

/// Leaves the whole answers in the target folder, where those of two commits can be compared.
pub fn leave(name: &str, whole: &str) {
    fs::write(target(&format!("{name}.jsonl")), whole).expect("a file can be written");
}

fn target(file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder.join(file)
}

/// The text of a file with these answers.
pub fn written(answers: &[(String, String)]) -> String {
    let lines = answers
        .iter()
        .map(|(question, answer)| format!("{answer}\t{question}\n"));
    lines.collect()
}

/// The questions that two files answer differently, or that only one of them has, in the order of
/// the first.
pub fn differences(expected: &str, found: &str) -> Vec<String> {
    let [before, now] = [expected, found].map(by_question);
    let gone = in_order(expected).filter(|question| before.get(question) != now.get(question));
    let new = in_order(found).filter(|question| !before.contains_key(question));
    gone.chain(new).map(str::to_owned).collect()
}

fn in_order(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| Some(line.rsplit_once('\t')?.1))
}

fn by_question(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter_map(|line| line.rsplit_once('\t'));
    lines.map(|(answer, question)| (question, answer)).collect()
}
