//! What happened. An event is a fact in the past tense.
//!
//! These types are stored as postcard under frozen kinds and payload versions. Changing any of
//! them, nested ones included, needs a new payload version with the old type kept in the codec.

pub mod ask;
pub mod claim;
pub mod dues;
pub mod kind;
pub mod one;
pub mod term;

use claim::Claim;
use dues::{Assessment, Fund, Payment, PaymentPlan, Suspension, Waiver, WriteOff};
use term::Term;

use crate::entry::norm::{Norm, Passing};
use crate::id::epoch::Epoch;
use crate::id::position::Position;
use crate::id::{
    ArticleId, ArticleRef, AssociationId, BodyId, ClassId, CommitteeId, DecisionId, FundId,
    InstrumentId, OfficeId, PartyId, PersonId, SessionId, Word,
};
use crate::time::when::When;
use serde::{Deserialize, Serialize};

/// A name in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The language (BCP 47, lower case).
    pub language: Word,
    /// The name.
    pub text: String,
}

/// What happened. The order of variants never changes; the stored kind is a number of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    missing_docs,
    reason = "a variant's sentence and the names of its fields say it all"
)]
pub enum Event {
    /// The association came into being.
    AssociationFounded {
        association: AssociationId,
        names: Vec<Name>,
        time_zone: String,
    },
    /// A word of the association's vocabulary was declared.
    TermDeclared(Term),
    /// A party became known; the effective date is its birth.
    PartyRegistered(PartyRegistered),
    /// Somebody or something took a name.
    NameTaken {
        subject: Named,
        kind: NameKind,
        name: Name,
    },
    /// A party was succeeded by, or merged into, another (rule 12). The class is the one that
    /// results where both had one.
    PartySucceeded {
        from: PartyId,
        to: PartyId,
        passes: Vec<Passing>,
        class: Option<ClassId>,
    },
    /// A party applied for a class.
    ApplicationFiled { party: PartyId, class: ClassId },
    /// An application was withdrawn.
    ApplicationWithdrawn { party: PartyId },
    /// An application was rejected.
    ApplicationRejected { party: PartyId },
    /// A party was admitted to a class.
    MemberAdmitted {
        party: PartyId,
        class: ClassId,
        founder: bool,
    },
    /// A party was accepted as an observer.
    ObserverAccepted { party: PartyId, class: ClassId },
    /// A membership ended.
    MembershipEnded { party: PartyId, ground: EndGround },
    /// A session was convened; the effective date is its opening.
    SessionConvened {
        session: SessionId,
        closing: Option<When>,
        venue: String,
        host: Option<PartyId>,
        online: bool,
    },
    /// A session was put off; the effective date is its new opening.
    SessionPostponed {
        session: SessionId,
        closing: Option<When>,
    },
    /// A session was called off.
    SessionCancelled { session: SessionId },
    /// Who attended a session.
    AttendanceRecorded(Attendance),
    /// A session took a decision.
    DecisionTaken(Decision),
    /// An office was taken up.
    OfficeAssumed {
        office: OfficeId,
        seat: Option<Word>,
        holder: Holder,
        ordinal: u32,
        term_until: Option<When>,
    },
    /// An office fell vacant.
    OfficeVacated {
        office: OfficeId,
        seat: Option<Word>,
        reason: String,
    },
    /// Somebody began to act in an office.
    ActingAssumed {
        office: OfficeId,
        seat: Option<Word>,
        holder: Holder,
    },
    /// Acting in an office ended.
    ActingEnded {
        office: OfficeId,
        seat: Option<Word>,
    },
    /// The chair passed to the next party in rotation.
    ChairRotated {
        office: OfficeId,
        to: PartyId,
        ordinal: u32,
    },
    /// A natural person's name, sealed.
    PersonNamed {
        person: PersonId,
        names: Vec<SealedName>,
    },
    /// An instrument was adopted.
    InstrumentAdopted {
        instrument: InstrumentId,
        titles: Vec<Name>,
        published: Option<When>,
    },
    /// An instrument was amended.
    InstrumentAmended {
        instrument: InstrumentId,
        ordinal: u32,
        published: Option<When>,
    },
    /// An instrument was repealed.
    InstrumentRepealed { instrument: InstrumentId },
    /// A version of an article came into force.
    ArticleEnacted(ArticleEnacted),
    /// An article was deleted, as part of the act of the entry named in `amendment`.
    ArticleRepealed {
        instrument: InstrumentId,
        article: ArticleId,
        amendment: Option<Position>,
    },
    /// A committee was established.
    CommitteeEstablished {
        committee: CommitteeId,
        names: Vec<Name>,
        parent: Option<BodyId>,
    },
    /// Committees were merged into another.
    CommitteesMerged {
        from: Vec<CommitteeId>,
        into: CommitteeId,
    },
    /// A committee was abolished.
    CommitteeAbolished {
        committee: CommitteeId,
        reason: String,
    },
    /// A party became coordinator of a committee.
    CoordinatorAppointed {
        committee: CommitteeId,
        party: PartyId,
        seat: Option<Word>,
    },
    /// A coordinator's seat fell vacant.
    CoordinatorReleased {
        committee: CommitteeId,
        seat: Option<Word>,
    },
    /// The seat of the association was placed.
    SeatPlaced {
        place: String,
        host: Option<PartyId>,
    },
    /// A supporting institution was registered.
    InstitutionRegistered { institution: PartyId, by: PartyId },
    /// A supporting institution's registration ended.
    InstitutionReleased { institution: PartyId },
    /// An act was annulled: from the start, or from the effective date (rule 3).
    ActAnnulled { entry: Position },
    /// An act was ratified; its finding stays, marked cured (rule 3).
    ActRatified { entry: Position },
    /// A version of the rule semantics was adopted (rule 21).
    RulesAdopted { rules_version: u32 },
    /// The history was resumed after entries were lost (rule 37).
    HistoryResumed(Resumption),
    /// The roll of a session was frozen (rule 26).
    RollFrozen(FrozenRoll),
    /// A party declined a turn in a rotation: the one that begins then, or its next.
    TurnDeclined {
        office: OfficeId,
        party: PartyId,
        turn: Option<When>,
    },
    /// Two parties swapped their turns in a rotation.
    TurnsSwapped {
        office: OfficeId,
        first: PartyId,
        second: PartyId,
    },
    /// A fund was established.
    FundEstablished(Fund),
    /// What a party owes for a year was assessed.
    DuesAssessed(Assessment),
    /// A payment was credited.
    DuesPaid(Payment),
    /// An amount was written off.
    DuesWrittenOff(WriteOff),
    /// A payment plan was agreed; the effective date is its first day.
    PlanAgreed(PaymentPlan),
    /// A payment plan ended before its time.
    PlanEnded {
        party: PartyId,
        fund: FundId,
        reason: String,
    },
    /// A party was let keep what a dues policy takes; the effective date is its first day.
    WaiverGranted(Waiver),
    /// A waiver ended before its time.
    WaiverEnded { party: PartyId, article: ArticleRef },
    /// Rights were suspended by decision.
    RightsSuspended(Suspension),
    /// What was suspended under an article was lifted.
    SuspensionLifted { party: PartyId, article: ArticleRef },
    /// A party was warned or given notice under an article.
    NoticeServed {
        party: PartyId,
        article: ArticleRef,
        subject: String,
    },
    /// A party's rights in a parent organisation were, or are no longer, suspended.
    ParentStatusRecorded {
        party: PartyId,
        parent: Word,
        suspended: bool,
    },
    /// A source claims something (rule 33).
    ClaimRecorded(Claim),
}

