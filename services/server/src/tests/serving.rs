use super::*;
use crate::serve_when_ready;
use std::time::Duration;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

async fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    endpoint.connect().await.unwrap()
}

#[tokio::test]
async fn reflection_lists_the_services() {
    let world = empty(Config::default()).await;
    let mut client = ServerReflectionClient::new(channel(world.address).await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let requests = tokio_stream::once(request);
    let mut responses = client
        .server_reflection_info(requests)
        .await
        .unwrap()
        .into_inner();
    let response = responses.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(services)) = response else {
        panic!("{response:?}");
    };
    let names: Vec<String> = services
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for name in [
        "standing.v1.LedgerService",
        "standing.v1.LawService",
        "standing.v1.ChangeService",
        "grpc.health.v1.Health",
    ] {
        assert!(names.iter().any(|listed| listed == name), "{names:?}");
    }
}

#[tokio::test]
async fn health_says_serving_once_ready() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (ready, is_ready) = oneshot::channel::<()>();
    let ready_then = async {
        let _ = is_ready.await;
    };
    let never = std::future::pending();
    tokio::spawn(serve_when_ready(
        listener,
        Arc::new(engine),
        Config::default(),
        ready_then,
        never,
    ));
    let mut health = HealthClient::new(channel(address).await);
    let mut status = async |service: &str| {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        health.check(request).await.unwrap().into_inner().status()
    };
    assert_eq!(status("").await, ServingStatus::NotServing);
    assert_eq!(
        status("standing.v1.RollService").await,
        ServingStatus::NotServing
    );
    ready.send(()).unwrap();
    while status("standing.v1.LawService").await != ServingStatus::Serving {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(status("").await, ServingStatus::Serving);
}

#[tokio::test]
async fn a_shutdown_ends_serving() {
    let world = league().await;
    world.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), world.served).await;
    ended.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(world.address).await.is_err());
}

/// Connections that are dealt out among threads are served as any other, and end with the server:
/// one with a call that does not come when the time to drain is over.
#[tokio::test]
async fn connections_on_threads_of_their_own_are_served_and_end() {
    let world = empty(Config {
        workers: 2,
        drain: Duration::from_millis(200),
        ..Config::default()
    })
    .await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(LedgerServiceClient::new(channel(world.address).await));
    }
    for client in &mut clients {
        client.get_head(v1::GetHeadRequest {}).await.unwrap();
    }
    let mut stuck = TcpStream::connect(world.address).await.unwrap();
    let request = "POST /standing.v1.LedgerService/GetHead HTTP/1.1\r\nhost: HERE\r\n\
        content-type: application/grpc-web+proto\r\ncontent-length: 5\r\n\r\n";
    let request = world.named(request);
    stuck.write_all(request.as_bytes()).await.unwrap();
    assert!(world.number("standing_connections ").await >= 7);
    world.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), world.served).await;
    ended.unwrap().unwrap().unwrap();
    let mut rest = Vec::new();
    stuck.read_to_end(&mut rest).await.ok();
    assert!(rest.is_empty());
    assert!(TcpStream::connect(world.address).await.is_err());
}

#[tokio::test]
async fn grpc_web_is_spoken_over_http_1() {
    let world = empty(Config::default()).await;
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    // A frame of five bytes before an empty message.
    let request = "POST /standing.v1.LedgerService/GetHead HTTP/1.1\r\nhost: HERE\r\n\
        content-type: application/grpc-web+proto\r\ncontent-length: 5\r\nconnection: close\r\n\r\n\
        \0\0\0\0\0";
    let request = world.named(request);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    assert!(answer.contains("grpc-status:0"), "{answer}");
}

#[tokio::test]
async fn calls_are_counted_with_the_time_they_take() {
    let mut world = league().await;
    for _ in 0..3 {
        world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    }
    world.ledger.get_entry(beyond()).await.unwrap_err();
    let of = |method: &str| {
        format!(
            "grpc_type=\"unary\",grpc_service=\"standing.v1.LedgerService\",grpc_method=\"{method}\""
        )
    };
    for (method, code, count) in [
        ("GetHead", "OK", 3),
        ("Record", "OK", 1),
        ("GetEntry", "NOT_FOUND", 1),
    ] {
        let of = of(method);
        let name = format!("grpc_server_handled_total{{{of},grpc_code=\"{code}\"}} ");
        assert_eq!(world.number(&name).await, count, "{method}");
        for name in [
            "grpc_server_started_total",
            "grpc_server_handling_seconds_count",
        ] {
            assert_eq!(world.number(&format!("{name}{{{of}}} ")).await, count);
        }
    }
    assert!(world.number("standing_commit_entries_count ").await == 0);
    let (_, told) = world.http("/metrics").await;
    // What nobody called is told of its failures alone, so that the first is seen to come.
    let law = |name: &str| {
        let of = r#"grpc_type="unary",grpc_service="standing.v1.LawService""#;
        told.contains(&format!("{name}{{{of}"))
    };
    assert!(law("grpc_server_handled_total") && !law("grpc_server_started_total"));
    assert!(told.ends_with("# EOF\n"), "{told}");
}

/// Asks for an entry that is not there.
fn beyond() -> v1::GetEntryRequest {
    v1::GetEntryRequest {
        position: 999,
        epoch: None,
    }
}

#[tokio::test]
async fn probes_are_answered_in_a_word() {
    let world = league().await;
    for (path, word) in [("/livez", "alive\n"), ("/readyz", "serving\n")] {
        assert_eq!(world.http(path).await, (200, word.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn health_tells_the_state_of_the_streams_and_not_their_problem() {
    let report = || v1::GetStreamStatusResponse {
        state: v1::StreamState::Disconnected.into(),
        problem: "nats://writer:secret@host is not reached".to_owned(),
        ..v1::GetStreamStatusResponse::default()
    };
    let world = empty(Config {
        stream: Some(Arc::new(report)),
        ..Config::default()
    })
    .await;
    let (_, told) = world.http("/healthz").await;
    assert!(told.contains("disconnected"), "{told}");
    assert!(!told.contains("secret") && !told.contains("host"), "{told}");
    let (_, told) = world.http("/metrics").await;
    assert!(!told.contains("secret"), "{told}");
}
