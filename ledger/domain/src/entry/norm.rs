//! Norms: the machine-readable rules that articles carry (rules 15 and 16). Plain data; the meaning
//! of each variant is frozen under a rules version (rule 21).

pub mod ask;
pub mod ground;

use crate::entry::norm::ground::SuspensionGround;
use crate::entry::policy::{Comparator, DuesPolicy};
use crate::id::{BodyId, ClassId, FunctionId, OfficeId, PartyId, RightId, Word};
use serde::{Deserialize, Serialize};

/// A rule an article carries, with how it is known and when it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Norm {
    /// How the rule is known (rule 16).
    pub support: Support,
    /// When it applies; [`Condition::All`] of nothing is always.
    pub condition: Condition,
    /// Why it is read so, or where the attestation stands.
    pub note: String,
    /// What it says.
    pub rule: Rule,
}

/// How a norm is known, strongest first (rule 16). Only [`Support::Unknown`] makes an answer
/// undetermined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Support {
    /// The wording is held.
    Text,
    /// A source says so.
    Attested,
    /// Unchanged as far as the sources show.
    Presumed,
    /// Not known.
    Unknown,
}

/// What a norm says: who holds, or who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// Gives a right.
    Confer(RightRule),
    /// Keeps a right from classes; beats conferring.
    Withhold(RightRule),
    /// Takes a right for as long as it applies; beats conferring.
    Suspend(RightRule),
    /// Gives back what is suspended, never what is withheld.
    Permit(RightRule),
    /// Establishes a class.
    Class(ClassRule),
    /// Establishes an office.
    Office(OfficeRule),
    /// Gives functions to a body.
    Functions(FunctionRule),
    /// Lets a body hand functions to another.
    Delegation(DelegationRule),
    /// Says how many must be present.
    Quorum(ThresholdRule),
    /// Says how many must agree.
    Majority(ThresholdRule),
    /// Lets a written statement count as presence in a body.
    WrittenPresence(BodyId),
    /// Says when a body meets.
    Sessions(SessionRule),
    /// Lets rights be suspended on a ground.
    Suspension(SuspensionRule),
    /// Says who convenes and who chairs a body.
    Convening(ConveningRule),
    /// Says what passes when a party is succeeded by another (rule 12).
    Succession(Vec<Passing>),
    /// Says to whom an office passes next.
    Rotation(RotationRule),
    /// Lets parties that a session of a body admits vote in it (rule 23).
    VoteOnAdmission(BodyId),
    /// Says what coordinators of committees have to do.
    Duty(DutyRule),
    /// Takes rights from members in arrears (rules 28 to 30).
    Dues(DuesPolicy),
}

/// A right of classes of parties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightRule {
    /// The right.
    pub right: RightId,
    /// The body in which it is held; none is every body.
    pub body: Option<BodyId>,
    /// The classes it concerns.
    pub classes: Vec<ClassId>,
}

/// A class of membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRule {
    /// The class.
    pub class: ClassId,
    /// The bodies that admit to it.
    pub admitted_by: Vec<BodyId>,
    /// Who is eligible; none where the text does not say.
    pub eligibility: Option<Condition>,
}

/// An office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeRule {
    /// The office.
    pub office: OfficeId,
    /// Its seats, where it has more than one.
    pub seats: Vec<Word>,
    /// The body that elects.
    pub elected_by: Option<BodyId>,
    /// The body whose next session's host holds it ex officio.
    pub held_by_host_of: Option<BodyId>,
    /// The series of sessions at whose close the term ends.
    pub term_ends_at_close_of: Option<BodyId>,
    /// The length of a term in years; 0 where none is fixed.
    pub term_years: u32,
    /// The office that appoints.
    pub appointed_by: Option<OfficeId>,
    /// Who acts when the holder cannot, in words.
    pub acting: String,
}

/// Functions of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionRule {
    /// The body.
    pub body: BodyId,
    /// The functions.
    pub functions: Vec<FunctionId>,
    /// Whether the text gives them to this body alone.
    pub exclusive: bool,
}

/// A delegation between bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRule {
    /// The body that delegates.
    pub from: BodyId,
    /// The body that then decides.
    pub to: BodyId,
    /// The functions that can be handed over; empty is any of the delegating body.
    pub functions: Vec<FunctionId>,
    /// Whether a delegating act is needed.
    pub by_act: bool,
}

/// A threshold, as a fraction of a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdRule {
    /// The body.
    pub body: BodyId,
    /// The functions it applies to; empty is all.
    pub functions: Vec<FunctionId>,
    /// Numerator, at most the denominator.
    pub numerator: u32,
    /// Denominator, at least 1.
    pub denominator: u32,
    /// Whether the fraction must be reached or exceeded.
    pub comparator: Comparator,
    /// Of whom the fraction is taken.
    pub counted_of: CountedOf,
}

impl ThresholdRule {
    /// Returns the smallest number that meets the threshold for a count, by cross-multiplication
    /// (rule 28).
    #[must_use]
    pub fn least(&self, count: u64) -> u64 {
        let (n, d) = (
            u64::from(self.numerator),
            u64::from(self.denominator.max(1)),
        );
        match self.comparator {
            Comparator::AtLeast => (count * n).div_ceil(d),
            Comparator::MoreThan => count * n / d + 1,
        }
    }
}

