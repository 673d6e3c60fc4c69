//! What an entry refers to.

use crate::entry::event::claim::ClaimQuestion;
use crate::entry::event::{Holder, TermKind};
use crate::entry::norm::ground::SuspensionGround;
use crate::entry::norm::{Condition, Norm, RightRule, RotationOrder, Rule};
use crate::entry::policy::{DuesMode, DuesPolicy, DuesTier, Moment};
use crate::entry::slot::Ref;
use crate::id::{ArticleRef, BodyId, ClassId, FundId, OfficeId, PartyId, RightId};
use crate::time::when::When;

pub(super) fn when_refs(when: &When, found: &mut dyn FnMut(Ref)) {
    if let When::Anchor { session, .. } = when {
        found(Ref::Session(session.clone()));
    }
}

pub(super) fn party_refs<'a>(
    parties: impl IntoIterator<Item = &'a PartyId>,
    found: &mut dyn FnMut(Ref),
) {
    for party in parties {
        found(Ref::Party(party.clone()));
    }
}

pub(super) fn class_ref(class: &ClassId, found: &mut dyn FnMut(Ref)) {
    found(Ref::Term(TermKind::Class, class.into()));
}

pub(super) fn office_ref(office: &OfficeId, found: &mut dyn FnMut(Ref)) {
    found(Ref::Term(TermKind::Office, office.into()));
}

pub(super) fn money_refs(
    party: &PartyId,
    to: Option<&FundId>,
    article: Option<&ArticleRef>,
    found: &mut dyn FnMut(Ref),
) {
    found(Ref::Party(party.clone()));
    if let Some(to) = to {
        found(Ref::Fund(to.clone()));
    }
    if let Some(article) = article {
        found(Ref::Article(article.clone()));
    }
}

pub(super) fn body_refs<'a>(
    bodies: impl IntoIterator<Item = &'a BodyId>,
    found: &mut dyn FnMut(Ref),
) {
    for body in bodies {
        found(Ref::Term(TermKind::Body, body.into()));
    }
}

pub(super) fn claim_refs(question: &ClaimQuestion, found: &mut dyn FnMut(Ref)) {
    let term = |kind, word| Ref::Term(kind, word);
    match question {
        ClaimQuestion::MembersOfClass { class, .. } => found(term(TermKind::Class, class.into())),
        ClaimQuestion::ClassOf { party, .. } => found(Ref::Party(party.clone())),
        ClaimQuestion::Admitted { party, class } => {
            found(Ref::Party(party.clone()));
            found(term(TermKind::Class, class.into()));
        }
        ClaimQuestion::SessionsHeld { series, .. } => found(term(TermKind::Body, series.into())),
        ClaimQuestion::SessionDays { session }
        | ClaimQuestion::SessionHost { session }
        | ClaimQuestion::BodiesPresent { session } => found(Ref::Session(session.clone())),
        ClaimQuestion::Attended { session, party } => {
            found(Ref::Session(session.clone()));
            found(Ref::Party(party.clone()));
        }
        ClaimQuestion::OfficeHolder { office, .. }
        | ClaimQuestion::OfficeHolders { office, .. } => {
            found(term(TermKind::Office, office.into()));
        }
        ClaimQuestion::Amendments { instrument, .. } => {
            found(Ref::Instrument(instrument.clone()));
        }
        ClaimQuestion::ArticleInForce { article } => found(Ref::Article(article.clone())),
        ClaimQuestion::Coordinator { committee, .. } => found(Ref::Committee(committee.clone())),
        ClaimQuestion::Committees { .. }
        | ClaimQuestion::Founders { .. }
        | ClaimQuestion::Applicants { .. }
        | ClaimQuestion::PartyOfName { .. } => {}
    }
}

pub(super) fn holder_ref(holder: &Holder, found: &mut dyn FnMut(Ref)) {
    match holder {
        Holder::Party(party) => found(Ref::Party(party.clone())),
        Holder::Person(person) => found(Ref::Person(person.clone())),
    }
}

