//! What is contradictory in the parameters of a policy.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::policy::{
    DuesMode, DuesPolicy, DuesTier, Measure, Moment, Restoration, WaiverRule,
};
use std::collections::BTreeSet;

impl DuesPolicy {
    /// Returns every contradiction in the parameters, each a sentence that begins with the path of
    /// the field.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        let mut found = Vec::new();
        if !(1..=12).contains(&self.fiscal_year_begins) {
            let month = self.fiscal_year_begins;
            found.push(format!("fiscal_year_begins: there is no month {month}."));
        }
        once("funds", &self.funds, &mut found);
        if self.readings.is_empty() {
            found.push("readings: a policy needs at least one reading.".to_owned());
        }
        let mut names = BTreeSet::new();
        for (r, reading) in self.readings.iter().enumerate() {
            if !names.insert(&reading.name) {
                let name = &reading.name;
                found.push(format!(
                    "readings[{r}].name: {name} names an earlier reading."
                ));
            }
            if reading.tiers.is_empty() {
                found.push(format!(
                    "readings[{r}].tiers: a reading needs at least one tier."
                ));
            }
            for (t, tier) in reading.tiers.iter().enumerate() {
                let path = format!("readings[{r}].tiers[{t}]");
                if reading.tiers[..t].contains(tier) {
                    found.push(format!("{path}: the tier repeats an earlier one."));
                }
                tier_contradictions(tier, &path, &mut found);
            }
        }
        if let Some(waiver) = &self.waiver {
            waiver_contradictions(waiver, &mut found);
        }
        if self.parent.as_ref() == Some(&self.name) {
            found.push("parent: a policy cannot follow itself.".to_owned());
        }
        found
    }
}

fn tier_contradictions(tier: &DuesTier, path: &str, found: &mut Vec<String>) {
    measure_contradictions(&tier.measure, path, found);
    once(&format!("{path}.rights"), &tier.rights, found);
    once(&format!("{path}.bodies"), &tier.bodies, found);
    if tier.ends_membership && !(tier.rights.is_empty() && tier.bodies.is_empty()) {
        found.push(format!(
            "{path}.ends_membership: the end of a membership takes every right everywhere, so none is listed."
        ));
    }
    if tier.ends_membership && tier.restored_by != Restoration::Decision {
        found.push(format!(
            "{path}.restored_by: an ended membership comes back by decision only."
        ));
    }
    let fits = match &tier.mode {
        DuesMode::Automatic if tier.lost_at == Moment::Decision => {
            Err("an automatic loss does not wait for a decision")
        }
        DuesMode::ByDecision if tier.lost_at != Moment::Decision => {
            Err("a loss by decision happens by decision")
        }
        DuesMode::TwoStep { series } if tier.lost_at != Moment::SessionOpening(series.clone()) => {
            Err("a loss in two steps happens at an opening of the series of the warning")
        }
        _ => Ok(()),
    };
    if let Err(why) = fits {
        found.push(format!("{path}.lost_at: {why}."));
    }
    match (tier.restored_by, &tier.restored_at) {
        (Restoration::Decision, Moment::Decision) => {}
        (Restoration::Decision, _) => {
            found.push(format!(
                "{path}.restored_at: what a decision lifts, it lifts when it is taken."
            ));
        }
        (_, Moment::Decision) => {
            found.push(format!(
                "{path}.restored_at: what lifts by itself waits for no decision."
            ));
        }
        _ => {}
    }
    if let Some(decision) = &tier.decided_by {
        if tier.mode == DuesMode::Automatic {
            found.push(format!(
                "{path}.decided_by: nobody decides an automatic loss."
            ));
        }
        once(
            &format!("{path}.decided_by.bodies"),
            &decision.bodies,
            found,
        );
        share(
            &format!("{path}.decided_by.majority"),
            decision.majority,
            found,
        );
    }
}

fn measure_contradictions(measure: &Measure, path: &str, found: &mut Vec<String>) {
    let wrong = match measure {
        Measure::Amount {
            full_years: 0,
            with_current: false,
            ..
        } => Some("an amount of no years at all is no threshold"),
        Measure::Fraction { denominator: 0, .. } => Some("a fraction has a denominator from 1"),
        Measure::Fraction { numerator: 0, .. } => Some("nobody pays less than nothing"),
        Measure::Fraction {
            numerator,
            denominator,
            ..
        } if numerator > denominator => Some("a fraction is at most one"),
        Measure::UnpaidYears { years: 0, .. } => Some("no years are not unpaid"),
        _ => None,
    };
    if let Some(why) = wrong {
        found.push(format!("{path}.measure: {why}."));
    }
}

fn waiver_contradictions(waiver: &WaiverRule, found: &mut Vec<String>) {
    once("waiver.bodies", &waiver.bodies, found);
    share("waiver.majority", waiver.majority, found);
    if waiver.request_days_after_opening.is_some() && waiver.request_months_before.is_some() {
        found.push(
            "waiver.request_months_before: a request is due before the opening or after it, not both."
                .to_owned(),
        );
    }
}

fn share(path: &str, majority: Option<(u32, u32)>, found: &mut Vec<String>) {
    let wrong = match majority {
        Some((_, 0)) => "a share has a denominator from 1",
        Some((0, _)) => "a share of nothing is no majority",
        Some((n, d)) if n > d => "a share is at most one",
        _ => return,
    };
    found.push(format!("{path}: {wrong}."));
}

fn once<T: Ord + std::fmt::Display>(path: &str, ids: &[T], found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (i, id) in ids.iter().enumerate() {
        if !seen.insert(id) {
            found.push(format!("{path}[{i}]: {id} is listed twice."));
        }
    }
}
