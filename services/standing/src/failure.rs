//! Why a command did not do what was asked, as a person reads it.

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

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let said = match status.message() {
            "" => status.code().to_string(),
            message => message.to_owned(),
        };
        let details = status.get_error_details();
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
        let refusals = details.precondition_failure().into_iter();
        for refusal in refusals.flat_map(|failure| &failure.violations) {
            let subject = match refusal.subject.as_str() {
                "" => String::new(),
                subject => format!("{subject}: "),
            };
            let line = format!("{}: {subject}{}", refusal.r#type, refusal.description);
            failure = failure.detail(line);
        }
        let fields = details.bad_request().into_iter();
        for field in fields.flat_map(|request| &request.field_violations) {
            failure = failure.detail(format!("{}: {}", field.field, field.description));
        }
        failure
    }
}

/// Returns the machine-readable reason of an error, for example `UNKNOWN_PARTY`.
pub fn reason(status: &Status) -> Option<String> {
    let info = status.get_details_error_info()?;
    (!info.reason.is_empty()).then_some(info.reason)
}

/// Joins an error and its sources. A source that the error before it spells out already is left out.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::io;
    use tonic_types::{ErrorDetails, PreconditionViolation};

    #[test]
    fn every_reason_is_a_line() {
        let mut details = ErrorDetails::with_error_info("REFUSED", "standing", []);
        details.set_precondition_failure(vec![
            PreconditionViolation::new("UNKNOWN_PARTY", "drafts[0]", "nobody knows xx-nowhere"),
            PreconditionViolation::new("UNKNOWN_CLASS", "", "no class is called fulll"),
        ]);
        let status =
            Status::with_error_details(Code::FailedPrecondition, "two reasons", details);
        expect![[r"
            REFUSED: two reasons
              UNKNOWN_PARTY: drafts[0]: nobody knows xx-nowhere
              UNKNOWN_CLASS: no class is called fulll"]]
        .assert_eq(&Failure::from(status).to_string());
    }

    #[test]
    fn malformed_fields_are_lines() {
        let details = ErrorDetails::with_bad_request_violation("drafts[0].id", "is too long");
        let status = Status::with_error_details(Code::InvalidArgument, "malformed", details);
        let failure = Failure::from(status);
        expect![[r"
            malformed
              drafts[0].id: is too long"]]
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
        assert_eq!(
            Failure::from(Status::unavailable("")).exit,
            Exit::Failed
        );
    }
}
