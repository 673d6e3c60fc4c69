//! What is to be recorded, and what is asked about the log.

use crate::ask::point::{read_last_day, read_optional_day};
use crate::ask::{Asked, Lists as _, Paged};
use crate::draft::read_draft;
use crate::limit;
use crate::read::{At, Read, build};
use crate::v1;
use crate::v1::expectation::Subject as Wire;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::kind::{KINDS, Kind, WITHDRAWAL};
use standing_domain::entry::expectation::{Expectation, Expected};
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::id::{ActorId, DraftId, PartyId, SessionId};
use standing_domain::text::{nearest, suggestion};
use standing_domain::time::day::Day;

/// Drafts to record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The request's id.
    pub id: DraftId,
    /// The drafts, 1 to 10,000.
    pub drafts: Vec<Draft>,
    /// The epoch of the history that positions in the drafts are of.
    pub epoch: Epoch,
    /// What the client believes of the ledger; at most 1,024.
    pub expectations: Vec<Expectation>,
    /// Whether they are only to be judged.
    pub validate_only: bool,
    /// Whether what is irregular is refused. People are told before they break a rule; who imports
    /// a history says that it is to be recorded as it was.
    pub refuse_irregular: bool,
}

/// Drafts of which it is asked what they would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The drafts, 1 to 10,000.
    pub drafts: Vec<Draft>,
    /// The epoch of the history that positions in the drafts are of.
    pub epoch: Epoch,
    /// The position that the answer must rest on at least.
    pub min_position: Position,
    /// Whether what is irregular would be refused.
    pub refuse_irregular: bool,
}

/// One entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEntry {
    /// Its position, from 1.
    pub position: Position,
    /// The epoch of the history that it is of; any if none is said.
    pub epoch: Option<Epoch>,
}

/// Entries in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEntries {
    /// The first position; [`Position::ZERO`] is the first of all.
    pub first: Position,
    /// The last position; [`Position::ZERO`] is the head.
    pub last: Position,
    /// The epoch of the history that the positions are of; any if none is said.
    pub epoch: Option<Epoch>,
    /// Only those that concern a party.
    pub party: Option<PartyId>,
    /// Only those that concern a session.
    pub session: Option<SessionId>,
    /// Only those that an actor recorded.
    pub actor: Option<ActorId>,
    /// Only those of these kinds; of every kind if there are none.
    pub kinds: Vec<&'static Kind>,
    /// Only those recorded on this day or later, where the association is.
    pub first_recorded: Option<Day>,
    /// Only those recorded on this day or before.
    pub last_recorded: Option<Day>,
    /// The page.
    pub page: Paged,
}

/// The head of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetHead;

// What was recorded is asked for by position; nothing can be assumed of it.
impl Asked for Record {
    type Request = v1::RecordRequest;

    fn read(at: &At<'_>, wire: v1::RecordRequest) -> Read<Self> {
        let expectations = wire.expectations;
        // In an import it is the id of the draft.
        if wire.drafts.iter().all(|draft| draft.id != wire.request_id) {
            at.coined("request_id", &wire.request_id);
        }
        build!(Record {
            id: at.asked_id("request_id", &wire.request_id),
            drafts: at.list("drafts", wire.drafts, &limit::DRAFTS, read_draft),
            expectations: at.list(
                "expectations",
                expectations,
                &limit::EXPECTATIONS,
                read_expectation,
            ),
            epoch: Ok(Epoch::new(wire.epoch)),
            validate_only: Ok(wire.validate_only),
            refuse_irregular: refuses_irregular(at, wire.irregular),
        })
    }
}

impl Asked for Preview {
    type Request = v1::PreviewRequest;

    fn read(at: &At<'_>, wire: v1::PreviewRequest) -> Read<Self> {
        build!(Preview {
            drafts: at.list("drafts", wire.drafts, &limit::DRAFTS, read_draft),
            epoch: Ok(Epoch::new(wire.epoch)),
            min_position: Ok(Position::new(wire.min_position)),
            refuse_irregular: refuses_irregular(at, wire.irregular),
        })
    }
}

impl Asked for GetEntry {
    type Request = v1::GetEntryRequest;

    fn read(at: &At<'_>, wire: v1::GetEntryRequest) -> Read<Self> {
        build!(Self {
            position: at.position("position", wire.position),
            epoch: Ok(wire.epoch.map(Epoch::new)),
        })
    }
}

impl Asked for ListEntries {
    type Request = v1::ListEntriesRequest;

    fn read(at: &At<'_>, mut wire: v1::ListEntriesRequest) -> Read<Self> {
        let (_, page) = wire.take_page();
        let from = read_optional_day(at, "first_recorded", &wire.first_recorded);
        build!(ListEntries {
            first: Ok(Position::new(wire.first_position)),
            last: Ok(Position::new(wire.last_position)),
            epoch: Ok(wire.epoch.map(Epoch::new)),
            party: at.optional_id("party", &wire.party),
            session: at.optional_id("session", &wire.session),
            actor: at.optional_id("actor", &wire.actor),
            kinds: at.list("kinds", &wire.kinds, &limit::WATCHED, |at, name| {
                read_kind(at, name)
            }),
            last_recorded: read_last_day(at, "last_recorded", &wire.last_recorded, &from),
            first_recorded: from,
            page: Ok(page),
        })
    }
}

impl Asked for GetHead {
    type Request = v1::GetHeadRequest;

    fn read(_: &At<'_>, _: v1::GetHeadRequest) -> Read<Self> {
        Ok(Self)
    }
}

fn refuses_irregular(at: &At<'_>, wire: i32) -> Read<bool> {
    let policy = at.field("irregular").known(wire);
    policy.map(|policy: v1::IrregularPolicy| policy != v1::IrregularPolicy::Record)
}

/// Reads what a kind of entry is called.
pub(super) fn read_kind(at: &At, name: &str) -> Read<&'static Kind> {
    if let Some(kind) = Kind::named(name) {
        return Ok(kind);
    }
    let known = KINDS.iter().chain([&WITHDRAWAL]).map(|kind| kind.name);
    let nearest = suggestion(&nearest(name, known));
    let description = format_args!("{name:?} is no kind of entry{nearest}");
    at.refuse("UNKNOWN_KIND", description)
}

fn read_expectation(at: &At, wire: v1::Expectation) -> Read<Expectation> {
    build!(Expectation {
        of: match wire.subject {
            None => at.missing("the log, a party or an instrument"),
            Some(Wire::Log(true)) => Ok(Expected::Log),
            Some(Wire::Log(false)) => at.field("log").refuse("NOT_TRUE", "is true or left out"),
            Some(Wire::Party(id)) => at.asked_id("party", &id).map(Expected::Party),
            Some(Wire::Instrument(id)) => {
                at.asked_id("instrument", &id).map(Expected::Instrument)
            }
        },
        epoch: Ok(Epoch::new(wire.epoch)),
        position: Ok(Position::new(wire.position)),
    })
}
