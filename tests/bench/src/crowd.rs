//! A made-up association among many who do not belong to it: an assembly that meets for years with
//! a quorum, and admits; members who owe dues, of whom a few do not pay; and any number of parties
//! that are registered and nothing more.

use crate::Outcome;
use crate::rounds::Draws;
use crate::world::{ASSEMBLY, CLASSES, DAYS, Founding, HELD};
use crate::world::{admitted, article, day, decision, enacted, name, party_id, registered, said};
use standing_domain::entry::event::dues::{Assessment, Fund, Money, Payment};
use standing_domain::entry::event::{
    Attendance, Decision, EndGround, Event, NameKind, Named, Outcome as Decided, TermKind, Votes,
};
use standing_domain::entry::norm::{ClassRule, CountedOf, FunctionRule, Rule, ThresholdRule};
use standing_domain::entry::policy::{
    Comparator, CountedFrom, DuesMode, DuesPolicy, DuesReading, DuesTier, Measure, Moment,
    Restoration,
};
use standing_domain::entry::{AuthorityKind, Content};
use standing_domain::id::{
    BodyId, ClassId, DecisionId, FunctionId, FundId, PartyId, RightId, SessionId, Word,
};
use standing_domain::time::day::Day;
use standing_domain::time::when::{When, Window};
use std::collections::BTreeSet;
use std::path::Path;

/// The class of all members, by its place in [`CLASSES`].
const FULL: usize = 1;

/// How many members there are from the first day; as many attend each session.
const FOUNDERS: u32 = 20;

/// Of so many members one does not pay.
const UNPAID: u32 = 25;

/// Of so many admissions it is not known on what one rests.
const UNPROVEN: u32 = 100;

/// The year that members are assessed for, and the year in whose course nothing is paid any more.
const YEAR: u16 = 2024;

/// What the assembly decides, as words of the vocabulary.
const FUNCTIONS: [&str; 2] = ["admission-of-members", "election-of-officers"];

/// The fund and its currency.
const FUND: [&str; 2] = ["core", "usd"];

/// What a member owes for a year, in minor units.
const DUES: u64 = 100_000;

/// How those present vote.
const UNANIMOUS: Votes = Votes {
    in_favour: FOUNDERS,
    against: 0,
    abstaining: 0,
    written_in_favour: 0,
    written_against: 0,
    written_abstaining: 0,
    unanimous: true,
};

/// How large an association and what is around it are.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Parties that are registered, members included.
    pub registered: u32,
    /// Members: 20 or more, and as many as are registered at most.
    pub members: u32,
    /// Sessions of the assembly: 1 or more, and half as many as there are [`DAYS`] at most.
    pub sessions: u32,
}

impl Size {
    /// Returns the id of a member, by its number: members lie evenly among the registered.
    #[must_use]
    pub fn member(&self, member: u32) -> String {
        party_id(member * (self.registered / self.members.max(1)))
    }

    /// Returns how many members the sessions before one have left the association with.
    fn members_before(&self, session: u32) -> u32 {
        let later = u64::from(self.members.saturating_sub(FOUNDERS));
        let share = later * u64::from(session) / u64::from(self.sessions.max(1));
        FOUNDERS + u32::try_from(share).unwrap_or(u32::MAX - FOUNDERS)
    }

    /// Returns the day that a session opens on, from the history's first.
    fn opening(&self, session: u32) -> u32 {
        1 + session * (DAYS / self.sessions.max(1))
    }
}

/// Writes a ledger with its key file.
///
/// # Errors
/// The size is out of its bounds, or the files cannot be written.
pub fn build(path: &Path, size: Size) -> Outcome {
    crate::world::write(path, history(size)?)
}

