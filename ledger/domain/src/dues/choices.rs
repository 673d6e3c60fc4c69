//! The ways in which uncertain revisions may stand on a day.
//!
//! Stratum (rule 27): accounts; reads recorded acts.

use super::account::{Account, Joined, Obligation, Revision, Stay};
use crate::entry::policy::DuesPolicy;
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeSet;

/// The most ways that are tried one by one; past them the bounds are taken apart.
const MOST: usize = 256;

/// The most days on which accounts may pass that are tried one by one.
const MOST_PLACED: usize = 64;

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

impl Account {
    /// Returns the accounts that this one may be by a day, by when accounts passed whose day is not
    /// known, and whether what was paid about that day was paid before it. None where nothing of
    /// that is uncertain.
    pub(super) fn passings_placed(&self, day: Day) -> Vec<Self> {
        let open = |window: &Window| !window.is_day() && window.earliest <= day;
        let windows: BTreeSet<Window> = self.passing_windows().filter(open).collect();
        let mut ways = Vec::new();
        for days in self.placements(&windows, day) {
            let pick = |window: Window| {
                let mut placed = windows.iter().zip(&days);
                let on = placed.find(|(of, _)| **of == window).map(|(_, on)| *on);
                on.map_or(window, Window::day)
            };
            ways.push(self.passed(&pick));
        }
        let straddles = |way: &Self| {
            way.joined.iter().any(|joined| {
                let on = joined.on.latest;
                let mut payments = way.payments.iter();
                payments.any(|paid| paid.on.earliest < on && on <= paid.on.latest)
            })
        };
        if ways.is_empty() && straddles(self) {
            ways.push(self.clone());
        }
        let ways = ways.into_iter();
        ways.flat_map(|way| {
            if straddles(&way) {
                vec![way.paid_about(true), way.paid_about(false)]
            } else {
                vec![way]
            }
        })
        .collect()
    }

    /// Returns the days on which each of these windows may be placed so that the account may be
    /// another by a day: all ways, or, where they are too many, the earliest and the latest.
    fn placements(&self, windows: &BTreeSet<Window>, day: Day) -> Vec<Vec<Day>> {
        if windows.is_empty() {
            return Vec::new();
        }
        let obligations = self.obligations.iter();
        let assessed = obligations
            .flat_map(|of| &of.revisions)
            .map(|of| of.effective);
        let paid = self.payments.iter().map(|paid| paid.on);
        let mut turns: BTreeSet<Day> = assessed
            .chain(paid)
            .flat_map(|window| [window.earliest, window.latest])
            .flat_map(|day| [day.previous(), day, day.next()])
            .collect();
        turns.extend([day, day.next()]);
        let days = |window: &Window| -> BTreeSet<Day> {
            let within = turns.range(window.earliest..=window.latest).copied();
            within.chain([window.earliest, window.latest]).collect()
        };
        let mut ways: Vec<Vec<Day>> = vec![Vec::new()];
        for window in windows {
            let days = days(window);
            if ways.len() * days.len() > MOST_PLACED {
                let earliest = windows.iter().map(|window| window.earliest).collect();
                let latest = windows.iter().map(|window| window.latest).collect();
                return vec![earliest, latest];
            }
            let longer = ways.iter().flat_map(|way| {
                let days = days.iter();
                days.map(|day| way.iter().copied().chain([*day]).collect())
            });
            ways = longer.collect();
        }
        ways
    }

    fn passing_windows(&self) -> impl Iterator<Item = Window> {
        let stays = self.names.iter().flatten();
        let of_stays = stays.flat_map(|stay| [Some(stay.from), stay.until]);
        let of_joined = self
            .joined
            .iter()
            .flat_map(|joined| [Some(joined.on), joined.until]);
        of_stays.chain(of_joined).flatten()
    }

    /// Returns the account with every passing on the day that a function picks.
    fn passed(&self, pick: &dyn Fn(Window) -> Window) -> Self {
        let stays = |stays: &Vec<Stay>| {
            let stays = stays.iter().map(|stay| Stay {
                from: pick(stay.from),
                until: stay.until.map(pick),
            });
            stays.collect()
        };
        let joined = self.joined.iter().map(|joined| Joined {
            on: pick(joined.on),
            until: joined.until.map(pick),
            ..*joined
        });
        Self {
            names: self.names.iter().map(stays).collect(),
            joined: joined.collect(),
            ..self.clone()
        }
    }

    /// Returns the account with what was paid about the day of a passing paid before it, or on it
    /// and later.
    fn paid_about(&self, before: bool) -> Self {
        let mut account = self.clone();
        for paid in &mut account.payments {
            for joined in &self.joined {
                let on = joined.on.latest;
                if paid.on.earliest < on && on <= paid.on.latest {
                    if before {
                        paid.on.latest = on.previous();
                    } else {
                        paid.on.earliest = on;
                    }
                }
            }
        }
        account
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
