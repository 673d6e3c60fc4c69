//! Telling what is in a file.

use super::look::look_beside;
use super::verify::kind;
use crate::args;
use crate::failure::Failure;
use crate::output;
use serde_json::Value;

/// Tells what is in a ledger's file or a backup.
///
/// # Errors
/// It cannot be read, or is neither.
pub fn inspect(args: &args::Look) -> Result<(), Failure> {
    let report = look_beside(&args.file, args.scratch.as_deref())?;
    if let Some(unreadable) = report["unreadable"].as_str() {
        let file = args.file.display();
        return Err(Failure::failed(format!(
            "{file}: cannot be read: {unreadable}"
        )));
    }
    if args.form.json {
        return output::say(&format!("{report}\n"));
    }
    output::say(&text(&report))
}

fn text(report: &Value) -> String {
    let sound = if report["sound"] == true {
        "yes"
    } else {
        "NO: standing verify says why"
    };
    let mut rows = vec![
        ("kind", kind(report)),
        ("association", of(report, "association", "none is founded")),
        ("entries", report["entries"].to_string()),
        ("head", report["head"].to_string()),
    ];
    if report["entries"] != 0 {
        rows.push(("recorded from", of(report, "first_recorded", "?")));
        rows.push(("to", of(report, "last_recorded", "?")));
    }
    if report["epoch"] != 0 {
        rows.push(("epoch", report["epoch"].to_string()));
    }
    rows.push(("root", of(report, "root", "?")));
    rows.push(("sound", sound.to_owned()));
    let lines = rows.iter().map(|(what, is)| format!("{what:<14} {is}"));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn of(report: &Value, field: &str, or: &str) -> String {
    report[field].as_str().unwrap_or(or).to_owned()
}
