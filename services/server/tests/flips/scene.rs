//! The ledger whose bits are flipped, its files in the states they are found in, and how a ledger
//! is opened and served.

use crate::questions;
use crate::questions::{Answer, Question};
use standing_domain::id::position::Position;
use standing_engine::store::Check;
use standing_engine::{OpenError, Options, Recorder};
use standing_proto::json::parse_jsonl;
use standing_proto::v1;
use standing_server::{Config, serve};
use std::fs;
use std::ops::RangeInclusive;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tonic::transport::{Channel, Endpoint};

/// The batches of the ledger.
const BATCHES: [(&str, &str); 3] = [
    ("league", include_str!("../../src/tests/league.jsonl")),
    ("more", include_str!("more.jsonl")),
    ("corrections", include_str!("corrections.jsonl")),
];

/// What is recorded after each flip.
const LATE: &str = include_str!("late.jsonl");

/// A state in which a ledger's files are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was closed.
    Closed,
    /// It was killed.
    Killed,
    /// It is a replica's, and was closed.
    Replica,
    /// It is a replica's, and was killed.
    KilledReplica,
}

impl State {
    pub const ALL: [Self; 4] = [
        Self::Closed,
        Self::Killed,
        Self::Replica,
        Self::KilledReplica,
    ];

    pub fn is_replica(self) -> bool {
        matches!(self, Self::Replica | Self::KilledReplica)
    }
}

/// The files of a ledger.
pub struct Files {
    pub log: Vec<u8>,
    pub keys: Vec<u8>,
}

/// Whoever is answered: the writer tells names of persons, a replica has them sealed.
pub struct Answers {
    /// As the files are.
    pub before: Vec<Answer>,
    /// With one batch more.
    pub after: Vec<Answer>,
}

/// The ledger, undamaged.
pub struct Scene {
    pub head: u64,
    /// The stored bytes of every entry, and of those of the late batch.
    pub entries: Vec<Vec<u8>>,
    pub questions: Vec<Question>,
    pub late: v1::RecordRequest,
    files: [Files; 4],
    answers: [Answers; 2],
    _folder: TempDir,
}

impl Scene {
    pub async fn new() -> Self {
        let folder = folder();
        let path = folder.path().join("ledger");
        let writer = Ledger::open(&path, false, false).await.unwrap();
        for (id, text) in BATCHES {
            writer.recorded(&batch(id, text)).await;
        }
        let head = writer.engine.ledger().head().position;
        // Of a tenth of the flips less is asked: every question, as known at the head.
        let positions = [head.minus(4), head].map(Position::number);
        let first = usize::from(!crate::is_long());
        let questions = questions::all(&positions[first..]);
        let late = batch("late", LATE);
        let entries = stored(&writer.engine, 1..=head.number());

        let copy = folder.path().join("replica");
        let replica = Ledger::open(&copy, true, false).await.unwrap();
        replica.engine.follow(Position::FIRST, &entries).unwrap();

        let killed = [Files::read(&path, true), Files::read(&copy, false)];
        let before = [writer.ask(&questions).await, replica.ask(&questions).await];
        writer.close().await;
        replica.close().await;
        let closed = [Files::read(&path, true), Files::read(&copy, false)];

        let writer = Ledger::open(&path, false, false).await.unwrap();
        writer.recorded(&late).await;
        let added = stored(&writer.engine, head.number() + 1..=u64::MAX);
        let replica = Ledger::open(&copy, true, false).await.unwrap();
        replica.engine.follow(head.next(), &added).unwrap();
        let after = [writer.ask(&questions).await, replica.ask(&questions).await];
        writer.close().await;
        replica.close().await;

        let [killed, killed_replica] = killed;
        let [closed, closed_replica] = closed;
        let mut answers = before.into_iter().zip(after);
        let mut answers = || {
            let (before, after) = answers.next().unwrap();
            Answers { before, after }
        };
        Self {
            head: head.number(),
            entries: entries.into_iter().chain(added).collect(),
            questions,
            late,
            files: [closed, killed, closed_replica, killed_replica],
            answers: [answers(), answers()],
            _folder: folder,
        }
    }

