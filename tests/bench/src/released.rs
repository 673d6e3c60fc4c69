//! The ledger's server as it is released: the binary beside the benchmark's own.

use crate::Outcome;
use crate::process::Killed;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_mins(2);

/// How often it is asked whether it is.
const LOOK: Duration = Duration::from_millis(20);

/// Returns where the binary is: what `STANDING_BENCH_BINARY` names, or what was built beside the
/// benchmark.
///
/// # Errors
/// It was not built.
pub fn binary() -> Outcome<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = this.ancestors().nth(2).ok_or("no folder")?;
    let path = std::env::var_os("STANDING_BENCH_BINARY");
    let path = path.map_or_else(|| folder.join("standing"), PathBuf::from);
    if path.exists() {
        Ok(path)
    } else {
        Err("the binary is not there: cargo build --release -p standing".into())
    }
}

/// Starts a server that listens on loopback, with a file for what it says; returns it and its URL
/// once it is ready.
///
/// # Errors
/// It cannot be started, or is not ready within two minutes.
pub fn start(mut command: Command, log: &Path) -> Outcome<(Killed, String)> {
    let said = fs::File::create(log)?;
    command.stdout(said.try_clone()?).stderr(said);
    let mut child = Killed(command.spawn()?);
    let begun = Instant::now();
    loop {
        let told = fs::read_to_string(log)?;
        if let Some((_, after)) = told.split_once(" at http://")
            && let Some((address, _)) = after.split_once(|c: char| c.is_whitespace() || c == '/')
        {
            let url = format!("http://{address}");
            if get(&url, "/healthz").is_ok_and(|body| body.contains("\"serving\"")) {
                return Ok((child, url));
            }
        }
        if begun.elapsed() > PATIENCE || child.0.try_wait()?.is_some() {
            return Err(format!("the server does not get ready:\n{told}").into());
        }
        std::thread::sleep(LOOK);
    }
}

/// Gets what a server has at a path, as HTTP without gRPC.
///
/// # Errors
/// The server cannot be reached, or does not end its answer.
pub fn get(url: &str, path: &str) -> Outcome<String> {
    let address = url.strip_prefix("http://").ok_or("no address")?;
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
