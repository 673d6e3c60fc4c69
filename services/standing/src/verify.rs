//! Verifying a file: on a copy, and in a process of its own, because the storage may panic or abort
//! on what is damaged.

use crate::args;
use crate::failure::Failure;
use crate::output;
use serde_json::{Value, json};
use standing_server::engine::chain;
use standing_server::engine::store::verify;
use standing_server::engine::store::verify::Report;
use std::error::Error;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::NamedTempFile;

/// Verifies a ledger's file, and prints what is wrong with it.
///
/// # Errors
/// The file cannot be copied or read, or is not sound.
pub fn verify(args: &args::Verify) -> Result<(), Failure> {
    if args.in_place {
        return output::say(&format!("{}\n", look(&args.file)));
    }
    let report = look_beside(&args.file, args.scratch.as_deref())?;
    let file = args.file.display();
    if args.form.json {
        output::say(&format!("{report}\n"))?;
    } else {
        output::say(&text(&report, &file.to_string()))?;
    }
    if report["sound"] == true {
        Ok(())
    } else if only_fell_back(&report) {
        Err(Failure::failed(format!("the last commit of {file} does not verify"))
            .detail("what stands before it is sound. After a crash while recording nobody was told of the rest; a start with --expect-head says whether anything acknowledged is missing"))
    } else {
        Err(Failure::failed(format!("{file} is not sound"))
            .detail("do not record into it: restore a backup, or, on a replica, remove the file and follow again"))
    }
}

/// Returns whether all that is wrong is a last commit that does not verify, as a crash leaves it
/// too.
fn only_fell_back(report: &Value) -> bool {
    report["fell_back"] == true && report["pages"].is_null() && report["count"] == 0
}

/// Copies a file, and has the copy looked at by another process.
fn look_beside(file: &Path, scratch: Option<&Path>) -> Result<Value, Failure> {
    let shown = file.display();
    let cannot = |what: String| move |error: io::Error| Failure::failed(what).because(&error);
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
    let ended = run(&copy)?;
    let report = String::from_utf8(ended.stdout).ok();
    let report = report.and_then(|report| serde_json::from_str(&report).ok());
    // Whatever ended it, it was what the file says.
    Ok(report.unwrap_or_else(|| {
        json!({
            "sound": false,
            "unreadable": format!("the storage gave up on it ({})", ended.status),
        })
    }))
}

fn run(copy: &NamedTempFile) -> Result<Output, Failure> {
    let cannot = |error: io::Error| {
        Failure::failed("cannot start the process that verifies").because(&error)
    };
    let binary = std::env::current_exe().map_err(cannot)?;
    Command::new(binary)
        .args(["verify", "--in-place"])
        .arg(copy.path())
        .output()
        .map_err(cannot)
}

/// Looks at a file itself.
fn look(file: &Path) -> Value {
    match verify::verify(file) {
        Ok(report) => write(&report),
        Err(error) => json!({ "sound": false, "unreadable": of_the_file(&error, file) }),
    }
}

fn write(report: &Report) -> Value {
    let problems = report
        .problems
        .iter()
        .map(|problem| json!({ "position": problem.position, "problem": chain(&problem.what) }));
    json!({
        "sound": report.is_sound(),
        "format": report.format,
        "entries": report.entries,
        "head": report.head,
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

/// Writes a report for a person.
fn text(report: &Value, file: &str) -> String {
    if let Some(unreadable) = report["unreadable"].as_str() {
        return format!("{file}: cannot be read\n  {unreadable}\n");
    }
    let verdict = if report["sound"] == true {
        "sound"
    } else if only_fell_back(report) {
        "SOUND BUT FOR ITS LAST COMMIT"
    } else {
        "NOT SOUND"
    };
    let (entries, head) = (&report["entries"], &report["head"]);
    let format = &report["format"];
    let mut lines = vec![
        format!("{file}: {verdict}"),
        format!("  {entries} entries, the last at position {head}; log format {format}"),
    ];
    if report["format"] == 1 {
        lines.push(
            "  entries have no hashes in this format: the next start of a server stores them"
                .to_owned(),
        );
    }
    if let Some(pages) = report["pages"].as_str() {
        lines.push(format!("  pages: {pages}"));
    }
    if report["fell_back"] == true {
        lines.push(
            "  the last commit does not verify: this is the one before. After a crash while recording nobody was told of it"
                .to_owned(),
        );
    }
    let problems = report["problems"].as_array().map_or(&[][..], Vec::as_slice);
    for problem in problems {
        let (position, what) = (&problem["position"], problem["problem"].as_str());
        lines.push(format!("  entry {position}: {}", what.unwrap_or_default()));
    }
    let listed = problems.len() as u64;
    let count = report["count"].as_u64().unwrap_or(listed);
    if count > listed {
        lines.push(format!("  and {} problems more", count - listed));
    }
    lines.join("\n") + "\n"
}
