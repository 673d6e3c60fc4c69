//! Whom an entry is told of first.

use crate::entry::event::{Event, Holder, Named};
use crate::id::PartyId;

/// Returns the party an event is about: the first that it names. None if it names none, or only
/// lists many alike, as rolls, attendance, claims and articles do.
#[must_use]
pub fn principal(event: &Event) -> Option<&PartyId> {
    match event {
        Event::PartyRegistered(registered) => Some(&registered.party),
        Event::NameTaken {
            subject: Named::Party(party),
            ..
        }
        | Event::OfficeAssumed {
            holder: Holder::Party(party),
            ..
        }
        | Event::ActingAssumed {
            holder: Holder::Party(party),
            ..
        }
        | Event::PartySucceeded { from: party, .. }
        | Event::ApplicationFiled { party, .. }
        | Event::ApplicationWithdrawn { party }
        | Event::ApplicationRejected { party }
        | Event::MemberAdmitted { party, .. }
        | Event::ObserverAccepted { party, .. }
        | Event::MembershipEnded { party, .. }
        | Event::ChairRotated { to: party, .. }
        | Event::CoordinatorAppointed { party, .. }
        | Event::InstitutionRegistered {
            institution: party, ..
        }
        | Event::InstitutionReleased { institution: party }
        | Event::TurnDeclined { party, .. }
        | Event::TurnsSwapped { first: party, .. }
        | Event::PlanEnded { party, .. }
        | Event::WaiverEnded { party, .. }
        | Event::SuspensionLifted { party, .. }
        | Event::NoticeServed { party, .. }
        | Event::ParentStatusRecorded { party, .. } => Some(party),
        Event::SessionConvened { host, .. } | Event::SeatPlaced { host, .. } => host.as_ref(),
        Event::DuesAssessed(dues) => Some(&dues.party),
        Event::DuesPaid(paid) => Some(&paid.party),
        Event::DuesWrittenOff(off) => Some(&off.party),
        Event::PlanAgreed(plan) => Some(&plan.party),
        Event::WaiverGranted(waiver) => Some(&waiver.party),
        Event::RightsSuspended(suspension) => Some(&suspension.party),
        #[rustfmt::skip] // A list, read across.
        Event::NameTaken { .. } | Event::OfficeAssumed { .. } | Event::ActingAssumed { .. }
        | Event::AssociationFounded { .. } | Event::TermDeclared(_)
        | Event::SessionPostponed { .. } | Event::SessionCancelled { .. }
        | Event::AttendanceRecorded(_) | Event::DecisionTaken(_) | Event::OfficeVacated { .. }
        | Event::ActingEnded { .. } | Event::PersonNamed { .. } | Event::InstrumentAdopted { .. }
        | Event::InstrumentAmended { .. } | Event::InstrumentRepealed { .. }
        | Event::ArticleEnacted(_) | Event::ArticleRepealed { .. }
        | Event::CommitteeEstablished { .. } | Event::CommitteesMerged { .. }
        | Event::CommitteeAbolished { .. } | Event::CoordinatorReleased { .. }
        | Event::ActAnnulled { .. } | Event::ActRatified { .. } | Event::RulesAdopted { .. }
        | Event::HistoryResumed(_) | Event::RollFrozen(_) | Event::FundEstablished(_) | Event::ClaimRecorded(_) => None,
    }
}
