//! What is asked of a rule: which kind it is, and what it says then. A question about several kinds
//! is one match without an arm for the rest, so that a new rule has an answer to it.

#![expect(
    clippy::unnested_or_patterns,
    reason = "topics are patterns inside patterns"
)]

use crate::entry::norm::ground::SuspensionGround;
use crate::entry::norm::{
    ClassRule, Condition, ConveningRule, DelegationRule, DutyRule, FunctionRule, OfficeRule,
    Passing, RotationRule, Rule, SessionRule, SuspensionRule, ThresholdRule,
};
use crate::entry::policy::DuesPolicy;
use crate::id::ArticleRef;
use crate::id::BodyId;
use crate::id::Word;

/// The rules of topics, as a pattern: for those who ask about another topic.
macro_rules! about {
    (rights) => { Rule::Confer(_) | Rule::Withhold(_) | Rule::Suspend(_) | Rule::Permit(_) };
    (powers) => { Rule::Class(_) | Rule::Functions(_) | Rule::Delegation(_) };
    (votes) => {
        Rule::Quorum(_) | Rule::Majority(_) | Rule::WrittenPresence(_) | Rule::VoteOnAdmission(_)
    };
    (sessions) => { Rule::Sessions(_) | Rule::Convening(_) };
    (offices) => { Rule::Office(_) | Rule::Rotation(_) | Rule::Duty(_) };
    (successions) => { Rule::Succession(_) };
    (sanctions) => { Rule::Suspension(_) | Rule::Dues(_) };
    ($($topic:ident)+) => { $(about!($topic))|+ };
}

/// A rule by which a body may act.
#[derive(Debug, Clone, Copy)]
pub enum Power<'n> {
    /// It gives functions to a body.
    Functions(&'n FunctionRule),
    /// It says who admits to a class.
    Class(&'n ClassRule),
    /// It lets a body hand functions to another.
    Delegation(&'n DelegationRule),
}

/// How many it takes.
#[derive(Debug, Clone, Copy)]
pub enum Threshold<'n> {
    /// To be present.
    Quorum(&'n ThresholdRule),
    /// To agree.
    Majority(&'n ThresholdRule),
}

impl<'n> Threshold<'n> {
    /// Returns the rule.
    #[must_use]
    pub fn rule(&self) -> &'n ThresholdRule {
        match self {
            Self::Quorum(rule) | Self::Majority(rule) => rule,
        }
    }
}

/// A rule by which rights are taken for a conduct.
#[derive(Debug, Clone, Copy)]
pub enum Sanction<'n> {
    /// It lets rights be suspended on a ground.
    Suspension(&'n SuspensionRule),
    /// It takes rights from members in arrears.
    Dues(&'n DuesPolicy),
}

/// Writes a question about one kind for each row: what it returns, and of which variant.
macro_rules! of_one_kind {
    ($($(#[$doc:meta])* $name:ident: $variant:ident -> $type:ty;)*) => {
        impl Rule {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Option<&$type> {
                    if let Self::$variant(rule) = self { Some(rule) } else { None }
                }
            )*
        }
    };
}

of_one_kind! {
    /// Returns the class that it establishes, with who is admitted to it.
    class: Class -> ClassRule;
    /// Returns the office that it establishes.
    office: Office -> OfficeRule;
    /// Returns the functions that it gives to a body.
    functions: Functions -> FunctionRule;
    /// Returns what it lets a body hand to another.
    delegation: Delegation -> DelegationRule;
    /// Returns the body in which it counts written statements as presence.
    written_presence: WrittenPresence -> BodyId;
    /// Returns when it lets a body meet.
    sessions: Sessions -> SessionRule;
    /// Returns which rights it lets be suspended, and on which ground.
    suspension: Suspension -> SuspensionRule;
    /// Returns who convenes and who chairs a body by it.
    convening: Convening -> ConveningRule;
    /// Returns what it lets pass in a succession.
    succession: Succession -> [Passing];
    /// Returns to whom it lets an office pass next.
    rotation: Rotation -> RotationRule;
    /// Returns the body in which it lets those vote whom a session admits.
    vote_on_admission: VoteOnAdmission -> BodyId;
    /// Returns what coordinators have to do by it.
    duty: Duty -> DutyRule;
    /// Returns the policy by which it takes rights from members in arrears.
    dues: Dues -> DuesPolicy;
}

impl Rule {
    /// Returns by what a body may act, if it says so.
    #[must_use]
    pub fn power(&self) -> Option<Power<'_>> {
        match self {
            Self::Functions(rule) => Some(Power::Functions(rule)),
            Self::Class(rule) => Some(Power::Class(rule)),
            Self::Delegation(rule) => Some(Power::Delegation(rule)),
            about!(rights votes sessions offices successions sanctions) => None,
        }
    }

    /// Returns how many it takes to decide, if it says so.
    #[must_use]
    pub fn threshold(&self) -> Option<Threshold<'_>> {
        match self {
            Self::Quorum(rule) => Some(Threshold::Quorum(rule)),
            Self::Majority(rule) => Some(Threshold::Majority(rule)),
            Self::WrittenPresence(_)
            | Self::VoteOnAdmission(_)
            | about!(rights powers sessions offices successions sanctions) => None,
        }
    }

    /// Returns by what it takes rights for a conduct, if it does.
    #[must_use]
    pub fn sanction(&self) -> Option<Sanction<'_>> {
        match self {
            Self::Suspension(rule) => Some(Sanction::Suspension(rule)),
            Self::Dues(policy) => Some(Sanction::Dues(policy)),
            about!(rights powers votes sessions offices successions) => None,
        }
    }
}

/// What a condition asks of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Its kind.
    Kind,
    /// Its country.
    Country,
    /// Its region.
    Region,
}

