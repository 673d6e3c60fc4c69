//! The binary under test, and its commands.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::SystemTime;
use std::{env, fs};

/// Returns a command that runs the binary, built from the sources as they are now.
pub fn binary() -> Command {
    static PATH: LazyLock<Result<PathBuf, String>> = LazyLock::new(find);
    let path = PATH.as_ref().unwrap_or_else(|problem| panic!("{problem}"));
    let mut command = Command::new(path);
    command.env_remove("STANDING_SERVER");
    command.env_remove("STANDING_TOKEN");
    command
}

/// The tests lie in `deps`, beside which cargo puts the binary; cargo does not build it for them.
fn find() -> Result<PathBuf, String> {
    let advice = "run ./tests/run, or first: cargo build --workspace --lib --bins --tests";
    let tests = env::current_exe().map_err(|error| error.to_string())?;
    let folder = tests.ancestors().nth(2).unwrap_or(Path::new("."));
    let path = folder.join(format!("standing{}", env::consts::EXE_SUFFIX));
    let Some(built) = modified(&path) else {
        return Err(format!("{} is not there; {advice}", path.display()));
    };
    // Beside the binary lies the list of what it was built from.
    let sources = fs::read_to_string(folder.join("standing.d")).unwrap_or_default();
    let newer = sources
        .split_whitespace()
        .skip(1)
        .find(|source| modified(Path::new(source)).is_some_and(|time| time > built));
    match newer {
        None => Ok(path),
        Some(source) => Err(format!(
            "{} is older than {source}; {advice}",
            path.display()
        )),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Returns what it printed; fails if it did not end well.
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.stdout
    }

    /// Returns what it complained of; fails if it did not end with this code, or printed an answer.
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.stdout, "", "an error is no answer");
        self.stderr
    }
}

/// Runs the binary to its end.
pub fn cli<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    let output = binary().args(args).output().expect("the binary runs");
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("answers are UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("complaints are UTF-8"),
    }
}