/// How a history goes on that has lost its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumption {
    /// What it is told by from here on.
    pub epoch: Epoch,
    /// The last position that it has in common with the one that was lost.
    pub after: Position,
    /// The root of the tree of RFC 6962 over the entries up to there.
    pub root: [u8; 32],
}

/// A roll frozen for a session, with its basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenRoll {
    /// The session.
    pub session: SessionId,
    /// The parties that have the vote in it.
    pub entitled: Vec<PartyId>,
    /// As known at which position it was drawn up; 0 where that is not recorded.
    pub known_at: Position,
}

/// What a word of the vocabulary stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TermKind {
    /// A class of membership.
    Class,
    /// A right.
    Right,
    /// A body, which is also the series of its sessions.
    Body,
    /// A function of bodies.
    Function,
    /// An office.
    Office,
    /// A kind of party.
    PartyKind,
}

/// A party as registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRegistered {
    /// The party.
    pub party: PartyId,
    /// Its kind.
    pub kind: Word,
    /// Its country.
    pub country: Option<Word>,
    /// The region it lies in.
    pub region: Option<Word>,
    /// Its names from birth.
    pub names: Vec<Name>,
    /// Other ids it is known by.
    pub aliases: Vec<Word>,
    /// The natural person that it is, whose name is sealed.
    pub person: Option<PersonId>,
}

