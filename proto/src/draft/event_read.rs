//! Events as they come over the wire.

use super::circumstance::{read_holder, read_name, read_names, read_person_names, read_reference};
use super::claim::read_claim;
use super::dues;
use super::term::read_term;
use crate::limit;
use crate::norm::read_norm;
use crate::read::{At, Read, build};
use crate::time::read_when;
use crate::v1;
use crate::v1::draft::Event as Wire;
use crate::v1::name_taken::Subject;
use standing_domain::entry::draft::{EntryRef, Proposed};
use standing_domain::entry::event::{
    ArticleEnacted, ArticleText, Attendance, Decision, Event, FrozenRoll, Named, PartyRegistered,
    Resumption, Votes,
};
use standing_domain::entry::norm::Passing;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;

/// Reads what a draft says has happened.
#[expect(clippy::too_many_lines, reason = "a table: one arm for every event")]
pub(super) fn read_proposed(at: &At, wire: Wire) -> Read<Proposed> {
    let event = match wire {
        Wire::AssociationFounded(w) => build!(Event::AssociationFounded {
            association: at.id("association", &w.association),
            names: read_names(at, "names", w.names),
            time_zone: at.time_zone("time_zone", w.time_zone),
        }),
        Wire::TermDeclared(w) => read_term(at, w).map(Event::TermDeclared),
        Wire::PartyRegistered(w) => read_party(at, w).map(Event::PartyRegistered),
        Wire::NameTaken(w) => build!(Event::NameTaken {
            subject: read_subject(at, w.subject),
            kind: at.choice("kind", w.kind),
            name: at.required("name", w.name, read_name),
        }),
        Wire::PartySucceeded(w) => read_succession(at, w),
        Wire::ApplicationFiled(w) => build!(Event::ApplicationFiled {
            party: at.id("party", &w.party),
            class: at.id("class", &w.class),
        }),
        Wire::ApplicationWithdrawn(w) => build!(Event::ApplicationWithdrawn {
            party: at.id("party", &w.party),
        }),
        Wire::ApplicationRejected(w) => build!(Event::ApplicationRejected {
            party: at.id("party", &w.party),
        }),
        Wire::MemberAdmitted(w) => build!(Event::MemberAdmitted {
            party: at.id("party", &w.party),
            class: at.id("class", &w.class),
            founder: Ok(w.founder),
        }),
        Wire::ObserverAccepted(w) => build!(Event::ObserverAccepted {
            party: at.id("party", &w.party),
            class: at.id("class", &w.class),
        }),
        Wire::MembershipEnded(w) => build!(Event::MembershipEnded {
            party: at.id("party", &w.party),
            ground: at.choice("ground", w.ground),
        }),
        Wire::SessionConvened(w) => build!(Event::SessionConvened {
            session: at.id("session", &w.session),
            closing: at.optional("closing", w.closing, read_when),
            venue: at.text("venue", w.venue, &limit::WORDS),
            host: at.optional_id("host", &w.host),
            online: Ok(w.online),
        }),
        Wire::SessionPostponed(w) => build!(Event::SessionPostponed {
            session: at.id("session", &w.session),
            closing: at.optional("closing", w.closing, read_when),
        }),
        Wire::SessionCancelled(w) => build!(Event::SessionCancelled {
            session: at.id("session", &w.session),
        }),
        Wire::AttendanceRecorded(w) => read_attendance(at, w).map(Event::AttendanceRecorded),
        Wire::DecisionTaken(w) => read_decision(at, w).map(Event::DecisionTaken),
        Wire::OfficeAssumed(w) => build!(Event::OfficeAssumed {
            office: at.id("office", &w.office),
            seat: at.optional_id("seat", &w.seat),
            holder: at.required("holder", w.holder, read_holder),
            ordinal: Ok(w.ordinal),
            term_until: at.optional("term_until", w.term_until, read_when),
        }),
        Wire::OfficeVacated(w) => build!(Event::OfficeVacated {
            office: at.id("office", &w.office),
            seat: at.optional_id("seat", &w.seat),
            reason: at.text("reason", w.reason, &limit::WORDS),
        }),
        Wire::ActingAssumed(w) => build!(Event::ActingAssumed {
            office: at.id("office", &w.office),
            seat: at.optional_id("seat", &w.seat),
            holder: at.required("holder", w.holder, read_holder),
        }),
        Wire::ActingEnded(w) => build!(Event::ActingEnded {
            office: at.id("office", &w.office),
            seat: at.optional_id("seat", &w.seat),
        }),
        Wire::ChairRotated(w) => build!(Event::ChairRotated {
            office: at.id("office", &w.office),
            to: at.id("to_party", &w.to_party),
            ordinal: Ok(w.ordinal),
        }),
        Wire::PersonNamed(w) => {
            return build!(Proposed::PersonNamed {
                person: at.coined_id("person", &w.person),
                names: read_person_names(at, w.names, &limit::AT_LEAST_ONE),
            });
        }
        Wire::InstrumentAdopted(w) => build!(Event::InstrumentAdopted {
            instrument: at.id("instrument", &w.instrument),
            titles: read_names(at, "titles", w.titles),
            published: at.optional("published", w.published, read_when),
        }),
        Wire::InstrumentAmended(w) => build!(Event::InstrumentAmended {
            instrument: at.id("instrument", &w.instrument),
            ordinal: Ok(w.ordinal),
            published: at.optional("published", w.published, read_when),
        }),
        Wire::InstrumentRepealed(w) => build!(Event::InstrumentRepealed {
            instrument: at.id("instrument", &w.instrument),
        }),
        Wire::ArticleEnacted(mut w) => {
            let amendment = w.amendment.take();
            let event = read_article(at, w).map(Event::ArticleEnacted);
            let amendment = at.optional("amendment", amendment.as_ref(), read_reference);
            return as_part(event, amendment);
        }
        Wire::ArticleRepealed(w) => {
            // Read first: what is built gives up at the first field that is wrong.
            let amendment = at.optional("amendment", w.amendment.as_ref(), read_reference);
            let event = build!(Event::ArticleRepealed {
                instrument: at.id("instrument", &w.instrument),
                article: at.id("article", &w.article),
                amendment: Ok(None),
            });
            return as_part(event, amendment);
        }
        Wire::CommitteeEstablished(w) => build!(Event::CommitteeEstablished {
            committee: at.id("committee", &w.committee),
            names: read_names(at, "names", w.names),
            parent: at.optional_id("parent_body", &w.parent_body),
        }),
        Wire::CommitteesMerged(w) => build!(Event::CommitteesMerged {
            from: at.ids("from_committees", &w.from_committees, &limit::FULL_LIST),
            into: at.id("into_committee", &w.into_committee),
        }),
        Wire::CommitteeAbolished(w) => build!(Event::CommitteeAbolished {
            committee: at.id("committee", &w.committee),
            reason: at.text("reason", w.reason, &limit::WORDS),
        }),
        Wire::CoordinatorAppointed(w) => build!(Event::CoordinatorAppointed {
            committee: at.id("committee", &w.committee),
            party: at.id("party", &w.party),
            seat: at.optional_id("seat", &w.seat),
        }),
        Wire::CoordinatorReleased(w) => build!(Event::CoordinatorReleased {
            committee: at.id("committee", &w.committee),
            seat: at.optional_id("seat", &w.seat),
        }),
        Wire::SeatPlaced(w) => build!(Event::SeatPlaced {
            place: at.text("place", w.place, &limit::SOME_WORDS),
            host: at.optional_id("host", &w.host),
        }),
        Wire::InstitutionRegistered(w) => build!(Event::InstitutionRegistered {
            institution: at.id("institution", &w.institution),
            by: at.id("by_party", &w.by_party),
        }),
        Wire::InstitutionReleased(w) => build!(Event::InstitutionReleased {
            institution: at.id("institution", &w.institution),
        }),
        Wire::ActAnnulled(w) => {
            let entry = at.required("entry", w.entry.as_ref(), read_reference);
            return entry.map(Proposed::ActAnnulled);
        }
        Wire::ActRatified(w) => {
            let entry = at.required("entry", w.entry.as_ref(), read_reference);
            return entry.map(Proposed::ActRatified);
        }
        Wire::RulesAdopted(w) => Ok(Event::RulesAdopted {
            rules_version: w.rules_version,
        }),
        Wire::HistoryResumed(w) => read_resumption(at, &w).map(Event::HistoryResumed),
        Wire::RollFrozen(w) => read_frozen_roll(at, &w).map(Event::RollFrozen),
        Wire::TurnDeclined(w) => build!(Event::TurnDeclined {
            office: at.id("office", &w.office),
            party: at.id("party", &w.party),
            turn: at.optional("turn", w.turn, read_when),
        }),
        Wire::TurnsSwapped(w) => build!(Event::TurnsSwapped {
            office: at.id("office", &w.office),
            first: at.id("first_party", &w.first_party),
            second: at.id("second_party", &w.second_party),
        }),
        Wire::FundEstablished(w) => dues::read_fund(at, w).map(Event::FundEstablished),
        Wire::DuesAssessed(w) => dues::read_assessment(at, w).map(Event::DuesAssessed),
        Wire::DuesPaid(w) => dues::read_payment(at, w).map(Event::DuesPaid),
        Wire::DuesWrittenOff(w) => dues::read_write_off(at, w).map(Event::DuesWrittenOff),
        Wire::PlanAgreed(w) => dues::read_plan(at, w).map(Event::PlanAgreed),
        Wire::PlanEnded(w) => build!(Event::PlanEnded {
            party: at.id("party", &w.party),
            fund: at.id("fund", &w.fund),
            reason: at.text("reason", w.reason, &limit::WORDS),
        }),
        Wire::WaiverGranted(w) => dues::read_waiver(at, w).map(Event::WaiverGranted),
        Wire::WaiverEnded(w) => build!(Event::WaiverEnded {
            party: at.id("party", &w.party),
            article: at.id("article", &w.article),
        }),
        Wire::RightsSuspended(w) => dues::read_suspension(at, w).map(Event::RightsSuspended),
        Wire::SuspensionLifted(w) => build!(Event::SuspensionLifted {
            party: at.id("party", &w.party),
            article: at.id("article", &w.article),
        }),
        Wire::NoticeServed(w) => build!(Event::NoticeServed {
            party: at.id("party", &w.party),
            article: at.id("article", &w.article),
            subject: at.text("subject", w.subject, &limit::WORDS),
        }),
        Wire::ParentStatusRecorded(w) => build!(Event::ParentStatusRecorded {
            party: at.id("party", &w.party),
            parent: at.id("parent", &w.parent),
            suspended: Ok(w.suspended),
        }),
        Wire::ClaimRecorded(w) => read_claim(at, w).map(Event::ClaimRecorded),
    };
    event.map(Proposed::Event)
}

