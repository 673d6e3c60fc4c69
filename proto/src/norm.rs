//! Norms and their conditions, both ways.

mod dues;
mod read;

pub(crate) use read::read_norm;

use crate::v1;
use crate::v1::condition::Test;
use crate::v1::norm::Rule as Wire;
use crate::v1::rotation_rule::Order;
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{
    ClassRule, Condition, ConveningRule, DelegationRule, FunctionRule, Norm, OfficeRule, Passing,
    RightRule, RotationOrder, RotationRule, Rule, SessionRule, SuspensionRule, ThresholdRule,
};
use std::fmt::Display;

impl From<&Norm> for v1::Norm {
    fn from(norm: &Norm) -> Self {
        Self {
            support: v1::Support::from(norm.support).into(),
            condition: (norm.condition != Condition::always()).then(|| (&norm.condition).into()),
            note: norm.note.clone(),
            rule: Some((&norm.rule).into()),
        }
    }
}

impl From<&Rule> for Wire {
    fn from(rule: &Rule) -> Self {
        match rule {
            Rule::Confer(rule) => Self::Confer(rule.into()),
            Rule::Withhold(rule) => Self::Withhold(rule.into()),
            Rule::Suspend(rule) => Self::Suspend(rule.into()),
            Rule::Permit(rule) => Self::Permit(rule.into()),
            Rule::Class(rule) => Self::EstablishClass(rule.into()),
            Rule::Office(rule) => Self::Office(rule.into()),
            Rule::Functions(rule) => Self::Functions(rule.into()),
            Rule::Delegation(rule) => Self::Delegate(rule.into()),
            Rule::Quorum(rule) => Self::Quorum(rule.into()),
            Rule::Majority(rule) => Self::Majority(rule.into()),
            Rule::WrittenPresence(body) => Self::WrittenPresence(v1::WrittenPresenceRule {
                body: body.to_string(),
            }),
            Rule::Sessions(rule) => Self::Sessions(rule.into()),
            Rule::Suspension(rule) => Self::Suspension(rule.into()),
            Rule::Convening(rule) => Self::Convening(rule.into()),
            Rule::Succession(passes) => Self::Succession(v1::SuccessionRule {
                passes: passes
                    .iter()
                    .map(|passing| passing_word(*passing).to_owned())
                    .collect(),
            }),
            Rule::Rotation(rule) => Self::Rotation(rule.into()),
            Rule::VoteOnAdmission(body) => Self::VoteOnAdmission(v1::VoteOnAdmissionRule {
                body: body.to_string(),
            }),
            Rule::Duty(rule) => Self::Duty(v1::DutyRule {
                duty: rule.duty.to_string(),
                every_years: rule.every_years,
            }),
            Rule::Dues(policy) => Self::Dues(policy.into()),
        }
    }
}

impl From<&RightRule> for v1::RightRule {
    fn from(rule: &RightRule) -> Self {
        Self {
            right: rule.right.to_string(),
            body: or_empty(rule.body.as_ref()),
            classes: texts(&rule.classes),
        }
    }
}

impl From<&ClassRule> for v1::ClassRule {
    fn from(rule: &ClassRule) -> Self {
        Self {
            class: rule.class.to_string(),
            admitted_by: texts(&rule.admitted_by),
            eligibility: rule.eligibility.as_ref().map(Into::into),
        }
    }
}

impl From<&OfficeRule> for v1::OfficeRule {
    fn from(rule: &OfficeRule) -> Self {
        Self {
            office: rule.office.to_string(),
            seats: texts(&rule.seats),
            elected_by: or_empty(rule.elected_by.as_ref()),
            held_by_host_of: or_empty(rule.held_by_host_of.as_ref()),
            term_ends_at_close_of: or_empty(rule.term_ends_at_close_of.as_ref()),
            term_years: rule.term_years,
            appointed_by: or_empty(rule.appointed_by.as_ref()),
            acting: rule.acting.clone(),
        }
    }
}

impl From<&FunctionRule> for v1::FunctionRule {
    fn from(rule: &FunctionRule) -> Self {
        Self {
            body: rule.body.to_string(),
            functions: texts(&rule.functions),
            exclusive: rule.exclusive,
        }
    }
}

