use super::*;
use crate::StreamReport;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

const SOUTH: &str =
    r#"{"id":"south","partyRegistered":{"party":"south","kind":"government","country":"jp"}}"#;

fn check(min_position: u64, verdict_only: bool) -> v1::CheckRightRequest {
    v1::CheckRightRequest {
        question: Some(v1::RightQuestion {
            party: "west".to_owned(),
            right: "vote".to_owned(),
            body: String::new(),
        }),
        at: Some(v1::PointInTime {
            min_position,
            ..v1::PointInTime::default()
        }),
        verdict_only,
    }
}

#[tokio::test]
async fn a_question_waits_for_the_position_it_asks_for() {
    for verdict_only in [true, false] {
        let mut world = league().await;
        let next = LEAGUE.lines().count() as u64 + 1;
        let mut rights = world.rights.clone();
        let asked =
            tokio::spawn(async move { rights.check_right(check(next, verdict_only)).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!asked.is_finished());
        world.record("south", SOUTH).await.unwrap();
        let answer = asked.await.unwrap().unwrap().into_inner();
        assert!(answer.basis.unwrap().position >= next);
    }
}

#[tokio::test]
async fn a_question_waits_no_longer_than_its_deadline() {
    let mut world = league().await;
    let mut request = tonic::Request::new(check(1_000, false));
    request.set_timeout(Duration::from_secs(1));
    let start = Instant::now();
    let outcome = world.rights.check_right(request).await;
    // Said by the server: a deadline that is over would have another code, and say nothing.
    let details = refused(outcome, Code::Unavailable, "NOT_YET");
    assert_eq!(details.error_info().unwrap().metadata["asked"], "1000");
    assert!(start.elapsed() >= Duration::from_millis(700));
}

/// A report that a test sets by hand.
fn reported() -> (Arc<Mutex<v1::GetStreamStatusResponse>>, StreamReport) {
    let said = Arc::new(Mutex::new(v1::GetStreamStatusResponse {
        state: v1::StreamState::Behind.into(),
        entries_stream: "league-entries".to_owned(),
        entries_position: 3,
        entries_behind: 4,
        rights_behind: 5,
        writer: "http://writer.example:7420".to_owned(),
        ..v1::GetStreamStatusResponse::default()
    }));
    let report = Arc::clone(&said);
    (said, Arc::new(move || report.lock().unwrap().clone()))
}

#[tokio::test]
async fn a_replica_names_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger");
    let engine = Recorder::open_follower(&path, &Options::default()).unwrap();
    let (_, report) = reported();
    let config = Config {
        stream: Some(report),
        ..Config::default()
    };
    let mut world = serving(folder, engine, config).await;
    let outcome = world.record("south", SOUTH).await;
    let message = outcome.clone().unwrap_err().message().to_owned();
    assert!(message.contains("http://writer.example:7420"), "{message}");
    let details = refused(outcome, Code::FailedPrecondition, "READ_ONLY");
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["writer"], "http://writer.example:7420");

    let request = v1::GetStreamStatusRequest {};
    let status = world
        .changes
        .get_stream_status(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(status.role(), v1::StreamRole::Replica);
    assert_eq!((status.entries_position, status.entries_behind), (3, 4));
}

#[tokio::test]
async fn health_and_numbers_follow_the_streams() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    let (said, report) = reported();
    let config = Config {
        stream: Some(report),
        ..Config::default()
    };
    let world = serving(folder, engine, config).await;
    let endpoint = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
    let mut health = HealthClient::new(endpoint.connect().await.unwrap());
    let mut becomes = async |expected: ServingStatus| {
        let start = Instant::now();
        loop {
            let request = HealthCheckRequest {
                service: "standing.stream".to_owned(),
            };
            let status = health.check(request).await;
            if status.is_ok_and(|status| status.into_inner().status() == expected) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    becomes(ServingStatus::Serving).await;
    let (status, body) = world.http("/healthz").await;
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 200);
    assert_eq!(
        (&told["status"], &told["role"]),
        (&"serving".into(), &"writer".into())
    );
    let stream = &told["stream"];
    assert_eq!(stream["state"], "behind");
    assert_eq!(
        [
            &stream["entriesPosition"],
            &stream["entriesBehind"],
            &stream["rightsBehind"]
        ],
        [3, 4, 5]
    );
    assert_eq!(world.number("standing_stream_entries_behind").await, 4);
    assert_eq!(world.number("standing_stream_rights_behind").await, 5);
    assert_eq!(world.number("standing_stream_up").await, 1);
    assert_eq!(world.number("standing_role{role=\"writer\"}").await, 1);

    said.lock().unwrap().state = v1::StreamState::Disconnected.into();
    becomes(ServingStatus::NotServing).await;
    // What records alone goes on.
    assert_eq!(world.http("/healthz").await.0, 200);
    said.lock().unwrap().state = v1::StreamState::CaughtUp.into();
    becomes(ServingStatus::Serving).await;
    said.lock().unwrap().state = v1::StreamState::Stopped.into();
    becomes(ServingStatus::NotServing).await;
    assert_eq!(world.http("/healthz").await.0, 503);
    assert_eq!(world.number("standing_stream_up").await, 0);
}

#[tokio::test]
async fn a_server_alone_says_so() {
    let mut world = league().await;
    let request = v1::GetStreamStatusRequest {};
    let status = world
        .changes
        .get_stream_status(request)
        .await
        .unwrap()
        .into_inner();
    let alone = v1::GetStreamStatusResponse {
        role: v1::StreamRole::Alone.into(),
        ..v1::GetStreamStatusResponse::default()
    };
    assert_eq!(status, alone);
    let (status, body) = world.http("/healthz").await;
    let head = LEAGUE.lines().count() as u64;
    let expected = format!(
        "{{\"position\":{head},\"role\":\"alone\",\"status\":\"serving\",\"stream\":null,\"troubles\":[],\"warnings\":[]}}\n"
    );
    assert_eq!((status, body), (200, expected));
    assert_eq!(world.number("standing_head_position").await, head);
    assert_eq!(world.number("standing_watches{of=\"rights\"}").await, 0);
    assert_eq!(world.number("standing_ready").await, 1);
}
