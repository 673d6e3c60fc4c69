//! How long a connection may say nothing, how much before it is understood, and how long it lasts.

use super::*;
use crate::{Limits, Tls, TlsFiles};
use prost::Message as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

const HEAD: &str = "standing.v1.LedgerService/GetHead";

/// A deadline that is waited for, and one that is not.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_mins(10);

fn limited(limits: Limits) -> Config {
    Config {
        limits,
        ..Config::default()
    }
}

/// Sends pieces, a moment apart, and waits for the end; returns after how long it came, and what
/// was said before it.
async fn ended(address: SocketAddr, pieces: &[u8], each: usize) -> (Duration, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let mut said = Vec::new();
    let mut buffer = [0; 4_096];
    let mut pieces = pieces.chunks(each);
    while begun.elapsed() < PATIENCE {
        if let Some(piece) = pieces.next() {
            // It may be closed by now.
            let _ = stream.write_all(piece).await;
        }
        match timeout(Duration::from_millis(20), stream.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => return (begun.elapsed(), said),
            Ok(Ok(read)) => said.extend(&buffer[..read]),
            Err(_) => {}
        }
    }
    panic!("nobody ended it");
}

#[tokio::test]
async fn a_connection_that_does_not_begin_is_ended() {
    let limits = Limits {
        first_byte: SHORT,
        headers_deadline: LONG,
        ..Limits::default()
    };
    let mut world = empty(limited(limits)).await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (beginning, what) in [
        (&b""[..], "nothing"),
        (b"P", "a letter that may begin anything"),
        (b"GET / HTTP/1.1"[..10].as_ref(), "half a line"),
        (&preface[..15], "half a preface"),
        (&preface[..16], "a line of a preface"),
        (&preface[..23], "all of a preface but its end"),
    ] {
        let (after, said) = ended(world.address, beginning, 64).await;
        assert!(after >= SHORT && after < SHORT * 10, "{what}: {after:?}");
        assert_eq!(said, b"", "{what}");
    }
    assert!(
        world
            .number("standing_refused_total{what=\"silent\"}")
            .await
            >= 6
    );
    // The test's own has spoken, and is there after all that.
    world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
}

#[tokio::test]
async fn headers_that_come_a_byte_at_a_time_are_not_waited_for() {
    let limits = Limits {
        first_byte: LONG,
        headers_deadline: SHORT,
        ..Limits::default()
    };
    let world = empty(limited(limits)).await;
    let head = format!(
        "GET /metrics HTTP/1.1\r\nhost: {}\r\n{}",
        world.address,
        "x".repeat(9_000)
    );
    let (after, said) = ended(world.address, head.as_bytes(), 1).await;
    assert!(after >= SHORT && after < SHORT * 10, "{after:?}");
    assert!(!String::from_utf8_lossy(&said).contains("200 OK"));
    // What comes in time is answered, and the connection is no longer kept than that.
    let whole = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", world.address);
    let (after, said) = ended(world.address, whole.as_bytes(), 1_000).await;
    assert!(String::from_utf8_lossy(&said).starts_with("HTTP/1.1 200 OK"));
    assert!(after < SHORT * 10, "{after:?}");
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let world = empty(limited(Limits {
        headers: 4_096,
        ..Limits::default()
    }))
    .await;
    let fits = "x".repeat(2_000);
    let raw = Raw::connect(&world, WINDOW).await;
    let answer = asked(&raw, HEAD, &[("x-a", fits)], &[]).await;
    assert_eq!(answer, "yes");
    let one = vec![("x-a", "x".repeat(4_500))];
    let many: Vec<_> = (0..110).map(|_| ("x-a", "yyyy".to_owned())).collect();
    for headers in [one, many] {
        let answer = asked(&raw, HEAD, &headers, &[]).await;
        assert_eq!(answer, "HTTP 431");
    }
    assert_eq!(asked(&raw, HEAD, &[], &[]).await, "yes");
    // Whoever sends very much more is not listened to any longer.
    let another = Raw::connect(&world, WINDOW).await;
    let much = "x".repeat(40_000);
    let _call = another.begin(HEAD, &[("x-a", &much)]).await;
    another.closed().await;
    let large = [("x-a", "x".repeat(80 << 10))];
    let answer = web(
        world.address,
        "/standing.v1.LedgerService/GetHead",
        &large,
        &[],
    )
    .await;
    assert!(matches!(answer.status, 431 | 0), "{answer:?}");
    let many: Vec<_> = (0..500).map(|_| ("x-a", "y".to_owned())).collect();
    let answer = web(
        world.address,
        "/standing.v1.LedgerService/GetHead",
        &many,
        &[],
    )
    .await;
    assert!(matches!(answer.status, 431 | 0), "{answer:?}");
}

