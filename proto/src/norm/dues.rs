//! Dues policies, both ways.

use super::{or_empty, texts};
use crate::limit;
use crate::read::{At, Read, build};
use crate::v1;
use crate::v1::{dues_moment, dues_tier};
use standing_domain::dues::built_in::{BUILT_IN, built_in};
use standing_domain::entry::policy::{
    DecisionRule, DuesMode, DuesPolicy, DuesReading, DuesTier, Measure, Moment, WaiverRule,
};

/// Reads a policy; one that is named only comes with the parameters it has in this release (rule
/// 21).
pub(super) fn read_policy(at: &At, wire: v1::DuesPolicyRule) -> Read<DuesPolicy> {
    if wire.built_in.is_empty() {
        return read_parameters(at, wire);
    }
    let at = at.field("built_in");
    let alone = v1::DuesPolicyRule {
        built_in: wire.built_in.clone(),
        ..Default::default()
    };
    if wire != alone {
        return at.refuse("NOT_ALONE", "nothing else is set beside a built-in policy");
    }
    let name = &wire.built_in;
    built_in(name).map_or_else(
        || {
            let known = BUILT_IN.join(", ");
            at.refuse(
                "UNKNOWN_POLICY",
                format_args!("{name:?} is none of {known}"),
            )
        },
        Ok,
    )
}

fn read_parameters(at: &At, wire: v1::DuesPolicyRule) -> Read<DuesPolicy> {
    build!(DuesPolicy {
        name: at.id("name", &wire.name),
        funds: at.ids("funds", &wire.funds, &limit::LIST),
        fiscal_year_begins: read_month(&at.field("fiscal_year_begins"), wire.fiscal_year_begins),
        order: at.choice("payment_order", wire.payment_order),
        readings: at.list(
            "readings",
            wire.readings,
            &limit::AT_LEAST_ONE,
            read_reading
        ),
        waiver: at.optional("waiver", wire.waiver.as_ref(), read_waiver_rule),
        notice_months: count(at, "notice_months", wire.notice_months),
        parent: at.optional_id("parent", &wire.parent),
    })
}

fn read_month(at: &At, month: u32) -> Read<u8> {
    match u8::try_from(month) {
        Ok(0) => Ok(1),
        Ok(month @ 1..=12) => Ok(month),
        _ => at.refuse("OUT_OF_RANGE", format_args!("{month} is no month, 1 to 12")),
    }
}

/// Reads a number of years, months or days.
fn count(at: &At, name: &'static str, number: u32) -> Read<u16> {
    u16::try_from(number).or_else(|_| {
        let description = format_args!("{number} is above {}", u16::MAX);
        at.field(name).refuse("OUT_OF_RANGE", description)
    })
}

fn read_reading(at: &At, wire: v1::DuesReading) -> Read<DuesReading> {
    build!(DuesReading {
        name: at.id("name", &wire.name),
        tiers: at.list("tiers", wire.tiers, &limit::AT_LEAST_ONE, read_tier),
    })
}

fn read_tier(at: &At, wire: v1::DuesTier) -> Read<DuesTier> {
    build!(DuesTier {
        measure: match wire.measure {
            None => at.field("measure").missing("what is measured"),
            Some(measure) => read_measure(at, measure),
        },
        comparator: at.choice("comparator", wire.comparator),
        rights: at.ids("rights", &wire.rights, &limit::LIST),
        bodies: at.ids("bodies", &wire.bodies, &limit::LIST),
        ends_membership: Ok(wire.ends_membership),
        mode: match wire.way {
            None => at.field("way").missing("how the rights are lost"),
            Some(way) => read_way(at, way),
        },
        decided_by: at.optional("decided_by", wire.decided_by, |at, wire| {
            build!(DecisionRule {
                bodies: at.ids("bodies", &wire.bodies, &limit::LIST),
                majority: at.optional("majority", wire.majority, read_share),
            })
        }),
        lost_at: at.required("lost_at", wire.lost_at, read_moment),
        restored_at: at.required("restored_at", wire.restored_at, read_moment),
        restored_by: at.choice("restored_by", wire.restored_by),
    })
}

