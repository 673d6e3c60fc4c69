//! A case: a tier of a policy, the account of a party, and what lies around it.
//!
//! Stratum (rule 27): accounts; reads recorded acts.

use super::account::{Account, Placement};
use crate::entry::policy::{DuesPolicy, DuesTier};
use crate::id::position::Position;
use crate::id::{BodyId, FundId};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// What lies around an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// When sessions open, by body. Sessions called off are left out.
    pub openings: Vec<(BodyId, Window)>,
    /// When the party was warned of its arrears under this policy.
    pub notices: Vec<Notice>,
    /// The first year of each fund for which nothing is assessed yet, as are all after it.
    pub open: BTreeMap<FundId, i16>,
    /// When the membership began: dues that fell due before it are no ground. None where all are.
    pub member_since: Option<Window>,
}

/// A warning of arrears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When it was given.
    pub on: Window,
    /// On which days it is annulled.
    pub annulled: Steps<Truth>,
}

impl Notice {
    /// Returns whether the notice counts on a day, once it is given.
    #[must_use]
    pub fn counts(&self, day: Day, placement: Placement) -> bool {
        let annulled = self.annulled.holds(day);
        match placement {
            Placement::Best => annulled == Truth::No,
            Placement::Worst => annulled != Truth::Yes,
        }
    }
}

impl From<Window> for Notice {
    fn from(on: Window) -> Self {
        let annulled = Steps::default();
        Self { on, annulled }
    }
}

/// A tier of a policy and the account of a party.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The policy.
    pub policy: &'a DuesPolicy,
    /// One of its tiers.
    pub tier: &'a DuesTier,
    /// The account.
    pub account: &'a Account,
    /// What lies around it.
    pub surroundings: &'a Surroundings,
}

/// What brings a change of stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A session of the body opened.
    SessionOpened(BodyId, Window),
    /// A year of the policy began.
    YearBegan(i16),
    /// The time to pay dues ran out.
    Overdue {
        /// The fund.
        fund: FundId,
        /// The year they are for.
        year: i16,
    },
    /// An instalment of the plan of this entry was not paid.
    InstalmentMissed(Position),
    /// The plan of this entry ended.
    PlanEnded(Position),
    /// A notice was given, or the time after it ran out.
    NoticeGiven(Window),
    /// The payment of this entry.
    Paid(Position),
    /// The write-off of this entry.
    WrittenOff(Position),
    /// The plan of this entry was agreed.
    PlanAgreed(Position),
    /// The assessment of this entry took effect.
    Assessed(Position),
    /// An account passed by the succession of this entry.
    Passed(Position),
    /// What this entry says of the account was annulled, or is no longer.
    Annulled(Position),
}
