//! The point in time of a question, and what its answer was computed from.

use crate::call::errors::Problem;
use standing_domain::id::Position;
use standing_domain::time::day::Day;
use standing_engine::{Basis, Engine, Point, PointError};
use standing_proto::ask::point::{KnownAt, PointInTime};
use standing_proto::time::timestamp;
use standing_proto::v1;
use tonic::Code;

/// A point in time as answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pinned {
    /// The day.
    pub on: Day,
    /// The position known, at the end of a batch.
    pub position: Position,
}

/// Resolves a point in time to a day and a position.
pub(crate) fn pin(at: &PointInTime, engine: &Engine) -> Result<Pinned, Problem> {
    let point = match at.known_at {
        KnownAt::Head => Point::Head,
        KnownAt::Position(position) => Point::Position(position),
        KnownAt::Instant(instant) => Point::Instant(instant),
    };
    let position = engine
        .resolve(point, at.at_least)
        .map_err(|error| match (error, point) {
            (PointError::Future { asked, head }, Point::Instant(_)) => future(asked, head),
            (error, _) => error.into(),
        })?;
    Ok(Pinned {
        on: at.on.unwrap_or_else(|| engine.today()),
        position,
    })
}

/// The same problem as of a position, told in instants that a person can read.
fn future(asked: u64, head: u64) -> Problem {
    let [asked_text, head_text] = [asked, head].map(|micros| instant(micros).to_string());
    let description =
        format!("known at {asked_text} is later than the head, recorded at {head_text}");
    Problem::of_field("KNOWN_AT_FUTURE", "at.known_at", description)
        .with("asked", asked_text)
        .with("head", head_text)
}

/// Returns the instant of a record time in microseconds.
pub(crate) fn instant(micros: u64) -> prost_types::Timestamp {
    timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
}

impl Pinned {
    /// Returns what an answer at this point was computed from.
    pub fn basis(&self, engine: &Engine) -> Result<v1::Basis, Problem> {
        Ok(write_basis(&engine.basis(self.on, self.position)?))
    }
}

/// Writes what an answer was computed from.
pub(crate) fn write_basis(basis: &Basis) -> v1::Basis {
    v1::Basis {
        on: basis.on.to_string(),
        position: basis.position,
        record_time: basis.record_time.map(instant),
        norms_digest: basis.norms_digest.clone(),
        rules_version: basis.rules_version,
        assumed: u32::try_from(basis.assumed).unwrap_or(u32::MAX),
    }
}

/// Refuses a position that the log does not have yet.
pub(crate) fn beyond_head(what: &str, asked: Position, head: Position) -> Problem {
    let message = format!("there is no {what} {asked}: the head is {head}");
    Problem::new(Code::NotFound, "UNKNOWN_ENTRY", message)
        .with("position", asked)
        .with("head", head)
}