fn read_measure(at: &At, wire: dues_tier::Measure) -> Read<Measure> {
    match wire {
        dues_tier::Measure::Amount(w) => {
            let at = at.field("amount");
            build!(Measure::Amount {
                full_years: count(&at, "full_years", w.full_years),
                with_current: Ok(w.with_current),
                counted_from: at.choice("counted_from", w.counted_from),
            })
        }
        dues_tier::Measure::Age(w) => {
            let at = at.field("age");
            build!(Measure::Age {
                months: count(&at, "months", w.months),
                days: count(&at, "days", w.days),
                counted_from: at.choice("counted_from", w.counted_from),
            })
        }
        dues_tier::Measure::Fraction(w) => {
            let at = at.field("fraction");
            let paid = at.required("paid", w.paid, read_share);
            let months = count(&at, "months", w.months);
            let (numerator, denominator) = paid?;
            Ok(Measure::Fraction {
                numerator,
                denominator,
                months: months?,
            })
        }
        dues_tier::Measure::UnpaidYears(w) => {
            let at = at.field("unpaid_years");
            build!(Measure::UnpaidYears {
                years: count(&at, "years", w.years),
                consecutive: Ok(w.consecutive),
                counted_from: at.choice("counted_from", w.counted_from),
            })
        }
        dues_tier::Measure::SinceNotice(w) => {
            let at = at.field("since_notice");
            build!(Measure::SinceNotice {
                months: count(&at, "months", w.months),
                days: count(&at, "days", w.days),
            })
        }
    }
}

fn read_share(at: &At, wire: v1::Share) -> Read<(u32, u32)> {
    match (wire.numerator, wire.denominator) {
        (_, 0) => at
            .field("denominator")
            .refuse("NOT_A_FRACTION", "must be at least 1"),
        (n, d) if n > d => at
            .field("numerator")
            .refuse("NOT_A_FRACTION", format_args!("{n}/{d} is above one")),
        share => Ok(share),
    }
}

fn read_way(at: &At, wire: dues_tier::Way) -> Read<DuesMode> {
    match wire {
        dues_tier::Way::Mode(number) => {
            let at = at.field("mode");
            match at.known(number)? {
                v1::DuesMode::Automatic => Ok(DuesMode::Automatic),
                v1::DuesMode::ByDecision => Ok(DuesMode::ByDecision),
                v1::DuesMode::Unspecified => at.refuse("UNSPECIFIED", "is not said"),
            }
        }
        dues_tier::Way::TwoStep(series) => build!(DuesMode::TwoStep {
            series: at.id("two_step", &series),
        }),
    }
}

fn read_moment(at: &At, wire: v1::DuesMoment) -> Read<Moment> {
    match wire.at {
        None => at.missing("a day or the opening of a session"),
        Some(dues_moment::At::OpeningOf(body)) => {
            at.id("opening_of", &body).map(Moment::SessionOpening)
        }
        Some(dues_moment::At::Day(number)) => {
            let at = at.field("day");
            match at.known(number)? {
                v1::DuesDay::Any => Ok(Moment::Continuous),
                v1::DuesDay::FirstOfYear => Ok(Moment::FirstOfYear),
                v1::DuesDay::OfDecision => Ok(Moment::Decision),
                v1::DuesDay::Unspecified => at.refuse("UNSPECIFIED", "is not said"),
            }
        }
    }
}

fn read_waiver_rule(at: &At, wire: &v1::DuesWaiverRule) -> Read<WaiverRule> {
    let optional =
        |name, number: Option<u32>| number.map(|number| count(at, name, number)).transpose();
    build!(WaiverRule {
        bodies: at.ids("bodies", &wire.bodies, &limit::LIST),
        majority: at.optional("majority", wire.majority, read_share),
        ground: at.id("ground", &wire.ground),
        must_end: Ok(wire.must_end),
        needs_plan: Ok(wire.needs_plan),
        request_days_after_opening: optional(
            "request_days_after_opening",
            wire.request_days_after_opening,
        ),
        request_months_before: optional("request_months_before", wire.request_months_before),
    })
}

