//! What is asked about days: those on which something changes, and what lies ahead.

use crate::ask::law::read_article;
use crate::ask::point::{PointInTime, read_last_day, read_optional_day, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::limit;
use crate::read::{At, Read, build};
use crate::v1;
use crate::v1::list_change_days_request::Subject as Wire;
use standing_domain::id::{ArticleRef, OfficeId, PartyId, SessionId};
use standing_domain::time::day::Day;

/// Whose days are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A party's.
    Party(PartyId),
    /// A session's.
    Session(SessionId),
    /// An article's.
    Article(ArticleRef),
    /// An office's.
    Office(OfficeId),
    /// The roll's.
    Roll,
}

/// The days on which something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListChangeDays {
    /// Whose.
    pub subject: Subject,
    /// As known when.
    pub at: PointInTime,
    /// The first day of interest.
    pub first: Option<Day>,
    /// The last day of interest, included; never before the first.
    pub last: Option<Day>,
    /// The page.
    pub page: Paged,
}

/// What lies ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListUpcoming {
    /// The point in time.
    pub at: PointInTime,
    /// The last day of interest, included.
    pub last: Option<Day>,
    /// Only what is about a party.
    pub party: Option<PartyId>,
    /// Only of these kinds; none: of all.
    pub kinds: Vec<v1::UpcomingKind>,
    /// The page.
    pub page: Paged,
}

asked! {
    ListChangeDays of ListChangeDaysRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        let begin = read_optional_day(root, "first_date", &wire.first_date);
        build!(ListChangeDays {
            subject: read_subject(root, wire.subject.as_ref()),
            at: read_point(root, point),
            last: read_last_day(root, "last_date", &wire.last_date, &begin),
            first: begin,
            page: Ok(page),
        })
    };
    ListUpcoming of ListUpcomingRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListUpcoming {
            at: read_point(root, point),
            last: read_optional_day(root, "last_date", &wire.last_date),
            party: root.optional_id("party", &wire.party),
            kinds: root.list("kinds", &wire.kinds, &limit::FILTER, |at, number| {
                read_kind(at, *number)
            }),
            page: Ok(page),
        })
    };
}

fn read_subject(at: &At, wire: Option<&Wire>) -> Read<Subject> {
    match wire {
        Some(Wire::Party(party)) => at.asked_id("party", party).map(Subject::Party),
        Some(Wire::Session(session)) => at.asked_id("session", session).map(Subject::Session),
        Some(Wire::Office(office)) => at.asked_id("office", office).map(Subject::Office),
        Some(Wire::Article(article)) => {
            let at = at.field("article");
            match article.split_once('/') {
                Some((instrument, article)) => {
                    read_article(&at, instrument, article).map(Subject::Article)
                }
                None => at.refuse("NOT_AN_ID", "is written <instrument>/<article>"),
            }
        }
        Some(Wire::Roll(true)) => Ok(Subject::Roll),
        Some(Wire::Roll(false)) => at.field("roll").refuse("NOT_TRUE", "is true or left out"),
        None => at.field("subject").refuse(
            "MISSING",
            "is missing: one of party, session, article, office, roll",
        ),
    }
}

/// In a filter, what is not said is no value, as a number that nobody knows.
fn read_kind(at: &At, number: i32) -> Read<v1::UpcomingKind> {
    match at.known(number)? {
        v1::UpcomingKind::Unspecified => at.refuse("UNKNOWN_VALUE", "says no kind"),
        kind => Ok(kind),
    }
}
