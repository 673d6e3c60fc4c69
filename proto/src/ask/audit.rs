//! What an auditor asks.

use crate::ask::point::{PointInTime, read_optional_day, read_point, read_point_here};
use crate::ask::{Lists as _, Paged, asked};
use crate::choice::Choice as _;
use crate::limit;
use crate::read::{At, Read, build};
use crate::v1;
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

/// Whose answers on one day differ between two states of knowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareKnowledge {
    /// The later knowledge, and the day.
    pub at: PointInTime,
    /// The earlier knowledge.
    pub before: PointInTime,
    /// Only of a party.
    pub party: Option<PartyId>,
    /// The page.
    pub page: Paged,
}

asked! {
    CompareKnowledge of CompareKnowledgeRequest: |root, wire| {
        let mut wire = wire;
        let before = wire.before.take();
        let (point, page) = wire.take_page();
        build!(CompareKnowledge {
            at: read_point(root, point),
            before: read_earlier(root, before),
            party: root.optional_id("party", &wire.party),
            page: Ok(page),
        })
    };
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

/// Reads the earlier of two states of knowledge: as known when, and nothing else.
fn read_earlier(at: &At, wire: Option<v1::PointInTime>) -> Read<PointInTime> {
    let at = at.field("before");
    let Some(wire) = wire else {
        return at.refuse("MISSING", "is missing: as known when before");
    };
    if wire.known_at.is_none() {
        let expected = "says no position, instant or day as known at which";
        return at.field("known_at").refuse("MISSING", expected);
    }
    let alone = wire.on.is_empty() && wire.assume.is_empty() && wire.readings.is_empty();
    if !alone {
        let expected = "says a day, drafts or readings: those of `at` hold for both";
        return at.refuse("NOT_APPLICABLE", expected);
    }
    read_point_here(&at, wire)
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
