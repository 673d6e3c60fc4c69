//! What an entry refers to.

use crate::entry::event::claim::ClaimQuestion;
use crate::entry::event::{AuthorityKind, Content, Event, Holder, Named, Position, TermKind};
use crate::entry::norm::{Condition, Norm, RightRule, RotationOrder, Rule};
use crate::entry::policy::{DuesMode, DuesPolicy, DuesTier, Moment};
use crate::id::{ArticleRef, BodyId, ClassId, FundId, OfficeId, PartyId, RightId};
use crate::record::book::Ref;
use crate::time::when::When;

/// Names to `found` everything that an entry refers to or defines, in the order of the text; some of it twice.
pub fn each_ref(content: &Content, found: &mut dyn FnMut(Ref)) {
    for when in [&content.effective, &content.acted].into_iter().flatten() {
        when_refs(when, found);
    }
    if let AuthorityKind::Decision(decision) = &content.authority.kind {
        found(Ref::Decision(decision.clone()));
    }
    if let Some(article) = &content.authority.article {
        found(Ref::Article(article.clone()));
    }
    if let Some(event) = &content.event {
        event_refs(event, found);
    }
}

fn when_refs(when: &When, found: &mut dyn FnMut(Ref)) {
    if let When::Anchor { session, .. } = when {
        found(Ref::Session(session.clone()));
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for every event, each a line or two"
)]
fn event_refs(event: &Event, found: &mut dyn FnMut(Ref)) {
    let body = |body: &BodyId, found: &mut dyn FnMut(Ref)| {
        found(Ref::Term(TermKind::Body, body.into()));
    };
    let class = |class: &ClassId, found: &mut dyn FnMut(Ref)| {
        found(Ref::Term(TermKind::Class, class.into()));
    };
    let office = |office: &OfficeId, found: &mut dyn FnMut(Ref)| {
        found(Ref::Term(TermKind::Office, office.into()));
    };
    match event {
        Event::AssociationFounded { .. } | Event::RulesAdopted { .. } => {}
        Event::TermDeclared { kind, term, .. } => found(Ref::Term(*kind, term.clone())),
        Event::PartyRegistered(party) => found(Ref::Party(party.party.clone())),
        Event::NameTaken { subject, .. } => match subject {
            Named::Party(party) => found(Ref::Party(party.clone())),
            Named::Committee(committee) => found(Ref::Committee(committee.clone())),
            Named::Body(named) => body(named, found),
            Named::Association(_) => {}
        },
        Event::PartySucceeded { from, to, .. } => {
            found(Ref::Party(from.clone()));
            found(Ref::Party(to.clone()));
        }
        Event::ApplicationFiled { party, class: of }
        | Event::MemberAdmitted {
            party, class: of, ..
        }
        | Event::ObserverAccepted { party, class: of } => {
            found(Ref::Party(party.clone()));
            class(of, found);
        }
        Event::ApplicationWithdrawn { party }
        | Event::ApplicationRejected { party }
        | Event::MembershipEnded { party, .. }
        | Event::InstitutionReleased { institution: party } => found(Ref::Party(party.clone())),
        Event::SessionConvened { session, host, .. } => {
            body(&session.series, found);
            found(Ref::Session(session.clone()));
            if let Some(host) = host {
                found(Ref::Party(host.clone()));
            }
        }
        Event::SessionPostponed { session, .. } | Event::SessionCancelled { session } => {
            found(Ref::Session(session.clone()));
        }
        Event::AttendanceRecorded(attendance) => {
            found(Ref::Session(attendance.session.clone()));
            for party in attendance.present.iter().chain(&attendance.in_writing) {
                found(Ref::Party(party.clone()));
            }
        }
        Event::DecisionTaken(decision) => {
            found(Ref::Session(decision.session.clone()));
            found(Ref::Decision(decision.decision.clone()));
            for function in &decision.functions {
                found(Ref::Term(TermKind::Function, function.into()));
            }
        }
        Event::OfficeAssumed {
            office: of,
            holder,
            term_until,
            ..
        } => {
            office(of, found);
            holder_ref(holder, found);
            if let Some(when) = term_until {
                when_refs(when, found);
            }
        }
        Event::ActingAssumed {
            office: of, holder, ..
        } => {
            office(of, found);
            holder_ref(holder, found);
        }
        Event::OfficeVacated { office: of, .. } | Event::ActingEnded { office: of, .. } => {
            office(of, found);
        }
        Event::ChairRotated { office: of, to, .. } => {
            office(of, found);
            found(Ref::Party(to.clone()));
        }
        Event::PersonNamed { person, .. } => found(Ref::Person(person.clone())),
        Event::InstrumentAdopted { instrument, .. }
        | Event::InstrumentAmended { instrument, .. }
        | Event::InstrumentRepealed { instrument } => found(Ref::Instrument(instrument.clone())),
        Event::ArticleEnacted(enacted) => {
            found(Ref::Instrument(enacted.instrument.clone()));
            let (instrument, article) = (enacted.instrument.clone(), enacted.article.clone());
            found(Ref::Article(ArticleRef {
                instrument,
                article,
            }));
            for norm in &enacted.norms {
                norm_refs(norm, found);
            }
        }
        Event::ArticleRepealed {
            instrument,
            article,
        } => {
            found(Ref::Article(ArticleRef {
                instrument: instrument.clone(),
                article: article.clone(),
            }));
        }
        Event::CommitteeEstablished {
            committee, parent, ..
        } => {
            found(Ref::Committee(committee.clone()));
            if let Some(parent) = parent {
                body(parent, found);
            }
        }
        Event::CommitteesMerged { from, into } => {
            from.iter()
                .chain([into])
                .for_each(|committee| found(Ref::Committee(committee.clone())));
        }
        Event::CommitteeAbolished { committee, .. }
        | Event::CoordinatorReleased { committee, .. } => {
            found(Ref::Committee(committee.clone()));
        }
        Event::CoordinatorAppointed {
            committee, party, ..
        } => {
            found(Ref::Committee(committee.clone()));
            found(Ref::Party(party.clone()));
        }
        Event::SeatPlaced { host, .. } => {
            if let Some(host) = host {
                found(Ref::Party(host.clone()));
            }
        }
        Event::InstitutionRegistered { institution, by } => {
            found(Ref::Party(institution.clone()));
            found(Ref::Party(by.clone()));
        }
        Event::ActAnnulled { entry } | Event::ActRatified { entry } => {
            found(Ref::Entry(*entry as Position));
        }
        Event::RollFrozen(frozen) => {
            found(Ref::Session(frozen.session.clone()));
            for party in &frozen.entitled {
                found(Ref::Party(party.clone()));
            }
        }
        Event::TurnDeclined { office: of, party } => {
            office(of, found);
            found(Ref::Party(party.clone()));
        }
        Event::TurnsSwapped {
            office: of,
            first,
            second,
        } => {
            office(of, found);
            found(Ref::Party(first.clone()));
            found(Ref::Party(second.clone()));
        }
        Event::ClaimRecorded(claim) => claim_refs(&claim.question, found),
        dues => dues_refs(dues, found),
    }
}

