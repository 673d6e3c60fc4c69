//! What `tests/tools.sh` installs.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// Finds a tool by its variable, or where `tests/tools.sh` puts it.
pub fn tool(variable: &str, name: &str) -> PathBuf {
    let named = env::var_os(variable).map(PathBuf::from);
    let installed = || {
        crate::house::tidy::root()
            .join("target/tools/python/bin")
            .join(name)
    };
    let path = named.unwrap_or_else(installed);
    assert!(
        path.exists(),
        "{} is not there: run ./tests/run, which installs it and sets {variable}",
        path.display()
    );
    path
}

/// Returns the command promtool.
pub fn promtool() -> Command {
    Command::new(tool("STANDING_TOOLS_PROMTOOL", "promtool"))
}

/// Returns the command prometheus.
pub fn prometheus() -> Command {
    Command::new(tool("STANDING_TOOLS_PROMETHEUS", "prometheus"))
}

/// Returns a command that runs a Python program of `tests/clients`.
pub fn python(program: &str) -> Command {
    let mut command = Command::new(tool("STANDING_TOOLS_PYTHON", "python"));
    command.arg(client(program));
    command.env("PYTHONIOENCODING", "utf-8");
    // The clone stays as it is.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Returns a command that runs a JavaScript program of `tests/clients`.
pub fn node(program: &str) -> Command {
    // Node.js is used where it is found, and otherwise installed beside no command of its own.
    let found = env::var_os("STANDING_TOOLS_NODE").unwrap_or_else(|| "node".into());
    let mut command = Command::new(found);
    command.arg(client(program));
    command
}

fn client(program: &str) -> PathBuf {
    crate::house::tidy::root()
        .join("tests/clients")
        .join(program)
}
