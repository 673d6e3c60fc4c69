//! Looking at a file: a ledger's on a copy, and in a process of its own, because the storage may
//! panic or abort on what is damaged.

use crate::failure::Failure;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use standing_proto::time::timestamp;
use standing_server::engine::chain;
use standing_server::engine::store::backup;
use standing_server::engine::store::backup::is_backup;
use standing_server::engine::store::verify;
use standing_server::engine::store::verify::Report;
use std::error::Error;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::process::{Command, Output};

/// Copies a ledger's file, and has the copy looked at by another process; a backup is looked at
/// there itself, as it is only read.
///
/// # Errors
/// It cannot be read or copied, is in use, or no process can be started.
pub fn look_beside(file: &Path, scratch: Option<&Path>) -> Result<Value, Failure> {
    let shown = file.display();
    let cannot = |what: String| move |error: io::Error| Failure::failed(what).because(&error);
    if is_backup(file).map_err(cannot(format!("cannot read {shown}")))? {
        return Ok(reported(&run(file)?));
    }
    let mut source = File::open(file).map_err(cannot(format!("cannot read {shown}")))?;
    // A server that has it open holds the lock, and changes it while it is copied.
    match source.try_lock_shared() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::failed(format!("{shown} is in use"))
                .detail("stop the server that has it open, or verify a backup"));
        }
        Err(TryLockError::Error(error)) => {
            return Err(cannot(format!("cannot lock {shown}"))(error));
        }
    }
    let folder = scratch.map_or_else(std::env::temp_dir, Path::to_owned);
    let place = format!("cannot make a copy in {}", folder.display());
    let mut copy = tempfile::Builder::new()
        .prefix("standing-verify-")
        .tempfile_in(&folder)
        .map_err(cannot(place.clone()))?;
    io::copy(&mut source, copy.as_file_mut()).map_err(cannot(place))?;
    drop(source);
    Ok(reported(&run(copy.path())?))
}

fn reported(ended: &Output) -> Value {
    let report = serde_json::from_slice(&ended.stdout).ok();
    // Whatever ended it, it was what the file says.
    report.unwrap_or_else(|| {
        json!({
            "sound": false,
            "unreadable": format!("the storage gave up on it ({})", ended.status),
        })
    })
}

fn run(file: &Path) -> Result<Output, Failure> {
    let cannot = |error: io::Error| {
        Failure::failed("cannot start the process that verifies").because(&error)
    };
    let binary = std::env::current_exe().map_err(cannot)?;
    Command::new(binary)
        .args(["verify", "--in-place"])
        .arg(file)
        .output()
        .map_err(cannot)
}

/// Looks at a file itself.
pub fn look(file: &Path) -> Value {
    match is_backup(file) {
        Ok(true) => look_at_backup(file),
        // What cannot be read is no ledger either, and told as such.
        Ok(false) | Err(_) => match verify::verify(file) {
            Ok(report) => write(&report),
            Err(error) => json!({ "sound": false, "unreadable": of_the_file(&error, file) }),
        },
    }
}

fn look_at_backup(file: &Path) -> Value {
    let verified = match backup::verify(file) {
        Ok(verified) => verified,
        Err(error) => return json!({ "sound": false, "unreadable": of_the_file(&error, file) }),
    };
    let mut report = write(&verified.report);
    report["backup"] = true.into();
    report["sound"] = verified.is_sound().into();
    report["broken"] = verified.trailer.err().map(|error| chain(&error)).into();
    report
}

fn write(report: &Report) -> Value {
    let problems = report
        .problems
        .iter()
        .map(|problem| json!({ "position": problem.position, "problem": chain(&problem.what) }));
    let recorded = report.recorded;
    json!({
        "sound": report.is_sound(),
        "backup": false,
        "broken": null,
        "format": report.format,
        "association": report.association,
        "epoch": report.epoch.number(),
        "entries": report.entries,
        "head": report.head,
        "first_recorded": recorded.map(|(first, _)| timestamp(first).to_string()),
        "last_recorded": recorded.map(|(_, last)| timestamp(last).to_string()),
        "root": HEXLOWER.encode(&report.root),
        "pages": report.pages,
        "fell_back": report.fell_back,
        "count": report.count,
        "problems": problems.collect::<Vec<_>>(),
    })
}

/// Tells an error with its sources, and speaks of the copy as of the file.
fn of_the_file(error: &dyn Error, copy: &Path) -> String {
    let text = chain(error);
    match copy.to_str() {
        Some(copy) if !copy.is_empty() => text.replace(copy, "the file"),
        _ => text,
    }
}