fn read_party(at: &At, wire: v1::PartyRegistered) -> Read<PartyRegistered> {
    build!(PartyRegistered {
        party: at.coined_id("party", &wire.party),
        kind: at.id("kind", &wire.kind),
        country: at.optional_id("country", &wire.country),
        region: at.optional_id("region", &wire.region),
        names: read_names(at, "names", wire.names),
        aliases: at.ids("aliases", &wire.aliases, &limit::SOME),
        person: at.optional_id("person", &wire.person),
    })
}

/// Returns what happens to an article as part of the act that is named, if one is.
fn as_part(event: Read<Event>, amendment: Read<Option<EntryRef>>) -> Read<Proposed> {
    Ok(match (event?, amendment?) {
        (event, None) => Proposed::Event(event),
        (event, Some(EntryRef::Position(act))) => Proposed::Event(event.as_part_of(act)),
        (event, Some(EntryRef::Draft(act))) => Proposed::Part(event, act),
    })
}

fn read_subject(at: &At, wire: Option<Subject>) -> Read<Named> {
    match wire {
        None => at
            .field("subject")
            .missing("a party, a committee, the association or a body"),
        Some(Subject::Party(id)) => at.id("party", &id).map(Named::Party),
        Some(Subject::Committee(id)) => at.id("committee", &id).map(Named::Committee),
        Some(Subject::Association(id)) => at.id("association", &id).map(Named::Association),
        Some(Subject::Body(id)) => at.id("body", &id).map(Named::Body),
    }
}

