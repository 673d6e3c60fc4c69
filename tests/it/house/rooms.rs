//! A crate is a house of rooms: a file at its root, or a folder. Which room may name which stands
//! here.

use crate::house::source::{Arrows, Module, arrows, arrows_down, arrows_down_of, arrows_of};
use crate::house::tidy::root;
use std::collections::{BTreeMap, BTreeSet};

/// A crate, and a row for each of its rooms with those that it names. The root of a crate names
/// whatever it shows, and is left out.
struct House {
    folder: &'static str,
    rooms: &'static str,
}

const HOUSES: &[House] = &[
    House {
        folder: "ledger/domain/src",
        rooms: "
            answers -> dues entry id law record stop text time
            audit   -> answers dues entry id judge law record stop text time
            dues    -> entry id time
            entry   -> id root time
            id      ->
            judge   -> entry id limits record stop time
            law     -> entry id record stop time
            limits  ->
            record  -> entry id stop time
            state   -> answers entry id judge law record
            stop    ->
            text    ->
            time    -> id
            words   -> answers audit dues entry id time
        ",
    },
    House {
        folder: "ledger/store/src",
        rooms: "
            backup   -> envelope leaf tree verify
            codec    -> envelope
            digest   ->
            disk     ->
            envelope -> digest
            guard    ->
            keys     -> digest disk seal
            leaf     ->
            log      -> envelope guard leaf open
            open     -> disk guard leaf verify
            restore  -> backup codec digest disk envelope leaf log open tree
            seal     ->
            tree     -> leaf
            verify   -> codec envelope guard leaf log open tree
        ",
    },
    House {
        folder: "ledger/engine/src",
        rooms: "
            ask      -> clock entry ledger point shared writer
            chain    ->
            clock    ->
            entry    ->
            ledger   -> clock entry point role shared trouble
            open     -> ledger opening recorder replay role shared trouble writer
            opening  -> clock entry
            point    -> entry
            recorder -> ledger role shared trouble writer
            replay   -> entry opening point shared
            role     ->
            shared   -> clock entry point role trouble
            trouble  ->
            writer   -> chain clock entry opening point role shared trouble
        ",
    },
    House {
        folder: "proto/src",
        rooms: "
            ask       -> choice draft limit malformed read root time
            change    -> root
            choice    -> root
            codec     ->
            draft     -> kind limit malformed norm read root time
            entry     -> root time
            json      -> root
            kind      -> root
            limit     ->
            malformed ->
            norm      -> limit read root
            permission -> json root
            read      -> choice limit malformed
            time      -> malformed read root
        ",
    },
    House {
        folder: "services/server/src",
        rooms: "
            access     ->
            audit      -> call dear rights roll words
            call       -> access dear door measured
            changes    -> call dear door ledger
            dear       -> call
            door       -> access call measured
            dues       -> call dear rights words
            law        -> call dear words
            ledger     -> access audit call dear door dues rights roll words
            measured   ->
            rights     -> call dear roll words
            roll       -> call dear law rights words
            serve      -> access audit call changes dear door dues law ledger measured rights roll
            words      -> call
        ",
    },
    House {
        folder: "services/stream/src",
        rooms: "
            connect   -> error retry status
            end       -> names
            error     -> end message settings
            follow    -> connect end error message names publish retry rights status stream
            follower  -> connect end error follow names retry status stream
            message   -> names
            names     ->
            publish   -> connect end error message names retry rights root stream
            publisher -> connect error names publish status
            retry     ->
            rights    -> message names
            settings  ->
            status    -> end error names
            stream    -> connect end error message names settings
        ",
    },
    House {
        folder: "services/standing/src",
        rooms: "
            args     ->
            client   -> args failure render wire
            commands -> args client failure file import output render
            failure  ->
            file     -> args failure nats output
            import   -> client failure output
            nats     -> args failure
            output   -> failure
            render   -> failure
            serve    -> args client failure file import nats output render settings
            settings -> args failure
            wire     -> args failure
        ",
    },
];

