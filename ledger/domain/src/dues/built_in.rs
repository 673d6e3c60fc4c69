//! The policies that ship by name. Adopting one copies its parameters into the entry (rule 21), so
//! a correction here changes no history.
//!
//! Where an instrument speaks of the contributions due for preceding *full* years, its arrears are
//! counted from the end of the year they are for: the dues of the current year are not yet arrears.
//! Where it adds the current year to the threshold, they are, from the day after their due day.
//!
//! Stratum (rule 27): law; reads recorded acts.

mod associations;
mod intergovernmental;

use crate::entry::policy::{
    Comparator, CountedFrom, DuesMode, DuesPolicy, DuesReading, DuesTier, Measure, Moment,
    PaymentOrder, Restoration, WaiverRule,
};
use crate::id::{BodyId, IdError, RightId, Word};

/// The names of the built-in policies.
pub const BUILT_IN: &[&str] = &[
    "near-2017",
    "near-2019",
    "un-19",
    "ilo-13-4",
    "who-7",
    "unesco-iv-c-8",
    "fao-iii-4",
    "unido-5",
    "imo-61",
    "iccrom-9",
    "au-2018",
    "uclg-36",
    "iclei-2-3a",
    "deemed-resignation-12m",
];

/// Returns the built-in policy of a name; none if there is none. `iclei-2.3a` is accepted too.
///
/// ```
/// use standing_domain::dues::built_in::{BUILT_IN, built_in};
///
/// let policy = built_in("un-19").ok_or("it ships with the ledger")?;
/// assert_eq!(policy.name.as_str(), "un-19");
/// assert!(!policy.readings.is_empty());
/// assert!(BUILT_IN.iter().all(|name| built_in(name).is_some()));
/// assert_eq!(built_in("a-policy-of-our-own"), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn built_in(name: &str) -> Option<DuesPolicy> {
    match name {
        "near-2017" => associations::near_2017(),
        "near-2019" => associations::near_2019(),
        "un-19" => intergovernmental::un_19(),
        "ilo-13-4" => intergovernmental::ilo_13_4(),
        "who-7" => intergovernmental::who_7(),
        "unesco-iv-c-8" => intergovernmental::unesco_iv_c_8(),
        "fao-iii-4" => intergovernmental::fao_iii_4(),
        "unido-5" => intergovernmental::unido_5(),
        "imo-61" => intergovernmental::imo_61(),
        "iccrom-9" => intergovernmental::iccrom_9(),
        "au-2018" => intergovernmental::au_2018(),
        "uclg-36" => associations::uclg_36(),
        "iclei-2-3a" | "iclei-2.3a" => associations::iclei_2_3a(),
        "deemed-resignation-12m" => associations::deemed_resignation_12m(),
        _ => None,
    }
}

/// Returns a policy of one reading over calendar years, oldest dues first, that nobody may waive.
fn policy(name: &str, tiers: Vec<DuesTier>) -> Option<DuesPolicy> {
    Some(DuesPolicy {
        name: Word::new(name).ok()?,
        funds: Vec::new(),
        fiscal_year_begins: 1,
        order: PaymentOrder::OldestFirst,
        readings: vec![reading("text", tiers)?],
        waiver: None,
        notice_months: 0,
        parent: None,
    })
}

fn reading(name: &str, tiers: Vec<DuesTier>) -> Option<DuesReading> {
    let name = Word::new(name).ok()?;
    Some(DuesReading { name, tiers })
}

/// Returns a tier that takes rights by itself on any day and gives them back as soon as the test
/// holds no more.
fn tier(
    measure: Measure,
    comparator: Comparator,
    rights: &[&str],
    bodies: &[&str],
) -> Option<DuesTier> {
    Some(DuesTier {
        measure,
        comparator,
        rights: ids(rights, RightId::new)?,
        bodies: ids(bodies, BodyId::new)?,
        ends_membership: false,
        mode: DuesMode::Automatic,
        decided_by: None,
        lost_at: Moment::Continuous,
        restored_at: Moment::Continuous,
        restored_by: Restoration::BelowThreshold,
    })
}

/// Returns the same tier where it takes its rights by decision only.
fn by_decision(tier: DuesTier) -> DuesTier {
    DuesTier {
        mode: DuesMode::ByDecision,
        lost_at: Moment::Decision,
        ..tier
    }
}

/// Returns the same tier where it ends the membership.
fn ending(tier: DuesTier) -> DuesTier {
    DuesTier {
        ends_membership: true,
        restored_at: Moment::Decision,
        restored_by: Restoration::Decision,
        ..tier
    }
}

/// Returns a waiver by these bodies on the ground that the party could not help it.
fn beyond_control(bodies: &[&str]) -> Option<WaiverRule> {
    Some(WaiverRule {
        bodies: ids(bodies, BodyId::new)?,
        majority: None,
        ground: Word::new("beyond-control").ok()?,
        must_end: false,
        needs_plan: false,
        request_days_after_opening: None,
        request_months_before: None,
    })
}

/// Returns a tier that takes the vote for arrears of the two full years before.
fn two_full_years(bodies: &[&str]) -> Option<DuesTier> {
    let measure = Measure::Amount {
        full_years: 2,
        with_current: false,
        counted_from: CountedFrom::YearEnd,
    };
    tier(measure, Comparator::AtLeast, &["vote"], bodies)
}

/// Returns the measure of arrears older than some months after their due day.
fn older_than(months: u16) -> Measure {
    Measure::Age {
        months,
        days: 0,
        counted_from: CountedFrom::DueDate,
    }
}

fn ids<T>(texts: &[&str], read: fn(&str) -> Result<T, IdError>) -> Option<Vec<T>> {
    texts.iter().map(|text| read(text).ok()).collect()
}