pub(super) fn norm_refs(norm: &Norm, found: &mut dyn FnMut(Ref)) {
    fn right(right: &RightId, found: &mut dyn FnMut(Ref)) {
        found(Ref::Term(TermKind::Right, right.into()));
    }
    fn right_rule(rule: &RightRule, found: &mut dyn FnMut(Ref)) {
        right(&rule.right, found);
        body_refs(&rule.body, found);
        for class in &rule.classes {
            found(Ref::Term(TermKind::Class, class.into()));
        }
    }
    let mut functions = Vec::new();
    condition_refs(&norm.condition, found);
    match &norm.rule {
        Rule::Confer(rule) | Rule::Withhold(rule) | Rule::Suspend(rule) | Rule::Permit(rule) => {
            right_rule(rule, found);
        }
        Rule::Class(rule) => {
            found(Ref::Term(TermKind::Class, (&rule.class).into()));
            body_refs(&rule.admitted_by, found);
            rule.eligibility
                .iter()
                .for_each(|condition| condition_refs(condition, found));
        }
        Rule::Office(rule) => {
            for office in [&rule.office].into_iter().chain(&rule.appointed_by) {
                found(Ref::Term(TermKind::Office, office.into()));
            }
            let bodies = [
                &rule.elected_by,
                &rule.held_by_host_of,
                &rule.term_ends_at_close_of,
            ];
            body_refs(bodies.into_iter().flatten(), found);
        }
        Rule::Functions(rule) => {
            body_refs([&rule.body], found);
            functions.extend(&rule.functions);
        }
        Rule::Delegation(rule) => {
            body_refs([&rule.from, &rule.to], found);
            functions.extend(&rule.functions);
        }
        Rule::Quorum(rule) | Rule::Majority(rule) => {
            body_refs([&rule.body], found);
            functions.extend(&rule.functions);
        }
        Rule::WrittenPresence(of) | Rule::VoteOnAdmission(of) => body_refs([of], found),
        Rule::Sessions(rule) => body_refs(
            [&rule.body, &rule.series]
                .into_iter()
                .chain(&rule.year_before),
            found,
        ),
        Rule::Suspension(rule) => {
            for of in &rule.rights {
                right(of, found);
            }
            match &rule.ground {
                SuspensionGround::None => {}
                SuspensionGround::Instrument(of) => found(Ref::Instrument(of.clone())),
                SuspensionGround::Article(of) => found(Ref::Article(of.clone())),
            }
        }
        Rule::Convening(rule) => {
            body_refs([&rule.body], found);
            let offices = [&rule.convened_by, &rule.chaired_by, &rule.deputy_of];
            for office in offices.into_iter().flatten() {
                found(Ref::Term(TermKind::Office, office.into()));
            }
        }
        Rule::Rotation(rule) => {
            found(Ref::Term(TermKind::Office, (&rule.office).into()));
            for class in &rule.classes {
                found(Ref::Term(TermKind::Class, class.into()));
            }
            match &rule.order {
                RotationOrder::Listed(parties) => party_refs(parties, found),
                RotationOrder::Alphabetical(_) => {}
            }
        }
        Rule::Succession(_) | Rule::Duty(_) => {}
        Rule::Dues(policy) => policy_refs(policy, found),
    }
    for function in functions {
        found(Ref::Term(TermKind::Function, function.into()));
    }
}

fn policy_refs(policy: &DuesPolicy, found: &mut dyn FnMut(Ref)) {
    for fund in &policy.funds {
        found(Ref::Fund(fund.clone()));
    }
    for tier in policy.readings.iter().flat_map(|reading| &reading.tiers) {
        tier_refs(tier, found);
    }
    body_refs(
        policy.waiver.iter().flat_map(|waiver| &waiver.bodies),
        found,
    );
}

fn tier_refs(tier: &DuesTier, found: &mut dyn FnMut(Ref)) {
    for right in &tier.rights {
        found(Ref::Term(TermKind::Right, right.into()));
    }
    body_refs(&tier.bodies, found);
    if let DuesMode::TwoStep { series } = &tier.mode {
        body_refs([series], found);
    }
    body_refs(tier.decided_by.iter().flat_map(|rule| &rule.bodies), found);
    for moment in [&tier.lost_at, &tier.restored_at] {
        if let Moment::SessionOpening(body) = moment {
            body_refs([body], found);
        }
    }
}

fn condition_refs(condition: &Condition, found: &mut dyn FnMut(Ref)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                condition_refs(part, found);
            }
        }
        Condition::Not(part) => condition_refs(part, found),
        Condition::YearWithoutSession(series) => {
            found(Ref::Term(TermKind::Body, series.into()));
        }
        Condition::PartyKind(_)
        | Condition::PartyCountry(_)
        | Condition::PartyRegion(_)
        | Condition::ParentSuspended(_) => {}
    }
}
