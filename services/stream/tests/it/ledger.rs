//! A small association's ledger, in a folder of its own.

use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::*;
use standing_domain::entry::norm::{Condition, Norm, RightRule, Rule, Support};
use standing_domain::id::position::Position;
use standing_domain::id::*;
use standing_domain::stop::Stop;
use standing_domain::time::when::{When, Window};
use standing_engine::{Allowed, Cursor, Options, RecordError, Recorded, Recorder, Request, Step};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// 2023-11-14, 22:13:20 UTC, in microseconds.
const BEGINNING: u64 = 1_700_000_000_000_000;

/// A day in microseconds.
pub const DAY: u64 = 86_400_000_000;

/// A folder with a ledger's file, and a clock.
pub struct Place {
    folder: TempDir,
    pub clock: Arc<AtomicU64>,
}

impl Place {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::new(AtomicU64::new(BEGINNING)),
        }
    }

    /// Returns a copy of everything, as a backup of a closed ledger is.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        for file in ["ledger.redb", "ledger.keys"] {
            let from = self.folder.path().join(file);
            if from.exists() {
                std::fs::copy(from, copy.folder.path().join(file)).unwrap();
            }
        }
        let now = self.clock.load(Ordering::Relaxed);
        copy.clock.store(now, Ordering::Relaxed);
        copy
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ledger.redb")
    }

    fn options(&self) -> Options {
        let clock = Arc::clone(&self.clock);
        Options {
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            ..Options::default()
        }
    }

    pub fn open(&self) -> Arc<Recorder> {
        retry(&self.file(), |file| Recorder::open(file, &self.options()))
    }

    pub fn open_follower(&self) -> Arc<Recorder> {
        retry(&self.file(), |file| {
            Recorder::open_follower(file, &self.options())
        })
    }
}

/// Opens a file that a task which is just ending may still hold.
fn retry<E: std::fmt::Debug>(
    file: &Path,
    open: impl Fn(&Path) -> Result<Recorder, E>,
) -> Arc<Recorder> {
    for _ in 0..200 {
        if let Ok(engine) = open(file) {
            return Arc::new(engine);
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Arc::new(open(file).unwrap())
}

pub fn draft(effective: &str, event: Event) -> Draft {
    let effective =
        (!effective.is_empty()).then(|| When::Window(Window::parse(effective).unwrap()));
    Draft::bare(effective, Some(event.into()))
}

fn term(kind: TermKind, term: &str) -> Draft {
    let event = Event::TermDeclared(Term::bare(kind, Word::new(term).unwrap()));
    draft("", event)
}

fn name(text: &str) -> Vec<Name> {
    vec![Name {
        language: Word::new("en").unwrap(),
        text: text.to_owned(),
    }]
}

/// The association, its vocabulary, and its law: full members vote.
pub fn found(engine: &Recorder, association: &str) -> Recorded {
    let founded = Event::AssociationFounded {
        association: AssociationId::new(association).unwrap(),
        names: name(association),
        time_zone: "Asia/Seoul".to_owned(),
    };
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
    let adopted = Event::InstrumentAdopted {
        instrument,
        titles: vec![],
        published: None,
    };
    let drafts = vec![
        draft("2000-01-01", founded),
        term(TermKind::Class, "full"),
        term(TermKind::Right, "vote"),
        term(TermKind::Body, "assembly"),
        draft("2000-01-01", adopted),
        draft("2000-01-01", Event::ArticleEnacted(article)),
    ];
    record(engine, drafts).unwrap()
}

/// Registers many parties in one batch.
pub fn register(engine: &Recorder, count: usize) -> Recorded {
    let parties = (0..count).map(|number| registered(&format!("one-of-many-{number}")));
    record(engine, parties.collect()).unwrap()
}

fn registered(id: &str) -> Draft {
    let registered = PartyRegistered {
        party: PartyId::new(id).unwrap(),
        kind: Word::new("government").unwrap(),
        country: None,
        region: None,
        names: name(id),
        aliases: vec![],
        person: None,
    };
    draft("", Event::PartyRegistered(registered))
}

/// A party is registered and admitted, in one batch of two.
pub fn admit(engine: &Recorder, id: &str, date: &str) -> Result<Recorded, RecordError> {
    record(engine, vec![registered(id), admitted(id, date)])
}

fn admitted(id: &str, date: &str) -> Draft {
    let admitted = Event::MemberAdmitted {
        party: PartyId::new(id).unwrap(),
        class: ClassId::new("full").unwrap(),
        founder: false,
    };
    draft(date, admitted)
}

/// Admits some parties in one batch, which is one step with as many changes.
pub fn admit_together(engine: &Recorder, prefix: &str, count: usize) -> Recorded {
    let ids = (0..count).map(|number| format!("{prefix}-{number}"));
    let drafts = ids.flat_map(|id| [registered(&id), admitted(&id, "2001-02-03")]);
    record(engine, drafts.collect()).unwrap()
}

/// Admits many parties, a batch each.
pub fn admit_many(engine: &Recorder, prefix: &str, count: usize) {
    for number in 0..count {
        admit(engine, &format!("{prefix}-{number}"), "2001-02-03").unwrap();
    }
}

pub fn record(engine: &Recorder, drafts: Vec<Draft>) -> Result<Recorded, RecordError> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let outcome = engine.record(Request {
        id: DraftId::new(&id).unwrap(),
        actor: ActorId::new("local/operator").unwrap(),
        canonical: format!("{drafts:?}").into_bytes(),
        drafts,
        expectations: vec![],
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    });
    outcome.map(|outcome| outcome.recorded().unwrap())
}

/// Returns the bytes of every entry.
pub fn bytes(engine: &Recorder) -> Vec<Vec<u8>> {
    let head = engine.ledger().head().position;
    let entries = engine.ledger().entries(Position::FIRST.to(head)).unwrap();
    entries.into_iter().map(|entry| entry.stored).collect()
}

/// Returns every step of the computed changes.
pub fn steps(engine: &Recorder) -> Vec<Step> {
    let to = engine.ledger().frontier();
    let mut steps = Vec::new();
    let mut cursor = Cursor::START;
    while let Some(step) = engine.ledger().next_step(cursor, to, Stop::NEVER).unwrap() {
        cursor = step.cursor;
        steps.push(step);
    }
    steps
}
