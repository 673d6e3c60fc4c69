//! Answers as a person reads them. Nothing here asks anything: an answer goes in, text comes out,
//! the same on a terminal and in a pipe.

pub mod committees;
pub mod dues;
pub mod entry;
pub mod findings;
pub mod law;
pub mod office;
pub mod party;
pub mod rights;
pub mod roll;
pub mod session;
pub mod stream;
mod table;
pub mod time;
pub mod watch;
pub mod weighing;

pub use table::table;

use crate::failure::Failure;
use prost_types::Timestamp;
use standing_proto::json::to_json_pretty;
use standing_proto::v1;
use standing_proto::v1::{Confidence, CountRange, Support, Verdict};
use std::fmt;

/// How many columns a paragraph or a table has at most, where its words allow.
const WIDTH: u16 = 120;

/// Writes a response as canonical protobuf JSON.
///
/// # Errors
/// The response has no form in JSON.
pub fn json<M: prost::Name>(message: &M) -> Result<String, Failure> {
    to_json_pretty(message)
        .map(|text| text + "\n")
        .map_err(|error| Failure::failed("the answer cannot be written as JSON").because(&error))
}

/// Writes a verdict.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "HELD",
        Verdict::NotHeld => "NOT HELD",
        Verdict::Undetermined => "UNDETERMINED",
        Verdict::Unspecified => "NOT ANSWERED",
    }
}

/// Writes how a norm is known; nothing where no norm bears on an answer.
pub fn support(support: Support) -> &'static str {
    match support {
        Support::Text => "text",
        Support::Attested => "attested",
        Support::Presumed => "presumed",
        Support::Unknown => "unknown",
        Support::Unspecified => "",
    }
}

/// Writes how sure the sources make an entry. Not said is confirmed.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Unspecified | Confidence::Confirmed => "confirmed",
        Confidence::Inferred => "inferred",
        Confidence::Disputed => "disputed",
        Confidence::Unconfirmed => "unconfirmed",
    }
}

/// Writes what an answer was computed from, as its last line.
pub fn basis(basis: Option<&v1::Basis>) -> String {
    let Some(basis) = basis else {
        return String::new();
    };
    let known = known(basis);
    if basis.on.is_empty() {
        return format!("\nAs {known}.\n");
    }
    let founding = match (basis.before_founding, basis.founding.as_str()) {
        (false, _) => String::new(),
        (true, "") => ", when no founding was known".to_owned(),
        (true, founding) => format!(", before the founding on {founding}"),
    };
    format!("\nOn {}{founding}, as {known}.\n", basis.on)
}

/// Writes what an answer was computed from that is about no date.
pub fn knowledge(basis: Option<&v1::Basis>) -> String {
    basis.map_or_else(String::new, |basis| {
        let known = known(basis);
        format!("\nAs {known}.\n")
    })
}

fn known(basis: &v1::Basis) -> String {
    let position = match basis.epoch {
        0 => basis.position.to_string(),
        // As `--known-at` takes it.
        epoch => format!("{}@{epoch}", basis.position),
    };
    let known = match &basis.record_time {
        Some(time) => format!("known at position {position}, recorded {}", instant(time)),
        None => format!("known at position {position}"),
    };
    let known = match &basis.instant {
        Some(now) if basis.now => {
            format!("{known}, which is all that is known now, {}", instant(now))
        }
        Some(asked) => format!("{known}, the last by {}", instant(asked)),
        None => known,
    };
    match basis.assumed {
        0 => known,
        1 => format!("{known}; hypothetical: 1 draft assumed on top, nothing recorded"),
        count => format!("{known}; hypothetical: {count} drafts assumed on top, nothing recorded"),
    }
}

/// Writes an instant to the second, in UTC.
pub fn instant(time: &Timestamp) -> String {
    let text = time.to_string();
    match text.split_at_checked(19) {
        Some((seconds, _)) => format!("{} UTC", seconds.replace('T', " ")),
        None => text,
    }
}

/// Writes a count: `12..32` where not everything is known.
pub fn range(count: Option<&CountRange>) -> String {
    match count {
        None => "0".to_owned(),
        Some(count) if count.unbounded && count.certain == 0 => "not known how many".to_owned(),
        Some(count) if count.unbounded => format!("{} or more", count.certain),
        Some(count) if count.certain == count.possible => count.certain.to_string(),
        Some(count) => format!("{}..{}", count.certain, count.possible),
    }
}

