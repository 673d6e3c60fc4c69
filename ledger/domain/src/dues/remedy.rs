//! What a party must pay to have its rights back, or to keep them.
//!
//! Stratum (rule 27): losses and endings; reads accounts.

use super::account::Placement;
use super::loss::{Loss, Stage};
use crate::dues::case::Case;
use crate::time::day::Day;

/// A payment that averts what lies ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The smallest amount that does, in minor units.
    pub amount: u64,
    /// The last day to pay it.
    pub by: Day,
    /// What happens on the day after.
    pub otherwise: Stage,
}

impl Loss<'_> {
    /// Returns the smallest amount, in minor units, that ends the loss or the liability if paid on
    /// a day, wherever unknown days lie; 0 if there is neither, none if no payment does. It names
    /// no year and goes to what is due first. A loss that lifts at a moment of its own (rule 29)
    /// then lifts at the next.
    #[must_use]
    pub fn smallest_payment(&self, day: Day) -> Option<u64> {
        let case = &self.case;
        match self.at(day).worst {
            Stage::Clear => Some(0),
            Stage::Liable => case.least(day, |further| {
                !case.measured_with(day, Placement::Worst, further).holds
            }),
            Stage::Lost => case.least(day, |further| {
                case.is_healed(&case.measured_with(day, Placement::Worst, further))
            }),
        }
    }

    /// Returns what must be paid by when to keep the rights, where a loss lies ahead; of a tier
    /// that takes nothing without a decision, to stay clear of it. None where the rights are lost,
    /// where nothing lies ahead, and where no payment averts it.
    #[must_use]
    pub fn keep_by(&self, day: Day) -> Option<Keep> {
        let now = self.worst.stage_at(day);
        let ahead = |stage: Stage| {
            let mut turns = self.worst.turns().iter();
            turns.find(|turn| turn.day > day && turn.stage == stage)
        };
        let turn = match now {
            Stage::Clear => ahead(Stage::Lost).or_else(|| ahead(Stage::Liable)),
            Stage::Liable => ahead(Stage::Lost),
            Stage::Lost => None,
        }?;
        let case = &self.case;
        let amount = case.least(turn.day, |further| {
            !case
                .measured_with(turn.day, Placement::Worst, further)
                .holds
        })?;
        Some(Keep {
            amount,
            by: turn.day.previous(),
            otherwise: turn.stage,
        })
    }
}

impl Case<'_> {
    /// Returns the smallest amount that is enough on a day. What is enough stays enough if more is
    /// paid, so halving finds it.
    fn least(&self, day: Day, enough: impl Fn(u64) -> bool) -> Option<u64> {
        let unpaid = self.account.most_unpaid(self.policy, day);
        let (mut short, mut amount) = (0, u64::try_from(unpaid).unwrap_or(u64::MAX));
        if !enough(amount) {
            return None;
        }
        while short < amount {
            let middle = short + (amount - short) / 2;
            if enough(middle) {
                amount = middle;
            } else {
                short = middle + 1;
            }
        }
        Some(amount)
    }
}
