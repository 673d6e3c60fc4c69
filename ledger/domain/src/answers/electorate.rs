//! Who votes in a body, as far as the law on record says so (rule 24).
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::entry::norm::Effect;
use crate::id::BodyId;
use crate::law::LawView;
use crate::time::day::Day;
use crate::time::truth::Truth;

/// The right that entitles to be counted for a quorum: the one right whose word the ledger itself
/// knows.
pub const VOTE: &str = "vote";

/// What the law on record says of those who vote in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Electorate {
    /// The parties with the right to vote in it.
    #[default]
    Parties,
    /// Nothing, although the body decides: no norm confers the vote in it. How many vote is then
    /// not known.
    Unsaid,
    /// Something that is not modelled: weights, a casting vote, a veto. What a vote came to is then
    /// not known.
    NotModelled,
}

impl Electorate {
    /// Returns whether a party counts, given whether the law gives it the vote.
    pub(crate) fn counted(self, vote: Truth) -> Truth {
        match self {
            Self::Parties => vote,
            Self::Unsaid | Self::NotModelled => Truth::Unknown,
        }
    }

    /// Returns what the law of a day says of those who vote in a body. Where no norm confers the
    /// vote in a body that takes no decisions, nobody votes in it, and nothing is missing.
    #[must_use]
    pub fn of(law: &LawView, body: &BodyId, day: Day, decides: bool) -> Self {
        let norms = law.in_force(day);
        let confers = norms.iter().any(|norm| {
            Effect::of(&norm.norm.rule).is_some_and(|(effect, rule)| {
                effect == Effect::Confers
                    && rule.right.as_str() == VOTE
                    && rule.body.as_ref().is_none_or(|of| of == body)
            })
        });
        let weighs = || {
            norms.iter().any(|norm| {
                let threshold = norm.norm.rule.threshold();
                threshold.is_some_and(|threshold| threshold.rule().body == *body)
            })
        };
        if confers || !(decides || weighs()) {
            Self::Parties
        } else {
            Self::Unsaid
        }
    }
}
