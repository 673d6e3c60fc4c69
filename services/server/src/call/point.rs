//! The point in time of a question, and what its answer was computed from.

use crate::call::errors::Problem;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{Basis, Founding, Ledger, Point, PointError, Until};
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
    /// The instant it was asked by; none where it was asked by a position or not at all.
    pub until: Option<Until>,
}

/// Resolves a point in time to a day and a position.
pub(crate) fn pin(at: &PointInTime, ledger: &Ledger) -> Result<Pinned, Problem> {
    pin_by(at, ledger, &Ledger::resolve)
}

/// The same of the ledger below what is assumed.
pub(crate) fn pin_below(at: &PointInTime, ledger: &Ledger) -> Result<Pinned, Problem> {
    pin_by(at, ledger, &Ledger::resolve_below)
}

/// Resolves a point to a position that a ledger knows at least.
type Resolve = dyn Fn(&Ledger, Point, Position) -> Result<Position, PointError>;

fn pin_by(at: &PointInTime, ledger: &Ledger, resolve: &Resolve) -> Result<Pinned, Problem> {
    of_this_history(at, ledger)?;
    let until = until(at, ledger)?;
    let point = match (until, at.known_at) {
        (Some(until), _) => Point::Instant(until.instant),
        (None, KnownAt::Position(position)) => Point::Position(position),
        (None, _) => Point::Head,
    };
    Ok(Pinned {
        position: resolve(ledger, point, at.at_least)?,
        on: at.on.unwrap_or_else(|| ledger.today()),
        until,
    })
}

/// Makes sure that the positions of a point in time are of this history (MODEL 37).
pub(crate) fn of_this_history(at: &PointInTime, ledger: &Ledger) -> Result<(), Problem> {
    let known = match at.known_at {
        KnownAt::Position(position) => position,
        KnownAt::Head | KnownAt::Instant(_) | KnownAt::Day(_) => Position::ZERO,
    };
    Ok(ledger.is_of(at.epoch, known.max(at.at_least))?)
}

/// Returns the instant that a point in time is asked by; none where it is asked by none.
fn until(at: &PointInTime, ledger: &Ledger) -> Result<Option<Until>, Problem> {
    Ok(match at.known_at {
        KnownAt::Head | KnownAt::Position(_) => None,
        KnownAt::Instant(instant) => Some(Until {
            instant,
            now: at.now,
        }),
        KnownAt::Day(day) => Some(ledger.until(day)?),
    })
}

/// An instant that a question is asked by and that has to be settled first, so that no entry is
/// recorded there any more: today is settled as now, once for the whole question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settled(Until);

impl Settled {
    /// Returns the instant that a point in time is asked by, if it is asked by one.
    pub fn of(at: &PointInTime, ledger: &Ledger) -> Result<Option<Self>, Problem> {
        Ok(until(at, ledger)?.map(Self))
    }

    /// Returns the instant, if entries may still be recorded there.
    pub fn unsettled(&self, ledger: &Ledger) -> Option<RecordTime> {
        ledger.unsettled(Point::Instant(self.0.instant))
    }

    /// The same, of a request that is not read yet.
    pub fn write(self, at: &mut v1::PointInTime) {
        let instant = timestamp(self.0.instant);
        at.known_at = Some(v1::point_in_time::KnownAt::Instant(instant));
    }

    /// Has a point in time asked by this instant.
    pub fn apply(self, at: &mut PointInTime) {
        at.known_at = KnownAt::Instant(self.0.instant);
        at.now = self.0.now;
    }
}

impl Pinned {
    /// Returns what an answer at this point was computed from.
    pub fn basis(&self, ledger: &Ledger) -> Result<v1::Basis, Problem> {
        Ok(self.write(&ledger.basis(self.on, self.position)?))
    }

    /// Writes what an answer at this point was computed from.
    pub fn write(&self, basis: &Basis) -> v1::Basis {
        v1::Basis {
            instant: self.until.map(|until| timestamp(until.instant)),
            now: self.until.is_some_and(|until| until.now),
            ..write_basis(basis)
        }
    }
}

/// Writes what an answer was computed from.
fn write_basis(basis: &Basis) -> v1::Basis {
    v1::Basis {
        on: basis.on.to_string(),
        position: basis.position.number(),
        epoch: basis.epoch.number(),
        record_time: basis.record_time.map(timestamp),
        norms_digest: basis.norms_digest.clone(),
        rules_version: basis.rules_version,
        assumed: u32::try_from(basis.assumed).unwrap_or(u32::MAX),
        before_founding: basis.before_founding.is_some(),
        founding: match basis.before_founding {
            Some(Founding::In(days)) => days.to_string(),
            Some(Founding::NotKnown) | None => String::new(),
        },
        ..v1::Basis::default()
    }
}

/// Refuses a position that the log does not have yet.
pub(crate) fn beyond_head(what: &str, asked: Position, head: Position) -> Problem {
    let message = format!("there is no {what} {asked}: the head is {head}");
    Problem::new(Code::NotFound, "UNKNOWN_ENTRY", message)
        .with("position", asked)
        .with("head", head)
}