/// Writes an entry, and the one that annulled it if one did.
pub fn annulled(entry: u64, by: u64) -> String {
    match by {
        0 => entry.to_string(),
        by => format!("{entry}, annulled by {by}"),
    }
}

/// Writes the classes a party may have.
pub fn classes(classes: &[String]) -> String {
    if classes.iter().all(String::is_empty) {
        return "no class".to_owned();
    }
    let mut words: Vec<&str> = classes.iter().map(String::as_str).collect();
    words.sort_by_key(|class| class.is_empty());
    let words = words
        .into_iter()
        .map(|class| if class.is_empty() { "none" } else { class });
    words.collect::<Vec<_>>().join(" or ")
}

/// Joins texts that say something.
pub fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    let texts = texts.into_iter().filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(separator)
}

/// Counts things in words: `1 entry`, `2 entries`.
pub fn counted(count: impl fmt::Display, one: &str, many: &str) -> String {
    let count = count.to_string();
    let what = if count == "1" { one } else { many };
    format!("{count} {what}")
}

/// Writes the name in English, else the first.
pub fn name(names: &[v1::Name]) -> &str {
    let english = names.iter().find(|name| name.language == "en");
    english.or(names.first()).map_or("", |name| &name.text)
}

/// Writes all names.
pub fn names(names: &[v1::Name]) -> String {
    joined(names.iter().map(|name| name.text.as_str()), ", ")
}

/// A text that is written line by line.
pub trait Lines {
    /// Appends a line.
    fn line(&mut self, line: &str);
}

impl Lines for String {
    fn line(&mut self, line: &str) {
        self.push_str(line);
        self.push('\n');
    }
}

/// Moves every line to the right.
pub fn indented(text: &str, by: usize) -> String {
    let mut indented = String::new();
    for line in text.lines() {
        if !line.is_empty() {
            indented.extend(std::iter::repeat_n(' ', by));
            indented.push_str(line);
        }
        indented.push('\n');
    }
    indented
}

/// Breaks a text into lines, and moves them to the right.
pub fn paragraph(text: &str, by: u16) -> String {
    indented(&table::wrapped(text, WIDTH - by), by.into())
}

/// Writes an item of a list, broken into lines that begin below its first word.
pub fn bullet(text: &str, by: u16) -> String {
    let item = indented(&table::wrapped(text, WIDTH - by - 2), 2);
    indented(&item.replacen("  ", "- ", 1), by.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_domain::time::record_time::RecordTime;

    #[test]
    fn a_count_is_a_range_where_not_everything_is_known() {
        let count = |certain, possible| {
            range(Some(&CountRange {
                certain,
                possible,
                unbounded: false,
            }))
        };
        assert_eq!(count(82, 82), "82");
        assert_eq!(count(12, 32), "12..32");
    }

    #[test]
    fn none_comes_last_among_the_classes() {
        let words = |of: &[&str]| classes(&of.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(words(&["", "full"]), "full or none");
        assert_eq!(words(&["full"]), "full");
        assert_eq!(words(&[""]), "no class");
        assert_eq!(words(&[]), "no class");
    }

    #[test]
    fn an_answer_ends_with_its_basis() {
        let mut from = v1::Basis {
            on: "2024-09-25".to_owned(),
            position: 7,
            record_time: Some(standing_proto::time::timestamp(RecordTime::from_micros(
                1_727_222_400_123_456,
            ))),
            ..v1::Basis::default()
        };
        assert_eq!(
            basis(Some(&from)),
            "\nOn 2024-09-25, as known at position 7, recorded 2024-09-25 00:00:00 UTC.\n"
        );
        from.before_founding = true;
        from.founding = "2025-01".to_owned();
        from.instant = Some(standing_proto::time::timestamp(RecordTime::from_micros(
            1_727_226_000_000_000,
        )));
        assert_eq!(
            basis(Some(&from)),
            "\nOn 2024-09-25, before the founding on 2025-01, as known at position 7, recorded 2024-09-25 00:00:00 UTC, the \
             last by 2024-09-25 01:00:00 UTC.\n"
        );
        from.now = true;
        assert_eq!(
            knowledge(Some(&from)),
            "\nAs known at position 7, recorded 2024-09-25 00:00:00 UTC, which is all that is known now, 2024-09-25 \
             01:00:00 UTC.\n"
        );
        from = v1::Basis {
            position: 7,
            ..v1::Basis::default()
        };
        assert_eq!(knowledge(Some(&from)), "\nAs known at position 7.\n");
    }
}