fn dues_refs(event: &Event, found: &mut dyn FnMut(Ref)) {
    let mut of = |party: &PartyId, fund: Option<&FundId>, article: Option<&ArticleRef>| {
        found(Ref::Party(party.clone()));
        found_each(fund.map(|fund| Ref::Fund(fund.clone())), found);
        found_each(article.map(|article| Ref::Article(article.clone())), found);
    };
    match event {
        Event::FundEstablished(established) => found(Ref::Fund(established.fund.clone())),
        Event::DuesAssessed(dues) => {
            of(&dues.party, Some(&dues.fund), None);
            when_refs(&dues.due, found);
        }
        Event::DuesPaid(paid) => of(&paid.party, Some(&paid.fund), None),
        Event::DuesWrittenOff(off) => of(&off.party, Some(&off.fund), None),
        Event::PlanAgreed(plan) => {
            of(&plan.party, Some(&plan.fund), None);
            let dues = plan.instalments.iter().map(|instalment| &instalment.due);
            dues.chain(&plan.until)
                .for_each(|when| when_refs(when, found));
        }
        Event::PlanEnded { party, fund, .. } => of(party, Some(fund), None),
        Event::WaiverGranted(waiver) => {
            of(&waiver.party, None, Some(&waiver.article));
            body_refs(&waiver.bodies, found);
            waiver.until.iter().for_each(|when| when_refs(when, found));
        }
        Event::RightsSuspended(suspension) => {
            of(&suspension.party, None, Some(&suspension.article));
            body_refs(&suspension.bodies, found);
            for right in &suspension.rights {
                found(Ref::Term(TermKind::Right, right.into()));
            }
            let until = suspension.until.iter();
            until.for_each(|when| when_refs(when, found));
        }
        Event::WaiverEnded { party, article }
        | Event::SuspensionLifted { party, article }
        | Event::NoticeServed { party, article, .. } => of(party, None, Some(article)),
        Event::ParentStatusRecorded { party, .. } => of(party, None, None),
        _ => {}
    }
}

fn found_each(what: Option<Ref>, found: &mut dyn FnMut(Ref)) {
    what.into_iter().for_each(found);
}

fn body_refs<'a>(bodies: impl IntoIterator<Item = &'a BodyId>, found: &mut dyn FnMut(Ref)) {
    for body in bodies {
        found(Ref::Term(TermKind::Body, body.into()));
    }
}

fn claim_refs(question: &ClaimQuestion, found: &mut dyn FnMut(Ref)) {
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

fn holder_ref(holder: &Holder, found: &mut dyn FnMut(Ref)) {
    match holder {
        Holder::Party(party) => found(Ref::Party(party.clone())),
        Holder::Person(person) => found(Ref::Person(person.clone())),
    }
}

fn norm_refs(norm: &Norm, found: &mut dyn FnMut(Ref)) {
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
            found(Ref::Instrument(rule.ground.clone()));
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
            if let RotationOrder::Listed(parties) = &rule.order {
                for party in parties {
                    found(Ref::Party(party.clone()));
                }
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
