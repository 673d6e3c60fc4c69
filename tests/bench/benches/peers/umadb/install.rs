//! Building the server with cargo, once, into a folder of the target directory.

use standing_bench::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that is built.
pub const VERSION: &str = "0.7.8";

/// What reads its protocol while it is built, where there is no `protoc`, and its version.
const PROTOX: [&str; 2] = ["protox", "0.10.0"];

/// Returns where the server is: what `STANDING_BENCH_UMADB` names, or what was built; builds it
/// if that is not there.
pub fn program() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("STANDING_BENCH_UMADB") {
        return Ok(named.into());
    }
    let this = std::env::current_exe()?;
    let target = this.ancestors().nth(3).ok_or("no target directory")?;
    let root = target.join("peers");
    let program = root.join("bin/umadb");
    if is_built(&program) {
        return Ok(program);
    }
    eprintln!("building UmaDB {VERSION}, which takes minutes, once ...");
    let mut command = install(&root, "umadb", VERSION);
    if !runs("protoc") && std::env::var_os("PROTOC").is_none() {
        let [name, version] = PROTOX;
        let mut protox = install(&root, name, version);
        finish(protox.args(["--features", "bin"]))?;
        command.env("PROTOC", root.join("bin").join(name));
    }
    finish(&mut command)?;
    Ok(program)
}

fn is_built(program: &Path) -> bool {
    let told = Command::new(program).arg("--version").output();
    told.is_ok_and(|told| {
        let told = String::from_utf8_lossy(&told.stdout);
        told.split_whitespace().next_back() == Some(VERSION)
    })
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn install(root: &Path, name: &str, version: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["install", name, "--version", version, "--locked", "--root"])
        .arg(root)
        .arg("--target-dir")
        .arg(root.join("build"));
    command
}

fn finish(command: &mut Command) -> Outcome {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error"))
        .collect();
    Err(format!("it cannot be built: {}", errors.join("; ")).into())
}
