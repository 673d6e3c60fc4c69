//! Years for which nothing is assessed yet: what a threshold will count of them is not known (rule
//! 28).
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law, accounts.

use crate::answers::arrears::PolicyInForce;
use crate::answers::view::{Parties, View};
use crate::dues::account::Account;
use crate::dues::loss::Standing;
use crate::entry::policy::{DuesPolicy, DuesReading, Measure};
use crate::id::{FundId, Word};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use std::collections::{BTreeMap, BTreeSet};

/// The reading that takes a year without an assessment as one for which nothing will be assessed.
pub const AS_RECORDED: &str = "as-recorded";

/// How many successions a membership is followed through.
const LONGEST_CHAIN: usize = 32;

impl<P: Parties> View<'_, P> {
    /// Returns, for the funds in which a party was assessed and which a policy covers, the first
    /// year that is open for the party on a day; all after it are open too. They come after the
    /// last year for which the fund has any assessment, and not before the membership, as the
    /// recorded acts have it.
    pub(super) fn open_years(
        &self,
        policy: &PolicyInForce<'_>,
        account: &Account,
        record: &PartyRecord,
        day: Day,
    ) -> BTreeMap<FundId, i16> {
        let mut tiers = policy.reading.tiers.iter();
        let of_sums = tiers.any(|tier| matches!(tier.measure, Measure::Amount { .. }));
        let mut readings = self.readings.iter();
        if !of_sums || readings.any(|reading| reading.as_str() == AS_RECORDED) {
            return BTreeMap::new();
        }
        let Some(since) = self.recorded_since(record, day) else {
            return BTreeMap::new();
        };
        let member_from = policy.policy.year_of(since);
        let assessed = account.obligations.iter();
        let assessed: BTreeSet<&FundId> = assessed
            .filter(|obligation| !obligation.revisions.is_empty())
            .map(|obligation| &obligation.fund)
            .filter(|fund| policy.policy.covers(fund))
            .collect();
        let open = assessed.into_iter().filter_map(|fund| {
            let last = self.last_assessed(fund)?;
            let next = i16::try_from(last).unwrap_or(i16::MAX).saturating_add(1);
            Some((fund.clone(), next.max(member_from)))
        });
        open.collect()
    }

    fn last_assessed(&self, fund: &FundId) -> Option<u16> {
        let stands = |entry| {
            let annulled = !self.book.annulments(entry).is_empty();
            !(self.without)(entry) && !self.is_void(entry, annulled)
        };
        self.book.last_assessed_by(fund, self.known_at, &stands)
    }

    /// Returns the first day on which the membership of a party on a day may have begun by the
    /// recorded acts alone; none where it has none.
    fn recorded_since(&self, record: &PartyRecord, day: Day) -> Option<Day> {
        let line = self.class_line(record).ok()?;
        let last = line.last_steps(day);
        let first = last.filter_map(|step| self.begun_by_acts(&line, step, LONGEST_CHAIN));
        first.min()
    }

    /// Returns the first day of the membership that stands after a step of a line; of one that
    /// passed, that of the predecessor's.
    fn begun_by_acts(
        &self,
        line: &Timeline<ClassValue>,
        step: Option<usize>,
        chain: usize,
    ) -> Option<Day> {
        let mut steps = (0..=step?).rev();
        let standing = steps.by_ref().map_while(|place| {
            let (value, position) = line.value_after(Some(place))?;
            value.stands().then_some((place, *value, position))
        });
        let (place, value, position) = standing.last()?;
        let own = line.steps().get(place)?.window.earliest;
        let passed = match value {
            ClassValue::PassedFrom(party) => {
                let before = self.before_passing(party, position);
                let chain = chain.checked_sub(1);
                before
                    .zip(chain)
                    .and_then(|((_, from, before), chain)| self.begun_by_acts(&from, before, chain))
            }
            ClassValue::Taken { .. } | ClassValue::Ended(_) => None,
        };
        Some(passed.map_or(own, |passed| passed.min(own)))
    }
}

/// Returns the readings that could be applied instead of one.
pub(super) fn other_readings(
    policy: &DuesPolicy,
    applied: &DuesReading,
    standing: &Standing,
) -> Vec<Word> {
    let names = policy.readings.iter().map(|reading| &reading.name);
    let others = names.filter(|name| **name != applied.name).cloned();
    let open = standing.hangs_on_open_years();
    let as_recorded = open.then(|| Word::new(AS_RECORDED).ok()).flatten();
    others.chain(as_recorded).collect()
}
