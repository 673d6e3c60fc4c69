//! What is asked of several kinds of events. Each question is one match without an arm for the
//! rest: a kind that is new is added to the events of its topic, and whoever asks about that topic
//! has to say what it means there.

#![expect(
    clippy::unnested_or_patterns,
    reason = "topics are patterns inside patterns"
)]

use crate::entry::event::dues::{Assessment, Money, Payment, WriteOff};
use crate::entry::event::{ArticleEnacted, Decision, Event, Holder, Name, Named, TermKind};
use crate::id::position::Position;
use crate::id::{FundId, InstrumentId, PartyId, SessionId, Word};
use crate::time::when::When;

/// The events of topics, as a pattern: for those who ask about another topic.
macro_rules! about {
    (association) => {
        Event::AssociationFounded { .. } | Event::SeatPlaced { .. }
            | Event::InstitutionRegistered { .. } | Event::InstitutionReleased { .. }
    };
    (words) => { Event::TermDeclared(_) };
    (parties) => {
        Event::PartyRegistered(_) | Event::NameTaken { .. } | Event::PartySucceeded { .. }
    };
    (membership) => {
        Event::ApplicationFiled { .. } | Event::ApplicationWithdrawn { .. }
            | Event::ApplicationRejected { .. } | Event::MemberAdmitted { .. }
            | Event::ObserverAccepted { .. } | Event::MembershipEnded { .. }
    };
    (sessions) => {
        Event::SessionConvened { .. } | Event::SessionPostponed { .. }
            | Event::SessionCancelled { .. }
    };
    (sittings) => {
        Event::AttendanceRecorded(_) | Event::DecisionTaken(_) | Event::RollFrozen(_)
    };
    (offices) => {
        Event::OfficeAssumed { .. } | Event::OfficeVacated { .. } | Event::ActingAssumed { .. }
            | Event::ActingEnded { .. } | Event::ChairRotated { .. }
    };
    (turns) => { Event::TurnDeclined { .. } | Event::TurnsSwapped { .. } };
    (persons) => { Event::PersonNamed { .. } };
    (law) => {
        Event::InstrumentAdopted { .. } | Event::InstrumentAmended { .. }
            | Event::InstrumentRepealed { .. } | Event::ArticleEnacted(_)
            | Event::ArticleRepealed { .. } | Event::RulesAdopted { .. }
    };
    (committees) => {
        Event::CommitteeEstablished { .. } | Event::CommitteesMerged { .. }
            | Event::CommitteeAbolished { .. } | Event::CoordinatorAppointed { .. }
            | Event::CoordinatorReleased { .. }
    };
    (acts) => { Event::ActAnnulled { .. } | Event::ActRatified { .. } };
    (history) => { Event::HistoryResumed(_) };
    (money) => {
        Event::FundEstablished(_) | Event::DuesAssessed(_) | Event::DuesPaid(_)
            | Event::DuesWrittenOff(_) | Event::PlanAgreed(_) | Event::PlanEnded { .. }
    };
    (sanctions) => {
        Event::WaiverGranted(_) | Event::WaiverEnded { .. } | Event::RightsSuspended(_)
            | Event::SuspensionLifted { .. } | Event::NoticeServed { .. }
            | Event::ParentStatusRecorded { .. }
    };
    (claims) => { Event::ClaimRecorded(_) };
    ($($topic:ident)+) => { $(about!($topic))|+ };
}

pub mod acts;

/// The names that a party is given.
#[derive(Debug, Clone, Copy)]
pub struct PartyNames<'e> {
    /// The party.
    pub party: &'e PartyId,
    /// The names.
    pub names: &'e [Name],
    /// Other ids it is known by.
    pub aliases: &'e [Word],
}

/// What an event does to a session.
#[derive(Debug, Clone, Copy)]
pub enum SessionMove<'e> {
    /// It is convened.
    Convened(SessionDays<'e>),
    /// It is put off.
    Postponed(SessionDays<'e>),
    /// It is called off.
    Cancelled,
}

/// A session as put by one event; the event's effective date is its opening.
#[derive(Debug, Clone, Copy)]
pub struct SessionDays<'e> {
    /// The session.
    pub session: &'e SessionId,
    /// When it closes; none on the day it opens.
    pub closing: Option<&'e When>,
}

