//! Reading the fields of a request: all that is malformed is reported at once.

use crate::call::errors::Problem;
use crate::call::point::Asked;
use standing_domain::id::IdError;
use standing_domain::time::day::Day;
use standing_engine::Point;
use standing_proto::v1;
use standing_proto::v1::point_in_time::KnownAt;
use standing_proto::{FieldViolation, Malformed, time};
use std::fmt::Display;

/// The malformed fields of a request, in the order in which they are read.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldViolation>);

impl Fields {
    /// Notes a malformed field.
    pub fn refuse<T>(
        &mut self,
        field: impl Into<String>,
        reason: &str,
        description: impl Display,
    ) -> Option<T> {
        self.0.push(FieldViolation {
            field: field.into(),
            reason: reason.to_owned(),
            description: description.to_string(),
        });
        None
    }

    /// Notes what is malformed in a part of the request.
    pub fn part<T>(&mut self, read: Result<T, Malformed>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(malformed) => {
                self.0.extend(malformed.violations);
                None
            }
        }
    }

    /// Reads an id that must be there.
    pub fn id<T>(
        &mut self,
        field: impl Into<String>,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, IdError>,
    ) -> Option<T> {
        if text.is_empty() {
            return self.refuse(field, "MISSING", "is missing");
        }
        read(text).map_or_else(|error| self.refuse(field, "NOT_AN_ID", error), Some)
    }

    /// Reads an id that may be left empty.
    #[expect(
        clippy::option_option,
        reason = "the outer says whether the field can be read, the inner whether it says anything"
    )]
    pub fn optional_id<T>(
        &mut self,
        field: impl Into<String>,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, IdError>,
    ) -> Option<Option<T>> {
        if text.is_empty() {
            Some(None)
        } else {
            self.id(field, text, read).map(Some)
        }
    }

    /// Reads a civil date that must be there.
    pub fn day(&mut self, field: &'static str, text: &str) -> Option<Day> {
        self.part(time::day(field, text))
    }

    /// Reads a civil date that may be left empty.
    #[expect(clippy::option_option, reason = "as in `optional_id`")]
    pub fn optional_day(&mut self, field: &'static str, text: &str) -> Option<Option<Day>> {
        if text.is_empty() {
            Some(None)
        } else {
            self.day(field, text).map(Some)
        }
    }

    /// Reads a point in time; nothing said is today, at the head.
    pub fn at(&mut self, at: Option<&v1::PointInTime>) -> Option<Asked> {
        let Some(at) = at else {
            return Some(Asked::default());
        };
        let on = self.optional_day("at.on", &at.on);
        let point = match at.known_at {
            None => Some(Point::Head),
            Some(KnownAt::Position(position)) => Some(Point::Position(position)),
            Some(KnownAt::Instant(instant)) => match time::record_time(&instant) {
                // Before 1970 the ledger knew nothing.
                Some(micros) => Some(Point::Instant(u64::try_from(micros).unwrap_or(0))),
                None => self.refuse("at.instant", "NOT_AN_INSTANT", "is not an instant"),
            },
        };
        Some(Asked {
            on: on?,
            point: point?,
            at_least: at.min_position,
        })
    }

    /// Returns the problem that the request is malformed.
    pub fn problem(self) -> Problem {
        Malformed { violations: self.0 }.into()
    }

    /// Passes if nothing was malformed.
    pub fn checked(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.problem())
        }
    }
}

impl Fields {
    /// Takes over what was malformed in a part of the request that others read too.
    pub fn within<T>(&mut self, read: Result<T, Self>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(fields) => {
                self.0.extend(fields.0);
                None
            }
        }
    }
}
