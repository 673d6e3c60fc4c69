//! Why a command did not do what was asked, as a person reads it.

use standing_server::engine::chain;
use std::error::Error;
use std::fmt;
use std::process::ExitCode;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// How a command ends that did not do what was asked. A usage error is 2, and clap's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Something does not work: no server, no file, no disk.
    Failed = 1,
    /// Everything works, and the answer is no: refused, not found, not to be told apart.
    Refused = 3,
}

/// A failure: one line, and what there is to know besides, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    exit: Exit,
    message: String,
    details: Vec<String>,
}

impl Failure {
    /// Something does not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Failed,
            message: message.into(),
            details: Vec::new(),
        }
    }

    /// The answer is no.
    pub fn refused(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Refused,
            ..Self::failed(message)
        }
    }

    /// Appends an error and everything that led to it.
    pub fn because(mut self, error: &dyn Error) -> Self {
        self.message.push_str(": ");
        self.message.push_str(&chain(error));
        self
    }

    /// Puts before the message where it happened.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message.insert_str(0, &format!("{place}: "));
        self
    }

    /// Names drafts of a request by the places where they stand, the first draft at the first
    /// place.
    pub fn placed(mut self, places: &[String]) -> Self {
        self.message = placed(&self.message, places);
        for detail in &mut self.details {
            *detail = placed(detail, places);
        }
        self
    }

    /// Adds a line.
    pub fn detail(mut self, line: impl Into<String>) -> Self {
        self.details.push(line.into());
        self
    }

    /// Counts as something that does not work, whatever it was before.
    pub fn fatal(self) -> Self {
        Self {
            exit: Exit::Failed,
            ..self
        }
    }

    /// Returns the code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for detail in &self.details {
            write!(f, "\n  {detail}")?;
        }
        Ok(())
    }
}

/// What is said where the other end speaks TLS and this one does not: its first bytes are taken for
/// a frame of HTTP/2, or it is gone by then.
const NO_FRAME: [&str; 3] = [
    "frame with invalid size",
    "because of a broken pipe",
    "connection reset",
];

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let violations = violations(&status);
        let said = match (status.message(), violations.as_slice()) {
            // One violation, and the message says it.
            (message, [only]) if message.contains(only.as_str()) => message.to_owned(),
            (message, several) => before(message, several),
        };
        let said = match (said.as_str(), violations.len()) {
            ("", 0) => status.code().to_string(),
            ("", count) => format!("{count} fields are wrong"),
            _ => said,
        };
        let message = match reason(&status) {
            Some(reason) => format!("{reason}: {said}"),
            None => said,
        };
        let mut failure = match status.code() {
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Aborted
            | Code::PermissionDenied => Self::refused(message),
            _ => Self::failed(message),
        };
        if let Some(source) = status.source() {
            failure = failure.because(source);
        }
        let unsaid = violations
            .into_iter()
            .filter(|line| !failure.message.contains(line));
        failure.details = unsaid.collect();
        if NO_FRAME.iter().any(|said| failure.message.contains(said)) {
            let said =
                "what answers there does not speak gRPC in clear: if it speaks TLS, write https://";
            failure = failure.detail(said);
        }
        if let Some(more) = more(&status) {
            failure = failure.detail(more);
        }
        failure
    }
}

/// What a draft would be refused for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The place of the draft in the batch, from 0.
    pub draft: usize,
    /// The value that is wrong.
    pub subject: String,
    /// What is wrong.
    pub description: String,
}

/// Returns what a batch is refused for, as far as the status tells.
pub fn refused(status: &Status) -> Vec<Refused> {
    let details = status.get_details_precondition_failure();
    let violations = details.into_iter().flat_map(|failure| failure.violations);
    let refused = violations.filter_map(|violation| {
        let numbered = violation.description.strip_prefix("draft ")?;
        let (number, _) = numbered.split_once(':')?;
        Some(Refused {
            draft: number.parse::<usize>().ok()?.checked_sub(1)?,
            subject: violation.subject,
            description: violation.description,
        })
    });
    refused.collect()
}

/// Says how many reasons there are that a status does not tell; none if it tells all.
pub fn more(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    let more = info.metadata.get("more")?;
    Some(format!("and {more} more"))
}

/// Writes the places of drafts into a text that numbers them: `draft 1, 3: ` becomes `a.jsonl:2,
/// a.jsonl:7: `.
pub fn placed(text: &str, places: &[String]) -> String {
    const NUMBERED: &str = "draft ";
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(NUMBERED) {
        let (before, from) = rest.split_at(at);
        written.push_str(before);
        let after = &from[NUMBERED.len()..];
        if let Some((place, tail)) = own(after, places) {
            written.push_str(place);
            rest = tail;
            continue;
        }
        let end = after.find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | ' '));
        let (numbers, tail) = after.split_at(end.unwrap_or(after.len()));
        let named: Option<Vec<&str>> = numbers
            .split(", ")
            .map(|number| {
                Some(
                    places
                        .get(number.parse::<usize>().ok()?.checked_sub(1)?)?
                        .as_str(),
                )
            })
            .collect();
        if let Some(named) = named.filter(|_| tail.starts_with(": ")) {
            written.push_str(&named.join(", "));
        } else {
            written.push_str(NUMBERED);
            written.push_str(numbers);
        }
        rest = tail;
    }
    written + rest
}

