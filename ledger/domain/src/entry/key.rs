//! What an entry's facts are about, without the facts: for corrections, for judging, and for taking back.

use crate::entry::event::{Event, Name, NameKind, Named, Passing, Position};
use crate::id::{ArticleRef, PartyId, Word};
use crate::record::book::{DuesSlot, Ref, Slot};
use std::collections::BTreeSet;

/// What an entry's facts are about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A slot of the book.
    Book(Slot),
    /// The registration of a party.
    Registration(PartyId),
    /// The class of a party.
    Class(PartyId),
    /// The application of a party.
    Application(PartyId),
    /// A name of a party.
    Name(PartyId, Word, NameKind),
    /// The money of a party, or a right that hangs on it.
    Dues(PartyId, DuesSlot),
    /// An annulment of an entry.
    Annulment(Position),
}

impl Key {
    /// Returns the party whose record the facts stand in; none if they stand in the book.
    #[must_use]
    pub fn party(&self) -> Option<&PartyId> {
        match self {
            Self::Registration(party)
            | Self::Class(party)
            | Self::Application(party)
            | Self::Name(party, ..)
            | Self::Dues(party, _) => Some(party),
            Self::Book(_) | Self::Annulment(_) => None,
        }
    }
}

/// What a batch touched, so that it can be judged and taken back.
#[derive(Debug, Default, Clone)]
pub struct Touched {
    /// The keys of its facts, and of the facts it corrects or annuls.
    pub keys: BTreeSet<Key>,
    /// What it refers to.
    pub refs: BTreeSet<Ref>,
    /// The parties it names.
    pub parties: BTreeSet<PartyId>,
}

impl Touched {
    /// Returns the slots of the book among the keys.
    #[must_use]
    pub fn slots(&self) -> BTreeSet<Slot> {
        self.keys
            .iter()
            .filter_map(|key| {
                if let Key::Book(slot) = key {
                    Some(slot.clone())
                } else {
                    None
                }
            })
            .collect()
    }
}

/// Returns what an event's facts are about; the first is what the event is about in the first place.
#[must_use]
pub fn keys(event: &Event) -> Vec<Key> {
    let slot = |slot| vec![Key::Book(slot)];
    match event {
        Event::AssociationFounded {
            association, names, ..
        } => {
            let named = Named::Association(association.clone());
            std::iter::once(Key::Book(Slot::Association))
                .chain(name_keys(&named, names))
                .collect()
        }
        Event::TermDeclared { kind, term, .. } => slot(Slot::Term(*kind, term.clone())),
        Event::PartyRegistered(party) => vec![Key::Registration(party.party.clone())],
        Event::NameTaken {
            subject: Named::Party(party),
            kind,
            name,
        } => {
            vec![Key::Name(party.clone(), name.language.clone(), *kind)]
        }
        Event::NameTaken {
            subject,
            kind,
            name,
        } => slot(Slot::Name(subject.clone(), name.language.clone(), *kind)),
        Event::PartySucceeded { from, to, passes } => {
            let mut keys = vec![
                Key::Book(Slot::Successors(from.clone())),
                Key::Book(Slot::Predecessors(to.clone())),
            ];
            if passes.contains(&Passing::Membership) {
                keys.extend([Key::Class(from.clone()), Key::Class(to.clone())]);
            }
            if passes.contains(&Passing::Accounts) {
                keys.push(Key::Dues(to.clone(), DuesSlot::Passed));
            }
            keys
        }
        Event::ApplicationFiled { party, .. }
        | Event::ApplicationWithdrawn { party }
        | Event::ApplicationRejected { party } => vec![Key::Application(party.clone())],
        Event::MemberAdmitted { party, .. }
        | Event::ObserverAccepted { party, .. }
        | Event::MembershipEnded { party, .. } => vec![Key::Class(party.clone())],
        Event::SessionConvened { session, .. }
        | Event::SessionPostponed { session, .. }
        | Event::SessionCancelled { session } => slot(Slot::Session(session.clone())),
        Event::AttendanceRecorded(attendance) => slot(Slot::Attendance(attendance.session.clone())),
        Event::DecisionTaken(decision) => slot(Slot::Decision(decision.decision.clone())),
        Event::OfficeAssumed { office, seat, .. } | Event::OfficeVacated { office, seat, .. } => {
            slot(Slot::Holder(office.clone(), seat.clone()))
        }
        Event::ChairRotated { office, .. } => slot(Slot::Holder(office.clone(), None)),
        Event::ActingAssumed { office, seat, .. } | Event::ActingEnded { office, seat } => {
            slot(Slot::Acting(office.clone(), seat.clone()))
        }
        Event::PersonNamed { person, .. } => slot(Slot::Person(person.clone())),
        Event::InstrumentAdopted { instrument, .. } | Event::InstrumentRepealed { instrument } => {
            slot(Slot::Instrument(instrument.clone()))
        }
        Event::InstrumentAmended { instrument, .. } => slot(Slot::Amendments(instrument.clone())),
        Event::ArticleEnacted(enacted) => slot(Slot::Article(ArticleRef {
            instrument: enacted.instrument.clone(),
            article: enacted.article.clone(),
        })),
        Event::ArticleRepealed {
            instrument,
            article,
        } => slot(Slot::Article(ArticleRef {
            instrument: instrument.clone(),
            article: article.clone(),
        })),
        Event::CommitteeEstablished {
            committee, names, ..
        } => {
            let named = Named::Committee(committee.clone());
            std::iter::once(Key::Book(Slot::Committee(committee.clone())))
                .chain(name_keys(&named, names))
                .collect()
        }
        Event::CommitteesMerged { from, .. } => from
            .iter()
            .map(|committee| Key::Book(Slot::Committee(committee.clone())))
            .collect(),
        Event::CommitteeAbolished { committee, .. } => slot(Slot::Committee(committee.clone())),
        Event::CoordinatorAppointed {
            committee, seat, ..
        }
        | Event::CoordinatorReleased { committee, seat } => {
            slot(Slot::Coordinator(committee.clone(), seat.clone()))
        }
        Event::SeatPlaced { .. } => slot(Slot::Seat),
        Event::InstitutionRegistered { institution, .. }
        | Event::InstitutionReleased { institution } => {
            slot(Slot::Institution(institution.clone()))
        }
        Event::ActAnnulled { entry } => vec![Key::Annulment(*entry)],
        Event::ActRatified { entry } => slot(Slot::Ratifications(*entry)),
        Event::RulesAdopted { .. } => slot(Slot::Rules),
        other => other_key(other).into_iter().collect(),
    }
}

