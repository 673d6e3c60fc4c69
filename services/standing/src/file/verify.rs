//! Verifying a file, and telling what is wrong with it.

use super::look::{look, look_beside};
use crate::args;
use crate::failure::Failure;
use crate::output;
use serde_json::Value;

/// Verifies a ledger's file or a backup, and prints what is wrong with it.
///
/// # Errors
/// The file cannot be copied or read, or is not sound.
pub fn verify(args: &args::Verify) -> Result<(), Failure> {
    let args::Verify {
        look: args,
        in_place,
    } = args;
    if *in_place {
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
    } else if report["backup"] == true {
        Err(Failure::failed(format!("{file} is not sound")).detail(
            "restore another backup: of the same ledger each holds what the one before holds",
        ))
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
    let mut lines = vec![
        format!("{file}: {verdict}"),
        format!(
            "  {entries} entries, the last at position {head}; {}",
            kind(report)
        ),
    ];
    if let Some(broken) = report["broken"].as_str() {
        lines.push(format!("  {broken}"));
    }
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

/// Writes what sort of file it is.
pub fn kind(report: &Value) -> String {
    if report["backup"] == true {
        return "a backup".to_owned();
    }
    format!("log format {}", report["format"])
}
