//! What surrounds an event: entries as recorded, drafts as proposed, and the circumstances of both.
//!
//! Stored as the head of every payload: a change needs a new payload version of every kind.

pub mod about;
pub mod draft;
pub mod event;
pub mod expectation;
pub mod facts;
pub mod gathered;
pub mod key;
pub mod norm;
pub mod policy;
pub mod principal;
pub mod reach;
pub mod refs;
pub mod slot;

use crate::entry::event::Event;
use crate::id::position::Position;
use crate::id::{ActorId, ArticleRef, DecisionId, DraftId};
use crate::time::record_time::RecordTime;
use crate::time::when::{When, Window};
use serde::{Deserialize, Serialize};

/// An entry: a draft as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub position: Position,
    /// When the ledger learned it; strictly increasing with position.
    pub record_time: RecordTime,
    /// Who recorded it.
    pub actor: ActorId,
    /// The request that recorded it.
    pub request: DraftId,
    /// The batch it was recorded in.
    pub batch: BatchSpan,
    /// What was recorded.
    pub content: Content,
}

/// The entries that one request recorded together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSpan {
    /// The position of the first.
    pub first: Position,
    /// That of the last.
    pub last: Position,
}

/// What one draft says, with references resolved to positions: the stored payload of an entry.
///
/// A [`Draft`](draft::Draft) is the same, with references and an event that are still proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content<C = Position, E = Event> {
    /// The draft's own id; none where the client gave none.
    pub id: Option<DraftId>,
    /// When the event takes effect; none only for events without an effective date.
    pub effective: Option<When>,
    /// The order of the day: lower first (rule 6).
    pub order: u16,
    /// When the act was done, where that differs.
    pub acted: Option<When>,
    /// On what the act rests.
    pub authority: Authority,
    /// Where it is known from.
    pub sources: Vec<Source>,
    /// How sure the sources make it.
    pub confidence: Confidence,
    /// What a reader should know besides.
    pub note: String,
    /// The entry this one corrects (rule 8).
    pub corrects: Option<C>,
    /// What happened; none withdraws the corrected entry.
    pub event: Option<E>,
}

impl<C, E> Content<C, E> {
    /// Says what happened and when, and nothing besides: on what it rests is not known, no source
    /// is named, and it is taken as confirmed. What else is to be said is set on the result.
    #[must_use]
    pub fn bare(effective: Option<When>, event: Option<E>) -> Self {
        Self {
            id: None,
            effective,
            order: 0,
            acted: None,
            authority: Authority {
                kind: AuthorityKind::Unknown,
                article: None,
                note: String::new(),
            },
            sources: Vec::new(),
            confidence: Confidence::Confirmed,
            note: String::new(),
            corrects: None,
            event,
        }
    }

    /// Returns the same, but for what it corrects and what happened.
    pub fn with<D, F>(self, corrects: Option<D>, event: Option<F>) -> Content<D, F> {
        Content {
            id: self.id,
            effective: self.effective,
            order: self.order,
            acted: self.acted,
            authority: self.authority,
            sources: self.sources,
            confidence: self.confidence,
            note: self.note,
            corrects,
            event,
        }
    }
}

/// On what an act rests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// The kind of authority.
    pub kind: AuthorityKind,
    /// The article it rests on, where said.
    pub article: Option<ArticleRef>,
    /// What is to be said of it.
    pub note: String,
}

/// The kind of authority.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AuthorityKind {
    /// Not known.
    Unknown,
    /// The sources show that there was none.
    None,
    /// A decision of a body.
    Decision(DecisionId),
    /// A notification by the party itself.
    Notification,
    /// An appointment.
    Appointment,
    /// Operation of law.
    OperationOfLaw,
    /// The founding assembly: competence and quorum do not apply (rule 13).
    Founding,
}

/// Where something is known from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What the source is called, or its address.
    pub reference: String,
    /// Where in it.
    pub locator: String,
    /// When it was made.
    pub date: Option<Window>,
}

/// How sure the sources make an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// A source states it.
    Confirmed,
    /// It follows from what sources state.
    Inferred,
    /// Sources contradict each other.
    Disputed,
    /// Somebody remembers it; no source is held.
    Unconfirmed,
}
