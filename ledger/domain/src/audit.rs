//! Findings: conditions of the law that a recorded act fails, cannot be shown to meet, or leaves
//! open (rules 31 to 33). They are derived from what is recorded, never stored, and never feed back
//! into state, rights or rolls (rule 1).

use crate::answers::rolls::Rolls;
use crate::answers::rolls::governing::SessionLaws;
use crate::answers::rotation::Visit;
use crate::answers::session::SessionFrame;
use crate::answers::view::{Parties, View};
use crate::entry::Content;
use crate::entry::norm::Support;
use crate::id::position::Position;
use crate::id::{ArticleRef, PartyId, SessionId};
use crate::record::party::PartyRecord;
use crate::stop::{Stop, Stopped};
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeSet;

mod acts;
pub mod answers;
mod calendar;
mod claims;
mod contradictions;
pub mod cures;
mod decisions;
pub mod gathered;
mod law;
mod offices;
mod order;
mod parties;
pub mod recording;
pub mod walks;

use cures::Resting;
use gathered::Gathered;
use walks::Walks;

/// How a condition fails (rule 31). Only [`Severity::Irregular`] says that a rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The condition is false in every reading of the record.
    Irregular,
    /// The condition is undetermined; what is missing is named.
    Unproven,
    /// A source claims another answer than follows from the record, or the record contradicts
    /// itself.
    Mismatch,
    /// The law demands what is not recorded.
    Gap,
    /// Worth knowing, and no more.
    Note,
}

/// The conditions. A finding's code is the name of its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the sentence of each says it")]
pub enum Code {
    /// Enough of those entitled were present.
    Quorum,
    /// Enough of those present agreed.
    Majority,
    /// The body had the power, of its own or by delegation.
    Competence,
    /// Votes in writing count where the law in force at the opening counts them.
    WrittenVotes,
    /// Those admitted to a class are eligible for it.
    Eligibility,
    /// A class is used once an article has created it.
    ClassBeforeArticle,
    /// An act takes effect when it is decided, or later.
    EffectiveBeforeDecided,
    /// An amendment changes an article.
    AmendmentWithoutClause,
    /// The day on which an article came into force is known.
    CommencementWindow,
    /// An act rests on an authority.
    NoAuthority,
    /// An office that the law demands is held.
    OfficeVacant,
    /// A term that has elapsed is followed by another.
    TermElapsed,
    /// Coordinators do what the law demands of them.
    CoordinatorDuty,
    /// Sessions follow the calendar that the law sets.
    Calendar,
    /// An office passes in the order of its rotation.
    Rotation,
    /// A succession rests on a clause.
    SuccessionWithoutClause,
    /// A name fits one party.
    AmbiguousName,
    /// No name looks like that of another party.
    LookAlikeName,
    /// What a source claims follows from the record.
    Claim,
    /// A frozen roll is that of its day.
    FrozenRoll,
    /// A membership is taken once.
    MembershipTwice,
    /// A suspension rests on an article that allows it, and on a ground.
    SuspensionGround,
    /// What stood of a membership goes on when it passes.
    SuccessionLapsed,
    /// As many voted as can have voted, and as unanimously as is said.
    Tally,
    /// Something says who votes in a body that decides.
    Electorate,
    /// What met every threshold was adopted.
    Outcome,
    /// A decision is taken on a day of its session.
    DecisionDay,
    /// Those who were at a session can have been there.
    Attendance,
    /// Nobody acts in an office beside a holder who came later.
    ActingBeside,
    /// A body holds one session at a time.
    SessionsOverlap,
    /// Of the holders of an office one is the how manieth.
    OrdinalTwice,
    /// What is amended was there before.
    ChangeKind,
    /// Who is succeeded is no member any more.
    PredecessorRemains,
    /// The association acts once it is founded.
    BeforeFounding,
    /// A party is a member once it exists.
    BeforeBirth,
    /// No more is written off than is owed.
    WriteOff,
    /// A committee that has a coordinator stands.
    AbolishedCommittee,
    /// What rests on the founding was done at the founding.
    FoundingAuthority,
    /// The decision that an act rests on was adopted, and stands.
    RestsOn,
    /// The day comes on which something hangs.
    CalledOff,
    /// It is recorded when an act was annulled.
    AnnulmentUndated,
    /// A roll stands as it was on its day.
    RollSinceAnnulled,
    /// Names of natural persons are sealed.
    NameInClear,
    /// A condition of the law speaks of what some party is, or what is declared.
    ConditionOfNobody,
}

