//! Finding and reading files of drafts.

use crate::failure::Failure;
use standing_proto::json::{as_written, draft_lines, read_drafts};
use standing_proto::v1;
use standing_proto::v1::RecordWarning;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, stdin};
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
    /// Reads a file, or the standard input where the path is `-`.
    ///
    /// # Errors
    /// It cannot be read, or is no text in UTF-8.
    pub fn of(file: &Path) -> Result<Self, Failure> {
        let (name, bytes) = if file == Path::new("-") {
            let mut bytes = Vec::new();
            let read = stdin().read_to_end(&mut bytes);
            ("standard input".to_owned(), read.map(|_| bytes))
        } else {
            (file.display().to_string(), fs::read(file))
        };
        let unreadable = |error| Failure::failed(format!("cannot read {name}")).because(&error);
        let bytes = bytes.map_err(unreadable)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text }),
            Err(_) => Err(Failure::failed(format!(
                "cannot read {name}: it is no text in UTF-8; save it as UTF-8"
            ))),
        }
    }

    /// Reads its drafts, each with its line.
    ///
    /// # Errors
    /// Something in it is no draft: all that is wrong is told, by line and field.
    pub fn drafts(&self) -> Result<Vec<(usize, v1::Draft)>, Failure> {
        let (drafts, faults) = read_drafts(&self.name, &self.text);
        match faults.as_slice() {
            [] => Ok(drafts),
            [only] => Err(Failure::refused(only.to_string())),
            several => {
                let name = &self.name;
                let failure = Failure::refused(format!("{name} has {} faults", several.len()));
                Err(several
                    .iter()
                    .map(ToString::to_string)
                    .fold(failure, Failure::detail))
            }
        }
    }

    /// Writes a warning about a draft with its file, its line and its field as the file spells it.
    pub fn warning(&self, number: usize, warning: &RecordWarning) -> String {
        let line = self.text.lines().nth(number.saturating_sub(1));
        let path = warning.field.split_once("].").map(|(_, path)| path);
        let field = match (line, path) {
            (Some(line), Some(path)) => as_written(line, path),
            _ => warning.field.clone(),
        };
        format!(
            "warning: {}:{number}: {field}: {}",
            self.name, warning.message
        )
    }

    /// Counts the lines that hold a draft.
    pub fn lines(&self) -> u64 {
        draft_lines(&self.text).map(|_| 1).sum()
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
            sources.push(Source::of(&file)?);
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