fn other_key(event: &Event) -> Option<Key> {
    Some(match event {
        Event::RollFrozen(frozen) => Key::Book(Slot::FrozenRoll(frozen.session.clone())),
        Event::TurnDeclined { office, .. } | Event::TurnsSwapped { office, .. } => {
            Key::Book(Slot::Turns(office.clone()))
        }
        Event::FundEstablished(fund) => Key::Book(Slot::Fund(fund.fund.clone())),
        Event::ClaimRecorded(_) => Key::Book(Slot::Claims),
        dues => {
            let (party, slot) = dues_of(dues)?;
            Key::Dues(party.clone(), slot)
        }
    })
}

/// Returns what an event about a party's money is about; none of any other event.
#[must_use]
pub fn dues_slot(event: &Event) -> Option<DuesSlot> {
    if let Event::PartySucceeded { passes, .. } = event {
        return passes
            .contains(&Passing::Accounts)
            .then_some(DuesSlot::Passed);
    }
    dues_of(event).map(|(_, slot)| slot)
}

fn dues_of(event: &Event) -> Option<(&PartyId, DuesSlot)> {
    Some(match event {
        Event::DuesAssessed(dues) => (
            &dues.party,
            DuesSlot::Assessment(dues.fund.clone(), dues.year, dues.revision),
        ),
        Event::DuesPaid(paid) => (&paid.party, DuesSlot::Payments(paid.fund.clone())),
        Event::DuesWrittenOff(off) => (&off.party, DuesSlot::WriteOffs(off.fund.clone(), off.year)),
        Event::PlanAgreed(plan) => (&plan.party, DuesSlot::Plan(plan.fund.clone())),
        Event::PlanEnded { party, fund, .. } => (party, DuesSlot::Plan(fund.clone())),
        Event::WaiverGranted(waiver) => (&waiver.party, DuesSlot::Waiver(waiver.article.clone())),
        Event::WaiverEnded { party, article } => (party, DuesSlot::Waiver(article.clone())),
        Event::RightsSuspended(suspension) => (
            &suspension.party,
            DuesSlot::Suspension(suspension.article.clone()),
        ),
        Event::SuspensionLifted { party, article } => {
            (party, DuesSlot::Suspension(article.clone()))
        }
        Event::NoticeServed { party, article, .. } => (party, DuesSlot::Notices(article.clone())),
        Event::ParentStatusRecorded { party, parent, .. } => {
            (party, DuesSlot::Parent(parent.clone()))
        }
        _ => return None,
    })
}

/// The slots of the names something has from its start: the first in each language.
fn name_keys<'a>(of: &'a Named, names: &'a [Name]) -> impl Iterator<Item = Key> + 'a {
    let languages: BTreeSet<&Word> = names.iter().map(|name| &name.language).collect();
    languages
        .into_iter()
        .map(|language| Key::Book(Slot::Name(of.clone(), language.clone(), NameKind::Public)))
}
