//! What is reported of a malformed request.

use std::fmt;

/// One field that is malformed, as `google.rpc.BadRequest` reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// The path of the field in the request, for example `drafts[3].member_admitted.party`.
    pub field: String,
    /// What is wrong, for a program: upper case, for example `NOT_A_DATE`. Reasons never change.
    pub reason: String,
    /// What is wrong, for a person.
    pub description: String,
}

impl fmt::Display for FieldViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.description)
    }
}

/// A message of which some fields are malformed: all of them, in the order of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The fields; never empty.
    pub violations: Vec<FieldViolation>,
}

impl Malformed {
    /// Says that one field is malformed, where that is known only beside the ledger.
    #[must_use]
    pub fn of(field: &str, reason: &str, description: impl fmt::Display) -> Self {
        let violation = FieldViolation {
            field: field.to_owned(),
            reason: reason.to_owned(),
            description: description.to_string(),
        };
        Self {
            violations: vec![violation],
        }
    }
}

/// How many violations the text of an error spells out.
const SPELT_OUT: usize = 10;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.violations.iter().take(SPELT_OUT).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        match self.violations.len().saturating_sub(SPELT_OUT) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for Malformed {}