/// Returns the place of a draft that is named as one of the batch, and what comes after it: of `2
/// of this batch`, `a.jsonl:7`.
fn own<'a>(text: &'a str, places: &'a [String]) -> Option<(&'a str, &'a str)> {
    let (number, tail) = text.split_once(" of this batch")?;
    let place = number.parse::<usize>().ok()?.checked_sub(1)?;
    Some((places.get(place)?, tail))
}

/// Writes what a status names as wrong, a line each.
fn violations(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let mut lines = Vec::new();
    for refusal in details
        .precondition_failure()
        .iter()
        .flat_map(|failure| &failure.violations)
    {
        let (code, description) = (&refusal.r#type, &refusal.description);
        lines.push(if description.contains(code.as_str()) {
            description.clone()
        } else {
            format!("{code}: {description}")
        });
    }
    for field in details
        .bad_request()
        .iter()
        .flat_map(|request| &request.field_violations)
    {
        lines.push(format!("{}: {}", field.field, field.description));
    }
    lines
}

/// Returns what a message says before it spells out what has lines of its own.
fn before(message: &str, violations: &[String]) -> String {
    let spelt_out = violations.first().and_then(|first| message.find(first));
    let end = spelt_out.unwrap_or(message.len());
    message[..end].trim_end_matches([':', ' ']).to_owned()
}

/// Returns the machine-readable reason of an error, for example `UNKNOWN_PARTY`.
pub fn reason(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (!info.reason.is_empty()).then_some(info.reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::io;
    use tonic_types::{ErrorDetails, PreconditionViolation};

    fn refused(message: &str, descriptions: &[&str]) -> String {
        let mut details = ErrorDetails::with_error_info("REFUSED", "standing", []);
        let violation = |text: &&str| PreconditionViolation::new("UNKNOWN_PARTY", "x", *text);
        details.set_precondition_failure(descriptions.iter().map(violation).collect::<Vec<_>>());
        let code = Code::FailedPrecondition;
        Failure::from(Status::with_error_details(code, message, details)).to_string()
    }

    #[test]
    fn every_reason_is_a_line() {
        let message = "refused for 2 reasons: draft 1: UNKNOWN_PARTY: a; draft 2: UNKNOWN_PARTY: b";
        let descriptions = ["draft 1: UNKNOWN_PARTY: a", "draft 2: UNKNOWN_PARTY: b"];
        expect![[r"
            REFUSED: refused for 2 reasons
              draft 1: UNKNOWN_PARTY: a
              draft 2: UNKNOWN_PARTY: b"]]
        .assert_eq(&refused(message, &descriptions));
        expect![[r"
            REFUSED: two reasons
              UNKNOWN_PARTY: nobody knows a
              UNKNOWN_PARTY: nobody knows b"]]
        .assert_eq(&refused(
            "two reasons",
            &["nobody knows a", "nobody knows b"],
        ));
    }

    #[test]
    fn drafts_are_named_by_where_they_stand() {
        let places = ["a.jsonl:2", "a.jsonl:7", "a.jsonl:9"].map(String::from);
        for (text, expected) in [
            ("draft 2: UNKNOWN_PARTY: a", "a.jsonl:7: UNKNOWN_PARTY: a"),
            (
                "draft 1, 3: quorum: not met",
                "a.jsonl:2, a.jsonl:9: quorum: not met",
            ),
            (
                "refused: draft 1: a; draft 2: b",
                "refused: a.jsonl:2: a; a.jsonl:7: b",
            ),
            (
                "draft 3: ORDER_MISSING: a (entries 4, draft 1 of this batch)",
                "a.jsonl:9: ORDER_MISSING: a (entries 4, a.jsonl:2)",
            ),
            ("draft 4: a", "draft 4: a"),
            ("a draft of draft 1", "a draft of draft 1"),
        ] {
            assert_eq!(placed(text, &places), expected);
        }
    }

    #[test]
    fn one_reason_is_told_once() {
        expect!["REFUSED: refused for 1 reason: draft 1: UNKNOWN_PARTY: a"].assert_eq(&refused(
            "refused for 1 reason: draft 1: UNKNOWN_PARTY: a",
            &["draft 1: UNKNOWN_PARTY: a"],
        ));
    }

    #[test]
    fn malformed_fields_are_lines() {
        let mut details = ErrorDetails::with_bad_request_violation("drafts[0].id", "is too long");
        details.add_bad_request_violation("drafts[1].id", "is empty");
        let message = "drafts[0].id: is too long; drafts[1].id: is empty";
        let status = Status::with_error_details(Code::InvalidArgument, message, details);
        let failure = Failure::from(status);
        expect![[r"
            2 fields are wrong
              drafts[0].id: is too long
              drafts[1].id: is empty"]]
        .assert_eq(&failure.to_string());
        assert_eq!(failure.exit, Exit::Refused);
    }

    #[test]
    fn what_does_not_work_is_told_with_its_causes_once() {
        #[derive(Debug)]
        struct Outer(io::Error);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no way in")
            }
        }
        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Outer(io::Error::other("the door is shut"));
        let failure = Failure::failed("cannot start").because(&error).at("here");
        assert_eq!(
            failure.to_string(),
            "here: cannot start: no way in: the door is shut"
        );
        assert_eq!(Failure::from(Status::unavailable("")).exit, Exit::Failed);
    }
}