/// Of whom a fraction is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CountedOf {
    /// Of the parties that have the vote.
    Entitled,
    /// Of those of them that are present.
    Present,
}

/// The calendar of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRule {
    /// The body.
    pub body: BodyId,
    /// The series of its sessions.
    pub series: BodyId,
    /// Every how many years it meets; 0 where not fixed.
    pub every_years: u32,
    /// The series in whose preceding year it meets.
    pub year_before: Option<BodyId>,
}

/// A power to suspend rights: where the text says "may", a decision takes them, else the policy
/// that is its ground does (rule 17).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspensionRule {
    /// The rights that may be suspended.
    pub rights: Vec<RightId>,
    /// The ground.
    pub ground: SuspensionGround,
    /// Whether a decision is needed; without a ground it is.
    pub by_decision: bool,
}

/// Who convenes and who chairs a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConveningRule {
    /// The body.
    pub body: BodyId,
    /// The office that convenes it; none where the text does not say.
    pub convened_by: Option<OfficeId>,
    /// The office that chairs it; none where the text does not say.
    pub chaired_by: Option<OfficeId>,
    /// In whose place the chair stands: the deputy of an office's holder, where the text says so.
    pub deputy_of: Option<OfficeId>,
}

/// The order in which an office passes from party to party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationRule {
    /// The office.
    pub office: OfficeId,
    /// The classes whose members take turns.
    pub classes: Vec<ClassId>,
    /// In which order.
    pub order: RotationOrder,
}

/// An order of turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RotationOrder {
    /// As listed, from the top again after the last.
    Listed(Vec<PartyId>),
    /// By the public name in a language, by its letters' code points.
    Alphabetical(Word),
}

/// What coordinators of committees have to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyRule {
    /// What is to be done, as a word: `meeting`, `report`.
    pub duty: Word,
    /// Every how many years; 0 where the text does not say.
    pub every_years: u32,
}

/// A condition, judged true, false or unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Condition {
    /// True if all are; of nothing, always true.
    All(Vec<Condition>),
    /// True if any is; of nothing, never true.
    Any(Vec<Condition>),
    /// True if the other is false.
    Not(Box<Condition>),
    /// True in a calendar year in which no session of the series is held (rule 20).
    YearWithoutSession(BodyId),
    /// True of parties of one of these kinds.
    PartyKind(Vec<Word>),
    /// True of parties of one of these countries.
    PartyCountry(Vec<Word>),
    /// True of parties in one of these regions.
    PartyRegion(Vec<Word>),
    /// True of parties recorded as suspended in this parent organisation; an unrecorded status is
    /// none (rule 30).
    ParentSuspended(Word),
}

impl Condition {
    /// The condition that always holds.
    #[must_use]
    pub fn always() -> Self {
        Self::All(Vec::new())
    }
}

/// What passes in a succession.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Passing {
    /// The membership.
    Membership,
    /// The offices.
    Offices,
    /// The accounts.
    Accounts,
    /// The seats of coordinators.
    Seats,
}

/// What a norm does to a right, as a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Effect {
    /// Gives it.
    Confers = 1,
    /// Keeps it back.
    Withholds = 2,
    /// Takes it for a time.
    Suspends = 4,
    /// Gives back what is suspended.
    Permits = 8,
}

impl Effect {
    /// Returns what a rule does to a right, and which right.
    #[must_use]
    pub fn of(rule: &Rule) -> Option<(Self, &RightRule)> {
        match rule {
            Rule::Confer(right) => Some((Self::Confers, right)),
            Rule::Withhold(right) => Some((Self::Withholds, right)),
            Rule::Suspend(right) => Some((Self::Suspends, right)),
            Rule::Permit(right) => Some((Self::Permits, right)),
            #[rustfmt::skip] // A list, read across.
            Rule::Class(_) | Rule::Office(_) | Rule::Functions(_) | Rule::Delegation(_)
            | Rule::Quorum(_) | Rule::Majority(_) | Rule::WrittenPresence(_) | Rule::Sessions(_)
            | Rule::Suspension(_) | Rule::Convening(_) | Rule::Succession(_) | Rule::Rotation(_)
            | Rule::VoteOnAdmission(_) | Rule::Duty(_) | Rule::Dues(_) => None,
        }
    }

    /// Returns the effect as a verb.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confers => "confers",
            Self::Withholds => "withholds",
            Self::Suspends => "suspends",
            Self::Permits => "permits",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(numerator: u32, denominator: u32, comparator: Comparator, count: u64) -> u64 {
        let body = BodyId::new("assembly").unwrap();
        ThresholdRule {
            body,
            functions: vec![],
            numerator,
            denominator,
            comparator,
            counted_of: CountedOf::Present,
        }
        .least(count)
    }

    #[test]
    fn rule_24_thresholds_are_the_charters_arithmetic() {
        assert_eq!(least(1, 2, Comparator::MoreThan, 81), 41);
        assert_eq!(least(1, 2, Comparator::MoreThan, 82), 42);
        assert_eq!(least(2, 3, Comparator::AtLeast, 41), 28);
        assert_eq!(least(2, 3, Comparator::AtLeast, 42), 28);
        assert_eq!(least(1, 2, Comparator::MoreThan, 0), 1);
    }
}
