//! Who votes in a body, as far as the law on record says so (rule 24).
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::entry::norm::Effect;
use crate::id::BodyId;
use crate::law::LawView;
use crate::law::in_force::InForce;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::collections::BTreeSet;

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
        let confers = Voting::under(&norms).covers(body);
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

/// In which bodies norms confer the vote.
pub(crate) struct Voting<'a> {
    /// None is in every body.
    bodies: BTreeSet<Option<&'a BodyId>>,
}

impl<'a> Voting<'a> {
    /// Returns the bodies in which some norms confer the vote.
    pub fn under(norms: &[InForce<'a>]) -> Self {
        let conferred = norms.iter().filter_map(|norm| {
            let (effect, rule) = Effect::of(&norm.norm.rule)?;
            let votes = effect == Effect::Confers && rule.right.as_str() == VOTE;
            votes.then_some(rule.body.as_ref())
        });
        Self {
            bodies: conferred.collect(),
        }
    }

    /// Returns whether one of them does in a body.
    pub fn covers(&self, body: &BodyId) -> bool {
        self.bodies.contains(&None) || self.bodies.contains(&Some(body))
    }
}
