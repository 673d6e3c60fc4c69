//! A made-up association of any size: a charter, sessions that decide, and parties that all went
//! the same way.

use crate::Outcome;
use crate::rounds::Draws;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, Decision, EndGround, Event, Name, NameKind, Named,
    Outcome as Decided, PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::entry::{AuthorityKind, Content, Source};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ActorId, ArticleId, AssociationId, BodyId, ClassId, DecisionId, DraftId, InstrumentId, PartyId,
    RightId, SessionId, Word,
};
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::when::{When, Window};
use standing_engine::{Allowed, Options, Recorder, Request};
use standing_store::digest::RequestDigest;
use standing_store::keys::KeyFile;
use standing_store::{Envelope, Log, codec};
use std::path::Path;

/// The body that every question is about.
pub const ASSEMBLY: &str = "general-assembly";

/// The instrument that every article belongs to.
const CHARTER: &str = "charter";

/// The rights of the association.
pub const RIGHTS: [&str; 4] = ["vote", "elect", "stand", "participate"];

/// The classes of the association; class 0 of the bare look-up is no class.
pub const CLASSES: [&str; 2] = ["associate", "full"];

/// Which right each class has, in the order of both lists.
pub const HELD: [[bool; 4]; 2] = [[false, false, false, true], [true, true, true, true]];

/// The days of the association's history, from 1996-01-01.
pub const DAYS: u32 = 10_000;

/// How many days lie between two sessions of the committee that admits.
const BETWEEN_SESSIONS: u32 = 100;

