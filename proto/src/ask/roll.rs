//! What is asked about parties, offices, sessions, committees, the association and its vocabulary.

use crate::ask::point::{PointInTime, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::limit;
use crate::read::{At, Read, build};
use standing_domain::id::{BodyId, ClassId, DecisionId, OfficeId, PartyId, SessionId, Word};
use standing_domain::text::sought::Sought;

/// How many turns are told where the question does not say.
const USUAL_TURNS: usize = 12;
/// How many turns are told at most.
const MOST_TURNS: u32 = 1_000;

/// What is known of a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetParty {
    /// The party.
    pub party: PartyId,
    /// The point in time.
    pub at: PointInTime,
}

/// Parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListParties {
    /// Only those of a class.
    pub class: Option<ClassId>,
    /// Only those of a country.
    pub country: Option<Word>,
    /// Only those with this id, alias or name; empty: all.
    pub name: String,
    /// Only those of which this is a part of an id, alias or name, or comes near to one.
    pub query: Option<Sought>,
    /// Only those with a class.
    pub members_only: bool,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// How many members there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountMembers {
    /// The point in time.
    pub at: PointInTime,
}

/// Who holds an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListOfficeHolders {
    /// The office.
    pub office: OfficeId,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// Whose turn is next in an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetRotation {
    /// The office.
    pub office: OfficeId,
    /// The point in time.
    pub at: PointInTime,
    /// How many turns to tell.
    pub turns: usize,
}

/// What is known of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetSession {
    /// The session.
    pub session: SessionId,
    /// The decision whose roll is asked for; none is the session's first.
    pub decision: Option<DecisionId>,
    /// The point in time.
    pub at: PointInTime,
    /// The page of the roll.
    pub page: Paged,
}

/// Sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListSessions {
    /// Only those of a series.
    pub series: Option<BodyId>,
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// Committees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCommittees {
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

/// What is known of the association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAssociation {
    /// The point in time.
    pub at: PointInTime,
}

/// What may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetVocabulary {
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

asked! {
    GetParty of GetPartyRequest: |root, wire| build!(GetParty {
        party: root.asked_id("party", &wire.party),
        at: read_point(root, wire.at),
    });
    ListParties of ListPartiesRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListParties {
            at: read_point(root, point),
            class: root.optional_id("class", &wire.class),
            query: read_query(root, &wire.query, &wire.name),
            name: Ok(wire.name),
            country: root.optional_id("country", &wire.country),
            members_only: Ok(wire.members_only),
            page: Ok(page),
        })
    };
    CountMembers of CountMembersRequest: |root, wire| build!(CountMembers {
        at: read_point(root, wire.at),
    });
    ListOfficeHolders of ListOfficeHoldersRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListOfficeHolders {
            office: root.asked_id("office", &wire.office),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    GetRotation of GetRotationRequest: |root, wire| build!(GetRotation {
        office: root.asked_id("office", &wire.office),
        at: read_point(root, wire.at),
        turns: match wire.turns {
            0 => Ok(USUAL_TURNS),
            1..=MOST_TURNS => Ok(wire.turns as usize),
            _ => root.field("turns").refuse("OUT_OF_RANGE", "must be 1 to 1,000"),
        },
    });
    GetSession of GetSessionRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(GetSession {
            session: root.asked_id("session", &wire.session),
            decision: root.optional_id("decision", &wire.decision),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    ListSessions of ListSessionsRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListSessions {
            series: root.optional_id("series", &wire.series),
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    ListCommittees of ListCommitteesRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListCommittees {
            at: read_point(root, point),
            page: Ok(page),
        })
    };
    GetAssociation of GetAssociationRequest: |root, wire| build!(GetAssociation {
        at: read_point(root, wire.at),
    });
    GetVocabulary of GetVocabularyRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(GetVocabulary {
            at: read_point(root, point),
            page: Ok(page),
        })
    };
}

/// Reads a part of a name; none of an empty text.
fn read_query(root: &At<'_>, query: &str, name: &str) -> Read<Option<Sought>> {
    let at = root.field("query");
    let (bytes, most) = (query.len(), limit::QUERY.end());
    if query.is_empty() {
        return Ok(None);
    }
    if !name.is_empty() {
        return at.refuse(
            "NOT_ALONE",
            "is said beside a name: one of the two is looked for",
        );
    }
    if bytes > *most {
        return at.refuse("TOO_LONG", format_args!("{bytes} bytes, {most} at most"));
    }
    match Sought::new(query) {
        Some(sought) => Ok(Some(sought)),
        None => at.refuse("BLANK", "has no letter and no digit to look for"),
    }
}
