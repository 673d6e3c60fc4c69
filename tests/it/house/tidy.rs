//! Rules that every file of the clone keeps.

mod comments;
mod functions;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// A file longer than this is two files.
const MAX_LINES: usize = 500;

/// Where [`MAX_LINES`] holds: what people write.
const MEASURED: &[&str] = &["ledger/", "services/", "proto/", "tests/"];

/// What a generator writes; `proto/generate` holds it against the contract.
const GENERATED: &str = "proto/src/generated/";

/// What no Rust file says: a test that does not run, and code that is not there. Written in two
/// halves, as all patterns here, so that this file keeps its own rules.
const UNFINISHED: &[&str] = &[
    concat!("#[", "ignore"),
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
];

/// Folders in which people and build machines keep their clones.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "Users/"),
    concat!("/", "work/"),
    concat!("C:", "\\Users\\"),
];

/// The root of the clone.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .expect("the clone has a root")
}

#[test]
fn rust_files_are_short() {
    check(|path, text| {
        let lines = text.lines().count();
        (is_measured(path) && lines > MAX_LINES)
            .then(|| format!("{lines} lines, {MAX_LINES} at most"))
            .into_iter()
            .collect()
    });
}

/// A folder with more source files of its own than this has rooms in it that nobody has drawn.
const MAX_FILES: usize = 15;

#[test]
fn folders_are_small() {
    let crowded = crowded(&files());
    assert!(crowded.is_empty(), "{}", crowded.join("\n"));
}

/// Finds the folders with too many Rust files of their own.
fn crowded(files: &[String]) -> Vec<String> {
    let mut folders = BTreeMap::<&Path, usize>::new();
    for path in files.iter().filter(|path| is("rs", path)) {
        *folders
            .entry(Path::new(path).parent().unwrap_or(Path::new("")))
            .or_default() += 1;
    }
    let crowded = folders.into_iter().filter(|(_, count)| *count > MAX_FILES);
    crowded
        .map(|(folder, count)| format!("{}: {count} files, {MAX_FILES} at most", folder.display()))
        .collect()
}

#[test]
fn nothing_is_left_unfinished() {
    check(|path, text| {
        if is("rs", path) {
            containing(text, UNFINISHED)
        } else {
            Vec::new()
        }
    });
}

#[test]
fn no_file_names_a_machine() {
    check(|_, text| machine_paths(text));
}

#[test]
fn links_between_documents_resolve() {
    let files = files();
    check(|path, text| {
        if is("md", path) {
            broken_links(path, text, &files)
        } else {
            Vec::new()
        }
    });
}

#[test]
fn each_check_can_fail() {
    assert_eq!(
        containing(concat!("a\n    to", "do!()\n"), UNFINISHED).len(),
        1
    );
    assert_eq!(
        machine_paths(concat!("x = \"/", "home/ada/clone\"")).len(),
        1
    );
    assert_eq!(machine_paths(concat!("cd /", "work/clone")).len(), 1);
    assert_eq!(
        machine_paths("see ../home/ada, $HOME/home/x, https://a.example/home/x").len(),
        0
    );

    let sixteen: Vec<String> = (0..16).map(|n| format!("src/room/f{n}.rs")).collect();
    assert_eq!(crowded(&sixteen[1..]), Vec::<String>::new());
    assert_eq!(crowded(&sixteen), ["src/room: 16 files, 15 at most"]);

    let files = ["README.md", "docs/a.md", "docs/b c.md"].map(String::from);
    let broken = |text| broken_links("docs/a.md", text, &files).len();
    assert_eq!(
        broken("[up](../README.md#top) [self](#x) [b](<b c.md>) [web](https://a.example)"),
        0
    );
    assert_eq!(
        broken("[folder](../docs) [root](..) [t](a.md \"title\")\n\n[r]: ../README.md"),
        0
    );
    assert_eq!(broken("`[code](gone.md)`\n```\n[code](gone.md)\n```\n"), 0);
    assert_eq!(
        broken("[gone](gone.md) ![image](gone.svg)\n[r]: gone.md\n[out](../../x.md)"),
        4
    );
}