/// What happens to a party.
#[derive(Clone, Copy)]
pub enum Step {
    /// It became known to the ledger.
    Registered,
    /// It got a name in a language.
    Named(&'static str),
    /// It applied for a class, by its place in [`CLASSES`].
    Applied(usize),
    /// It was admitted to a class.
    Admitted(usize),
    /// It withdrew.
    Left,
}

/// A history of ten entries.
pub const LONG: &[Step] = &[
    Step::Registered,
    Step::Named("ko"),
    Step::Applied(0),
    Step::Admitted(0),
    Step::Applied(1),
    Step::Admitted(1),
    Step::Named("en"),
    Step::Left,
    Step::Applied(1),
    Step::Admitted(1),
];

/// A history of three.
pub const SHORT: &[Step] = &[Step::Registered, Step::Admitted(0), Step::Admitted(1)];

/// Returns the day that many days into the history.
pub fn day(offset: u32) -> Day {
    const FIRST: i32 = 9_496;
    Day::try_from(FIRST.saturating_add_unsigned(offset)).unwrap_or(Day::MAX)
}

/// Returns the id of a party, by its number.
pub fn party_id(party: u32) -> String {
    format!("cn-p{party:07}")
}

/// Returns when a step of a party's history happens: each in a stretch of its own.
fn offset(party: u32, step: usize, steps: usize) -> u32 {
    let stretch = DAYS / u32::try_from(steps).unwrap_or(DAYS);
    let seed = u64::from(party) * 64 + step as u64;
    stretch * u32::try_from(step).unwrap_or(0) + Draws(seed).below(stretch)
}

/// Returns the days from which a party's class is another, as the bare look-up keeps them.
pub fn classes(party: u32, steps: &[Step]) -> Vec<(i32, u16)> {
    let class = |step: &Step| match step {
        Step::Admitted(class) => Some(u16::try_from(*class + 1).unwrap_or(0)),
        Step::Left => Some(0),
        _ => None,
    };
    let changes = steps.iter().enumerate();
    changes
        .filter_map(|(place, step)| {
            Some((day(offset(party, place, steps.len())).into(), class(step)?))
        })
        .collect()
}

/// Returns what the ledger is told of a step of a party's history.
///
/// # Errors
/// A party's number, or a step's, is too large for an id.
pub fn content(party: u32, place: usize, steps: &[Step]) -> Outcome<Content> {
    let at = offset(party, place, steps.len());
    let id = party_id(party);
    let party_id = PartyId::new(&id)?;
    let (event, authority) = match steps[place] {
        Step::Registered => (
            registered(party_id, &format!("Province of Bench {party:07}"))?,
            AuthorityKind::Unknown,
        ),
        Step::Named(language) => {
            let subject = Named::Party(party_id);
            let name = name(language, &format!("Bench {party:07} in {language}"))?;
            let kind = NameKind::Public;
            (
                Event::NameTaken {
                    subject,
                    kind,
                    name,
                },
                AuthorityKind::Notification,
            )
        }
        Step::Applied(class) => {
            let class = ClassId::new(CLASSES[class])?;
            (
                Event::ApplicationFiled {
                    party: party_id,
                    class,
                },
                AuthorityKind::Notification,
            )
        }
        Step::Admitted(class) => {
            let event = admitted(party_id, class, false)?;
            (
                event,
                AuthorityKind::Decision(decision(at / BETWEEN_SESSIONS)?),
            )
        }
        Step::Left => {
            let ground = EndGround::Withdrawal;
            (
                Event::MembershipEnded {
                    party: party_id,
                    ground,
                },
                AuthorityKind::Notification,
            )
        }
    };
    let mut content = said(&format!("bench-{id}-step-{place:02}"), day(at), event)?;
    content.authority.kind = authority;
    Ok(content)
}

/// Returns an admission that nobody recorded before, for appending: the `serial`-th.
///
/// # Errors
/// A party's number, or a step's, is too large for an id.
pub fn fresh(serial: u32, parties: u32) -> Outcome<Content> {
    let (party, at) = (serial % parties, DAYS + serial / parties);
    let event = admitted(PartyId::new(&party_id(party))?, 1, false)?;
    let mut content = said(&format!("bench-append-{serial:010}"), day(at), event)?;
    content.authority.kind = AuthorityKind::Decision(decision(DAYS / BETWEEN_SESSIONS - 1)?);
    Ok(content)
}

/// Returns the request that records one content.
///
/// # Errors
/// The content cannot be encoded.
pub fn request(content: Content) -> Outcome<Request> {
    let id = match &content.id {
        Some(id) => id.clone(),
        None => DraftId::new("none")?,
    };
    let mut canonical = Vec::new();
    codec::encode(&content, &mut canonical)?;
    Ok(Request {
        id,
        actor: ActorId::new("local/operator")?,
        drafts: vec![content.into()],
        canonical,
        expectations: Vec::new(),
        validate_only: false,
        refuse_irregular: true,
        allowed: Allowed::All,
    })
}

/// Writes a ledger with its key file: the association, then step after step of all parties.
///
/// # Errors
/// The files cannot be written.
pub fn build(path: &Path, parties: u32, steps: &[Step]) -> Outcome {
    let histories = (0..steps.len())
        .flat_map(|place| (0..parties).map(move |party| content(party, place, steps)));
    write(path, founding()?.into_iter().map(Ok).chain(histories))
}

/// Writes a ledger with its key file: contents in order, each a batch of its own.
pub(crate) fn write(path: &Path, contents: impl Iterator<Item = Outcome<Content>>) -> Outcome {
    const COMMIT: usize = 20_000;
    KeyFile::create(path.with_extension("keys"))?;
    let log = Log::create_or_open(path, standing_store::Options::default())?;
    let mut contents = contents.peekable();
    while contents.peek().is_some() {
        let first = log.head().next();
        let entries: Vec<Vec<u8>> = first
            .onwards()
            .zip(contents.by_ref().take(COMMIT))
            .map(|(position, content)| stored(position, &content?))
            .collect::<Outcome<_>>()?;
        log.append(first, entries.iter().map(Vec::as_slice))?;
    }
    log.close()?;
    Ok(())
}

/// Builds a ledger in a folder and opens it.
///
/// # Errors
/// The files cannot be written, or opened.
pub fn open(folder: &Path, parties: u32, steps: &[Step]) -> Outcome<Recorder> {
    let path = folder.join("ledger.redb");
    build(&path, parties, steps)?;
    Ok(Recorder::open(&path, &options())?)
}

/// Returns the options under which a made-up ledger records: its entries are of one day, and years
/// older than the clock.
#[must_use]
pub fn options() -> Options {
    Options {
        accept_clock: true,
        ..Options::default()
    }
}

/// Returns the bytes of an entry that is a batch of its own.
///
/// # Errors
/// The content cannot be encoded.
pub fn stored(position: Position, content: &Content) -> Outcome<Vec<u8>> {
    let (mut payload, mut bytes) = (Vec::new(), Vec::new());
    let kind = codec::encode(content, &mut payload)?;
    let envelope = Envelope {
        kind: kind.number,
        payload_version: kind.version,
        rules_version: 1,
        first: position,
        last: position,
        record_time: RecordTime::from_micros(1_700_000_000_000_000 + position.number()),
        request_digest: RequestDigest([7; 16]),
        actor: "local/operator",
        request_id: content.id.as_ref().map_or("none", DraftId::as_str),
        payload: &payload,
    };
    envelope.encode(&mut bytes)?;
    Ok(bytes)
}

/// Returns the content of a draft: what happened on a day, as a report says.
pub(crate) fn said(id: &str, on: Day, event: Event) -> Outcome<Content> {
    let effective = When::Window(Window::day(on));
    Ok(Content {
        id: Some(DraftId::new(id)?),
        sources: vec![Source {
            reference: "Annual report 2024".to_owned(),
            locator: "line 1827".to_owned(),
            date: None,
        }],
        ..Content::bare(Some(effective), Some(event))
    })
}

pub(crate) fn admitted(party: PartyId, class: usize, founder: bool) -> Outcome<Event> {
    let class = ClassId::new(CLASSES[class])?;
    Ok(Event::MemberAdmitted {
        party,
        class,
        founder,
    })
}

pub(crate) fn registered(party: PartyId, english: &str) -> Outcome<Event> {
    Ok(Event::PartyRegistered(PartyRegistered {
        party,
        kind: Word::new("province")?,
        country: Some(Word::new("cn")?),
        region: None,
        names: vec![name("en", english)?],
        aliases: Vec::new(),
        person: None,
    }))
}

pub(crate) fn name(language: &str, text: &str) -> Outcome<Name> {
    let (language, text) = (Word::new(language)?, text.to_owned());
    Ok(Name { language, text })
}

/// Returns the decision of a session, by its number from 0, by which members are admitted.
pub(crate) fn decision(session: u32) -> Outcome<DecisionId> {
    Ok(DecisionId::new(&format!("admissions-{:03}", session + 1))?)
}

/// The first contents of a ledger, in order.
pub(crate) struct Founding(Vec<Content>);

impl Founding {
    /// The association, its words and its charter, which has no articles yet.
    pub(crate) fn of_the_association() -> Outcome<Self> {
        let mut founding = Self(Vec::new());
        founding.say(
            0,
            Event::AssociationFounded {
                association: AssociationId::new("bench")?,
                names: vec![name("en", "The Bench Association")?],
                time_zone: "Asia/Seoul".to_owned(),
            },
        )?;
        let classes = CLASSES.map(|class| (TermKind::Class, class));
        let rights = RIGHTS.map(|right| (TermKind::Right, right));
        let bodies = [ASSEMBLY, "working-committee"].map(|body| (TermKind::Body, body));
        for (kind, term) in classes.into_iter().chain(rights).chain(bodies) {
            founding.declare(kind, term)?;
        }
        let instrument = InstrumentId::new(CHARTER)?;
        let (titles, published) = (vec![name("en", "Charter")?], None);
        founding.say(
            0,
            Event::InstrumentAdopted {
                instrument,
                titles,
                published,
            },
        )?;
        Ok(founding)
    }

