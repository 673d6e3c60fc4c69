//! What sources claim: a question this ledger answers, with the answer a source gives (rule 33).

use crate::id::{
    ArticleRef, BodyId, ClassId, CommitteeId, InstrumentId, OfficeId, PartyId, SessionId, Word,
};
use crate::time::when::Window;
use serde::{Deserialize, Serialize};

/// A claim. It never changes state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The question.
    pub question: ClaimQuestion,
    /// The answer the source gives, in the form that the question says.
    pub answer: String,
}

/// A question that a source answers. Days are windows: a claim about a year agrees if it agrees on
/// some day of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "a variant's sentence and the names of its fields say it all"
)]
pub enum ClaimQuestion {
    /// How many parties have a class on a day? A number.
    MembersOfClass {
        class: ClassId,
        country: Option<Word>,
        on: Window,
    },
    /// Which class has a party on a day? A class, or `none`.
    ClassOf { party: PartyId, on: Window },
    /// When was a party admitted to a class? A day, month or year.
    Admitted { party: PartyId, class: ClassId },
    /// How many sessions of a series were held through a day? A number.
    SessionsHeld { series: BodyId, through: Window },
    /// On which days did a session meet? A day, or two with `..` between them.
    SessionDays { session: SessionId },
    /// Who hosted a session? A party.
    SessionHost { session: SessionId },
    /// How many bodies were at a session? A number.
    BodiesPresent { session: SessionId },
    /// Was a party at a session? `yes` or `no`.
    Attended { session: SessionId, party: PartyId },
    /// Who held an office as the n-th? A party or a person.
    OfficeHolder { office: OfficeId, ordinal: u32 },
    /// How many held an office through a day? A number.
    OfficeHolders { office: OfficeId, through: Window },
    /// How often was an instrument amended through a day? A number.
    Amendments {
        instrument: InstrumentId,
        through: Window,
    },
    /// Since when is an article in force? A day, month or year.
    ArticleInForce { article: ArticleRef },
    /// How many committees were there on a day? A number.
    Committees { on: Window },
    /// Who coordinated a committee on a day? A party.
    Coordinator { committee: CommitteeId, on: Window },
    /// How many founders are there? A number.
    Founders { country: Option<Word> },
    /// How many applications were pending on a day? A number.
    Applicants { on: Window },
    /// Which party bears a name? A party.
    PartyOfName { name: String, language: Word },
}

impl ClaimQuestion {
    /// Returns whether it spells out a name, of which the answer says which party bears it.
    #[must_use]
    pub fn spells_a_name(&self) -> bool {
        match self {
            Self::PartyOfName { .. } => true,
            Self::MembersOfClass { .. }
            | Self::ClassOf { .. }
            | Self::Admitted { .. }
            | Self::SessionsHeld { .. }
            | Self::SessionDays { .. }
            | Self::SessionHost { .. }
            | Self::BodiesPresent { .. }
            | Self::Attended { .. }
            | Self::OfficeHolder { .. }
            | Self::OfficeHolders { .. }
            | Self::Amendments { .. }
            | Self::ArticleInForce { .. }
            | Self::Committees { .. }
            | Self::Coordinator { .. }
            | Self::Founders { .. }
            | Self::Applicants { .. } => false,
        }
    }
}
