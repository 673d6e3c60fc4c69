//! What values, entries and answers are in words: the one home of sentences that answers tell.

pub mod amount;
mod claim;
pub mod dues;
mod money;
pub mod right;
pub mod turns;

use crate::answers::electorate::Electorate;
use crate::entry::event::term::Term;
use crate::entry::event::{
    ArticleChange, EndGround, Event, Holder, Named, PartyRegistered, TermKind,
};
use crate::entry::norm::Support;
use crate::entry::{AuthorityKind, Confidence, Content, Source};
use crate::id::Word;
use crate::time::truth::Truth;

/// Returns whether something is held, as a word.
#[must_use]
pub fn held(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "held",
        Truth::No => "not-held",
        Truth::Unknown => "undetermined",
    }
}

/// Returns how a norm is known.
#[must_use]
pub fn support(support: Support) -> &'static str {
    match support {
        Support::Text => "text",
        Support::Attested => "attested",
        Support::Presumed => "presumed",
        Support::Unknown => "unknown",
    }
}

/// Returns why it is not known how many had the vote; nothing where it is.
#[must_use]
pub fn electorate(electorate: Electorate) -> &'static str {
    match electorate {
        Electorate::Parties => "",
        Electorate::Unsaid => "no article on record confers the vote in this body",
        Electorate::NotModelled => "who votes in this body is not modelled",
    }
}

/// Returns how sure the sources make an entry.
#[must_use]
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::Inferred => "inferred",
        Confidence::Disputed => "disputed",
        Confidence::Unconfirmed => "unconfirmed",
    }
}

/// Returns the decision an act rests on, or the kind of its authority.
#[must_use]
pub fn authority(kind: &AuthorityKind) -> String {
    match kind {
        AuthorityKind::Decision(decision) => return decision.to_string(),
        AuthorityKind::Unknown => "unknown",
        AuthorityKind::None => "none",
        AuthorityKind::Notification => "notification",
        AuthorityKind::Appointment => "appointment",
        AuthorityKind::OperationOfLaw => "operation-of-law",
        AuthorityKind::Founding => "founding",
    }
    .to_owned()
}

/// Returns what an entry says, as a clause: `cn-qinghai is admitted as full`.
#[must_use]
pub fn says(content: &Content) -> String {
    let said = content.event.as_ref().map(event);
    match (said, content.corrects) {
        (Some(said), None) => said,
        (Some(said), Some(corrected)) => format!("{said}, in place of entry {corrected}"),
        (None, Some(corrected)) => format!("entry {corrected} is withdrawn"),
        (None, None) => String::new(),
    }
}

fn declared(word: &Term) -> String {
    let natural = if word.natural_person {
        ", whose parties are natural persons"
    } else {
        ""
    };
    format!("the {} {} is declared{natural}", sort(word.kind), word.term)
}

