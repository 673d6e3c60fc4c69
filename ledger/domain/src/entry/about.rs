//! What an event says, asked one question at a time: what its facts are about, which facts they
//! are, what it refers to. Each is one match without a catch-all arm, so that a new event has an
//! answer to all of them. What does not depend on the fields of an event stands in the table of
//! kinds.

use crate::entry::event::dues::{PaymentPlan, Suspension, Waiver};
use crate::entry::event::term::Term;
use crate::entry::event::{Event, Named, TermKind};
use crate::entry::facts::{Facts, OfParty};
use crate::entry::key::{Key, dues_key, name_keys};
use crate::entry::norm::Passing;
use crate::entry::refs::{
    body_refs, claim_refs, class_ref, holder_ref, money_refs, norm_refs, office_ref, party_refs,
    when_refs,
};
use crate::entry::slot::{DuesSlot, Ref, Slot};
use crate::id::{ArticleId, ArticleRef, InstrumentId};

/// Names to `found` what an event's facts are about; first what the event is about in the first
/// place.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for every event, each a line or two"
)]
pub(super) fn each_key(event: &Event, found: &mut dyn FnMut(Key)) {
    let mut slot = |slot| found(Key::Book(slot));
    match event {
        Event::AssociationFounded {
            association, names, ..
        } => {
            let named = Named::Association(association.clone());
            found(Key::Book(Slot::Association));
            name_keys(&named, names).for_each(found);
        }
        Event::TermDeclared(word) => slot(Slot::Term(word.kind, word.term.clone())),
        Event::PartyRegistered(party) => found(Key::Registration(party.party.clone())),
        Event::NameTaken {
            subject: Named::Party(party),
            kind,
            name,
        } => {
            found(Key::Name(party.clone(), name.language.clone(), *kind));
        }
        Event::NameTaken {
            subject,
            kind,
            name,
        } => slot(Slot::Name(subject.clone(), name.language.clone(), *kind)),
        Event::PartySucceeded {
            from, to, passes, ..
        } => {
            found(Key::Book(Slot::Successors(from.clone())));
            found(Key::Book(Slot::Predecessors(to.clone())));
            if passes.contains(&Passing::Membership) {
                found(Key::Class(from.clone()));
                found(Key::Class(to.clone()));
            }
            if passes.contains(&Passing::Membership) || passes.contains(&Passing::Accounts) {
                found(Key::Dues(from.clone(), DuesSlot::Passed));
                found(Key::Dues(to.clone(), DuesSlot::Passed));
            }
        }
        Event::ApplicationFiled { party, .. }
        | Event::ApplicationWithdrawn { party }
        | Event::ApplicationRejected { party } => found(Key::Application(party.clone())),
        Event::MemberAdmitted { party, .. }
        | Event::ObserverAccepted { party, .. }
        | Event::MembershipEnded { party, .. } => found(Key::Class(party.clone())),
        Event::SessionConvened { session, .. }
        | Event::SessionPostponed { session, .. }
        | Event::SessionCancelled { session } => slot(Slot::Session(session.clone())),
        Event::AttendanceRecorded(attendance) => slot(Slot::Attendance(attendance.session.clone())),
        Event::DecisionTaken(decision) => slot(Slot::Decision(decision.decision.clone())),
        Event::OfficeAssumed { office, seat, .. } | Event::OfficeVacated { office, seat, .. } => {
            slot(Slot::Holder(office.clone(), seat.clone()));
        }
        Event::ChairRotated { office, .. } => slot(Slot::Holder(office.clone(), None)),
        Event::ActingAssumed { office, seat, .. } | Event::ActingEnded { office, seat } => {
            slot(Slot::Acting(office.clone(), seat.clone()));
        }
        Event::PersonNamed { person, .. } => slot(Slot::Person(person.clone())),
        Event::InstrumentAdopted { instrument, .. } | Event::InstrumentRepealed { instrument } => {
            slot(Slot::Instrument(instrument.clone()));
        }
        Event::InstrumentAmended { instrument, .. } => slot(Slot::Amendments(instrument.clone())),
        Event::ArticleEnacted(enacted) => {
            slot(Slot::Article(within(&enacted.instrument, &enacted.article)));
        }
        Event::ArticleRepealed {
            instrument,
            article,
            ..
        } => slot(Slot::Article(within(instrument, article))),
        Event::CommitteeEstablished {
            committee, names, ..
        } => {
            let named = Named::Committee(committee.clone());
            found(Key::Book(Slot::Committee(committee.clone())));
            name_keys(&named, names).for_each(found);
        }
        Event::CommitteesMerged { from, .. } => from
            .iter()
            .for_each(|committee| found(Key::Book(Slot::Committee(committee.clone())))),
        Event::CommitteeAbolished { committee, .. } => slot(Slot::Committee(committee.clone())),
        Event::CoordinatorAppointed {
            committee, seat, ..
        }
        | Event::CoordinatorReleased { committee, seat } => {
            slot(Slot::Coordinator(committee.clone(), seat.clone()));
        }
        Event::SeatPlaced { .. } => slot(Slot::Seat),
        Event::InstitutionRegistered { institution, .. }
        | Event::InstitutionReleased { institution } => {
            slot(Slot::Institution(institution.clone()));
        }
        Event::ActAnnulled { entry } => found(Key::Annulment(*entry)),
        Event::ActRatified { entry } => slot(Slot::Ratifications(*entry)),
        Event::RulesAdopted { .. } => slot(Slot::Rules),
        Event::HistoryResumed(_) => slot(Slot::History),
        Event::RollFrozen(frozen) => slot(Slot::FrozenRoll(frozen.session.clone())),
        Event::TurnDeclined { office, .. } | Event::TurnsSwapped { office, .. } => {
            slot(Slot::Turns(office.clone()));
        }
        Event::FundEstablished(established) => slot(Slot::Fund(established.fund.clone())),
        Event::ClaimRecorded(_) => slot(Slot::Claims),
        Event::DuesAssessed(dues) => {
            dues_key(
                &dues.party,
                DuesSlot::Assessment(dues.fund.clone(), dues.year, dues.revision),
                found,
            );
        }
        Event::DuesPaid(paid) => {
            dues_key(&paid.party, DuesSlot::Payments(paid.fund.clone()), found);
        }
        Event::DuesWrittenOff(off) => {
            dues_key(
                &off.party,
                DuesSlot::WriteOffs(off.fund.clone(), off.year),
                found,
            );
        }
        Event::PlanAgreed(PaymentPlan {
            party, fund: of, ..
        })
        | Event::PlanEnded {
            party, fund: of, ..
        } => {
            dues_key(party, DuesSlot::Plan(of.clone()), found);
        }
        Event::WaiverGranted(Waiver { party, article, .. })
        | Event::WaiverEnded { party, article } => {
            dues_key(party, DuesSlot::Waiver(article.clone()), found);
        }
        Event::RightsSuspended(Suspension { party, article, .. })
        | Event::SuspensionLifted { party, article } => {
            dues_key(party, DuesSlot::Suspension(article.clone()), found);
        }
        Event::NoticeServed { party, article, .. } => {
            dues_key(party, DuesSlot::Notices(article.clone()), found);
        }
        Event::ParentStatusRecorded { party, parent, .. } => {
            dues_key(party, DuesSlot::Parent(parent.clone()), found);
        }
    }
}

