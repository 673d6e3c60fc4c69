//! The ways in which uncertain revisions may stand on a day.
//!
//! Stratum (rule 27): accounts; reads recorded acts.

use super::account::{Account, Obligation, Revision};
use crate::entry::policy::DuesPolicy;
use crate::time::day::Day;
use crate::time::when::Window;

/// The most ways that are tried one by one; past them the bounds are taken apart.
const MOST: usize = 256;

impl Account {
    /// Returns the accounts that this one may be on a day, by which of its uncertain revisions are
    /// in effect; none if nothing is uncertain, or too much.
    pub(super) fn choices(&self, policy: &DuesPolicy, day: Day) -> Option<Vec<Self>> {
        let uncertain: Vec<(usize, Vec<Obligation>)> = self
            .obligations
            .iter()
            .enumerate()
            .filter(|(_, obligation)| policy.covers(&obligation.fund))
            .map(|(place, obligation)| (place, obligation.choices(day)))
            .filter(|(_, choices)| choices.len() > 1)
            .collect();
        let ways = uncertain.iter().try_fold(1_usize, |ways, (_, choices)| {
            ways.checked_mul(choices.len())
        })?;
        if uncertain.is_empty() || ways > MOST {
            return None;
        }
        let mut accounts = vec![self.clone()];
        for (place, choices) in uncertain {
            accounts = accounts
                .into_iter()
                .flat_map(|account| {
                    choices.iter().map(move |choice| {
                        let mut account = account.clone();
                        account.obligations[place] = choice.clone();
                        account
                    })
                })
                .collect();
        }
        Some(accounts)
    }
}

impl Obligation {
    /// Returns the obligation with each of the revisions that may be in effect on a day, and
    /// without any if none is certain to be.
    fn choices(&self, day: Day) -> Vec<Self> {
        let (certain, possible) = self.in_effect(day);
        let first = self.revisions.iter().map(|r| r.effective.earliest).min();
        let since = Window {
            earliest: first.map_or(day, |first| first.min(day)),
            latest: day,
        };
        let with = |revisions: Vec<Revision>| Self {
            revisions,
            ..self.clone()
        };
        let mut choices: Vec<Self> = possible
            .into_iter()
            .map(|revision| {
                with(vec![Revision {
                    effective: since,
                    ..revision.clone()
                }])
            })
            .collect();
        if certain.is_none() {
            choices.push(with(Vec::new()));
        }
        choices
    }
}
