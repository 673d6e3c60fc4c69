//! A small association to record, and a way to ask.

use standing_domain::entry::draft::{Draft, EntryRef, PersonName, Proposed};
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::*;
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::*;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::{When, Window};
use standing_engine::{
    Allowed, CheckError, Ledger, Options, RecordError, Recorded, Recorder, Request, StoredEntry,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A draft of an event that takes effect on a date, a month or a year; empty for none.
pub fn draft(id: &str, effective: &str, event: impl Into<Proposed>) -> Draft {
    let effective =
        (!effective.is_empty()).then(|| When::Window(Window::parse(effective).unwrap()));
    Draft {
        id: (!id.is_empty()).then(|| DraftId::new(id).unwrap()),
        ..Draft::bare(effective, Some(event.into()))
    }
}

pub fn party(id: &str) -> PartyId {
    PartyId::new(id).unwrap()
}

pub fn term(kind: TermKind, term: &str) -> Draft {
    let event = Event::TermDeclared(Term::bare(kind, Word::new(term).unwrap()));
    draft("", "", event)
}

pub fn register(id: &str) -> Draft {
    let name = Name {
        language: Word::new("en").unwrap(),
        text: id.to_uppercase(),
    };
    let registered = PartyRegistered {
        party: party(id),
        kind: Word::new("government").unwrap(),
        country: None,
        region: None,
        names: vec![name],
        aliases: vec![],
        person: None,
    };
    draft("", "", Event::PartyRegistered(registered))
}

pub fn admit(id: &str, class: &str, date: &str) -> Draft {
    let class = ClassId::new(class).unwrap();
    draft(
        "",
        date,
        Event::MemberAdmitted {
            party: party(id),
            class,
            founder: false,
        },
    )
}

pub fn leave(id: &str, date: &str) -> Draft {
    draft(
        "",
        date,
        Event::MembershipEnded {
            party: party(id),
            ground: EndGround::Withdrawal,
        },
    )
}

/// The vocabulary and the law: full members vote.
pub fn founding() -> Vec<Draft> {
    let right = RightRule {
        right: RightId::new("vote").unwrap(),
        body: None,
        classes: vec![ClassId::new("full").unwrap()],
    };
    let norm = Norm {
        support: Support::Text,
        condition: Condition::always(),
        note: String::new(),
        rule: Rule::Confer(right),
    };
    let instrument = InstrumentId::new("charter").unwrap();
    let article = ArticleEnacted {
        instrument: instrument.clone(),
        article: ArticleId::new("9").unwrap(),
        citation: "9".to_owned(),
        change: ArticleChange::Original,
        headings: vec![],
        texts: vec![],
        amendment: None,
        norms: vec![norm],
    };
    vec![
        term(TermKind::Class, "full"),
        term(TermKind::Class, "observer"),
        term(TermKind::Right, "vote"),
        term(TermKind::Body, "assembly"),
        draft(
            "",
            "2000-01-01",
            Event::InstrumentAdopted {
                instrument,
                titles: vec![],
                published: None,
            },
        ),
        draft("", "2000-01-01", Event::ArticleEnacted(article)),
    ]
}

/// A clock that stands still, so that record times move by their own rule.
pub fn options() -> Options {
    Options {
        clock: Arc::new(|| 1_700_000_000_000_000),
        ..Options::default()
    }
}

pub fn open(folder: &Path) -> Recorder {
    Recorder::open(&folder.join("ledger.redb"), &options()).unwrap()
}

pub fn request(id: &str, drafts: Vec<Draft>) -> Request {
    Request {
        id: DraftId::new(id).unwrap(),
        actor: ActorId::new("local/operator").unwrap(),
        canonical: format!("{drafts:?}").into_bytes(),
        drafts,
        expectations: vec![],
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    }
}

/// Records drafts under a fresh request id.
pub fn record(engine: &Recorder, drafts: Vec<Draft>) -> Result<Recorded, RecordError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let outcome = engine.record(request(
        &format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        drafts,
    ));
    outcome.map(|outcome| outcome.recorded().unwrap())
}

pub fn votes(engine: &Recorder, id: &str, date: &str) -> Truth {
    let (day, head) = (Day::parse(date).unwrap(), engine.ledger().head().position);
    vote(engine.ledger(), id, None, day, head).unwrap()
}

/// Asks whether a party has the vote.
pub fn vote(
    ledger: &Ledger,
    id: &str,
    body: Option<&str>,
    day: Day,
    known_at: Position,
) -> Result<Truth, CheckError> {
    let right = RightId::new("vote").unwrap();
    let body = body.map(|body| BodyId::new(body).unwrap());
    ledger.verdict(&party(id), &right, body.as_ref(), day, known_at)
}

/// The reasons of a refusal, with the drafts they are about.
pub fn reasons<T: std::fmt::Debug>(outcome: Result<T, RecordError>) -> Vec<(usize, &'static str)> {
    match outcome {
        Err(RecordError::Refused(refusals)) => refusals
            .iter()
            .map(|r| (r.draft, r.reason.code()))
            .collect(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A person's name.
pub fn named(person: &str) -> Draft {
    let name = PersonName {
        language: Word::new("en").unwrap(),
        text: "A Natural Person".to_owned(),
    };
    let person = PersonId::new(person).unwrap();
    let names = vec![name];
    draft("", "", Proposed::PersonNamed { person, names })
}

/// Another name for a person, instead of the one at a position.
pub fn named_again(person: &str, position: Position) -> Draft {
    let mut draft = named(person);
    draft.corrects = Some(EntryRef::Position(position));
    draft
}

/// The names an entry gives a person, as far as they can be opened.
pub fn unsealed(engine: &Recorder, entry: &StoredEntry) -> Vec<String> {
    let Some(Event::PersonNamed { person, names }) = &entry.entry.content.event else {
        panic!("no name: {:?}", entry.entry.content);
    };
    let names = names.iter();
    names
        .filter_map(|name| engine.ledger().unseal(person, &name.sealed))
        .collect()
}