/// Returns which facts follow from an event.
#[must_use]
pub fn facts(event: &Event) -> Facts<'_> {
    match event {
        Event::TermDeclared(Term {
            kind: TermKind::Class,
            term,
            ..
        }) => Facts::Class(term),
        Event::SessionConvened { session, .. } => Facts::Session(session),
        Event::ActAnnulled { entry } => Facts::Annulment(*entry),
        Event::PartyRegistered(registered) => Facts::Registration(registered),
        Event::PartySucceeded {
            from, to, passes, ..
        } => Facts::Succession { from, to, passes },
        Event::NameTaken {
            subject: Named::Party(party),
            kind,
            name,
        } => Facts::Party(party, OfParty::Name(*kind, name)),
        Event::MemberAdmitted {
            party,
            class,
            founder,
        } => Facts::Party(party, OfParty::Class(class, *founder)),
        Event::ObserverAccepted { party, class } => {
            Facts::Party(party, OfParty::Class(class, false))
        }
        Event::MembershipEnded { party, ground } => Facts::Party(party, OfParty::Ended(*ground)),
        Event::ApplicationFiled { party, class } => Facts::Party(party, OfParty::Applied(class)),
        Event::ApplicationWithdrawn { party } => Facts::Party(party, OfParty::Withdrew),
        Event::ApplicationRejected { party } => Facts::Party(party, OfParty::Rejected),
        Event::DuesAssessed(dues) => Facts::Dues(&dues.party),
        Event::DuesPaid(paid) => Facts::Dues(&paid.party),
        Event::DuesWrittenOff(off) => Facts::Dues(&off.party),
        Event::PlanAgreed(PaymentPlan { party, .. })
        | Event::PlanEnded { party, .. }
        | Event::WaiverGranted(Waiver { party, .. })
        | Event::WaiverEnded { party, .. }
        | Event::RightsSuspended(Suspension { party, .. })
        | Event::SuspensionLifted { party, .. }
        | Event::NoticeServed { party, .. }
        | Event::ParentStatusRecorded { party, .. } => Facts::Dues(party),
        #[rustfmt::skip] // A list, read across.
        Event::AssociationFounded { .. } | Event::TermDeclared(_) | Event::NameTaken { .. }
        | Event::SessionPostponed { .. } | Event::SessionCancelled { .. }
        | Event::AttendanceRecorded(_) | Event::DecisionTaken(_) | Event::OfficeAssumed { .. }
        | Event::OfficeVacated { .. } | Event::ActingAssumed { .. } | Event::ActingEnded { .. }
        | Event::ChairRotated { .. } | Event::PersonNamed { .. }
        | Event::InstrumentAdopted { .. } | Event::InstrumentAmended { .. }
        | Event::InstrumentRepealed { .. } | Event::ArticleEnacted(_)
        | Event::ArticleRepealed { .. } | Event::CommitteeEstablished { .. }
        | Event::CommitteesMerged { .. } | Event::CommitteeAbolished { .. }
        | Event::CoordinatorAppointed { .. } | Event::CoordinatorReleased { .. }
        | Event::SeatPlaced { .. } | Event::InstitutionRegistered { .. }
        | Event::InstitutionReleased { .. } | Event::ActRatified { .. }
        | Event::RulesAdopted { .. } | Event::HistoryResumed(_) | Event::RollFrozen(_)
        | Event::TurnDeclined { .. } | Event::TurnsSwapped { .. } | Event::FundEstablished(_)
        | Event::ClaimRecorded(_) => Facts::Slots,
    }
}

