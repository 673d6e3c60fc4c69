//! The strata of rule 27 of the model as a table: what is answered reads what lies lower, and
//! nothing that lies higher.
//!
//! A file reads those that it names, and those whose answers it asks a point of view for: most of
//! what is answered are methods of `View`, which no `use` line names.

use crate::house::source::{Arrows, Module, arrows_of, texts, without_tests};
use crate::house::tidy::root;
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "ledger/domain/src";

/// The rooms every file of which is of a stratum.
const ROOMS: &[&str] = &["answers", "dues", "law"];

/// The file of the point of view, whose methods stand in many files.
const VIEW: &str = "answers/view";

/// The strata, the lowest first, each with its files. `x/*` is every file of the room `x`.
const STRATA: &[(&str, &str)] = &[
    ("questions", "answers/question"),
    ("recorded acts", "entry/* record/*"),
    ("refusals", "judge/*"),
    (
        "law",
        "answers/competence answers/view dues/built_in dues/built_in/associations
         dues/built_in/intergovernmental dues/contradiction law law/article_line law/condition
         law/facts law/in_force law/row law/rows law/sets law/taking law/uses law/worlds",
    ),
    (
        "accounts",
        "answers/arrears answers/arrears/written_off dues/account dues/case dues/choices dues/paying",
    ),
    (
        "losses and endings",
        "answers/admitted answers/losses answers/losses/endings answers/losses/open_years answers/losses/powers
         answers/losses/suspended answers/losses/takings answers/roll dues/as_if dues/decided
         dues/loss dues/measure dues/points dues/remedy",
    ),
    (
        "rights",
        "answers/changes answers/changes/ahead answers/electorate answers/rights
         answers/rights/money answers/rolls answers/rolls/governing answers/rolls/listing answers/rolls/turned answers/rotation answers/rotation/heirs
         answers/rotation/order answers/rotation/walk answers/session answers/thresholds
         answers/weighing",
    ),
    ("findings", "audit/*"),
];

#[test]
fn every_stratum_reads_lower_ones_only() {
    let found = offences(STRATA, ROOMS, &texts(&root().join(FOLDER)));
    assert!(
        found.is_empty(),
        "the table of this file decides:\n{}",
        found.join("\n")
    );
}

/// Returns what the files of a crate have against a table of strata.
fn offences(
    strata: &[(&str, &str)],
    rooms: &[&str],
    texts: &BTreeMap<Module, String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let mut of: BTreeMap<&Module, usize> = BTreeMap::new();
    for (place, (_, files)) in strata.iter().enumerate() {
        for row in files.split_whitespace() {
            let matched: Vec<&Module> = texts.keys().filter(|file| is_of(row, file)).collect();
            if matched.is_empty() {
                found.push(format!("no such file any more: {row}"));
            }
            for file in matched {
                if of.insert(file, place).is_some() {
                    found.push(format!("of two strata: {}", file.join("/")));
                }
            }
        }
    }
    let mut read = arrows_of(texts);
    add_asked(texts, &mut read);
    for (file, others) in &read {
        let Some(place) = of.get(file).copied() else {
            // A folder's own file that names nobody does no more than list the files in it.
            let in_room = file
                .first()
                .is_some_and(|room| rooms.contains(&room.as_str()));
            if in_room && !(file.len() == 1 && others.is_empty()) {
                found.push(format!("a file without a stratum: {}", file.join("/")));
            }
            continue;
        };
        let mut lower: BTreeSet<usize> = BTreeSet::new();
        for (other, at) in others.iter().filter_map(|other| of.get_key_value(other)) {
            if *at > place {
                let (own, high) = (strata[place].0, strata[*at].0);
                found.push(format!(
                    "{} of {own} reads {} of {high}",
                    file.join("/"),
                    other.join("/")
                ));
            } else if *at < place {
                lower.insert(*at);
            }
        }
        if rooms.contains(&file[0].as_str()) {
            let said = head(strata, place, &lower);
            if !texts[file].lines().any(|line| line == said) {
                found.push(format!("{} does not say: {said}", file.join("/")));
            }
        }
    }
    found
}

fn is_of(row: &str, file: &Module) -> bool {
    match row.strip_suffix("/*") {
        Some(room) => file.first().is_some_and(|first| first == room),
        None => file.join("/") == row,
    }
}

/// The line at the head of a file that says of which stratum it is, and which others it reads.
fn head(strata: &[(&str, &str)], place: usize, lower: &BTreeSet<usize>) -> String {
    let lower: Vec<&str> = lower.iter().map(|at| strata[*at].0).collect();
    let reads = if lower.is_empty() {
        "no other".to_owned()
    } else {
        lower.join(", ")
    };
    format!("//! Stratum (rule 27): {}; reads {reads}.", strata[place].0)
}

