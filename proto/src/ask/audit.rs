//! What an auditor asks.

use crate::ask::point::{PointInTime, read_optional_day, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::choice::Choice as _;
use crate::limit;
use crate::read::{At, Read, build};
use standing_domain::audit::{Code, Severity};
use standing_domain::id::{PartyId, SessionId};
use standing_domain::time::day::Day;

/// Findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFindings {
    /// Only those of these conditions; none: of all.
    pub codes: Vec<Code>,
    /// Only those that fail so; none: however they fail.
    pub severities: Vec<Severity>,
    /// Only those that concern a party.
    pub party: Option<PartyId>,
    /// Only those that concern a session.
    pub session: Option<SessionId>,
    /// The first day of their causes.
    pub first: Option<Day>,
    /// The last day of their causes, included.
    pub last: Option<Day>,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

asked! {
    ListFindings of ListFindingsRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListFindings {
            codes: root.list("codes", &wire.codes, &limit::FILTER, |at, word| read_code(at, word)),
            severities: root.list("severities", &wire.severities, &limit::FILTER, |at, number| {
                read_severity(at, *number)
            }),
            party: root.optional_id("party", &wire.party),
            session: root.optional_id("session", &wire.session),
            first: read_optional_day(root, "first_date", &wire.first_date),
            last: read_optional_day(root, "last_date", &wire.last_date),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
}

fn read_code(at: &At, word: &str) -> Read<Code> {
    if let Some(code) = Code::all().into_iter().find(|code| code.word() == word) {
        return Ok(code);
    }
    let all = Code::all().map(Code::word).join(", ");
    at.refuse("UNKNOWN_VALUE", format_args!("{word:?} is none of {all}"))
}

/// In a filter, what is not said is no value, as a number that nobody knows.
fn read_severity(at: &At, number: i32) -> Read<Severity> {
    match Severity::choose(at.known(number)?) {
        Some(severity) => Ok(severity),
        None => at.refuse("UNKNOWN_VALUE", "says no severity"),
    }
}