/// Names to `found` everything that an event refers to or defines, in the order of the text; some
/// of it twice.
#[expect(
    clippy::too_many_lines,
    reason = "one arm for every event, each a line or two"
)]
pub(super) fn event_refs(event: &Event, found: &mut dyn FnMut(Ref)) {
    match event {
        Event::AssociationFounded { .. }
        | Event::RulesAdopted { .. }
        | Event::HistoryResumed(_) => {}
        Event::TermDeclared(word) => found(Ref::Term(word.kind, word.term.clone())),
        Event::PartyRegistered(registered) => {
            found(Ref::Party(registered.party.clone()));
            let person = registered.person.iter();
            person.for_each(|person| found(Ref::Person(person.clone())));
        }
        Event::NameTaken { subject, .. } => match subject {
            Named::Party(party) => found(Ref::Party(party.clone())),
            Named::Committee(committee) => found(Ref::Committee(committee.clone())),
            Named::Body(named) => body_refs([named], found),
            Named::Association(_) => {}
        },
        Event::PartySucceeded {
            from, to, class, ..
        } => {
            party_refs([from, to], found);
            if let Some(class) = class {
                class_ref(class, found);
            }
        }
        Event::ApplicationFiled { party, class: of }
        | Event::MemberAdmitted {
            party, class: of, ..
        }
        | Event::ObserverAccepted { party, class: of } => {
            found(Ref::Party(party.clone()));
            class_ref(of, found);
        }
        Event::ApplicationWithdrawn { party }
        | Event::ApplicationRejected { party }
        | Event::MembershipEnded { party, .. }
        | Event::InstitutionReleased { institution: party } => found(Ref::Party(party.clone())),
        Event::SessionConvened { session, host, .. } => {
            body_refs([&session.series], found);
            found(Ref::Session(session.clone()));
            party_refs(host, found);
        }
        Event::SessionPostponed { session, .. } | Event::SessionCancelled { session } => {
            found(Ref::Session(session.clone()));
        }
        Event::AttendanceRecorded(attendance) => {
            found(Ref::Session(attendance.session.clone()));
            party_refs(
                attendance.present.iter().chain(&attendance.in_writing),
                found,
            );
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
            office_ref(of, found);
            holder_ref(holder, found);
            if let Some(when) = term_until {
                when_refs(when, found);
            }
        }
        Event::ActingAssumed {
            office: of, holder, ..
        } => {
            office_ref(of, found);
            holder_ref(holder, found);
        }
        Event::OfficeVacated { office: of, .. } | Event::ActingEnded { office: of, .. } => {
            office_ref(of, found);
        }
        Event::ChairRotated { office: of, to, .. } => {
            office_ref(of, found);
            found(Ref::Party(to.clone()));
        }
        Event::PersonNamed { person, .. } => found(Ref::Person(person.clone())),
        Event::InstrumentAdopted { instrument, .. }
        | Event::InstrumentAmended { instrument, .. }
        | Event::InstrumentRepealed { instrument } => found(Ref::Instrument(instrument.clone())),
        Event::ArticleEnacted(enacted) => {
            found(Ref::Instrument(enacted.instrument.clone()));
            found(Ref::Article(within(&enacted.instrument, &enacted.article)));
            for norm in &enacted.norms {
                norm_refs(norm, found);
            }
            enacted
                .amendment
                .iter()
                .for_each(|entry| found(Ref::Entry(*entry)));
        }
        Event::ArticleRepealed {
            instrument,
            article,
            amendment,
        } => {
            found(Ref::Instrument(instrument.clone()));
            found(Ref::Article(within(instrument, article)));
            if let Some(entry) = amendment {
                found(Ref::Entry(*entry));
            }
        }
        Event::CommitteeEstablished {
            committee, parent, ..
        } => {
            found(Ref::Committee(committee.clone()));
            body_refs(parent, found);
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
        Event::SeatPlaced { host, .. } => party_refs(host, found),
        Event::InstitutionRegistered { institution, by } => {
            party_refs([institution, by], found);
        }
        Event::ActAnnulled { entry } | Event::ActRatified { entry } => {
            found(Ref::Entry(*entry));
        }
        Event::RollFrozen(frozen) => {
            found(Ref::Session(frozen.session.clone()));
            party_refs(&frozen.entitled, found);
        }
        Event::TurnDeclined {
            office: of,
            party,
            turn,
        } => {
            office_ref(of, found);
            found(Ref::Party(party.clone()));
            if let Some(when) = turn {
                when_refs(when, found);
            }
        }
        Event::TurnsSwapped {
            office: of,
            first,
            second,
        } => {
            office_ref(of, found);
            party_refs([first, second], found);
        }
        Event::ClaimRecorded(claim) => claim_refs(&claim.question, found),
        Event::FundEstablished(established) => found(Ref::Fund(established.fund.clone())),
        Event::DuesAssessed(dues) => {
            money_refs(&dues.party, Some(&dues.fund), None, found);
            when_refs(&dues.due, found);
        }
        Event::DuesPaid(paid) => money_refs(&paid.party, Some(&paid.fund), None, found),
        Event::DuesWrittenOff(off) => money_refs(&off.party, Some(&off.fund), None, found),
        Event::PlanAgreed(plan) => {
            money_refs(&plan.party, Some(&plan.fund), None, found);
            let dues = plan.instalments.iter().map(|instalment| &instalment.due);
            dues.chain(&plan.until)
                .for_each(|when| when_refs(when, found));
        }
        Event::PlanEnded {
            party, fund: of, ..
        } => money_refs(party, Some(of), None, found),
        Event::WaiverGranted(waiver) => {
            money_refs(&waiver.party, None, Some(&waiver.article), found);
            body_refs(&waiver.bodies, found);
            waiver.until.iter().for_each(|when| when_refs(when, found));
        }
        Event::RightsSuspended(suspension) => {
            money_refs(&suspension.party, None, Some(&suspension.article), found);
            body_refs(&suspension.bodies, found);
            for right in &suspension.rights {
                found(Ref::Term(TermKind::Right, right.into()));
            }
            let until = suspension.until.iter();
            until.for_each(|when| when_refs(when, found));
        }
        Event::WaiverEnded { party, article }
        | Event::SuspensionLifted { party, article }
        | Event::NoticeServed { party, article, .. } => {
            money_refs(party, None, Some(article), found);
        }
        Event::ParentStatusRecorded { party, .. } => money_refs(party, None, None, found),
    }
}

fn within(instrument: &InstrumentId, article: &ArticleId) -> ArticleRef {
    ArticleRef {
        instrument: instrument.clone(),
        article: article.clone(),
    }
}