/// Returns what a ledger is told, in order, each content a batch of its own: the first has the
/// position 1.
///
/// # Errors
/// The size is out of its bounds. Of a content: a number is too large for an id.
pub fn history(size: Size) -> Outcome<impl Iterator<Item = Outcome<Content>>> {
    if !(FOUNDERS..=size.registered).contains(&size.members) {
        return Err(format!("members are {FOUNDERS} to as many as are registered").into());
    }
    if !(1..=DAYS / 2).contains(&size.sessions) {
        return Err(format!("sessions are 1 to {}", DAYS / 2).into());
    }
    let founding = founding()?.into_iter().map(Ok);
    let registrations = (0..size.registered).map(registration);
    let founders = (0..FOUNDERS).map(move |member| admission(&size, member, None));
    let sessions = (0..size.sessions).flat_map(move |session| {
        let new = size.members_before(session)..size.members_before(session + 1);
        let sat = match sitting(&size, session) {
            Ok(contents) => contents.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        let admissions = new.map(move |member| admission(&size, member, Some(session)));
        sat.into_iter().chain(admissions)
    });
    let assessments = (0..size.members).map(move |member| assessment(&size, member));
    let payments = (0..size.members)
        .filter(|member| member % UNPAID != 0)
        .map(move |member| {
            let id = format!("bench-paid-{member:07}");
            payment(&id, &size.member(member), DUES)
        });
    let history = founding.chain(registrations).chain(founders);
    Ok(history.chain(sessions).chain(assessments).chain(payments))
}

/// Returns what a writer records beside questions, by its number, in turn: a new party, a name, an
/// admission of a party that was registered before or its withdrawal, a payment. None of it touches
/// a session but the last.
///
/// # Errors
/// A number is too large for an id.
pub fn recorded(serial: u32, size: &Size) -> Outcome<Content> {
    let turn = serial / 4;
    let new = size.registered + turn;
    let last = size.sessions.saturating_sub(1);
    match serial % 4 {
        0 => registration(new),
        1 => renamed(turn, size),
        // Who was admitted leaves again, so that a run of any length leaves as many members.
        2 if turn.is_multiple_of(2) => admission_of(size, &party_id(new), Some(last)),
        2 => left(&party_id(new - 1), size.opening(last) + 1),
        _ => {
            let id = format!("bench-paid-again-{serial:010}");
            payment(&id, &size.member(turn % size.members.max(1)), 1)
        }
    }
}

/// Returns a name that a registered party takes, by its number: a small event that moves no right.
///
/// # Errors
/// A number is too large for an id.
pub fn renamed(serial: u32, size: &Size) -> Outcome<Content> {
    let (party, round) = (serial % size.registered, serial / size.registered);
    let event = Event::NameTaken {
        subject: Named::Party(PartyId::new(&party_id(party))?),
        kind: NameKind::Public,
        name: name("ko", &format!("Bench {party:07}, name {round}"))?,
    };
    let id = format!("bench-named-{serial:010}");
    let mut content = said(&id, day(DAYS / 2 + round), event)?;
    content.authority.kind = AuthorityKind::Notification;
    Ok(content)
}

/// Returns a change of law, by its number from 1: the article that gives members their rights, in
/// another text.
///
/// # Errors
/// A number is too large for an id.
pub fn amendment(change: u32) -> Outcome<Content> {
    let event = article(CLASSES[FULL], HELD[FULL], change)?;
    said(
        &format!("bench-amended-{change}"),
        day(DAYS + change),
        event,
    )
}

fn registration(party: u32) -> Outcome<Content> {
    let id = party_id(party);
    let event = registered(PartyId::new(&id)?, &format!("Province of Bench {party:07}"))?;
    said(&format!("bench-{id}-registered"), day(0), event)
}

fn admission(size: &Size, member: u32, session: Option<u32>) -> Outcome<Content> {
    let mut content = admission_of(size, &size.member(member), session)?;
    if member % UNPROVEN == UNPROVEN - 1 {
        content.authority.kind = AuthorityKind::Unknown;
    }
    Ok(content)
}

/// Returns an admission by a session; by none it is that of a founder.
fn admission_of(size: &Size, party: &str, session: Option<u32>) -> Outcome<Content> {
    let at = session.map_or(0, |session| size.opening(session));
    let event = admitted(PartyId::new(party)?, FULL, session.is_none())?;
    let mut content = said(&format!("bench-{party}-admitted"), day(at), event)?;
    content.authority.kind = match session {
        Some(session) => AuthorityKind::Decision(decision(session)?),
        None => AuthorityKind::Founding,
    };
    Ok(content)
}

fn left(party: &str, at: u32) -> Outcome<Content> {
    let event = Event::MembershipEnded {
        party: PartyId::new(party)?,
        ground: EndGround::Withdrawal,
    };
    let mut content = said(&format!("bench-{party}-left"), day(at), event)?;
    content.authority.kind = AuthorityKind::Notification;
    Ok(content)
}

/// Returns a session with its attendance and its decisions, which all who are there agree to. Of
/// every other election it is not recorded that they did, so that there is something to find.
fn sitting(size: &Size, number: u32) -> Outcome<Vec<Content>> {
    let (at, shown) = (size.opening(number), number + 1);
    let session = SessionId::new(&format!("{ASSEMBLY}/{shown}"))?;
    let convened = Event::SessionConvened {
        session: session.clone(),
        closing: Some(When::Window(Window::day(day(at + 1)))),
        venue: "Pohang".to_owned(),
        host: None,
        online: false,
    };
    let attended = Event::AttendanceRecorded(Attendance {
        session: session.clone(),
        present: present(size, number)?,
        in_writing: Vec::new(),
        in_writing_complete: true,
        others: Vec::new(),
        bodies_counted: 0,
        in_person_complete: true,
    });
    let mut contents = vec![
        said(&format!("bench-session-{shown}"), day(at), convened)?,
        said(&format!("bench-attendance-{shown}"), day(at), attended)?,
    ];
    let elections = DecisionId::new(&format!("elections-{shown:03}"))?;
    let taken = [decision(number)?, elections].into_iter().zip(FUNCTIONS);
    for (item, (decision, function)) in taken.enumerate() {
        let id = format!("bench-{decision}");
        let event = Event::DecisionTaken(Decision {
            decision,
            session: session.clone(),
            functions: vec![FunctionId::new(function)?],
            subject: function.replace('-', " "),
            item: (item + 1).to_string(),
            outcome: Decided::Adopted,
            votes: (item == 0 || number.is_multiple_of(2)).then_some(UNANIMOUS),
        });
        contents.push(said(&id, day(at), event)?);
    }
    Ok(contents)
}

/// Draws who attends a session: members that earlier ones admitted.
fn present(size: &Size, session: u32) -> Outcome<Vec<PartyId>> {
    let (members, mut draws) = (size.members_before(session), Draws(session.into()));
    let mut there = BTreeSet::new();
    while there.len() < FOUNDERS as usize {
        there.insert(draws.below(members));
    }
    let ids = there.into_iter().map(|member| size.member(member));
    Ok(ids.map(|id| PartyId::new(&id)).collect::<Result<_, _>>()?)
}

fn assessment(size: &Size, member: u32) -> Outcome<Content> {
    let event = Event::DuesAssessed(Assessment {
        party: PartyId::new(&size.member(member))?,
        fund: FundId::new(FUND[0])?,
        year: YEAR,
        revision: 0,
        amount: money(DUES)?,
        due: When::Window(Window::day(of_the_year("04-30")?)),
        ground: String::new(),
    });
    let id = format!("bench-assessed-{member:07}");
    said(&id, of_the_year("01-01")?, event)
}

fn payment(id: &str, party: &str, minor_units: u64) -> Outcome<Content> {
    let event = Event::DuesPaid(Payment {
        party: PartyId::new(party)?,
        fund: FundId::new(FUND[0])?,
        amount: money(minor_units)?,
        year: None,
        reference: id.to_owned(),
    });
    said(id, of_the_year("04-15")?, event)
}

fn money(minor_units: u64) -> Outcome<Money> {
    Ok(Money {
        currency: Word::new(FUND[1])?,
        minor_units,
    })
}

fn of_the_year(month_and_day: &str) -> Outcome<Day> {
    Ok(Day::parse(&format!("{YEAR}-{month_and_day}"))?)
}

/// The association, its words, its charter and its fund.
fn founding() -> Outcome<Vec<Content>> {
    let mut founding = Founding::of_the_association()?;
    founding.declare(TermKind::PartyKind, "province")?;
    for function in FUNCTIONS {
        founding.declare(TermKind::Function, function)?;
    }
    for (class, held) in CLASSES.iter().zip(HELD) {
        founding.say(0, article(class, held, 0)?)?;
    }
    founding.say(0, assembly()?)?;
    let fund = Event::FundEstablished(Fund {
        fund: FundId::new(FUND[0])?,
        currency: Word::new(FUND[1])?,
        names: vec![name("en", "Core budget")?],
    });
    founding.say(0, fund)?;
    founding.say(0, dues()?)?;
    Ok(founding.contents())
}

/// The article on the assembly: what it decides, who admits, and how many must be there and agree.
fn assembly() -> Outcome<Event> {
    let body = BodyId::new(ASSEMBLY)?;
    let functions = FUNCTIONS.map(FunctionId::new);
    let threshold = |numerator, denominator, comparator, counted_of| ThresholdRule {
        body: body.clone(),
        functions: Vec::new(),
        numerator,
        denominator,
        comparator,
        counted_of,
    };
    // The entitled have to be counted, however many they are, and are never too many for those
    // that attend.
    let quorum = threshold(1, 10_000, Comparator::AtLeast, CountedOf::Entitled);
    let majority = threshold(1, 2, Comparator::MoreThan, CountedOf::Present);
    let rules = vec![
        Rule::Functions(FunctionRule {
            body: body.clone(),
            functions: functions.into_iter().collect::<Result<_, _>>()?,
            exclusive: true,
        }),
        Rule::Class(ClassRule {
            class: ClassId::new(CLASSES[FULL])?,
            admitted_by: vec![body.clone()],
            eligibility: None,
        }),
        Rule::Quorum(quorum),
        Rule::Majority(majority),
    ];
    enacted("assembly", 0, "Article on the assembly".to_owned(), rules)
}

/// The article on dues: who has not paid a year after the due day loses the vote until it has.
fn dues() -> Outcome<Event> {
    let tier = DuesTier {
        measure: Measure::Age {
            months: 12,
            days: 0,
            counted_from: CountedFrom::DueDate,
        },
        comparator: Comparator::MoreThan,
        rights: vec![RightId::new("vote")?],
        bodies: vec![BodyId::new(ASSEMBLY)?],
        ends_membership: false,
        mode: DuesMode::Automatic,
        decided_by: None,
        lost_at: Moment::Continuous,
        restored_at: Moment::Continuous,
        restored_by: Restoration::BelowThreshold,
    };
    let reading = DuesReading {
        name: Word::new("text")?,
        tiers: vec![tier],
    };
    let policy = DuesPolicy {
        name: Word::new("a-year-late")?,
        funds: vec![FundId::new(FUND[0])?],
        readings: vec![reading],
        ..DuesPolicy::plain().ok_or("no plain policy")?
    };
    let rules = vec![Rule::Dues(policy)];
    enacted("dues", 0, "Article on dues".to_owned(), rules)
}