fn registered(registered: &PartyRegistered) -> String {
    let party = &registered.party;
    match &registered.person {
        Some(person) => format!("{party} is registered, who is the natural person {person}"),
        None => format!("{party} is registered"),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for every event, each a clause"
)]
fn event(event: &Event) -> String {
    match event {
        Event::AssociationFounded { association, .. } => format!("{association} is founded"),
        Event::TermDeclared(word) => declared(word),
        Event::PartyRegistered(party) => registered(party),
        Event::NameTaken { subject, name, .. } => {
            let subject = bearer(subject);
            format!("{subject} takes the name {} ({})", name.text, name.language)
        }
        Event::PartySucceeded {
            from, to, class, ..
        } => match class {
            None => format!("{to} succeeds {from}"),
            Some(class) => format!("{to} succeeds {from} and is {class} from then on"),
        },
        Event::CommitteeEstablished { committee, .. } => {
            format!("committee {committee} is established")
        }
        Event::CommitteesMerged { from, into } => {
            format!("{} merge into committee {into}", joined(from))
        }
        Event::CommitteeAbolished { committee, .. } => {
            format!("committee {committee} is abolished")
        }
        Event::CoordinatorAppointed {
            committee, party, ..
        } => format!("{party} becomes coordinator of {committee}"),
        Event::CoordinatorReleased { committee, .. } => {
            format!("a seat of coordinator of {committee} falls vacant")
        }
        Event::SeatPlaced { place, .. } => format!("the seat is placed in {place}"),
        Event::InstitutionRegistered { institution, .. } => {
            format!("institution {institution} is registered")
        }
        Event::InstitutionReleased { institution } => {
            format!("the registration of institution {institution} ends")
        }
        Event::ActAnnulled { entry } => format!("the act of entry {entry} is annulled"),
        Event::ActRatified { entry } => format!("the act of entry {entry} is ratified"),
        Event::ApplicationFiled { party, class } => format!("{party} applies as {class}"),
        Event::ApplicationWithdrawn { party } => format!("the application of {party} is withdrawn"),
        Event::ApplicationRejected { party } => format!("the application of {party} is rejected"),
        Event::MemberAdmitted {
            party,
            class,
            founder,
        } => {
            let founder = if *founder { ", a founder" } else { "" };
            format!("{party} is admitted as {class}{founder}")
        }
        Event::ObserverAccepted { party, class } => format!("{party} is accepted as {class}"),
        Event::MembershipEnded { party, ground } => {
            let ground = ended_by(*ground);
            format!("the membership of {party} ends by {ground}")
        }
        Event::SessionConvened { session, .. } => format!("{session} is convened"),
        Event::SessionPostponed { session, .. } => format!("{session} is put off"),
        Event::SessionCancelled { session } => format!("{session} is called off"),
        Event::AttendanceRecorded(attendance) => {
            format!("the attendance of {} is recorded", attendance.session)
        }
        Event::DecisionTaken(decision) => {
            format!("{} takes decision {}", decision.session, decision.decision)
        }
        Event::RollFrozen(frozen) => {
            let (session, count) = (&frozen.session, frozen.entitled.len());
            format!("the roll of {session} is frozen with {count} that have the vote")
        }
        Event::OfficeAssumed {
            office,
            seat,
            holder,
            ..
        } => format!("{} becomes {office}{}", who(holder), at_seat(seat.as_ref())),
        Event::OfficeVacated { office, seat, .. } => {
            format!(
                "the office of {office}{} falls vacant",
                at_seat(seat.as_ref())
            )
        }
        Event::ActingAssumed {
            office,
            seat,
            holder,
        } => format!("{} acts as {office}{}", who(holder), at_seat(seat.as_ref())),
        Event::ActingEnded { office, seat } => {
            format!("acting as {office}{} ends", at_seat(seat.as_ref()))
        }
        Event::ChairRotated { office, to, .. } => format!("the office of {office} passes to {to}"),
        Event::TurnDeclined {
            office,
            party,
            turn,
        } => match turn {
            None => format!("{party} declines its turn as {office}"),
            Some(turn) => format!("{party} declines its turn of {turn} as {office}"),
        },
        Event::TurnsSwapped {
            office,
            first,
            second,
        } => format!("{first} and {second} swap their turns as {office}"),
        Event::PersonNamed { person, .. } => format!("person {person} is named"),
        Event::InstrumentAdopted { instrument, .. } => format!("{instrument} is adopted"),
        Event::InstrumentAmended { instrument, .. } => format!("{instrument} is amended"),
        Event::InstrumentRepealed { instrument } => format!("{instrument} is repealed"),
        Event::ArticleEnacted(enacted) => {
            let change = changed(enacted.change);
            format!(
                "article {}/{} {change}",
                enacted.instrument, enacted.article
            )
        }
        Event::ArticleRepealed {
            instrument,
            article,
            ..
        } => format!("article {instrument}/{article} is deleted"),
        Event::RulesAdopted { rules_version } => {
            format!("version {rules_version} of the rules is adopted")
        }
        Event::HistoryResumed(resumed) => format!(
            "the history is resumed after entry {}, in epoch {}",
            resumed.after, resumed.epoch
        ),
        Event::FundEstablished(fund) => {
            format!("fund {} is established in {}", fund.fund, fund.currency)
        }
        Event::DuesAssessed(dues) => money::assessed(dues),
        Event::DuesPaid(paid) => money::paid(paid),
        Event::DuesWrittenOff(off) => money::written_off(off),
        Event::PlanAgreed(plan) => money::agreed(plan),
        Event::WaiverGranted(waiver) => money::granted(waiver),
        Event::RightsSuspended(suspension) => money::suspended(suspension),
        Event::PlanEnded { party, fund, .. } => {
            format!("the payment plan of {party} with {fund} ends")
        }
        Event::ParentStatusRecorded {
            party,
            parent,
            suspended,
        } => {
            let is = if *suspended { "is" } else { "is not" };
            format!("{party} {is} suspended in {parent}")
        }
        Event::WaiverEnded { party, article } => {
            format!("the waiver for {party} under {article} ends")
        }
        Event::SuspensionLifted { party, article } => {
            format!("the suspension of {party} under {article} is lifted")
        }
        Event::NoticeServed { party, article, .. } => {
            format!("{party} is given notice under {article}")
        }
        Event::ClaimRecorded(claim) => claim::says(claim),
    }
}