/// A certificate for loopback that nobody signed but its key, in files.
fn certificate(folder: &TempDir) -> TlsFiles {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let write = |name: &str, pem: String| {
        let path = folder.path().join(name);
        fs::write(&path, pem).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    TlsFiles {
        certificate: write("cert.pem", made.cert.pem()),
        key: write("key.pem", made.signing_key.serialize_pem()),
        client_ca: None,
        client_crl: None,
    }
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        tls: Some(Arc::new(Tls::load(certificate(&folder)).unwrap())),
        ..limited(Limits {
            first_byte: LONG,
            headers_deadline: LONG,
            handshake: SHORT,
            ..Limits::default()
        })
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(
        listener,
        Arc::new(engine),
        config,
        std::future::pending(),
    ));
    // A record that says that a greeting of 512 bytes follows.
    let greeting = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[0; 400]].concat();
    for (pieces, each) in [
        (&[][..], 1),
        (&greeting[..1], 1),
        (&greeting, 400),
        (&greeting, 1),
    ] {
        let (after, said) = ended(address, pieces, each).await;
        assert!(after >= SHORT && after < SHORT * 10, "{after:?}");
        assert_eq!(said, b"");
    }
    // What is no greeting at all is told so at once, and answered with nothing of ours.
    let plain = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let (after, said) = ended(address, plain.as_bytes(), 1_000).await;
    assert!(after < SHORT, "{after:?}");
    assert!(!String::from_utf8_lossy(&said).contains("HTTP"), "{said:?}");
}

#[tokio::test]
async fn an_old_connection_takes_nothing_more_and_ends_after_a_grace() {
    let world = empty(limited(Limits {
        age: SHORT,
        grace: SHORT * 4,
        ..Limits::default()
    }))
    .await;
    let raw = Raw::connect(&world, WINDOW).await;
    let begun = Instant::now();
    let watch = raw
        .begin("standing.v1.ChangeService/WatchEntries", &[])
        .await;
    let mut watch = watch;
    watch.send(
        &framed(&v1::WatchEntriesRequest::default().encode_to_vec()),
        true,
    );
    let (response, _body) = watch.head().await;
    let mut messages = response.into_body();
    let mut slow = raw.begin(HEAD, &[]).await;
    while raw.takes_more().await {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(begun.elapsed() >= SHORT, "{:?}", begun.elapsed());
    // What is under way comes to its end.
    slow.send(&framed(&v1::GetHeadRequest {}.encode_to_vec()), true);
    assert_eq!(slow.status().await.code(), Code::Ok);
    assert!(!raw.is_closed());
    // A watch has none, and is cut.
    let cut = loop {
        assert!(begun.elapsed() < PATIENCE, "it goes on");
        match timeout(PATIENCE, messages.data()).await.unwrap() {
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break begun.elapsed(),
        }
    };
    assert!(cut >= SHORT * 4 && cut < SHORT * 20, "{cut:?}");
    raw.closed().await;
    // Whoever comes anew is served.
    let raw = Raw::connect(&world, WINDOW).await;
    assert_eq!(asked(&raw, HEAD, &[], &[]).await, "yes");
}

#[tokio::test]
async fn an_old_connection_with_nothing_under_way_ends_at_once() {
    let world = empty(limited(Limits {
        age: SHORT,
        grace: LONG,
        ..Limits::default()
    }))
    .await;
    let raw = Raw::connect(&world, WINDOW).await;
    assert_eq!(asked(&raw, HEAD, &[], &[]).await, "yes");
    let begun = Instant::now();
    raw.closed().await;
    assert!(begun.elapsed() < SHORT * 10, "{:?}", begun.elapsed());
}

/// If what is sent behind an answer were refused frame by frame, the connection would end after a
/// thousand calls that were turned away, with all that others do over it.
#[tokio::test]
async fn a_call_that_is_turned_away_may_send_its_rest() {
    let guarded = guarded(TOKENS).await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    let method = "standing.v1.LedgerService/GetHead";
    let turned_away = async |rest: &[u8]| {
        let begun = raw
            .begin(method, &[("authorization", "Bearer wrong")])
            .await;
        let (response, mut body) = begun.head().await;
        assert_eq!(
            told(Status::from_header_map(response.headers()).as_ref()),
            "TOKEN_UNKNOWN"
        );
        let reset = std::future::poll_fn(|context| body.poll_reset(context));
        let reset = timeout(Duration::from_millis(100), reset).await;
        assert!(reset.is_err(), "the server waits for no rest: {reset:?}");
        body.send_data(rest.to_vec().into(), true).unwrap();
    };
    turned_away(&framed(b"")).await;
    // Not for ever, and not for everything.
    let begun = raw
        .begin(method, &[("authorization", "Bearer wrong")])
        .await;
    let (_, mut body) = begun.head().await;
    let reset = std::future::poll_fn(|context| body.poll_reset(context));
    timeout(PATIENCE, reset).await.unwrap().unwrap();
    let begun = raw
        .begin(method, &[("authorization", "Bearer wrong")])
        .await;
    let (_, mut body) = begun.head().await;
    body.send_data(vec![0; 200 << 10].into(), false).unwrap();
    let reset = std::future::poll_fn(|context| body.poll_reset(context));
    timeout(Duration::from_millis(900), reset)
        .await
        .unwrap()
        .unwrap();
}
