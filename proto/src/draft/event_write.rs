//! Events as entries show them.

use super::write::{names, reference};
use crate::norm::{or_empty, texts};
use crate::v1;
use crate::v1::draft::Event as Wire;
use crate::v1::name_taken::Subject;
use standing_domain::entry::event::{Event, Named};

impl From<&Event> for Wire {
    #[expect(clippy::too_many_lines, reason = "a table: one arm for every event")]
    fn from(event: &Event) -> Self {
        match event {
            Event::AssociationFounded {
                association,
                names: taken,
                time_zone,
            } => Self::AssociationFounded(v1::AssociationFounded {
                association: association.to_string(),
                names: names(taken),
                time_zone: time_zone.clone(),
            }),
            Event::TermDeclared(word) => Self::TermDeclared(word.into()),
            Event::PartyRegistered(registered) => Self::PartyRegistered(registered.into()),
            Event::NameTaken {
                subject,
                kind,
                name,
            } => Self::NameTaken(v1::NameTaken {
                kind: v1::NameKind::from(*kind).into(),
                name: Some(name.into()),
                subject: Some(subject.into()),
            }),
            Event::PartySucceeded {
                from,
                to,
                passes,
                class,
            } => {
                let passes = passes
                    .iter()
                    .map(|passing| v1::Passing::from(*passing).into());
                Self::PartySucceeded(v1::PartySucceeded {
                    from_party: from.to_string(),
                    to_party: to.to_string(),
                    passes: passes.collect(),
                    class: or_empty(class.as_ref()),
                })
            }
            Event::ApplicationFiled { party, class } => {
                Self::ApplicationFiled(v1::ApplicationFiled {
                    party: party.to_string(),
                    class: class.to_string(),
                })
            }
            Event::ApplicationWithdrawn { party } => {
                Self::ApplicationWithdrawn(v1::ApplicationWithdrawn {
                    party: party.to_string(),
                })
            }
            Event::ApplicationRejected { party } => {
                Self::ApplicationRejected(v1::ApplicationRejected {
                    party: party.to_string(),
                })
            }
            Event::MemberAdmitted {
                party,
                class,
                founder,
            } => Self::MemberAdmitted(v1::MemberAdmitted {
                party: party.to_string(),
                class: class.to_string(),
                founder: *founder,
            }),
            Event::ObserverAccepted { party, class } => {
                Self::ObserverAccepted(v1::ObserverAccepted {
                    party: party.to_string(),
                    class: class.to_string(),
                })
            }
            Event::MembershipEnded { party, ground } => {
                Self::MembershipEnded(v1::MembershipEnded {
                    party: party.to_string(),
                    ground: v1::EndGround::from(*ground).into(),
                })
            }
            Event::SessionConvened {
                session,
                closing,
                venue,
                host,
                online,
            } => Self::SessionConvened(v1::SessionConvened {
                session: session.to_string(),
                closing: closing.as_ref().map(Into::into),
                venue: venue.clone(),
                host: or_empty(host.as_ref()),
                online: *online,
            }),
            Event::SessionPostponed { session, closing } => {
                Self::SessionPostponed(v1::SessionPostponed {
                    session: session.to_string(),
                    closing: closing.as_ref().map(Into::into),
                })
            }
            Event::SessionCancelled { session } => Self::SessionCancelled(v1::SessionCancelled {
                session: session.to_string(),
            }),
            Event::AttendanceRecorded(attendance) => Self::AttendanceRecorded(attendance.into()),
            Event::DecisionTaken(decision) => Self::DecisionTaken(decision.into()),
            Event::OfficeAssumed {
                office,
                seat,
                holder,
                ordinal,
                term_until,
            } => Self::OfficeAssumed(v1::OfficeAssumed {
                office: office.to_string(),
                seat: or_empty(seat.as_ref()),
                holder: Some(holder.into()),
                ordinal: *ordinal,
                term_until: term_until.as_ref().map(Into::into),
            }),
            Event::OfficeVacated {
                office,
                seat,
                reason,
            } => Self::OfficeVacated(v1::OfficeVacated {
                office: office.to_string(),
                seat: or_empty(seat.as_ref()),
                reason: reason.clone(),
            }),
            Event::ActingAssumed {
                office,
                seat,
                holder,
            } => Self::ActingAssumed(v1::ActingAssumed {
                office: office.to_string(),
                seat: or_empty(seat.as_ref()),
                holder: Some(holder.into()),
            }),
            Event::ActingEnded { office, seat } => Self::ActingEnded(v1::ActingEnded {
                office: office.to_string(),
                seat: or_empty(seat.as_ref()),
            }),
            Event::ChairRotated {
                office,
                to,
                ordinal,
            } => Self::ChairRotated(v1::ChairRotated {
                office: office.to_string(),
                to_party: to.to_string(),
                ordinal: *ordinal,
            }),
            // The names are sealed and stay so.
            Event::PersonNamed { person, names: _ } => Self::PersonNamed(v1::PersonNamed {
                person: person.to_string(),
                names: Vec::new(),
            }),
            Event::InstrumentAdopted {
                instrument,
                titles,
                published,
            } => Self::InstrumentAdopted(v1::InstrumentAdopted {
                instrument: instrument.to_string(),
                titles: names(titles),
                published: published.as_ref().map(Into::into),
            }),
            Event::InstrumentAmended {
                instrument,
                ordinal,
                published,
            } => Self::InstrumentAmended(v1::InstrumentAmended {
                instrument: instrument.to_string(),
                ordinal: *ordinal,
                published: published.as_ref().map(Into::into),
            }),
            Event::InstrumentRepealed { instrument } => {
                let instrument = instrument.to_string();
                Self::InstrumentRepealed(v1::InstrumentRepealed { instrument })
            }
            Event::ArticleEnacted(enacted) => Self::ArticleEnacted(enacted.into()),
            Event::ArticleRepealed {
                instrument,
                article,
                amendment,
            } => Self::ArticleRepealed(v1::ArticleRepealed {
                instrument: instrument.to_string(),
                article: article.to_string(),
                amendment: amendment.map(reference),
            }),
            Event::CommitteeEstablished {
                committee,
                names: called,
                parent,
            } => Self::CommitteeEstablished(v1::CommitteeEstablished {
                committee: committee.to_string(),
                names: names(called),
                parent_body: or_empty(parent.as_ref()),
            }),
            Event::CommitteesMerged { from, into } => {
                Self::CommitteesMerged(v1::CommitteesMerged {
                    from_committees: texts(from),
                    into_committee: into.to_string(),
                })
            }
            Event::CommitteeAbolished { committee, reason } => {
                Self::CommitteeAbolished(v1::CommitteeAbolished {
                    committee: committee.to_string(),
                    reason: reason.clone(),
                })
            }
            Event::CoordinatorAppointed {
                committee,
                party,
                seat,
            } => Self::CoordinatorAppointed(v1::CoordinatorAppointed {
                committee: committee.to_string(),
                party: party.to_string(),
                seat: or_empty(seat.as_ref()),
            }),
            Event::CoordinatorReleased { committee, seat } => {
                Self::CoordinatorReleased(v1::CoordinatorReleased {
                    committee: committee.to_string(),
                    seat: or_empty(seat.as_ref()),
                })
            }
            Event::SeatPlaced { place, host } => Self::SeatPlaced(v1::SeatPlaced {
                place: place.clone(),
                host: or_empty(host.as_ref()),
            }),
            Event::InstitutionRegistered { institution, by } => {
                Self::InstitutionRegistered(v1::InstitutionRegistered {
                    institution: institution.to_string(),
                    by_party: by.to_string(),
                })
            }
            Event::InstitutionReleased { institution } => {
                let institution = institution.to_string();
                Self::InstitutionReleased(v1::InstitutionReleased { institution })
            }
            Event::ActAnnulled { entry } => Self::ActAnnulled(v1::ActAnnulled {
                entry: Some(reference(*entry)),
            }),
            Event::ActRatified { entry } => Self::ActRatified(v1::ActRatified {
                entry: Some(reference(*entry)),
            }),
            Event::RulesAdopted { rules_version } => Self::RulesAdopted(v1::RulesAdopted {
                rules_version: *rules_version,
            }),
            Event::HistoryResumed(resumed) => Self::HistoryResumed(v1::HistoryResumed {
                epoch: resumed.epoch.number(),
                kept_position: resumed.after.number(),
                root: resumed.root.to_vec(),
            }),
            Event::RollFrozen(frozen) => Self::RollFrozen(v1::RollFrozen {
                session: frozen.session.to_string(),
                entitled: texts(&frozen.entitled),
                known_at: frozen.known_at.number(),
            }),
            Event::TurnDeclined {
                office,
                party,
                turn,
            } => Self::TurnDeclined(v1::TurnDeclined {
                office: office.to_string(),
                party: party.to_string(),
                turn: turn.as_ref().map(Into::into),
            }),
            Event::TurnsSwapped {
                office,
                first,
                second,
            } => Self::TurnsSwapped(v1::TurnsSwapped {
                office: office.to_string(),
                first_party: first.to_string(),
                second_party: second.to_string(),
            }),
            Event::FundEstablished(fund) => Self::FundEstablished(fund.into()),
            Event::DuesAssessed(dues) => Self::DuesAssessed(dues.into()),
            Event::DuesPaid(paid) => Self::DuesPaid(paid.into()),
            Event::DuesWrittenOff(off) => Self::DuesWrittenOff(off.into()),
            Event::PlanAgreed(plan) => Self::PlanAgreed(plan.into()),
            Event::PlanEnded {
                party,
                fund,
                reason,
            } => Self::PlanEnded(v1::PlanEnded {
                party: party.to_string(),
                fund: fund.to_string(),
                reason: reason.clone(),
            }),
            Event::WaiverGranted(waiver) => Self::WaiverGranted(waiver.into()),
            Event::WaiverEnded { party, article } => Self::WaiverEnded(v1::WaiverEnded {
                party: party.to_string(),
                article: article.to_string(),
            }),
            Event::RightsSuspended(suspension) => Self::RightsSuspended(suspension.into()),
            Event::SuspensionLifted { party, article } => {
                Self::SuspensionLifted(v1::SuspensionLifted {
                    party: party.to_string(),
                    article: article.to_string(),
                })
            }
            Event::NoticeServed {
                party,
                article,
                subject,
            } => Self::NoticeServed(v1::NoticeServed {
                party: party.to_string(),
                article: article.to_string(),
                subject: subject.clone(),
            }),
            Event::ParentStatusRecorded {
                party,
                parent,
                suspended,
            } => Self::ParentStatusRecorded(v1::ParentStatusRecorded {
                party: party.to_string(),
                parent: parent.to_string(),
                suspended: *suspended,
            }),
            Event::ClaimRecorded(claim) => Self::ClaimRecorded(claim.into()),
        }
    }
}

impl From<&Named> for Subject {
    fn from(subject: &Named) -> Self {
        match subject {
            Named::Party(id) => Self::Party(id.to_string()),
            Named::Committee(id) => Self::Committee(id.to_string()),
            Named::Association(id) => Self::Association(id.to_string()),
            Named::Body(id) => Self::Body(id.to_string()),
        }
    }
}