impl Attribute {
    /// Returns it as a noun.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Country => "country",
            Self::Region => "region",
        }
    }
}

/// How a condition is put together.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'c> {
    /// All of these.
    All(&'c [Condition]),
    /// Any of these.
    Any(&'c [Condition]),
    /// Not this.
    Not(&'c Condition),
    /// Of nothing else: it is judged by itself.
    Leaf,
}

impl Condition {
    /// Returns what it leaves to texts that are not modelled, in the order of the condition.
    #[must_use]
    pub fn not_modelled(&self) -> Vec<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::not_modelled).collect()
            }
            Self::Not(part) => part.not_modelled(),
            Self::NotModelled(text) => vec![text],
            Self::YearWithoutSession(_)
            | Self::PartyKind(_)
            | Self::PartyCountry(_)
            | Self::PartyRegion(_)
            | Self::ParentSuspended(_) => Vec::new(),
        }
    }

    /// Hands out the words by which it asks what a party is.
    pub fn each_attribute<'c>(&'c self, found: &mut dyn FnMut(Attribute, &'c Word)) {
        let mut each = |attribute, words: &'c [Word]| {
            for word in words {
                found(attribute, word);
            }
        };
        match self {
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.each_attribute(found);
                }
            }
            Self::Not(part) => part.each_attribute(found),
            Self::PartyKind(words) => each(Attribute::Kind, words),
            Self::PartyCountry(words) => each(Attribute::Country, words),
            Self::PartyRegion(words) => each(Attribute::Region, words),
            Self::YearWithoutSession(_) | Self::ParentSuspended(_) | Self::NotModelled(_) => {}
        }
    }

    /// Returns what it leaves to texts, as a part of a sentence; empty if nothing.
    #[must_use]
    pub fn told_not_modelled(&self) -> String {
        let texts = self.not_modelled();
        if texts.is_empty() {
            return String::new();
        }
        format!("; not modelled: {}", texts.join("; "))
    }

    /// Returns how it is put together.
    #[must_use]
    pub fn shape(&self) -> Shape<'_> {
        match self {
            Self::All(parts) => Shape::All(parts),
            Self::Any(parts) => Shape::Any(parts),
            Self::Not(part) => Shape::Not(part),
            Self::YearWithoutSession(_)
            | Self::PartyKind(_)
            | Self::PartyCountry(_)
            | Self::PartyRegion(_)
            | Self::ParentSuspended(_)
            | Self::NotModelled(_) => Shape::Leaf,
        }
    }
}

impl SuspensionRule {
    /// Returns whether the ground that it names, as a norm of an article of its own, is the policy
    /// of another.
    #[must_use]
    pub fn is_grounded_in(&self, own: &ArticleRef, policy: &ArticleRef) -> bool {
        match &self.ground {
            SuspensionGround::None => false,
            SuspensionGround::Instrument(instrument) => {
                self.has_ground(own) && *instrument == policy.instrument
            }
            SuspensionGround::Article(article) => article == policy,
        }
    }

    /// Returns whether it names a ground, as a norm of an article of its own.
    #[must_use]
    pub fn has_ground(&self, own: &ArticleRef) -> bool {
        match &self.ground {
            SuspensionGround::None => false,
            SuspensionGround::Instrument(instrument) => *instrument != own.instrument,
            SuspensionGround::Article(_) => true,
        }
    }
}