impl From<&DuesPolicy> for v1::DuesPolicyRule {
    fn from(policy: &DuesPolicy) -> Self {
        Self {
            built_in: String::new(),
            name: policy.name.to_string(),
            funds: texts(&policy.funds),
            fiscal_year_begins: policy.fiscal_year_begins.into(),
            payment_order: v1::PaymentOrder::from(policy.order).into(),
            readings: policy.readings.iter().map(Into::into).collect(),
            waiver: policy.waiver.as_ref().map(Into::into),
            notice_months: policy.notice_months.into(),
            parent: or_empty(policy.parent.as_ref()),
        }
    }
}

impl From<&DuesReading> for v1::DuesReading {
    fn from(reading: &DuesReading) -> Self {
        Self {
            name: reading.name.to_string(),
            tiers: reading.tiers.iter().map(Into::into).collect(),
        }
    }
}

impl From<&DuesTier> for v1::DuesTier {
    fn from(tier: &DuesTier) -> Self {
        let way = match &tier.mode {
            DuesMode::Automatic => dues_tier::Way::Mode(v1::DuesMode::Automatic.into()),
            DuesMode::ByDecision => dues_tier::Way::Mode(v1::DuesMode::ByDecision.into()),
            DuesMode::TwoStep { series } => dues_tier::Way::TwoStep(series.to_string()),
        };
        Self {
            measure: Some((&tier.measure).into()),
            comparator: v1::Comparator::from(tier.comparator).into(),
            rights: texts(&tier.rights),
            bodies: texts(&tier.bodies),
            ends_membership: tier.ends_membership,
            way: Some(way),
            decided_by: tier.decided_by.as_ref().map(|rule| v1::DuesDecisionRule {
                bodies: texts(&rule.bodies),
                majority: rule.majority.map(share),
            }),
            lost_at: Some((&tier.lost_at).into()),
            restored_at: Some((&tier.restored_at).into()),
            restored_by: v1::DuesRestoration::from(tier.restored_by).into(),
        }
    }
}

impl From<&Measure> for dues_tier::Measure {
    fn from(measure: &Measure) -> Self {
        match *measure {
            Measure::Amount {
                full_years,
                with_current,
                counted_from,
            } => Self::Amount(v1::DuesAmount {
                full_years: full_years.into(),
                with_current,
                counted_from: v1::DuesCountedFrom::from(counted_from).into(),
            }),
            Measure::Age {
                months,
                days,
                counted_from,
            } => Self::Age(v1::DuesAge {
                months: months.into(),
                days: days.into(),
                counted_from: v1::DuesCountedFrom::from(counted_from).into(),
            }),
            Measure::Fraction {
                numerator,
                denominator,
                months,
            } => Self::Fraction(v1::DuesFraction {
                paid: Some(share((numerator, denominator))),
                months: months.into(),
            }),
            Measure::UnpaidYears {
                years,
                consecutive,
                counted_from,
            } => Self::UnpaidYears(v1::DuesUnpaidYears {
                years: years.into(),
                consecutive,
                counted_from: v1::DuesCountedFrom::from(counted_from).into(),
            }),
            Measure::SinceNotice { months, days } => Self::SinceNotice(v1::DuesSinceNotice {
                months: months.into(),
                days: days.into(),
            }),
        }
    }
}

impl From<&Moment> for v1::DuesMoment {
    fn from(moment: &Moment) -> Self {
        let day = |day: v1::DuesDay| dues_moment::At::Day(day.into());
        let at = match moment {
            Moment::Continuous => day(v1::DuesDay::Any),
            Moment::FirstOfYear => day(v1::DuesDay::FirstOfYear),
            Moment::SessionOpening(body) => dues_moment::At::OpeningOf(body.to_string()),
            Moment::Decision => day(v1::DuesDay::OfDecision),
        };
        Self { at: Some(at) }
    }
}

impl From<&WaiverRule> for v1::DuesWaiverRule {
    fn from(rule: &WaiverRule) -> Self {
        Self {
            bodies: texts(&rule.bodies),
            majority: rule.majority.map(share),
            ground: rule.ground.to_string(),
            must_end: rule.must_end,
            needs_plan: rule.needs_plan,
            request_days_after_opening: rule.request_days_after_opening.map(Into::into),
            request_months_before: rule.request_months_before.map(Into::into),
        }
    }
}

fn share((numerator, denominator): (u32, u32)) -> v1::Share {
    v1::Share {
        numerator,
        denominator,
    }
}