/// Returns what an entry says, and when it takes effect.
#[must_use]
pub fn says_when(content: &Content) -> String {
    let said = says(content);
    match &content.effective {
        Some(effective) => format!("{said}, effective {effective}"),
        None => said,
    }
}

/// Returns on what an act rests that rests on no decision; none where that is not known.
#[must_use]
pub fn rests_on(kind: &AuthorityKind) -> Option<String> {
    match kind {
        AuthorityKind::Unknown | AuthorityKind::Decision(_) => None,
        AuthorityKind::None
        | AuthorityKind::Notification
        | AuthorityKind::Appointment
        | AuthorityKind::OperationOfLaw
        | AuthorityKind::Founding => Some(format!("authority: {}", authority(kind))),
    }
}

/// Returns where something is known from: `source: minutes (2012-07-03), page 4`.
#[must_use]
pub fn source(source: &Source) -> String {
    let date = source
        .date
        .map(|date| format!(" ({date})"))
        .unwrap_or_default();
    match source.locator.as_str() {
        "" => format!("source: {}{date}", source.reference),
        locator => format!("source: {}{date}, {locator}", source.reference),
    }
}

fn ended_by(ground: EndGround) -> &'static str {
    match ground {
        EndGround::Withdrawal => "withdrawal",
        EndGround::Expulsion => "expulsion",
        EndGround::Succession => "succession",
    }
}

fn changed(change: ArticleChange) -> &'static str {
    match change {
        ArticleChange::Original => "comes into force",
        ArticleChange::Added => "is added",
        ArticleChange::Amended => "is worded anew",
    }
}

fn sort(kind: TermKind) -> &'static str {
    match kind {
        TermKind::Class => "class",
        TermKind::Right => "right",
        TermKind::Body => "body",
        TermKind::Function => "function",
        TermKind::Office => "office",
        TermKind::PartyKind => "kind of party",
    }
}

fn bearer(subject: &Named) -> String {
    match subject {
        Named::Party(id) => id.to_string(),
        Named::Committee(id) => id.to_string(),
        Named::Association(id) => id.to_string(),
        Named::Body(id) => id.to_string(),
    }
}

fn who(holder: &Holder) -> String {
    match holder {
        Holder::Party(party) => party.to_string(),
        Holder::Person(person) => format!("person {person}"),
    }
}

fn at_seat(seat: Option<&Word>) -> String {
    seat.map(|seat| format!(" (seat {seat})"))
        .unwrap_or_default()
}

fn joined<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}