/// Adds an arrow from every file that names the point of view to the files that have the methods
/// that it asks it for.
fn add_asked(texts: &BTreeMap<Module, String>, read: &mut Arrows) {
    let mut answered: BTreeMap<String, BTreeSet<&Module>> = BTreeMap::new();
    for (file, text) in texts {
        for method in methods(&without_tests(text)) {
            answered.entry(method).or_default().insert(file);
        }
    }
    for (file, named) in read.iter_mut() {
        if !named.iter().any(|other| other.join("/") == VIEW) {
            continue;
        }
        let text: String = without_tests(&texts[file]).split_whitespace().collect();
        let asked = answered.iter().filter(|(method, _)| {
            let calls = [format!("self.{method}("), format!("view.{method}(")];
            calls.iter().any(|call| text.contains(call))
        });
        named.extend(asked.flat_map(|(_, files)| files.iter().map(|file| (*file).clone())));
        named.remove(file);
    }
}

/// Returns the names of the methods of `View` that a file defines.
fn methods(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !(line.starts_with("impl") && line.contains("> View<")) {
            continue;
        }
        for line in lines.by_ref().take_while(|line| *line != "}") {
            let of_impl = line
                .strip_prefix("    ")
                .filter(|line| !line.starts_with(' '));
            if let Some((_, rest)) = of_impl.and_then(|line| line.split_once("fn ")) {
                let is_end = |c: char| !c.is_alphanumeric() && c != '_';
                let name = rest.split(is_end).next().unwrap_or_default();
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// A crate of a few files, each with its text.
fn small(files: &[(&str, &str)]) -> BTreeMap<Module, String> {
    let files = files.iter().map(|(name, text)| {
        let parts = name.split('/').map(str::to_owned);
        (parts.collect(), (*text).to_owned())
    });
    files.collect()
}

const SMALL: &[(&str, &str)] = &[
    ("record/book", "use std::fmt;"),
    ("answers", "pub mod rights; pub mod view;"),
    (
        "law",
        "//! Stratum (rule 27): law; reads acts.\nuse crate::record::book::B;",
    ),
    (
        "answers/view",
        "//! Stratum (rule 27): law; reads no other.\npub struct View<P>(P);\n\
         impl<P> View<P> {\n    pub fn record(&self) {}\n}\n",
    ),
    (
        "answers/rights",
        "//! Stratum (rule 27): rights; reads law.\nuse crate::answers::view::View;\n\
         impl<P: Parties> View<P> {\n    pub(crate) fn verdict(&self) {\n        self\n            \
         .record();\n    }\n}\n",
    ),
];

#[test]
fn what_reads_a_higher_stratum_or_does_not_say_what_it_reads_is_found() {
    const TABLE: &[(&str, &str)] = &[
        ("acts", "record/*"),
        ("law", "law answers/view"),
        ("rights", "answers/rights"),
    ];
    let said = "//! Stratum (rule 27): law; reads no other.";
    let higher = format!("{said}\nuse crate::answers::rights::Grounds;");
    // So too by asking a point of view, without naming the file.
    let asks = format!(
        "{said}\nuse crate::answers::view::View;\nfn f(view: &View<()>) {{ view.verdict(); }}"
    );
    let unsaid = format!("law does not say: {said}");
    for (file, text, offence) in [
        ("law", said, None),
        (
            "law",
            &*higher,
            Some("law of law reads answers/rights of rights"),
        ),
        (
            "law",
            &*asks,
            Some("law of law reads answers/rights of rights"),
        ),
        ("law", "use std::fmt;", Some(&*unsaid)),
        (
            "answers/roll",
            "use std::fmt;",
            Some("a file without a stratum: answers/roll"),
        ),
    ] {
        let files = small(&[SMALL, &[(file, text)]].concat());
        let found = offences(TABLE, &["answers", "law"], &files);
        assert_eq!(found, Vec::from_iter(offence.map(str::to_owned)));
    }
}

#[test]
fn rows_of_strata_that_match_nobody_or_another_row_are_found() {
    for (table, offence) in [
        ("record/* roll", "no such file any more: roll"),
        ("record/* audit/*", "no such file any more: audit/*"),
        ("record/* record/book", "of two strata: record/book"),
    ] {
        assert_eq!(offences(&[("acts", table)], &[], &small(SMALL)), [offence]);
    }
}
