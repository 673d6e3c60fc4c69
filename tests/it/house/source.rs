//! What the source of a crate says of itself: its files as modules, and which of them names which.

use crate::house::tidy::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A module that is a file, by its path from the root of the crate; the root itself is empty.
pub type Module = Vec<String>;

/// The files of a crate, and for each those that it names. Tests are no part of it.
pub type Arrows = BTreeMap<Module, BTreeSet<Module>>;

/// Reads the sources of a crate: `folder` holds its `lib.rs` or `main.rs`.
pub fn arrows(folder: &Path) -> Arrows {
    arrows_of(&texts(folder))
}

/// The same, with what a module names of those below it without saying where they are.
pub fn arrows_down(folder: &Path) -> Arrows {
    arrows_down_of(&texts(folder))
}

/// Reads the texts of the files of a crate.
pub fn texts(folder: &Path) -> BTreeMap<Module, String> {
    let mut texts = BTreeMap::new();
    read(folder, &Module::new(), &mut texts);
    assert!(!texts.is_empty(), "{} has no sources", folder.display());
    texts
}

/// The Rust files below a folder, tests and generated ones left out, by path from the root.
pub fn rust_files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let listed = fs::read_dir(root().join(folder)).expect("a folder of sources can be listed");
    for file in listed {
        let path = file.expect("a folder of sources can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.expect("a source has a name");
        let below = format!("{folder}/{name}");
        if path.is_dir() && !matches!(name, "tests" | "generated") {
            found.extend(rust_files(&below));
        } else if name != "tests.rs" && Path::new(name).extension().is_some_and(|of| of == "rs") {
            found.push(below);
        }
    }
    found
}

/// Works out who names whom from the texts of the modules.
pub fn arrows_of(texts: &BTreeMap<Module, String>) -> Arrows {
    arrows_from(texts, |_| Vec::new())
}

/// The same, with what a module names of those below it without saying where they are.
pub fn arrows_down_of(texts: &BTreeMap<Module, String>) -> Arrows {
    arrows_from(texts, |module| {
        let last = |other: &Module| other.last().cloned();
        let is_below = |other: &&Module| other.split_last().is_some_and(|(_, up)| up == module);
        texts.keys().filter(is_below).filter_map(last).collect()
    })
}

fn arrows_from(
    texts: &BTreeMap<Module, String>,
    below: impl Fn(&[String]) -> Vec<String>,
) -> Arrows {
    let arrows = texts.iter().map(|(module, text)| {
        let named = paths(&without_tests(text), &below(module)).into_iter();
        let absolute = named.filter_map(|path| absolute(module, &path));
        let mut to: BTreeSet<Module> = absolute
            .filter_map(|path| {
                (0..=path.len())
                    .rev()
                    .find_map(|n| known(texts, &path[..n]))
            })
            .collect();
        to.remove(module);
        (module.clone(), to)
    });
    arrows.collect()
}

fn known(texts: &BTreeMap<Module, String>, path: &[String]) -> Option<Module> {
    texts.contains_key(path).then(|| path.to_vec())
}

fn read(folder: &Path, parent: &Module, texts: &mut BTreeMap<Module, String>) {
    let listed = fs::read_dir(folder).expect("a folder of sources can be listed");
    for file in listed.map(|file| file.expect("a folder of sources can be listed")) {
        let path = file.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if matches!(stem, "tests" | "generated") {
            continue;
        }
        let mut module = parent.clone();
        let is_root = parent.is_empty() && matches!(stem, "lib" | "main");
        if !is_root && stem != "mod" {
            module.push(stem.to_owned());
        }
        if path.is_dir() {
            read(&path, &module, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source can be read");
            texts.insert(module, text);
        }
    }
}

/// Leaves out comments, and modules that are compiled for tests alone.
pub fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let is_module = |line: &&str| line.starts_with("mod ") && line.ends_with('{');
        if line == "#[cfg(test)]" && lines.peek().is_some_and(is_module) {
            for line in lines.by_ref() {
                if line == "}" {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Finds every path that begins with `crate`, `super` or a module below, those in braces one by
/// one.
fn paths(text: &str, below: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let starts = ["crate", "super"].into_iter();
    for start in starts.chain(below.iter().map(String::as_str)) {
        for (at, _) in text.match_indices(&format!("{start}::")) {
            let before = text[..at].chars().next_back();
            let goes_on = before.is_some_and(|c| c.is_alphanumeric() || "_:$".contains(c));
            if !goes_on {
                let first = vec![start.to_owned()];
                branches(&text[at + start.len() + 2..], &first, &mut found);
            }
        }
    }
    found
}

/// Follows a path from after `::` on, and returns how many bytes it takes.
fn branches(text: &str, so_far: &[String], found: &mut Vec<Vec<String>>) -> usize {
    if !text.starts_with('{') {
        let is_end = |c: char| !c.is_alphanumeric() && c != '_' && c != '*';
        let end = text.find(is_end).unwrap_or(text.len());
        let mut path = so_far.to_vec();
        path.push(text[..end].to_owned());
        if let Some(rest) = text[end..].strip_prefix("::") {
            return end + 2 + branches(rest, &path, found);
        }
        found.push(path);
        return end;
    }
    let mut at = 1;
    while at < text.len() && !text[at..].starts_with('}') {
        if text[at..].starts_with(|c: char| c.is_whitespace() || c == ',') {
            at += 1;
        } else {
            // Whatever is no path ends it: a macro may put anything here.
            let taken = branches(&text[at..], so_far, found);
            if taken == 0 {
                break;
            }
            at += taken;
        }
    }
    at + 1
}

/// Turns a path that begins with `crate`, `super` or a module below into one from the root of the
/// crate.
fn absolute(module: &Module, path: &[String]) -> Option<Module> {
    if path[0] == "crate" {
        return Some(path[1..].to_vec());
    }
    if path[0] != "super" {
        return Some([module, path].concat());
    }
    let up = path.iter().take_while(|part| *part == "super").count();
    let parent = module.len().checked_sub(up)?;
    Some([&module[..parent], &path[up..]].concat())
}