impl From<&DelegationRule> for v1::DelegationRule {
    fn from(rule: &DelegationRule) -> Self {
        Self {
            from_body: rule.from.to_string(),
            to_body: rule.to.to_string(),
            functions: texts(&rule.functions),
            by_act: rule.by_act,
        }
    }
}

impl From<&ThresholdRule> for v1::ThresholdRule {
    fn from(rule: &ThresholdRule) -> Self {
        Self {
            body: rule.body.to_string(),
            functions: texts(&rule.functions),
            numerator: rule.numerator,
            denominator: rule.denominator,
            comparator: v1::Comparator::from(rule.comparator).into(),
            counted_of: v1::CountedOf::from(rule.counted_of).into(),
        }
    }
}

impl From<&SessionRule> for v1::SessionRule {
    fn from(rule: &SessionRule) -> Self {
        Self {
            body: rule.body.to_string(),
            series: rule.series.to_string(),
            every_years: rule.every_years,
            year_before: or_empty(rule.year_before.as_ref()),
        }
    }
}

impl From<&SuspensionRule> for v1::SuspensionRule {
    fn from(rule: &SuspensionRule) -> Self {
        let (ground_instrument, ground_article) = match &rule.ground {
            SuspensionGround::None => (String::new(), String::new()),
            SuspensionGround::Instrument(instrument) => (instrument.to_string(), String::new()),
            SuspensionGround::Article(article) => (String::new(), article.to_string()),
        };
        Self {
            rights: texts(&rule.rights),
            ground_instrument,
            by_decision: rule.by_decision,
            ground_article,
        }
    }
}

impl From<&ConveningRule> for v1::ConveningRule {
    fn from(rule: &ConveningRule) -> Self {
        Self {
            body: rule.body.to_string(),
            convened_by: or_empty(rule.convened_by.as_ref()),
            chaired_by: or_empty(rule.chaired_by.as_ref()),
            deputy_of: or_empty(rule.deputy_of.as_ref()),
        }
    }
}

impl From<&RotationRule> for v1::RotationRule {
    fn from(rule: &RotationRule) -> Self {
        let order = match &rule.order {
            RotationOrder::Listed(parties) => Order::Listed(v1::IdSet {
                ids: texts(parties),
            }),
            RotationOrder::Alphabetical(language) => Order::Alphabetical(language.to_string()),
        };
        Self {
            office: rule.office.to_string(),
            classes: texts(&rule.classes),
            order: Some(order),
        }
    }
}

/// Returns how what passes in a succession is called in a norm.
pub(crate) fn passing_word(passing: Passing) -> &'static str {
    match passing {
        Passing::Membership => "membership",
        Passing::Offices => "offices",
        Passing::Accounts => "accounts",
        Passing::Seats => "seats",
    }
}

impl From<&Condition> for v1::Condition {
    fn from(condition: &Condition) -> Self {
        let several = |conditions: &[Condition]| v1::Conditions {
            conditions: conditions.iter().map(Into::into).collect(),
        };
        let test = match condition {
            Condition::All(all) => Test::All(several(all)),
            Condition::Any(any) => Test::Any(several(any)),
            Condition::Not(other) => Test::Not(Box::new(other.as_ref().into())),
            Condition::YearWithoutSession(series) => {
                Test::YearWithoutSession(v1::YearWithoutSession {
                    series: series.to_string(),
                })
            }
            Condition::PartyKind(kinds) => Test::PartyKind(v1::IdSet { ids: texts(kinds) }),
            Condition::PartyCountry(ids) => Test::PartyCountry(v1::IdSet { ids: texts(ids) }),
            Condition::PartyRegion(ids) => Test::PartyRegion(v1::IdSet { ids: texts(ids) }),
            Condition::ParentSuspended(parent) => Test::ParentSuspended(v1::ParentSuspended {
                parent: parent.to_string(),
            }),
        };
        Self { test: Some(test) }
    }
}

/// Writes ids as texts.
pub(crate) fn texts<T: Display>(ids: &[T]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Writes an id that may be left out.
pub(crate) fn or_empty<T: Display>(id: Option<&T>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}