    /// Adds a word of the vocabulary.
    pub(crate) fn declare(&mut self, kind: TermKind, term: &str) -> Outcome {
        self.say(0, Event::TermDeclared(Term::bare(kind, Word::new(term)?)))
    }

    /// Adds what happened so many days into the history.
    pub(crate) fn say(&mut self, at: u32, event: Event) -> Outcome {
        let id = format!("bench-founding-{}", self.0.len());
        self.0.push(said(&id, day(at), event)?);
        Ok(())
    }

    /// Returns what was added.
    pub(crate) fn contents(self) -> Vec<Content> {
        self.0
    }
}

/// The association, its charter in three versions, its sessions and what they decided.
fn founding() -> Outcome<Vec<Content>> {
    let mut founding = Founding::of_the_association()?;
    for version in 0..3 {
        for (class, held) in CLASSES.iter().zip(HELD) {
            founding.say(version * 3_000, article(class, held, version)?)?;
        }
    }
    for session in 0..DAYS / BETWEEN_SESSIONS {
        let convened = SessionId::new(&format!("working-committee/{}", session + 1))?;
        founding.say(
            session * BETWEEN_SESSIONS,
            Event::SessionConvened {
                session: convened.clone(),
                closing: None,
                venue: "Pohang".to_owned(),
                host: None,
                online: false,
            },
        )?;
        let taken = Decision {
            decision: decision(session)?,
            session: convened,
            functions: Vec::new(),
            subject: "Admissions".to_owned(),
            item: "1".to_owned(),
            outcome: Decided::Adopted,
            votes: None,
        };
        founding.say(session * BETWEEN_SESSIONS, Event::DecisionTaken(taken))?;
    }
    Ok(founding.contents())
}

/// Returns the article that gives a class its rights; every version says the same in a text of its
/// own.
///
/// # Errors
/// A word is none.
pub(crate) fn article(class: &str, held: [bool; 4], version: u32) -> Outcome<Event> {
    let rights = RIGHTS.iter().zip(held).filter(|(_, held)| *held);
    let rules = rights.map(|(right, _)| {
        Ok(Rule::Confer(RightRule {
            right: RightId::new(right)?,
            body: Some(BodyId::new(ASSEMBLY)?),
            classes: vec![ClassId::new(class)?],
        }))
    });
    let citation = format!("Article on {class} members, version {}", version + 1);
    enacted(class, version, citation, rules.collect::<Outcome<_>>()?)
}

/// Returns an article of the charter that carries rules.
pub(crate) fn enacted(
    article: &str,
    version: u32,
    citation: String,
    rules: Vec<Rule>,
) -> Outcome<Event> {
    let norm = |rule| Norm {
        support: Support::Text,
        condition: Condition::always(),
        note: String::new(),
        rule,
    };
    Ok(Event::ArticleEnacted(ArticleEnacted {
        instrument: InstrumentId::new(CHARTER)?,
        article: ArticleId::new(article)?,
        citation,
        change: if version == 0 {
            ArticleChange::Original
        } else {
            ArticleChange::Amended
        },
        headings: Vec::new(),
        texts: Vec::new(),
        amendment: None,
        norms: rules.into_iter().map(norm).collect(),
    }))
}