/// Runs one rule over all text files and fails with everything it found.
fn check(rule: impl Fn(&str, &str) -> Vec<String>) {
    check_all(rule);
}

/// Runs a rule that remembers what it saw over all text files, and fails with everything it found.
fn check_all(mut rule: impl FnMut(&str, &str) -> Vec<String>) {
    let mut offences = Vec::new();
    for path in files() {
        // A file may be deleted and not yet committed.
        let Ok(bytes) = fs::read(root().join(&path)) else {
            continue;
        };
        let found = rule(&path, &String::from_utf8_lossy(&bytes));
        offences.extend(found.into_iter().map(|what| format!("{path}: {what}")));
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

/// Whether a file is Rust that people write.
fn is_measured(path: &str) -> bool {
    let measured = MEASURED.iter().any(|folder| path.starts_with(folder));
    is("rs", path) && measured && !path.starts_with(GENERATED)
}

fn is(extension: &str, path: &str) -> bool {
    Path::new(path).extension() == Some(OsStr::new(extension))
}

fn containing(text: &str, patterns: &[&str]) -> Vec<String> {
    let numbered = text.lines().enumerate();
    numbered
        .filter(|(_, line)| patterns.iter().any(|pattern| line.contains(pattern)))
        .map(|(index, line)| format!("line {}: {}", index + 1, line.trim()))
        .collect()
}

/// Finds absolute paths only: what precedes the folder must not continue a path or an address.
fn machine_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in MACHINE_FOLDERS {
        for (at, _) in text.match_indices(folder) {
            let before = text[..at].chars().next_back();
            let inside = before.is_some_and(|c| c.is_alphanumeric() || "/._-}~".contains(c));
            if !inside {
                let line = text[..at].lines().count().max(1);
                found.push(format!(
                    "about line {line}: an absolute path under {folder}"
                ));
            }
        }
    }
    found
}

/// Follows inline links, images and reference definitions outside code.
fn broken_links(path: &str, text: &str, files: &[String]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second piece stands between backticks.
        let prose: String = line.split('`').step_by(2).collect();
        let inline = prose.split("](").skip(1);
        let reference = prose
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
            .map(|(_, to)| to);
        for target in inline
            .filter_map(inline_target)
            .chain(reference.map(first_word))
        {
            if !resolves(path, target, files) {
                broken.push(format!("the link to {target} leads nowhere"));
            }
        }
    }
    broken
}

fn inline_target(after: &str) -> Option<&str> {
    match after.strip_prefix('<') {
        Some(quoted) => quoted.split('>').next(),
        None => after.split(')').next().map(first_word),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

fn resolves(from: &str, target: &str, files: &[String]) -> bool {
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    let target = target.split('#').next().unwrap_or_default();
    if elsewhere || target.is_empty() {
        return true;
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    // A leading slash means the root of the clone, as on the usual forges.
    let joined = match target.strip_prefix('/') {
        Some(from_root) => PathBuf::from(from_root),
        None => folder.join(target),
    };
    let mut path = PathBuf::new();
    for component in joined.components() {
        match component {
            Component::ParentDir if !path.pop() => return false,
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    files.iter().any(|file| Path::new(file).starts_with(&path))
}

/// All files of the clone, relative to its root: those git knows or would add, and without git
/// whatever is there except build output.
fn files() -> Vec<String> {
    let root = root();
    let files = git_files(&root).unwrap_or_else(|| {
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files
    });
    assert!(
        files.iter().any(|file| file == "Cargo.toml"),
        "no files found in {}",
        root.display()
    );
    files
}

fn git_files(root: &Path) -> Option<Vec<String>> {
    // An unpacked archive may lie inside another checkout, which knows nothing of its files.
    if !root.join(".git").exists() {
        return None;
    }
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(names.split_terminator('\0').map(String::from).collect())
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the clone can be listed") {
        let entry = entry.expect("a folder of the clone can be listed");
        let path = entry.path();
        let name = entry.file_name();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if name != "target" && name != ".git" {
                walk(root, &path, files);
            }
        } else if let Ok(relative) = path.strip_prefix(root) {
            files.push(relative.to_string_lossy().into_owned());
        }
    }
}