impl<'e> SessionMove<'e> {
    /// Returns when the session is now put; none where it is called off.
    #[must_use]
    pub fn days(&self) -> Option<SessionDays<'e>> {
        match self {
            Self::Convened(days) | Self::Postponed(days) => Some(*days),
            Self::Cancelled => None,
        }
    }
}

/// Somebody in an office, or acting in it.
#[derive(Debug, Clone)]
pub struct Holding<'e> {
    /// Who.
    pub holder: Holder,
    /// As the how manieth; 0 where that is not said.
    pub ordinal: u32,
    /// Until when, where that is recorded.
    pub term_until: Option<&'e When>,
}

/// What stands on the account of a party.
#[derive(Debug, Clone, Copy)]
pub enum OnAccount<'e> {
    /// What it owes for a year.
    Assessed(&'e Assessment),
    /// What it need not pay any more.
    WrittenOff(&'e WriteOff),
    /// What it paid.
    Paid(&'e Payment),
}

/// What an event may do that the law disapproves of, at once when it is recorded.
#[derive(Debug, Clone, Copy)]
pub enum Disputable<'e> {
    /// A session decides.
    Decision(&'e Decision),
    /// A party is taken into a class.
    Admission(&'e PartyId),
    /// A party's rights are suspended.
    Suspension(&'e PartyId),
    /// A session is convened.
    Convening,
    /// An office passes on.
    Rotation,
}

/// What becomes more with an event, of that which has a number of its own or is counted over the
/// whole ledger.
#[derive(Debug, Clone, Copy)]
pub enum Growth {
    /// Words of a kind.
    Terms(TermKind),
    /// Articles, their versions and norms.
    Law,
    /// Sessions.
    Sessions,
    /// Parties, with what describes them.
    Parties,
    /// Names.
    Names,
    /// Parties that others succeed.
    Predecessors,
    /// Annulments of an entry.
    Annulments(Position),
}

impl Event {
    /// Returns the names and other ids that it gives a party.
    #[must_use]
    pub fn party_names(&self) -> Option<PartyNames<'_>> {
        match self {
            Self::PartyRegistered(registered) => Some(PartyNames {
                party: &registered.party,
                names: &registered.names,
                aliases: &registered.aliases,
            }),
            Self::NameTaken { subject, name, .. } => match subject {
                Named::Party(party) => Some(PartyNames {
                    party,
                    names: std::slice::from_ref(name),
                    aliases: &[],
                }),
                Named::Committee(_) | Named::Association(_) | Named::Body(_) => None,
            },
            Self::PartySucceeded { .. }
            | about!(association words membership sessions sittings offices turns persons law)
            | about!(committees acts money sanctions claims history) => None,
        }
    }

    /// Returns the names that it gives to what bears names in the book: the association,
    /// committees, bodies.
    #[must_use]
    pub fn names(&self) -> &[Name] {
        match self {
            Self::AssociationFounded { names, .. } | Self::CommitteeEstablished { names, .. } => {
                names
            }
            Self::NameTaken { name, .. } => std::slice::from_ref(name),
            Self::PartyRegistered(_)
            | Self::PartySucceeded { .. }
            | Self::SeatPlaced { .. }
            | Self::InstitutionRegistered { .. }
            | Self::InstitutionReleased { .. }
            | Self::CommitteesMerged { .. }
            | Self::CommitteeAbolished { .. }
            | Self::CoordinatorAppointed { .. }
            | Self::CoordinatorReleased { .. }
            | about!(words membership sessions sittings offices turns persons law acts money)
            | about!(sanctions claims history) => &[],
        }
    }

    /// Returns what it does to a session.
    #[must_use]
    pub fn session_move(&self) -> Option<SessionMove<'_>> {
        let days = |session, closing| SessionDays { session, closing };
        match self {
            Self::SessionConvened {
                session, closing, ..
            } => Some(SessionMove::Convened(days(session, closing.as_ref()))),
            Self::SessionPostponed { session, closing } => {
                Some(SessionMove::Postponed(days(session, closing.as_ref())))
            }
            Self::SessionCancelled { .. } => Some(SessionMove::Cancelled),
            about!(association words parties membership sittings offices turns persons law)
            | about!(committees acts money sanctions claims history) => None,
        }
    }

    /// Returns who holds an office from then on, or acts in it.
    #[must_use]
    pub fn holding(&self) -> Option<Holding<'_>> {
        let holding = |holder, ordinal, term_until| Holding {
            holder,
            ordinal,
            term_until,
        };
        match self {
            Self::OfficeAssumed {
                holder,
                ordinal,
                term_until,
                ..
            } => Some(holding(holder.clone(), *ordinal, term_until.as_ref())),
            Self::ChairRotated { to, ordinal, .. } => {
                Some(holding(Holder::Party(to.clone()), *ordinal, None))
            }
            Self::ActingAssumed { holder, .. } => Some(holding(holder.clone(), 0, None)),
            Self::OfficeVacated { .. }
            | Self::ActingEnded { .. }
            | about!(association words parties membership sessions sittings turns persons law)
            | about!(committees acts money sanctions claims history) => None,
        }
    }

    /// Returns whether somebody leaves a seat, and nobody need have decided that.
    #[must_use]
    pub fn leaves_a_seat(&self) -> bool {
        match self {
            Self::OfficeVacated { .. } | Self::CoordinatorReleased { .. } => true,
            Self::OfficeAssumed { .. }
            | Self::ActingAssumed { .. }
            | Self::ActingEnded { .. }
            | Self::ChairRotated { .. }
            | Self::CommitteeEstablished { .. }
            | Self::CommitteesMerged { .. }
            | Self::CommitteeAbolished { .. }
            | Self::CoordinatorAppointed { .. }
            | about!(association words parties membership sessions sittings turns persons law)
            | about!(acts money sanctions claims history) => false,
        }
    }

    /// Returns what it puts on the account of a party by itself; plans are read as rows.
    #[must_use]
    pub fn on_account(&self) -> Option<OnAccount<'_>> {
        match self {
            Self::DuesAssessed(dues) => Some(OnAccount::Assessed(dues)),
            Self::DuesWrittenOff(off) => Some(OnAccount::WrittenOff(off)),
            Self::DuesPaid(paid) => Some(OnAccount::Paid(paid)),
            Self::FundEstablished(_)
            | Self::PlanAgreed(_)
            | Self::PlanEnded { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(law committees acts sanctions claims history) => None,
        }
    }

    /// Returns the amounts that it names, each with its fund, in order.
    #[must_use]
    pub fn amounts(&self) -> Vec<(&FundId, &Money)> {
        match self {
            Self::DuesAssessed(dues) => vec![(&dues.fund, &dues.amount)],
            Self::DuesPaid(paid) => vec![(&paid.fund, &paid.amount)],
            Self::DuesWrittenOff(off) => vec![(&off.fund, &off.amount)],
            Self::PlanAgreed(plan) => {
                let instalments = plan.instalments.iter();
                let amounts = instalments.map(|instalment| (&plan.fund, &instalment.amount));
                amounts.collect()
            }
            Self::FundEstablished(_)
            | Self::PlanEnded { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(law committees acts sanctions claims history) => Vec::new(),
        }
    }

    /// Returns until when it takes or spares a party's rights, by its own terms.
    #[must_use]
    pub fn takes_or_spares_until(&self) -> Option<&When> {
        match self {
            Self::WaiverGranted(waiver) => waiver.until.as_ref(),
            Self::RightsSuspended(suspension) => suspension.until.as_ref(),
            Self::WaiverEnded { .. }
            | Self::SuspensionLifted { .. }
            | Self::NoticeServed { .. }
            | Self::ParentStatusRecorded { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(law committees acts money claims history) => None,
        }
    }

    /// Returns whether it grants a waiver or ends one.
    #[must_use]
    pub fn is_about_waivers(&self) -> bool {
        match self {
            Self::WaiverGranted(_) | Self::WaiverEnded { .. } => true,
            Self::RightsSuspended(_)
            | Self::SuspensionLifted { .. }
            | Self::NoticeServed { .. }
            | Self::ParentStatusRecorded { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(law committees acts money claims history) => false,
        }
    }

    /// Returns the entry of the act that it is part of, if it says so: the adoption, amendment or
    /// repeal of the instrument of its article.
    #[must_use]
    pub fn part_of(&self) -> Option<Position> {
        match self {
            Self::ArticleEnacted(enacted) => enacted.amendment,
            Self::ArticleRepealed { amendment, .. } => *amendment,
            Self::InstrumentAdopted { .. }
            | Self::InstrumentAmended { .. }
            | Self::InstrumentRepealed { .. }
            | Self::RulesAdopted { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(committees acts money sanctions claims history) => None,
        }
    }

    /// Says of which entry's act it is part; of an event that is part of none nothing is said.
    #[must_use]
    pub fn as_part_of(self, act: Position) -> Self {
        match self {
            Self::ArticleEnacted(enacted) => Self::ArticleEnacted(ArticleEnacted {
                amendment: Some(act),
                ..enacted
            }),
            Self::ArticleRepealed {
                instrument,
                article,
                ..
            } => Self::ArticleRepealed {
                instrument,
                article,
                amendment: Some(act),
            },
            other @ (Self::InstrumentAdopted { .. }
            | Self::InstrumentAmended { .. }
            | Self::InstrumentRepealed { .. }
            | Self::RulesAdopted { .. }
            | about!(association words parties membership sessions sittings offices turns)
            | about!(persons committees acts money sanctions claims history)) => other,
        }
    }

    /// Returns the instrument that it adopts, amends or repeals, as an act that articles are part
    /// of.
    #[must_use]
    pub fn changed_instrument(&self) -> Option<&InstrumentId> {
        match self {
            Self::InstrumentAdopted { instrument, .. }
            | Self::InstrumentAmended { instrument, .. }
            | Self::InstrumentRepealed { instrument } => Some(instrument),
            Self::ArticleEnacted(_)
            | Self::ArticleRepealed { .. }
            | Self::RulesAdopted { .. }
            | about!(association words parties membership sessions sittings offices turns persons)
            | about!(committees acts money sanctions claims history) => None,
        }
    }

    /// Returns whether the association's time zone may be another after it.
    #[must_use]
    pub fn may_move_time_zone(&self) -> bool {
        match self {
            Self::AssociationFounded { .. } | Self::ActAnnulled { .. } => true,
            Self::SeatPlaced { .. }
            | Self::InstitutionRegistered { .. }
            | Self::InstitutionReleased { .. }
            | Self::ActRatified { .. }
            | about!(words parties membership sessions sittings offices turns persons law)
            | about!(committees money sanctions claims history) => false,
        }
    }

    /// Returns what it does that the law may disapprove of, at once when it is recorded.
    #[must_use]
    pub fn disputable(&self) -> Option<Disputable<'_>> {
        match self {
            Self::DecisionTaken(decision) => Some(Disputable::Decision(decision)),
            Self::MemberAdmitted { party, .. } | Self::ObserverAccepted { party, .. } => {
                Some(Disputable::Admission(party))
            }
            Self::RightsSuspended(suspension) => Some(Disputable::Suspension(&suspension.party)),
            Self::SessionConvened { .. } => Some(Disputable::Convening),
            Self::ChairRotated { .. } => Some(Disputable::Rotation),
            Self::ApplicationFiled { .. }
            | Self::ApplicationWithdrawn { .. }
            | Self::ApplicationRejected { .. }
            | Self::MembershipEnded { .. }
            | Self::SessionPostponed { .. }
            | Self::SessionCancelled { .. }
            | Self::AttendanceRecorded(_)
            | Self::RollFrozen(_)
            | Self::OfficeAssumed { .. }
            | Self::OfficeVacated { .. }
            | Self::ActingAssumed { .. }
            | Self::ActingEnded { .. }
            | Self::WaiverGranted(_)
            | Self::WaiverEnded { .. }
            | Self::SuspensionLifted { .. }
            | Self::NoticeServed { .. }
            | Self::ParentStatusRecorded { .. }
            | about!(association words parties turns persons law committees acts money claims history) => {
                None
            }
        }
    }

    /// Returns what becomes more with it.
    #[must_use]
    pub fn growth(&self) -> Option<Growth> {
        match self {
            Self::TermDeclared(term) => Some(Growth::Terms(term.kind)),
            Self::ArticleEnacted(_) => Some(Growth::Law),
            Self::SessionConvened { .. } => Some(Growth::Sessions),
            Self::PartyRegistered(_) => Some(Growth::Parties),
            Self::NameTaken { .. } => Some(Growth::Names),
            Self::PartySucceeded { .. } => Some(Growth::Predecessors),
            Self::ActAnnulled { entry } => Some(Growth::Annulments(*entry)),
            Self::InstrumentAdopted { .. }
            | Self::InstrumentAmended { .. }
            | Self::InstrumentRepealed { .. }
            | Self::ArticleRepealed { .. }
            | Self::RulesAdopted { .. }
            | Self::SessionPostponed { .. }
            | Self::SessionCancelled { .. }
            | Self::ActRatified { .. }
            | about!(association membership sittings offices turns persons committees money)
            | about!(sanctions claims history) => None,
        }
    }
}