    pub fn files(&self, state: State) -> &Files {
        &self.files[State::ALL.iter().position(|other| *other == state).unwrap()]
    }

    pub fn answers(&self, state: State) -> &Answers {
        &self.answers[usize::from(state.is_replica())]
    }
}

impl Files {
    fn read(path: &Path, has_keys: bool) -> Self {
        Self {
            log: fs::read(path).unwrap(),
            keys: if has_keys {
                fs::read(path.with_extension("keys")).unwrap()
            } else {
                Vec::new()
            },
        }
    }

    pub fn write(&self, path: &Path) {
        fs::write(path, &self.log).unwrap();
        let keys = path.with_extension("keys");
        if self.keys.is_empty() {
            // Those of the ledger before, if it was a writer's.
            let _ = fs::remove_file(keys);
            return;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(keys).unwrap();
        std::io::Write::write_all(&mut file, &self.keys).unwrap();
    }
}

/// A folder in memory where there is one: a sync costs nothing there.
pub fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = memory.is_dir().then(|| TempDir::new_in(memory).ok());
    made.flatten().unwrap_or_else(|| TempDir::new().unwrap())
}

fn batch(id: &str, text: &str) -> v1::RecordRequest {
    v1::RecordRequest {
        request_id: id.to_owned(),
        drafts: parse_jsonl("flips", text)
            .map(|line| line.unwrap().1)
            .collect(),
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::RecordRequest::default()
    }
}

pub fn stored(engine: &Recorder, positions: RangeInclusive<u64>) -> Vec<Vec<u8>> {
    let head = engine.ledger().head().position;
    let entries = engine
        .ledger()
        .entries(Position::new(*positions.start()).to(head.min(Position::new(*positions.end()))));
    let entries = entries.unwrap().into_iter();
    entries.map(|entry| entry.stored).collect()
}

/// A ledger that is served over loopback.
pub struct Ledger {
    pub engine: Arc<Recorder>,
    channel: Channel,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
}

impl Ledger {
    /// Opens and serves a ledger; `bare` without looking at every page first, and without keeping
    /// pages in memory.
    pub async fn open(path: &Path, replica: bool, bare: bool) -> Result<Self, OpenError> {
        let mut options = Options {
            // It stands still, so that every run records the same bytes.
            clock: Arc::new(|| 1_700_000_000_000_000),
            ..Options::default()
        };
        if bare {
            options.log.cache_bytes = 0;
            options.log.check = Check::Never;
        }
        let engine = if replica {
            Recorder::open_follower(path, &options)?
        } else {
            Recorder::open(path, &options)?
        };
        let engine = Arc::new(engine);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, Arc::clone(&engine), Config::default(), async {
            // The sender is used or dropped: either ends it.
            let _ = stopped.await;
        });
        let served = tokio::spawn(async move { serving.await.unwrap() });
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Ok(Self {
            engine,
            channel: endpoint.tcp_nodelay(true).connect().await.unwrap(),
            stop,
            served,
        })
    }

    pub async fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        questions::ask(&self.channel, questions).await
    }

    pub async fn record(&self, request: &v1::RecordRequest) -> Answer {
        questions::record(&self.channel, request).await
    }

    async fn recorded(&self, request: &v1::RecordRequest) {
        let answer = self.record(request).await;
        assert!(matches!(answer, Answer::Bytes(_)), "{answer:?}");
    }

    /// Ends serving and closes the ledger.
    pub async fn close(self) {
        drop(self.channel);
        drop(self.stop);
        self.served.await.unwrap();
        let mut engine = self.engine;
        // The last call's thread may hold it for a moment longer.
        loop {
            match Arc::try_unwrap(engine) {
                Ok(engine) => return drop(engine),
                Err(shared) => engine = shared,
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}