impl Code {
    /// Returns every code, in order.
    #[must_use]
    pub fn all() -> [Self; 44] {
        [
            Self::Quorum,
            Self::Majority,
            Self::Competence,
            Self::WrittenVotes,
            Self::Eligibility,
            Self::ClassBeforeArticle,
            Self::EffectiveBeforeDecided,
            Self::AmendmentWithoutClause,
            Self::CommencementWindow,
            Self::NoAuthority,
            Self::OfficeVacant,
            Self::TermElapsed,
            Self::CoordinatorDuty,
            Self::Calendar,
            Self::Rotation,
            Self::SuccessionWithoutClause,
            Self::AmbiguousName,
            Self::LookAlikeName,
            Self::Claim,
            Self::FrozenRoll,
            Self::MembershipTwice,
            Self::SuspensionGround,
            Self::SuccessionLapsed,
            Self::Tally,
            Self::Electorate,
            Self::Outcome,
            Self::DecisionDay,
            Self::Attendance,
            Self::ActingBeside,
            Self::SessionsOverlap,
            Self::OrdinalTwice,
            Self::ChangeKind,
            Self::PredecessorRemains,
            Self::BeforeFounding,
            Self::BeforeBirth,
            Self::WriteOff,
            Self::AbolishedCommittee,
            Self::FoundingAuthority,
            Self::RestsOn,
            Self::CalledOff,
            Self::AnnulmentUndated,
            Self::RollSinceAnnulled,
            Self::NameInClear,
            Self::ConditionOfNobody,
        ]
    }

    /// Returns the code as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Quorum => "quorum",
            Self::Majority => "majority",
            Self::Competence => "competence",
            Self::WrittenVotes => "written-votes",
            Self::Eligibility => "eligibility",
            Self::ClassBeforeArticle => "class-before-article",
            Self::EffectiveBeforeDecided => "effective-before-decided",
            Self::AmendmentWithoutClause => "amendment-without-clause",
            Self::CommencementWindow => "commencement-window",
            Self::NoAuthority => "no-authority",
            Self::OfficeVacant => "office-vacant",
            Self::TermElapsed => "term-elapsed",
            Self::CoordinatorDuty => "coordinator-duty",
            Self::Calendar => "calendar",
            Self::Rotation => "rotation",
            Self::SuccessionWithoutClause => "succession-without-clause",
            Self::AmbiguousName => "ambiguous-name",
            Self::LookAlikeName => "look-alike-name",
            Self::Claim => "claim",
            Self::FrozenRoll => "frozen-roll",
            Self::MembershipTwice => "membership-twice",
            Self::SuspensionGround => "suspension-ground",
            Self::SuccessionLapsed => "succession-lapsed",
            Self::Tally => "tally",
            Self::Electorate => "electorate",
            Self::Outcome => "outcome",
            Self::DecisionDay => "decision-day",
            Self::Attendance => "attendance",
            Self::ActingBeside => "acting-beside",
            Self::SessionsOverlap => "sessions-overlap",
            Self::OrdinalTwice => "ordinal-twice",
            Self::ChangeKind => "change-kind",
            Self::PredecessorRemains => "predecessor-remains",
            Self::BeforeFounding => "before-founding",
            Self::BeforeBirth => "before-birth",
            Self::WriteOff => "write-off",
            Self::AbolishedCommittee => "abolished-committee",
            Self::FoundingAuthority => "founding-authority",
            Self::RestsOn => "rests-on",
            Self::CalledOff => "called-off",
            Self::AnnulmentUndated => "annulment-undated",
            Self::RollSinceAnnulled => "roll-since-annulled",
            Self::NameInClear => "name-in-clear",
            Self::ConditionOfNobody => "condition-of-nobody",
        }
    }
}

impl Severity {
    /// Returns the severity as a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Irregular => "irregular",
            Self::Unproven => "unproven",
            Self::Mismatch => "mismatch",
            Self::Gap => "gap",
            Self::Note => "note",
        }
    }
}

/// A finding: one for every cause, with all that it touches (rule 32).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// When its cause was, as far as is known.
    pub date: Window,
    /// The condition.
    pub code: Code,
    /// How it fails.
    pub severity: Severity,
    /// The session it concerns.
    pub session: Option<SessionId>,
    /// The parties it concerns, by id.
    pub parties: Vec<PartyId>,
    /// The articles it rests on.
    pub articles: Vec<ArticleRef>,
    /// The entries it rests on, ascending.
    pub entries: Vec<Position>,
    /// What was found, in a sentence.
    pub message: String,
    /// The entry that ratified the act, so that the finding is cured; it stays (rule 3).
    pub cured_by: Option<Position>,
}

impl Finding {
    /// Returns a finding about entries.
    pub(crate) fn new(
        code: Code,
        severity: Severity,
        date: Window,
        entries: impl IntoIterator<Item = Position>,
        message: impl Into<String>,
    ) -> Self {
        let entries: BTreeSet<Position> = entries.into_iter().collect();
        Self {
            date,
            code,
            severity,
            session: None,
            parties: Vec::new(),
            articles: Vec::new(),
            entries: entries.into_iter().collect(),
            message: message.into(),
            cured_by: None,
        }
    }

    pub(crate) fn of_session(mut self, session: &SessionId) -> Self {
        self.session = Some(session.clone());
        self
    }

    pub(crate) fn of_parties(mut self, parties: impl IntoIterator<Item = PartyId>) -> Self {
        let parties: BTreeSet<PartyId> = parties.into_iter().collect();
        self.parties = parties.into_iter().collect();
        self
    }