/// Files that name each other in a circle, and why: each row is one circle.
const CIRCLES: &[(&str, &[&str], &str)] = &[
    (
        "ledger/domain/src",
        &["judge/dues", "judge/result"],
        "one judgement in two files",
    ),
    (
        "ledger/domain/src",
        &["law/rows", "law/worlds"],
        "one layout in two files: rows are laid out over worlds, worlds are weighed by rows",
    ),
    (
        "ledger/store/src",
        &[
            "log",
            "log/append",
            "log/read",
            "open",
            "open/upgrade",
            "verify",
        ],
        "opening may upgrade, an upgrade verifies first, and what verifies opens",
    ),
];

#[test]
fn rooms_name_only_whom_they_may() {
    let mut offences = Vec::new();
    for house in HOUSES {
        let found = offences_of(house.rooms, &arrows(&root().join(house.folder)));
        offences.extend(
            found
                .into_iter()
                .map(|what| format!("{}: {what}", house.folder)),
        );
    }
    assert!(
        offences.is_empty(),
        "the tables of this file decide which room may name which:\n{}",
        offences.join("\n")
    );
}

#[test]
fn files_name_each_other_in_no_circle_but_those_with_a_reason() {
    let mut offences = Vec::new();
    for house in HOUSES {
        let wanted = CIRCLES
            .iter()
            .filter(|(folder, _, _)| *folder == house.folder);
        let wanted: BTreeSet<Vec<String>> = wanted
            .map(|(_, files, _)| files.iter().map(|&file| file.to_owned()).collect())
            .collect();
        let folder = root().join(house.folder);
        let mut found = circles(&arrows(&folder));
        found.extend(beyond_families(circles(&arrows_down(&folder))));
        offences.extend(found.difference(&wanted).map(|files| {
            format!(
                "{}: a circle without a reason: {}",
                house.folder,
                files.join(" ")
            )
        }));
        offences.extend(wanted.difference(&found).map(|files| {
            format!(
                "{}: no such circle any more: {}",
                house.folder,
                files.join(" ")
            )
        }));
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn every_folder_with_a_room_has_a_table() {
    let listed = std::process::Command::new("git")
        .args(["ls-files", "*/src/lib.rs", "*/src/main.rs"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let listed = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let folders = listed.lines().filter_map(|path| path.rsplit_once('/'));
    // What is there for tests alone has no rooms to keep apart.
    let of_tests = |folder: &str| folder.starts_with("tests/") || folder == "proto/generate/src";
    let folders = folders.filter(|(folder, _)| !of_tests(folder));
    let missing: Vec<&str> = folders
        .map(|(folder, _)| folder)
        .filter(|folder| HOUSES.iter().all(|house| house.folder != *folder))
        .collect();
    assert!(missing.is_empty(), "no table for {missing:?}");
}

/// Returns what a house has against its table.
fn offences_of(table: &str, arrows: &Arrows) -> Vec<String> {
    let table: BTreeMap<&str, BTreeSet<&str>> = table
        .lines()
        .filter_map(|line| line.split_once("->"))
        .map(|(room, named)| (room.trim(), named.split_whitespace().collect()))
        .collect();
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows.iter().filter(|(from, _)| !from.is_empty()) {
        let named = seen.entry(room(from)).or_default();
        named.extend(to.iter().map(room).filter(|to| *to != room(from)));
    }
    let mut offences = Vec::new();
    for (from, named) in &seen {
        let Some(allowed) = table.get(from) else {
            let named: Vec<&str> = named.iter().copied().collect();
            offences.push(format!(
                "a room without a row: {from} -> {}",
                named.join(" ")
            ));
            continue;
        };
        let files = |to: &str| {
            let between = arrows.iter().filter(|(file, _)| room(file) == *from);
            let between = between.filter(|(_, names)| names.iter().any(|name| room(name) == to));
            let files: Vec<String> = between.map(|(file, _)| file.join("/")).collect();
            files.join(" ")
        };
        let beyond = named.difference(allowed);
        offences.extend(beyond.map(|to| format!("{from} may not name {to}: {}", files(to))));
        let unused = allowed.difference(named);
        offences.extend(unused.map(|to| format!("{from} no longer names {to}")));
    }
    let gone = table.keys().filter(|room| !seen.contains_key(*room));
    offences.extend(gone.map(|room| format!("no such room any more: {room}")));
    offences
}

/// The room a file is in: its first name. What the root of a crate holds is `root`.
fn room(module: &Module) -> &str {
    module.first().map_or("root", String::as_str)
}

/// Finds the greatest sets of files each of which reaches all others of the set.
fn circles(arrows: &Arrows) -> BTreeSet<Vec<String>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|from| {
            let mut reached = BTreeSet::new();
            let mut open: Vec<&Module> = arrows[from].iter().collect();
            while let Some(next) = open.pop() {
                if !next.is_empty() && reached.insert(next) {
                    open.extend(&arrows[next]);
                }
            }
            (from, reached)
        })
        .collect();
    let in_circle = reached.iter().filter(|(from, to)| to.contains(**from));
    in_circle
        .map(|(from, to)| {
            let back = to.iter().filter(|to| reached[**to].contains(*from));
            back.map(|file| file.join("/")).collect()
        })
        .collect()
}

/// Leaves out the circles of a file and those below it alone: it is made of them, and they share
/// what stands in it.
fn beyond_families(circles: BTreeSet<Vec<String>>) -> impl Iterator<Item = Vec<String>> {
    circles.into_iter().filter(|files| {
        let is_above = |file: &String| {
            let below = format!("{file}/");
            let mut others = files.iter().filter(|other| *other != file);
            others.all(|other| other.starts_with(&below))
        };
        !files.iter().any(is_above)
    })
}

/// A house of a few files, each with its text.
fn texts(files: &[(&str, &str)]) -> BTreeMap<Module, String> {
    let texts = files.iter().map(|(name, text)| {
        let parts = name.split('/').filter(|part| !part.is_empty());
        (parts.map(str::to_owned).collect(), (*text).to_owned())
    });
    texts.collect()
}

fn house(files: &[(&str, &str)]) -> Arrows {
    arrows_of(&texts(files))
}

#[test]
fn each_rule_can_fail() {
    let files = house(&[
        ("", "pub mod day; pub mod law; pub mod roll;"),
        ("day", "use std::fmt;"),
        ("law", "use crate::day::Day;\n// use crate::roll::Roll;"),
        (
            "law/norm",
            "use super::Law;\nuse crate::{day::Day, law::When};",
        ),
        (
            "roll",
            "#[cfg(test)]\nmod tests {\n    use crate::law::Law;\n}",
        ),
    ]);
    let kept = "
        day  ->
        law  -> day
        roll ->
    ";
    assert_eq!(offences_of(kept, &files), Vec::<String>::new());
    for (table, expected) in [
        (
            "day ->\nlaw ->\nroll ->",
            "law may not name day: law law/norm",
        ),
        ("day ->\nlaw -> day", "a room without a row: roll -> "),
        (
            "day ->\nlaw -> day\nroll -> law",
            "roll no longer names law",
        ),
        (
            "day ->\nlaw -> day\nroll ->\nfee ->",
            "no such room any more: fee",
        ),
    ] {
        assert_eq!(offences_of(table, &files), [expected]);
    }

    assert!(circles(&house(&[("a", "use crate::b::B;"), ("b", "")])).is_empty());
    let tied = house(&[
        ("a", "use crate::b::{C, D};"),
        ("b", "fn f() -> crate::c::C;"),
        ("c", "pub(super) fn f(a: super::a::A) {}"),
        ("d", "use crate::a::A;"),
    ]);
    let circle: BTreeSet<Vec<String>> = [["a", "b", "c"].map(str::to_owned).to_vec()]
        .into_iter()
        .collect();
    assert_eq!(circles(&tied), circle);
}

#[test]
fn a_circle_through_a_file_and_one_below_it_needs_a_reason_where_it_goes_beyond_them() {
    let family = [("a", "mod b;\nfn f() { b::g() }"), ("a/b", "use super::A;")];
    let found = |files: &[(&str, &str)]| {
        let down = circles(&arrows_down_of(&texts(files)));
        beyond_families(down).collect::<Vec<_>>()
    };
    assert_eq!(circles(&arrows_down_of(&texts(&family))).len(), 1);
    assert!(found(&family).is_empty());
    let beyond = [
        ("a", "mod b;\nfn f() { b::g() }"),
        ("a/b", "use crate::c::C;"),
        ("c", "use crate::a::A;"),
    ];
    assert!(circles(&house(&beyond)).is_empty());
    assert_eq!(found(&beyond), [["a", "a/b", "c"].map(str::to_owned)]);
}
