//! A small ledger, served on loopback, and a client that sends whatever bytes it is told to.

use standing_domain::id::{ActorId, DraftId};
use standing_engine::{Allowed, Options, RecordError, Recorder, Request};
use standing_proto::draft::read_batch;
use standing_proto::json::parse_jsonl;
use standing_proto::v1::Draft;
use standing_server::{Config, LOCAL_OPERATOR, serve};
use standing_tests::Plain;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};

/// The history of a small league.
pub const LEAGUE: &[&str] = &[
    include_str!("../../../services/server/src/tests/league.jsonl"),
    include_str!("../../../services/server/tests/flips/more.jsonl"),
    include_str!("../../../services/server/tests/flips/corrections.jsonl"),
];

/// The history of the first association.
pub const NEAR: &[&str] = &[
    include_str!("../../../deploy/near/01-association.jsonl"),
    include_str!("../../../deploy/near/02-vocabulary.jsonl"),
    include_str!("../../../deploy/near/03-parties.jsonl"),
    include_str!("../../../deploy/near/04-sessions.jsonl"),
    include_str!("../../../deploy/near/05-decisions.jsonl"),
    include_str!("../../../deploy/near/07-charter.jsonl"),
    include_str!("../../../deploy/near/10-membership.jsonl"),
    include_str!("../../../deploy/near/11-successions.jsonl"),
    include_str!("../../../deploy/near/16-committees.jsonl"),
    include_str!("../../../deploy/near/18-claims.jsonl"),
];

/// The most messages of a watch that are read, and how long the next may take. It never ends by
/// itself.
const MOST: usize = 16;
const QUIET: Duration = Duration::from_millis(15);

/// What came, and how it ended.
pub type Answer = (Vec<Vec<u8>>, Status);

pub struct World {
    pub recorder: Arc<Recorder>,
    runtime: Runtime,
    channel: Channel,
    _folder: TempDir,
}

impl World {
    pub fn of(history: &[&str]) -> Self {
        Self::with(history, Config::default())
    }

    pub fn with(history: &[&str], config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Arc::new(recorded(&folder.path().join("ledger"), history));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::clone(&recorder);
        runtime.spawn(async move {
            let never = std::future::pending();
            serve(listener, served, config, never).await.unwrap();
        });
        let endpoint = Endpoint::from_shared(address).unwrap().tcp_nodelay(true);
        let channel = runtime.block_on(endpoint.connect()).unwrap();
        Self {
            recorder,
            runtime,
            channel,
            _folder: folder,
        }
    }

    /// Calls a method with these messages; returns what came, and how it ended.
    pub fn call(&self, method: &str, messages: Vec<Vec<u8>>, bearer: &[u8]) -> Answer {
        self.runtime.block_on(self.called(method, messages, bearer))
    }

    /// Calls a method, and gives up after a while.
    pub fn call_within(
        &self,
        time: Duration,
        method: &str,
        messages: Vec<Vec<u8>>,
    ) -> Option<Answer> {
        let called = async { timeout(time, self.called(method, messages, &[])).await };
        self.runtime.block_on(called).ok()
    }

    /// Calls a method, and once more where the connection broke: on a machine so busy that pings
    /// are not answered, that is nobody's fault. What breaks it again is.
    async fn called(&self, method: &str, messages: Vec<Vec<u8>>, bearer: &[u8]) -> Answer {
        let answer = self.tried(method, messages.clone(), bearer).await;
        if answer.1.code() == Code::Unknown && answer.1.message() == "transport error" {
            return self.tried(method, messages, bearer).await;
        }
        answer
    }

    async fn tried(&self, method: &str, messages: Vec<Vec<u8>>, bearer: &[u8]) -> Answer {
        let mut request = tonic::Request::new(tokio_stream::iter(messages));
        if !bearer.is_empty() {
            let Ok(value) = bearer.try_into() else {
                return (Vec::new(), Status::unauthenticated("no header can say it"));
            };
            request.metadata_mut().insert("authorization", value);
        }
        let path: PathAndQuery = method.parse().unwrap();
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        let mut answers = Vec::new();
        if let Err(error) = client.ready().await {
            return (answers, Status::internal(error.to_string()));
        }
        let mut stream = match client.streaming(request, path, Plain).await {
            Ok(answer) => answer.into_inner(),
            Err(status) => return (answers, status),
        };
        let is_watch = method.contains("/Watch");
        loop {
            let next = stream.message();
            // Whoever waits for another for too long is found by the engine.
            let next = if is_watch {
                timeout(QUIET, next).await.unwrap_or(Ok(None))
            } else {
                next.await
            };
            match next {
                Ok(Some(answer)) if answers.len() < MOST => answers.push(answer),
                Ok(_) => break,
                Err(status) => return (answers, status),
            }
        }
        (answers, Status::ok(""))
    }

    /// Judges drafts, and records nothing.
    ///
    /// # Errors
    /// The ledger cannot judge them, where it should.
    pub fn judge(&self, drafts: Vec<Draft>) -> Result<(), String> {
        let Some(mut request) = request(drafts) else {
            return Ok(());
        };
        request.validate_only = true;
        match self.recorder.record(request) {
            Err(
                error @ (RecordError::Closing | RecordError::Storage(_) | RecordError::HeldBack(_)),
            ) => Err(error.to_string()),
            // They are right, or it is told what is wrong with them.
            _ => Ok(()),
        }
    }
}

/// Makes a ledger with such a history.
pub fn recorded(path: &Path, history: &[&str]) -> Recorder {
    let recorder = Recorder::open(path, &Options::default()).unwrap();
    for (number, file) in history.iter().enumerate() {
        let lines = parse_jsonl("history", file).map(|line| line.unwrap().1);
        let mut request = request(lines.collect()).unwrap();
        request.id = DraftId::new(&format!("history-{number}")).unwrap();
        recorder.record(request).unwrap();
    }
    recorder
}

fn request(wire: Vec<Draft>) -> Option<Request> {
    let drafts = wire
        .iter()
        .map(prost::Message::encode_length_delimited_to_vec);
    Some(Request {
        id: DraftId::new("judged").ok()?,
        actor: ActorId::new(LOCAL_OPERATOR).ok()?,
        canonical: drafts.flatten().collect(),
        drafts: read_batch(wire).ok()?,
        expectations: Vec::new(),
        validate_only: false,
        refuse_irregular: false,
        allowed: Allowed::All,
    })
}

/// Whether an answer says that something is wrong with the server.
pub fn is_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown | Code::Internal | Code::DataLoss | Code::Unimplemented
    )
}
