//! Tests over a real loopback connection, of a small league whose whole history fits a page.

mod access;
mod changes;
mod dear;
mod door;
mod errors;
mod kept;
mod law;
mod ledger;
mod paging;
mod raw;
mod rights;
mod roll;
mod serving;
mod stopping;
mod troubled;

use crate::Config;
use crate::ServeError;
use crate::serve;
use standing_engine::{Options, Recorder};
use standing_proto::json::parse_jsonl;
use standing_proto::v1;
use standing_proto::v1::change_service_client::ChangeServiceClient;
use standing_proto::v1::law_service_client::LawServiceClient;
use standing_proto::v1::ledger_service_client::LedgerServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use standing_proto::v1::roll_service_client::RollServiceClient;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

const LEAGUE: &str = include_str!("league.jsonl");

/// A server with clients; the folder goes with it.
struct World {
    ledger: LedgerServiceClient<Channel>,
    rights: RightsServiceClient<Channel>,
    roll: RollServiceClient<Channel>,
    law: LawServiceClient<Channel>,
    changes: ChangeServiceClient<Channel>,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
    folder: tempfile::TempDir,
}

/// Serves an empty ledger.
async fn empty(config: Config) -> World {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    serving(folder, engine, config).await
}

/// Serves a ledger in a folder.
async fn serving(
    folder: tempfile::TempDir,
    engine: impl Into<Arc<Recorder>>,
    config: Config,
) -> World {
    let engine = engine.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(serve(listener, engine, config, async {
        let _ = stopped.await;
    }));
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = channel.connect().await.unwrap();
    World {
        ledger: LedgerServiceClient::new(channel.clone()),
        rights: RightsServiceClient::new(channel.clone()),
        roll: RollServiceClient::new(channel.clone()),
        law: LawServiceClient::new(channel.clone()),
        changes: ChangeServiceClient::new(channel),
        address,
        stop,
        served,
        folder,
    }
}

/// Serves the league.
async fn league() -> World {
    let mut world = empty(Config::default()).await;
    world.record("league", LEAGUE).await.unwrap();
    world
}

impl World {
    /// Records the drafts of a text as one batch.
    async fn record(&mut self, id: &str, text: &str) -> Result<v1::RecordResponse, Status> {
        let request = batch(id, text);
        Ok(self.ledger.record(request).await?.into_inner())
    }

    /// Returns a request in which the name of the server is filled in.
    fn named(&self, request: &str) -> String {
        request.replace("host: HERE", &format!("host: {}", self.address))
    }

    /// Asks over plain HTTP, and returns the status and the body.
    async fn http(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: HERE\r\nconnection: close\r\n\r\n");
        let request = self.named(&request);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Returns one of the server's numbers.
    async fn number(&self, name: &str) -> u64 {
        let (_, text) = self.http("/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse().unwrap()
    }

    /// Returns the position of a draft of the league.
    fn position(id: &str) -> u64 {
        let wanted = format!("{{\"id\":\"{id}\"");
        let line = LEAGUE.lines().position(|line| line.starts_with(&wanted));
        line.unwrap() as u64 + 1
    }
}

fn batch(id: &str, text: &str) -> v1::RecordRequest {
    v1::RecordRequest {
        request_id: id.to_owned(),
        drafts: parse_jsonl("test", text)
            .map(|line| line.unwrap().1)
            .collect(),
        ..v1::RecordRequest::default()
    }
}

/// The point in time of a day, at the head.
#[expect(clippy::unnecessary_wraps, reason = "as requests carry it")]
fn on(day: &str) -> Option<v1::PointInTime> {
    Some(v1::PointInTime {
        on: day.to_owned(),
        ..v1::PointInTime::default()
    })
}

/// The point in time of a day, as known at a position.
#[expect(clippy::unnecessary_wraps, reason = "as requests carry it")]
fn known(day: &str, position: u64) -> Option<v1::PointInTime> {
    Some(v1::PointInTime {
        on: day.to_owned(),
        known_at: Some(v1::point_in_time::KnownAt::Position(position)),
        ..v1::PointInTime::default()
    })
}

/// Holds an error to its code and reason, and returns its details.
#[track_caller]
fn refused<T: std::fmt::Debug>(
    outcome: Result<T, Status>,
    code: Code,
    reason: &str,
) -> ErrorDetails {
    let status = outcome.unwrap_err();
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(
        (status.code(), info.reason.as_str(), info.domain.as_str()),
        (code, reason, "standing"),
        "{status:?}"
    );
    details
}

/// Returns the fields that a request was refused for.
fn fields(details: &ErrorDetails) -> Vec<String> {
    let bad = details.bad_request().unwrap();
    let fields = bad.field_violations.iter();
    fields.map(|violation| violation.field.clone()).collect()
}
