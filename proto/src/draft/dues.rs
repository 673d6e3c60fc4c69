//! Events about money, both ways.

use super::circumstance::read_names;
use super::write::names;
use crate::limit;
use crate::norm::texts;
use crate::read::{At, Read, build};
use crate::time::read_when;
use crate::v1;
use standing_domain::entry::event::dues::{
    Assessment, Fund, Instalment, MOST, Money, Payment, PaymentPlan, Suspension, Waiver, WriteOff,
    is_currency,
};
use standing_domain::id::Word;

/// The years that dues can be for: those of all days.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2200;

pub(super) fn read_fund(at: &At, wire: v1::FundEstablished) -> Read<Fund> {
    build!(Fund {
        fund: at.id("fund", &wire.fund),
        currency: read_currency(&at.field("currency"), &wire.currency),
        names: read_names(at, "names", wire.names),
    })
}

fn read_currency(at: &At, text: &str) -> Read<Word> {
    if is_currency(text) {
        return at.id_here(text);
    }
    at.refuse(
        "NOT_A_CURRENCY",
        format_args!("{text:?} is no code of ISO 4217 in lower case, such as usd"),
    )
}

fn read_money(at: &At, wire: &v1::Money) -> Read<Money> {
    let units = wire.minor_units;
    build!(Money {
        currency: read_currency(&at.field("currency"), &wire.currency),
        minor_units: match u64::try_from(units) {
            Ok(units) if units <= MOST => Ok(units),
            Ok(_) => at
                .field("minor_units")
                .refuse("OUT_OF_RANGE", format_args!("{units} is above {MOST}")),
            Err(_) => at
                .field("minor_units")
                .refuse("NEGATIVE", format_args!("{units} is below 0")),
        },
    })
}

fn read_year(at: &At, year: u32) -> Read<u16> {
    match u16::try_from(year) {
        Ok(narrow) if YEARS.contains(&year) => Ok(narrow),
        _ => at.refuse(
            "OUT_OF_RANGE",
            format_args!("{year} is no year from 1900 to 2200"),
        ),
    }
}

pub(super) fn read_assessment(at: &At, wire: v1::DuesAssessed) -> Read<Assessment> {
    build!(Assessment {
        party: at.id("party", &wire.party),
        fund: at.id("fund", &wire.fund),
        year: read_year(&at.field("year"), wire.year),
        revision: u16::try_from(wire.revision).or_else(|_| at
            .field("revision")
            .refuse("OUT_OF_RANGE", "65,535 at most")),
        amount: at.required("amount", wire.amount.as_ref(), read_money),
        due: at.required("due", wire.due, read_when),
        ground: at.text("ground", wire.ground, &limit::WORDS),
    })
}

pub(super) fn read_payment(at: &At, wire: v1::DuesPaid) -> Read<Payment> {
    build!(Payment {
        party: at.id("party", &wire.party),
        fund: at.id("fund", &wire.fund),
        amount: at.required("amount", wire.amount.as_ref(), read_money),
        year: match wire.year {
            0 => Ok(None),
            year => read_year(&at.field("year"), year).map(Some),
        },
        reference: at.text("reference", wire.reference, &limit::TEXT),
    })
}

pub(super) fn read_write_off(at: &At, wire: v1::DuesWrittenOff) -> Read<WriteOff> {
    build!(WriteOff {
        party: at.id("party", &wire.party),
        fund: at.id("fund", &wire.fund),
        year: read_year(&at.field("year"), wire.year),
        amount: at.required("amount", wire.amount.as_ref(), read_money),
        ground: at.text("ground", wire.ground, &limit::WORDS),
    })
}

pub(super) fn read_plan(at: &At, wire: v1::PlanAgreed) -> Read<PaymentPlan> {
    build!(PaymentPlan {
        party: at.id("party", &wire.party),
        fund: at.id("fund", &wire.fund),
        instalments: at.list(
            "instalments",
            wire.instalments,
            &limit::FULL_LIST,
            |at, wire| build!(Instalment {
                due: at.required("due", wire.due, read_when),
                amount: at.required("amount", wire.amount.as_ref(), read_money),
            })
        ),
        until: at.optional("until", wire.until, read_when),
    })
}