    pub(crate) fn under(mut self, articles: impl IntoIterator<Item = ArticleRef>) -> Self {
        let articles: BTreeSet<ArticleRef> = articles.into_iter().collect();
        self.articles = articles.into_iter().collect();
        self
    }
}

/// Says how a norm is known where that is not by its wording (rule 16): who calls an act irregular
/// says on what that rests.
fn known_as(support: Support) -> &'static str {
    match support {
        Support::Text => "",
        Support::Attested => "; the provision is attested, its wording is not held",
        Support::Presumed => "; the provision is presumed unchanged, its wording is not held",
        Support::Unknown => "; how the provision reads is not known",
    }
}

/// A session with the laws that govern it and its rolls.
pub struct AuditedSession {
    /// What its rolls are taken from.
    pub frame: SessionFrame,
    /// The laws by which it is judged and its rolls are taken (rules 22 and 23).
    pub laws: SessionLaws,
    /// Its rolls.
    pub rolls: Rolls,
}

/// Says which entries findings are asked on.
type Wanted<'a> = dyn Fn(Position) -> bool + 'a;

/// All that findings are derived from.
pub struct Audit<'a, P> {
    /// The ledger as known at the position asked.
    pub view: View<'a, P>,
    /// The day of the question: what is not yet so on it is no finding.
    pub on: Day,
    /// Walks over parties.
    pub walks: &'a dyn Walks,
    /// Reads what an entry says.
    pub lookup: &'a dyn Fn(Position) -> Option<Content>,
    /// The sessions that took decisions.
    pub sessions: &'a [&'a AuditedSession],
    /// Asked before every unit of work: a decision, an act, a norm, a party. It may let others have
    /// their turn.
    pub stop: Stop<'a>,
}

impl<P: Parties> Audit<'_, P> {
    /// Returns every finding, by date, code and entries.
    ///
    /// # Errors
    /// The work was given up.
    pub fn findings(&self) -> Result<Vec<Finding>, Stopped> {
        let mut gathered = Gathered::default();
        self.walks.concerned(&mut |party, record| {
            gathered.join(&self.gathered_of(party, record)?);
            Ok(())
        })?;
        self.findings_with(gathered)
    }

    /// Returns every finding, given what [`Audit::gathered_of`] gathered of each party.
    ///
    /// # Errors
    /// The work was given up.
    pub fn findings_with(&self, mut gathered: Gathered) -> Result<Vec<Finding>, Stopped> {
        self.decision_findings(&mut gathered.own)?;
        self.roll_findings(&mut gathered.own)?;
        self.law_findings(None, &mut gathered)?;
        self.succession_findings(&mut gathered)?;
        self.authority_findings(&mut gathered)?;
        self.resting_findings(&self.acts_of_the_book(), &mut gathered.shared)?;
        self.hanging_findings(None, &mut gathered.own)?;
        self.office_findings(&mut gathered.own)?;
        self.order_findings(&mut gathered.own)?;
        self.condition_findings(&mut gathered.own)?;
        self.claim_findings(&mut gathered.own)?;
        self.contradictions(&mut gathered)?;
        let mut found = self.told(gathered);
        found.retain(|finding| finding.date.earliest <= self.on);
        let mut found = self.cure(found)?;
        self.stop.check()?;
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Puts findings together. Of a law that establishes no class at all it says nothing that it
    /// does not establish this one.
    fn told(&self, gathered: Gathered) -> Vec<Finding> {
        let establishes = self.law_has(|rule| rule.class().is_some());
        gathered.findings(self.on, establishes)
    }

    /// Returns the findings that rest on entries: on what sessions decided, on articles, and on
    /// what is recorded of one party. The sessions of the audit need be no more than those whose
    /// decisions are among the entries, or ratify them.
    ///
    /// # Errors
    /// The work was given up.
    pub fn findings_on(
        &self,
        party: &PartyId,
        record: &PartyRecord,
        resting: &Resting,
    ) -> Result<Vec<Finding>, Stopped> {
        let entries = &resting.entries;
        let all: BTreeSet<Position> = entries.union(&resting.ratifying).copied().collect();
        let only = |visit: &mut Visit<'_>| visit(party, record);
        let audit = Audit {
            view: self.view_again(),
            on: self.on,
            walks: &only,
            lookup: self.lookup,
            sessions: self.sessions,
            stop: self.stop,
        };
        let mut gathered = Gathered::default();
        audit.decision_findings(&mut gathered.own)?;
        let wanted = |position| all.contains(&position);
        audit.law_findings(Some(&wanted), &mut gathered)?;
        audit.party_findings(&wanted, &mut gathered)?;
        audit.resting_findings(&all, &mut gathered.shared)?;
        audit.hanging_findings(Some(entries), &mut gathered.own)?;
        let mut found = audit.cure(audit.told(gathered))?;
        found.retain(|finding| finding.entries.iter().any(|entry| entries.contains(entry)));
        found.sort();
        Ok(found)
    }

    /// Returns what an entry says, if it is known and not withdrawn.
    fn content(&self, position: Position) -> Option<Content> {
        (self.lookup)(position).filter(|content| content.event.is_some())
    }
}