/// Who or what bears a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Named {
    /// A party.
    Party(PartyId),
    /// A committee.
    Committee(CommitteeId),
    /// The association.
    Association(AssociationId),
    /// A body.
    Body(BodyId),
}

/// What kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NameKind {
    /// The name in use.
    Public,
    /// The name in law.
    Legal,
}

/// On which ground a membership ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EndGround {
    /// The party withdrew.
    Withdrawal,
    /// The party was expelled.
    Expulsion,
    /// The party ceased to be, or its membership passed on.
    Succession,
}

/// Who attended a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendance {
    /// The session.
    pub session: SessionId,
    /// The parties present in person.
    pub present: Vec<PartyId>,
    /// The parties that stated their will in writing.
    pub in_writing: Vec<PartyId>,
    /// Whether the written statements are recorded in full.
    pub in_writing_complete: bool,
    /// Others who were there, in words.
    pub others: Vec<String>,
    /// The number of bodies there as the source counts; 0 where it does not.
    pub bodies_counted: u32,
    /// Whether those present in person are recorded in full: with none named, nobody was there.
    pub in_person_complete: bool,
}

/// A decision of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub decision: DecisionId,
    /// The session that took it.
    pub session: SessionId,
    /// The functions exercised.
    pub functions: Vec<crate::id::FunctionId>,
    /// What was decided, in words.
    pub subject: String,
    /// The item of the agenda.
    pub item: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The votes; none where not recorded.
    pub votes: Option<Votes>,
}

/// What came of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Not recorded.
    NotRecorded,
    /// Adopted.
    Adopted,
    /// Rejected.
    Rejected,
    /// Taken note of.
    Noted,
}

/// Votes as counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// In favour, in person.
    pub in_favour: u32,
    /// Against, in person.
    pub against: u32,
    /// Abstaining, in person.
    pub abstaining: u32,
    /// In favour, in writing.
    pub written_in_favour: u32,
    /// Against, in writing.
    pub written_against: u32,
    /// Abstaining, in writing.
    pub written_abstaining: u32,
    /// Whether the source says the vote was unanimous.
    pub unanimous: bool,
}

impl Votes {
    /// Returns whether anybody's vote is counted.
    #[must_use]
    pub fn are_counted(&self) -> bool {
        let in_person = [self.in_favour, self.against, self.abstaining];
        let written = [
            self.written_in_favour,
            self.written_against,
            self.written_abstaining,
        ];
        in_person.iter().chain(&written).any(|count| *count > 0)
    }
}

/// A holder of an office.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A party, through its head or its delegate.
    Party(PartyId),
    /// A natural person, by opaque id.
    Person(PersonId),
}

/// A natural person's name as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedName {
    /// The language (BCP 47, lower case).
    pub language: Word,
    /// The sealed name: nonce and ciphertext.
    pub sealed: Vec<u8>,
}

/// A version of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleEnacted {
    /// The instrument.
    pub instrument: InstrumentId,
    /// The article.
    pub article: ArticleId,
    /// How it is cited.
    pub citation: String,
    /// What the act did to it.
    pub change: ArticleChange,
    /// The headings.
    pub headings: Vec<Name>,
    /// The wording, or a summary of it.
    pub texts: Vec<ArticleText>,
    /// The rules it carries.
    pub norms: Vec<Norm>,
    /// The entry of the act that it is part of: an adoption, an amendment or a repeal of the
    /// instrument.
    pub amendment: Option<Position>,
}

/// What an act did to an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ArticleChange {
    /// Part of the first text.
    Original,
    /// Added later.
    Added,
    /// Worded anew.
    Amended,
}

/// A wording of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleText {
    /// The language (BCP 47, lower case).
    pub language: Word,
    /// The text.
    pub text: String,
    /// Whether it is a summary in other words.
    pub summary: bool,
}
