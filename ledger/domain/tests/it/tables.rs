//! Tables that a domain expert can proofread: what is recorded, what is refused, what is asked,
//! what is answered.
//!
//! `tests/tables/README.md` explains the line language. Adding a case is adding lines.

pub mod audit;
mod classes;
pub mod language;
pub mod money;
mod parties;
mod question;
mod session;

use standing_domain::audit::Code;
use standing_domain::entry::Content;
use standing_domain::id::position::Position;
use standing_domain::judge::refusal::Refusal;
use standing_domain::state::State;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What every case starts with, unless it says `empty`.
const VOCABULARY: &str = "\
founded near on 1996-09-12
class full
class associate
class special
class observer
right vote
right elect
right participate
body general-assembly
body working-committee
function admit-full
function elect-chair
function delegate-elect-chair
office chair
office secretary-general
adopt charter on 1996-09-12
adopt regulation on 1996-09-12
party cn-qinghai country cn region inland
party cn-liaoning country cn region coast
party jp-hyogo country jp region coast
party kr-pohang kind city country kr region coast
party ru-khabarovsk country ru region coast
party cn-heilongjiang country cn";

#[test]
fn tables_hold() {
    let failures: Vec<String> = files("").iter().flat_map(|file| run(file)).collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_rule_and_every_reason_stands_in_a_table() {
    let text: String = files("")
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for rule in 1..=36 {
        let named = text.lines().any(|line| {
            line.starts_with("= ")
                && line
                    .split([' ', ',', ':'])
                    .collect::<Vec<_>>()
                    .windows(2)
                    .any(|pair| pair[0].starts_with("rule") && pair[1] == rule.to_string())
        });
        assert!(named, "no table names rule {rule}");
    }
    let reasons = "UNKNOWN_PARTY UNKNOWN_CLASS UNKNOWN_RIGHT UNKNOWN_BODY UNKNOWN_FUNCTION \
        UNKNOWN_OFFICE UNKNOWN_SESSION UNKNOWN_DECISION UNKNOWN_INSTRUMENT UNKNOWN_ARTICLE \
        UNKNOWN_COMMITTEE UNKNOWN_PERSON UNKNOWN_ENTRY ALREADY_EXISTS ORDER_MISSING IMPOSSIBLE \
        NOT_HELD ALREADY_CORRECTED OTHER_SLOT RESTED_ON EFFECTIVE_DATE ASSOCIATION UNKNOWN_RULES \
        UNKNOWN_PARTY_KIND UNKNOWN_FUND OTHER_CURRENCY WAIVER_END CONTRADICTION NOT_ANNULLABLE \
        NAME_IN_CLEAR NOT_A_PERSON";
    for reason in reasons.split_whitespace() {
        let named = text.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some("refused") && words.next() == Some(reason)
        });
        assert!(named, "no table is refused with {reason}");
    }
}

#[test]
fn rule_31_every_condition_is_raised_and_not_raised_in_a_table() {
    let text: String = files("")
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for code in Code::all() {
        let question = format!("findings of {} ", code.word());
        let answers = text.lines().filter(|line| line.starts_with(&question));
        let answers: Vec<&str> = answers
            .filter_map(|line| line.split_once(" => "))
            .map(|(_, a)| a)
            .collect();
        let silent = |answer: &&str| answer.starts_with("nothing");
        let word = code.word();
        assert!(
            answers.iter().any(silent),
            "no table shows where {word} is not raised"
        );
        assert!(!answers.iter().all(silent), "no table raises {word}");
    }
}

fn files(folder: &str) -> Vec<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tables")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

/// Runs the tables of a file and returns what does not hold.
fn run(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let mut failures = Vec::new();
    let mut case = Case::new();
    let mut heading = "";
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split(" # ").next().unwrap().trim();
        let outcome = match line.strip_prefix("= ") {
            Some(next) => {
                let outcome = case.settle();
                case = Case::new();
                let last = heading;
                heading = next;
                outcome.map_err(|wrong| format!("{last}: {wrong}"))
            }
            None if line.is_empty() || line.starts_with('#') => Ok(()),
            None => case
                .line(line)
                .map_err(|wrong| format!("{heading}: {line}\n    {wrong}")),
        };
        if let Err(wrong) = outcome {
            let name = file.file_name().unwrap().to_string_lossy();
            failures.push(format!("{name}:{number}: {wrong}"));
        }
    }
    failures.extend(case.settle().err());
    failures
}

