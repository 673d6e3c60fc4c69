//! What facts of the book are about, and what entries refer to.

use crate::entry::event::{NameKind, Named, TermKind};
use crate::id::position::Position;
use crate::id::{
    ArticleRef, CommitteeId, DecisionId, FundId, InstrumentId, OfficeId, PartyId, PersonId,
    SessionId, Word,
};

/// What a fact of the book is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The founding.
    Association,
    /// A word of the vocabulary.
    Term(TermKind, Word),
    /// A name of something that is no party.
    Name(Named, Word, NameKind),
    /// The days of a session.
    Session(SessionId),
    /// Who attended a session.
    Attendance(SessionId),
    /// A decision.
    Decision(DecisionId),
    /// The holder of an office.
    Holder(OfficeId, Option<Word>),
    /// Who acts in an office.
    Acting(OfficeId, Option<Word>),
    /// A natural person's name.
    Person(PersonId),
    /// The force of an instrument.
    Instrument(InstrumentId),
    /// The amendments of an instrument.
    Amendments(InstrumentId),
    /// The version of an article.
    Article(ArticleRef),
    /// The existence of a committee.
    Committee(CommitteeId),
    /// A coordinator's seat.
    Coordinator(CommitteeId, Option<Word>),
    /// The seat of the association.
    Seat,
    /// The registration of a supporting institution.
    Institution(PartyId),
    /// The parties that follow a party.
    Successors(PartyId),
    /// The parties a party follows.
    Predecessors(PartyId),
    /// The rules version.
    Rules,
    /// How the history was resumed.
    History,
    /// The ratifications of an act.
    Ratifications(Position),
    /// The frozen roll of a session.
    FrozenRoll(SessionId),
    /// Turns declined and swapped in the rotation of an office.
    Turns(OfficeId),
    /// A fund.
    Fund(FundId),
    /// What sources claim.
    Claims,
}

/// What a fact about a party's money, or about the rights that hang on it, is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DuesSlot {
    /// What is owed to a fund for a year: a revision of it.
    Assessment(FundId, u16, u16),
    /// What is paid to a fund.
    Payments(FundId),
    /// What of a year is written off.
    WriteOffs(FundId, u16),
    /// The payment plan with a fund.
    Plan(FundId),
    /// The waiver of a policy.
    Waiver(ArticleRef),
    /// The suspension under an article.
    Suspension(ArticleRef),
    /// The notices under an article.
    Notices(ArticleRef),
    /// The standing in a parent organisation.
    Parent(Word),
    /// Memberships and accounts passed on, by the party and to it.
    Passed,
}

impl DuesSlot {
    /// Returns what it is, in words: `the waiver under fee/6`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Assessment(fund, year, 0) => format!("the assessment for {year} to {fund}"),
            Self::Assessment(fund, year, revision) => {
                format!("revision {revision} of the assessment for {year} to {fund}")
            }
            Self::Payments(fund) => format!("a payment to {fund}"),
            Self::WriteOffs(fund, year) => format!("a write-off for {year} of {fund}"),
            Self::Plan(fund) => format!("the payment plan with {fund}"),
            Self::Waiver(article) => format!("the waiver under {article}"),
            Self::Suspension(article) => format!("the suspension under {article}"),
            Self::Notices(article) => format!("a notice under {article}"),
            Self::Parent(parent) => format!("the standing in {parent}"),
            Self::Passed => "an account passed on".to_owned(),
        }
    }

    /// Returns whether one value stands at a time, so that facts need an order.
    #[must_use]
    pub fn is_timeline(&self) -> bool {
        matches!(
            self,
            Self::Plan(_) | Self::Waiver(_) | Self::Suspension(_) | Self::Parent(_)
        )
    }

    /// Returns whether the slot can be filled once only.
    #[must_use]
    pub fn is_single(&self) -> bool {
        matches!(self, Self::Assessment(..))
    }
}

impl Slot {
    /// Returns whether one value stands at a time, so that facts need an order.
    #[must_use]
    pub fn is_timeline(&self) -> bool {
        matches!(
            self,
            Self::Name(..)
                | Self::Holder(..)
                | Self::Acting(..)
                | Self::Instrument(_)
                | Self::Article(_)
                | Self::Committee(_)
                | Self::Coordinator(..)
                | Self::Seat
                | Self::Institution(_)
        )
    }

    /// Returns whether the slot can be filled once only.
    #[must_use]
    pub fn is_single(&self) -> bool {
        matches!(
            self,
            Self::Association
                | Self::Term(..)
                | Self::Decision(_)
                | Self::Person(_)
                | Self::FrozenRoll(_)
                | Self::Fund(_)
        )
    }
}

/// Something entries refer to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ref {
    /// A party.
    Party(PartyId),
    /// A word of the vocabulary.
    Term(TermKind, Word),
    /// A session.
    Session(SessionId),
    /// A decision.
    Decision(DecisionId),
    /// A person.
    Person(PersonId),
    /// An instrument.
    Instrument(InstrumentId),
    /// An article.
    Article(ArticleRef),
    /// A committee.
    Committee(CommitteeId),
    /// A fund.
    Fund(FundId),
    /// An entry.
    Entry(Position),
}