fn read_succession(at: &At, wire: v1::PartySucceeded) -> Read<Event> {
    let membership = wire.passes.contains(&v1::Passing::Membership.into());
    build!(Event::PartySucceeded {
        from: at.id("from_party", &wire.from_party),
        to: at.id("to_party", &wire.to_party),
        passes: at.list("passes", wire.passes, &limit::LIST, read_passing),
        class: if wire.class.is_empty() || membership {
            at.optional_id("class", &wire.class)
        } else {
            at.field("class").refuse(
                "NOT_APPLICABLE",
                "no membership passes, so no class results: add PASSING_MEMBERSHIP, or leave it out",
            )
        },
    })
}

fn read_passing(at: &At, number: i32) -> Read<Passing> {
    at.choice_here(number)
}

fn read_resumption(at: &At, wire: &v1::HistoryResumed) -> Read<Resumption> {
    let root = <[u8; 32]>::try_from(wire.root.as_slice());
    build!(Resumption {
        epoch: Ok(Epoch::new(wire.epoch)),
        after: Ok(Position::new(wire.kept_position)),
        root: root.or_else(|_| at.field("root").refuse("MALFORMED", "is 32 bytes")),
    })
}

fn read_frozen_roll(at: &At, wire: &v1::RollFrozen) -> Read<FrozenRoll> {
    build!(FrozenRoll {
        session: at.id("session", &wire.session),
        entitled: at.ids("entitled", &wire.entitled, &limit::PRESENT),
        known_at: Ok(Position::new(wire.known_at)),
    })
}

