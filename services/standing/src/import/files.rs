//! Finding and reading files of drafts.

use crate::failure::Failure;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// A file that was read.
#[derive(Debug)]
pub struct Source {
    /// Its path, as errors name it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl Source {
    /// Counts the lines that hold a draft.
    pub fn lines(&self) -> u64 {
        let drafts = self.text.lines();
        drafts
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|_| 1)
            .sum()
    }
}

/// Reads files, and those of folders in the order of their names, before anything is recorded.
///
/// # Errors
/// A path cannot be read, is not text, or is a folder without such files.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for path in paths {
        for file in files(path)? {
            let text = fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
            let name = file.display().to_string();
            sources.push(Source { name, text });
        }
    }
    Ok(sources)
}

fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| unreadable(path, &error))? {
        let file = entry.map_err(|error| unreadable(path, &error))?.path();
        if file.extension() == Some(OsStr::new("jsonl")) {
            files.push(file);
        }
    }
    if files.is_empty() {
        let problem = format!("{} has no file that ends in .jsonl", path.display());
        return Err(Failure::failed(problem));
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot read {}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_in_the_order_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("02-b.jsonl", "{}\n# not this\n\n{}\n"),
            ("01-a.jsonl", "{}"),
            ("README.md", "not this"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let sources = read(&[folder.path().to_owned()]).unwrap();
        let read: Vec<_> = sources
            .iter()
            .map(|source| (&source.name[source.name.len() - 10..], source.lines()))
            .collect();
        assert_eq!(read, [("01-a.jsonl", 1), ("02-b.jsonl", 2)]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("gone.jsonl");
        let failure = read(&[missing]).unwrap_err().to_string();
        assert!(failure.starts_with("cannot read ") && failure.contains("gone.jsonl: "));
        let failure = read(&[folder.path().to_owned()]).unwrap_err().to_string();
        assert!(failure.ends_with("has no file that ends in .jsonl"));
    }
}
