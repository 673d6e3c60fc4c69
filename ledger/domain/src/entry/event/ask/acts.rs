//! What is asked of events as acts: how they are annulled, what they make, what they rest and hang
//! on.

use crate::entry::event::{EndGround, Event};
use crate::id::ArticleRef;
use crate::id::position::Position;
use crate::time::when::When;

/// How an act can be annulled (rule 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Annullable {
    /// From the start, or from a day.
    FromAnyDay,
    /// From the start only.
    FromTheStart,
    /// Not at all: the record is corrected, or the entry withdrawn.
    Never,
}

impl Event {
    /// Returns how it can be annulled.
    #[must_use]
    pub fn annullable(&self) -> Annullable {
        match self {
            Self::SessionConvened { .. } | Self::RollFrozen(_) | Self::ActRatified { .. } => {
                Annullable::FromTheStart
            }
            Self::AssociationFounded { .. }
            | Self::PartyRegistered(_)
            | Self::SessionPostponed { .. }
            | Self::SessionCancelled { .. }
            | Self::AttendanceRecorded(_)
            | Self::RulesAdopted { .. }
            | Self::FundEstablished(_)
            | about!(words persons claims history) => Annullable::Never,
            Self::SeatPlaced { .. }
            | Self::InstitutionRegistered { .. }
            | Self::InstitutionReleased { .. }
            | Self::NameTaken { .. }
            | Self::PartySucceeded { .. }
            | Self::DecisionTaken(_)
            | Self::InstrumentAdopted { .. }
            | Self::InstrumentAmended { .. }
            | Self::InstrumentRepealed { .. }
            | Self::ArticleEnacted(_)
            | Self::ArticleRepealed { .. }
            | Self::ActAnnulled { .. }
            | Self::DuesAssessed(_)
            | Self::DuesPaid(_)
            | Self::DuesWrittenOff(_)
            | Self::PlanAgreed(_)
            | Self::PlanEnded { .. }
            | about!(membership offices turns committees sanctions) => Annullable::FromAnyDay,
        }
    }

    /// Returns whether it is an act that its decision carries: a withdrawal, a name and a
    /// succession are so without one.
    #[must_use]
    pub fn rests_on_its_decision(&self) -> bool {
        match self {
            Self::MembershipEnded { ground, .. } => *ground != EndGround::Withdrawal,
            Self::ApplicationWithdrawn { .. }
            | Self::NameTaken { .. }
            | Self::PartySucceeded { .. } => false,
            Self::PartyRegistered(_)
            | Self::ApplicationFiled { .. }
            | Self::ApplicationRejected { .. }
            | Self::MemberAdmitted { .. }
            | Self::ObserverAccepted { .. }
            | about!(association words sessions sittings offices turns persons law committees)
            | about!(acts money sanctions claims history) => true,
        }
    }

    /// Returns whether it is what follows from a decision that was rejected.
    #[must_use]
    pub fn is_rejection(&self) -> bool {
        match self {
            Self::ApplicationRejected { .. } => true,
            Self::ApplicationFiled { .. }
            | Self::ApplicationWithdrawn { .. }
            | Self::MemberAdmitted { .. }
            | Self::ObserverAccepted { .. }
            | Self::MembershipEnded { .. }
            | about!(association words parties sessions sittings offices turns persons law)
            | about!(committees acts money sanctions claims history) => false,
        }
    }

    /// Returns whether it tells of a session itself: when it was, who was there, what it decided.
    #[must_use]
    pub fn is_of_a_sitting(&self) -> bool {
        match self {
            about!(sessions sittings) => true,
            about!(association words parties membership offices turns persons law committees)
            | about!(acts money sanctions claims history) => false,
        }
    }

    /// Returns the days that it names besides that of its effect: by when to pay, until when
    /// something lasts.
    #[must_use]
    pub fn days(&self) -> Vec<&When> {
        match self {
            Self::OfficeAssumed { term_until, .. } => term_until.iter().collect(),
            Self::DuesAssessed(dues) => vec![&dues.due],
            Self::PlanAgreed(plan) => {
                let dues = plan.instalments.iter().map(|instalment| &instalment.due);
                dues.chain(&plan.until).collect()
            }
            Self::WaiverGranted(waiver) => waiver.until.iter().collect(),
            Self::RightsSuspended(suspension) => suspension.until.iter().collect(),
            Self::SessionConvened { closing, .. } | Self::SessionPostponed { closing, .. } => {
                closing.iter().collect()
            }
            Self::SessionCancelled { .. }
            | Self::OfficeVacated { .. }
            | Self::ActingAssumed { .. }
            | Self::ActingEnded { .. }
            | Self::ChairRotated { .. }
            | Self::FundEstablished(_)
            | Self::DuesPaid(_)
            | Self::DuesWrittenOff(_)
            | Self::PlanEnded { .. }
            | Self::WaiverEnded { .. }
            | Self::SuspensionLifted { .. }
            | Self::NoticeServed { .. }
            | Self::ParentStatusRecorded { .. }
            | about!(association words parties membership sittings turns persons law committees)
            | about!(acts claims history) => Vec::new(),
        }
    }

    /// Returns the article that it enacts or deletes.
    #[must_use]
    pub fn about_article(&self) -> Option<ArticleRef> {
        let (instrument, article) = match self {
            Self::ArticleEnacted(enacted) => (&enacted.instrument, &enacted.article),
            Self::ArticleRepealed {
                instrument,
                article,
                ..
            } => (instrument, article),
            Self::InstrumentAdopted { .. }
            | Self::InstrumentAmended { .. }
            | Self::InstrumentRepealed { .. }
            | Self::RulesAdopted { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(committees acts money sanctions claims history) => return None,
        };
        Some(ArticleRef {
            instrument: instrument.clone(),
            article: article.clone(),
        })
    }

    /// Returns the entry that it judges: annuls or ratifies.
    #[must_use]
    pub fn judged_entry(&self) -> Option<Position> {
        match self {
            Self::ActAnnulled { entry } | Self::ActRatified { entry } => Some(*entry),
            about!(association words parties membership sessions sittings offices turns persons)
            | about!(law committees money sanctions claims history) => None,
        }
    }
}