fn read_attendance(at: &At, wire: v1::AttendanceRecorded) -> Read<Attendance> {
    build!(Attendance {
        session: at.id("session", &wire.session),
        present: at.ids("present", &wire.present, &limit::PRESENT),
        in_writing: at.ids("in_writing", &wire.in_writing, &limit::PRESENT),
        in_writing_complete: at
            .field("in_writing_recorded")
            .known(wire.in_writing_recorded)
            .map(|known: v1::Completeness| known == v1::Completeness::Recorded),
        others: at.list("others", wire.others, &limit::LIST, |at, text| {
            at.text_here(text, &limit::SOME_TEXT)
        }),
        bodies_counted: Ok(wire.bodies_counted),
        in_person_complete: at
            .field("in_person_recorded")
            .known(wire.in_person_recorded)
            .map(|known: v1::Completeness| known == v1::Completeness::Recorded),
    })
}

fn read_decision(at: &At, wire: v1::DecisionTaken) -> Read<Decision> {
    build!(Decision {
        decision: at.id("decision", &wire.decision),
        session: at.id("session", &wire.session),
        functions: at.ids("functions", &wire.functions, &limit::LIST),
        subject: at.text("subject", wire.subject, &limit::WORDS),
        item: at.text("item", wire.item, &limit::TEXT),
        outcome: at.choice("outcome", wire.outcome),
        votes: Ok(wire.votes.map(Votes::from)),
    })
}

impl From<v1::Votes> for Votes {
    fn from(wire: v1::Votes) -> Self {
        Self {
            in_favour: wire.in_favour,
            against: wire.against,
            abstaining: wire.abstaining,
            written_in_favour: wire.written_in_favour,
            written_against: wire.written_against,
            written_abstaining: wire.written_abstaining,
            unanimous: wire.unanimous,
        }
    }
}

fn read_article(at: &At, wire: v1::ArticleEnacted) -> Read<ArticleEnacted> {
    build!(ArticleEnacted {
        instrument: at.id("instrument", &wire.instrument),
        article: at.id("article", &wire.article),
        citation: at.text("citation", wire.citation, &limit::TEXT),
        change: at.choice("change", wire.change),
        headings: read_names(at, "headings", wire.headings),
        texts: at.list("texts", wire.texts, &limit::SOME, read_article_text),
        norms: at.list("norms", wire.norms, &limit::SOME, read_norm),
        amendment: Ok(None),
    })
}

fn read_article_text(at: &At, wire: v1::ArticleText) -> Read<ArticleText> {
    build!(ArticleText {
        language: at.id("language", &wire.language),
        text: at.text("text", wire.text, &limit::ARTICLE),
        summary: Ok(wire.summary),
    })
}
