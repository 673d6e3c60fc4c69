//! The point in time of a question, and what its answer was computed from.

use crate::call::errors::Problem;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Basis, Ledger, Point};
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
pub(crate) fn pin(at: &PointInTime, ledger: &Ledger) -> Result<Pinned, Problem> {
    let point = match at.known_at {
        KnownAt::Head => Point::Head,
        KnownAt::Position(position) => Point::Position(position),
        KnownAt::Instant(instant) => Point::Instant(instant),
    };
    Ok(Pinned {
        position: ledger.resolve(point, at.at_least)?,
        on: at.on.unwrap_or_else(|| ledger.today()),
    })
}

impl Pinned {
    /// Returns what an answer at this point was computed from.
    pub fn basis(&self, ledger: &Ledger) -> Result<v1::Basis, Problem> {
        Ok(write_basis(&ledger.basis(self.on, self.position)?))
    }
}

/// Writes what an answer was computed from.
pub(crate) fn write_basis(basis: &Basis) -> v1::Basis {
    v1::Basis {
        on: basis.on.to_string(),
        position: basis.position.number(),
        record_time: basis.record_time.map(timestamp),
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