/// A table while it runs.
struct Case {
    state: State,
    base: Position,
    batch: Option<Vec<Content>>,
    refused: Vec<Refusal>,
}

impl Case {
    fn new() -> Self {
        let mut state = State::default();
        let drafts: Vec<Content> = VOCABULARY
            .lines()
            .map(|line| language::read(line, Position::ZERO))
            .collect();
        state.record(&drafts).unwrap();
        let base = state.head();
        Self {
            state,
            base,
            batch: None,
            refused: Vec::new(),
        }
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some((question, expected)) = line.split_once(" => ") {
            self.settle()?;
            let found = question::answer(&self.state, self.base, question);
            return if found == expected {
                Ok(())
            } else {
                Err(format!("is {found}"))
            };
        }
        if let Some(expected) = line.strip_prefix("refused ") {
            return self.expect_refusal(expected);
        }
        self.settle()?;
        match line {
            "empty" => {
                self.state = State::default();
                self.base = Position::ZERO;
                Ok(())
            }
            "money" | "assembly" => {
                let more = match line {
                    "money" => money::VOCABULARY,
                    _ => session::VOCABULARY,
                };
                let drafts: Vec<Content> = more
                    .lines()
                    .map(|line| language::read(line, Position::ZERO))
                    .collect();
                self.state.record(&drafts).unwrap();
                self.base = self.state.head();
                Ok(())
            }
            "batch" => {
                self.batch = Some(Vec::new());
                Ok(())
            }
            "end of batch" => {
                let drafts = self.batch.take().unwrap();
                self.record(&drafts);
                Ok(())
            }
            draft => self.draft(draft),
        }
    }

    fn draft(&mut self, line: &str) -> Result<(), String> {
        let (number, text) = match line.split_once(": ") {
            Some((number, text)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                (Some(number), text)
            }
            _ => (None, line),
        };
        let waiting = self.batch.as_ref().map_or(0, Vec::len);
        let next = self.state.head().since(self.base) + waiting as u64 + 1;
        let mut content = language::read(text, self.base);
        self.inherit_order(&mut content);
        match &mut self.batch {
            Some(batch) => batch.push(content),
            None => self.record(&[content]),
        }
        match number {
            Some(number) if number != next.to_string() => Err(format!("is entry {next}")),
            _ => Ok(()),
        }
    }

    /// Does what the engine does before it records: a correction inherits the order of the day
    /// (rule 8).
    fn inherit_order(&self, content: &mut Content) {
        let corrected = content
            .corrects
            .and_then(|target| self.state.content(target));
        if let Some(corrected) = corrected.filter(|_| content.order == 0) {
            content.order = corrected.order;
        }
    }

    fn record(&mut self, drafts: &[Content]) {
        self.refused = self.state.record(drafts).err().unwrap_or_default();
    }

    /// Takes one refusal off the list: the reason, then the entries it collides with.
    fn expect_refusal(&mut self, expected: &str) -> Result<(), String> {
        let shown: Vec<String> = self.refused.iter().map(|r| self.shown(r)).collect();
        match shown.iter().position(|refusal| refusal == expected) {
            Some(place) => {
                self.refused.remove(place);
                Ok(())
            }
            None => Err(format!("refused: {}", shown.join(", "))),
        }
    }

    /// Fails if a refusal was not foreseen.
    fn settle(&mut self) -> Result<(), String> {
        let rest: BTreeSet<String> = self.refused.drain(..).map(|r| r.to_string()).collect();
        if rest.is_empty() {
            Ok(())
        } else {
            let rest: Vec<String> = rest.into_iter().collect();
            Err(format!("refused before this line: {}", rest.join(", ")))
        }
    }

    fn shown(&self, refusal: &Refusal) -> String {
        let mut text = refusal.reason.code().to_owned();
        let first = self.state.head().next();
        let own = refusal.drafts.iter().map(|draft| first.after(*draft));
        for position in refusal.collides.iter().copied().chain(own) {
            text.push(' ');
            text.push_str(&position.since(self.base).to_string());
        }
        text
    }
}