pub(super) fn read_waiver(at: &At, wire: v1::WaiverGranted) -> Read<Waiver> {
    build!(Waiver {
        party: at.id("party", &wire.party),
        article: at.id("article", &wire.article),
        bodies: at.ids("bodies", &wire.bodies, &limit::LIST),
        ground: at.text("ground", wire.ground, &limit::WORDS),
        until: at.optional("until", wire.until, read_when),
    })
}

pub(super) fn read_suspension(at: &At, wire: v1::RightsSuspended) -> Read<Suspension> {
    build!(Suspension {
        party: at.id("party", &wire.party),
        rights: at.ids("rights", &wire.rights, &limit::FULL_LIST),
        bodies: at.ids("bodies", &wire.bodies, &limit::LIST),
        article: at.id("article", &wire.article),
        until: at.optional("until", wire.until, read_when),
    })
}

impl From<&Money> for v1::Money {
    fn from(money: &Money) -> Self {
        Self {
            currency: money.currency.to_string(),
            minor_units: i64::try_from(money.minor_units).unwrap_or(i64::MAX),
        }
    }
}

impl From<&Fund> for v1::FundEstablished {
    fn from(fund: &Fund) -> Self {
        Self {
            fund: fund.fund.to_string(),
            currency: fund.currency.to_string(),
            names: names(&fund.names),
        }
    }
}

impl From<&Assessment> for v1::DuesAssessed {
    fn from(dues: &Assessment) -> Self {
        Self {
            party: dues.party.to_string(),
            fund: dues.fund.to_string(),
            year: dues.year.into(),
            revision: dues.revision.into(),
            amount: Some((&dues.amount).into()),
            due: Some((&dues.due).into()),
            ground: dues.ground.clone(),
        }
    }
}

impl From<&Payment> for v1::DuesPaid {
    fn from(paid: &Payment) -> Self {
        Self {
            party: paid.party.to_string(),
            fund: paid.fund.to_string(),
            amount: Some((&paid.amount).into()),
            year: paid.year.map_or(0, u32::from),
            reference: paid.reference.clone(),
        }
    }
}

impl From<&WriteOff> for v1::DuesWrittenOff {
    fn from(off: &WriteOff) -> Self {
        Self {
            party: off.party.to_string(),
            fund: off.fund.to_string(),
            year: off.year.into(),
            amount: Some((&off.amount).into()),
            ground: off.ground.clone(),
        }
    }
}

impl From<&PaymentPlan> for v1::PlanAgreed {
    fn from(plan: &PaymentPlan) -> Self {
        let instalments = plan.instalments.iter().map(|instalment| v1::Instalment {
            due: Some((&instalment.due).into()),
            amount: Some((&instalment.amount).into()),
        });
        Self {
            party: plan.party.to_string(),
            fund: plan.fund.to_string(),
            instalments: instalments.collect(),
            until: plan.until.as_ref().map(Into::into),
        }
    }
}

impl From<&Waiver> for v1::WaiverGranted {
    fn from(waiver: &Waiver) -> Self {
        Self {
            party: waiver.party.to_string(),
            article: waiver.article.to_string(),
            bodies: texts(&waiver.bodies),
            ground: waiver.ground.clone(),
            until: waiver.until.as_ref().map(Into::into),
        }
    }
}

impl From<&Suspension> for v1::RightsSuspended {
    fn from(suspension: &Suspension) -> Self {
        Self {
            party: suspension.party.to_string(),
            rights: texts(&suspension.rights),
            bodies: texts(&suspension.bodies),
            article: suspension.article.to_string(),
            until: suspension.until.as_ref().map(Into::into),
        }
    }
}
