//! What is asked about rights.

use crate::ask::point::{PointInTime, read_last_day, read_optional_day, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::limit;
use crate::malformed::Malformed;
use crate::read::{At, Read, build, read};
use crate::v1;
use standing_domain::answers::question::Question;
use standing_domain::id::{BodyId, PartyId, RightId};
use standing_domain::time::day::Day;

/// Whether a party holds a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRight {
    /// The question.
    pub question: Question,
    /// The point in time.
    pub at: PointInTime,
    /// Whether the verdict alone is asked for.
    pub verdict_only: bool,
}

/// Many such questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRights {
    /// The questions, 1 to 10,000; each has an answer of its own, so each may be malformed.
    pub questions: Vec<Result<Question, Malformed>>,
    /// The point in time.
    pub at: PointInTime,
    /// Whether the verdicts alone are asked for.
    pub verdict_only: bool,
}

/// Everything a party holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetStanding {
    /// The party.
    pub party: PartyId,
    /// The point in time.
    pub at: PointInTime,
}

/// Who holds a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHolders {
    /// The right.
    pub right: RightId,
    /// The body in which; none is in any.
    pub body: Option<BodyId>,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// How a right of a party changed over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetTimeline {
    /// The question.
    pub question: Question,
    /// The point in time.
    pub at: PointInTime,
    /// The first day of interest.
    pub first: Option<Day>,
    /// The last day of interest, included; never before the first.
    pub last: Option<Day>,
}

/// How a right, or the class, of a party was known to change over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHistory {
    /// The party.
    pub party: PartyId,
    /// The right, and the body in which; none: the class alone.
    pub right: Option<(RightId, Option<BodyId>)>,
    /// As known up to when.
    pub at: PointInTime,
    /// The first day of interest.
    pub first: Option<Day>,
    /// The last day of interest, included; never before the first.
    pub last: Option<Day>,
    /// The page.
    pub page: Paged,
}

asked! {
    CheckRight of CheckRightRequest: |root, wire| build!(CheckRight {
        at: read_point(root, wire.at),
        question: read_question(root, &wire.question.unwrap_or_default()),
        verdict_only: Ok(wire.verdict_only),
    });
    CheckRights of CheckRightsRequest: |root, wire| build!(CheckRights {
        at: read_point(root, wire.at),
        questions: root.list("questions", wire.questions, &limit::QUESTIONS, |_, wire| {
            Ok(read(|at| read_question(at, &wire)))
        }),
        verdict_only: Ok(wire.verdict_only),
    });
    GetStanding of GetStandingRequest: |root, wire| build!(GetStanding {
        party: root.asked_id("party", &wire.party),
        at: read_point(root, wire.at),
    });
    ListHolders of ListHoldersRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListHolders {
            right: root.asked_id("right", &wire.right),
            body: root.optional_id("body", &wire.body),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    ListHistory of ListHistoryRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        let question = wire.question.unwrap_or_default();
        let begin = read_optional_day(root, "first_date", &wire.first_date);
        build!(ListHistory {
            party: root.field("question").asked_id("party", &question.party),
            right: read_right(root, &question),
            at: read_point(root, point),
            last: read_last_day(root, "last_date", &wire.last_date, &begin),
            first: begin,
            page: Ok(page),
        })
    };
    GetTimeline of GetTimelineRequest: |root, wire| {
        let begin = read_optional_day(root, "first_date", &wire.first_date);
        build!(GetTimeline {
            question: read_question(root, &wire.question.unwrap_or_default()),
            at: read_point(root, wire.at),
            last: read_last_day(root, "last_date", &wire.last_date, &begin),
            first: begin,
        })
    };
}

/// Reads a right that may be left out, and then goes without a body.
fn read_right(at: &At, wire: &v1::RightQuestion) -> Read<Option<(RightId, Option<BodyId>)>> {
    let at = at.field("question");
    let right: Option<RightId> = at.optional_id("right", &wire.right)?;
    let body: Option<BodyId> = at.optional_id("body", &wire.body)?;
    match (right, body) {
        (None, Some(_)) => at
            .field("body")
            .refuse("NOT_APPLICABLE", "says a body without a right"),
        (right, body) => Ok(right.map(|right| (right, body))),
    }
}

/// Reads a question; its fields are named as those of `CheckRightRequest`.
fn read_question(at: &At, wire: &v1::RightQuestion) -> Read<Question> {
    let at = at.field("question");
    build!(Question {
        party: at.asked_id("party", &wire.party),
        right: at.asked_id("right", &wire.right),
        body: at.optional_id("body", &wire.body),
    })
}
