//! What callers can make a server hold: bodies that do not end, answers that nobody reads, watches
//! that nobody reads. Each attack runs over raw frames of HTTP/2, against the real binary, by a
//! caller with every right to call.

use crate::harness::{Folder, Server, batch};
use bytes::Bytes;
use h2::client::{Builder, SendRequest};
use http::Request;
use prost::Message as _;
use standing_proto::v1;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::{Code, Status};

/// What a server may hold above what it holds when nobody calls.
const ABOVE: u64 = 512 << 20;

/// How long an attack holds what it got before it is looked at.
const WHILE: Duration = Duration::from_secs(3);

/// How long it may take to be refused as often as it has to.
const PATIENCE: Duration = Duration::from_mins(1);

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder.worker_threads(1).enable_all();
    builder.build().expect("a runtime can be started")
}

/// A ledger whose pages are as large as pages get.
fn wordy(folder: &Folder) -> Server {
    let server = folder.serve();
    let note = "n".repeat(4_000);
    let line = |n: usize| {
        format!(
            r#"{{"note":"{note}","id":"p-{n}","partyRegistered":{{"party":"p-{n}","kind":"government","country":"kr"}}}}"#
        )
    };
    let lines: Vec<String> = (0..1_000).map(line).collect();
    let recorded = server.client().record(&batch("wordy", &lines.join("\n")));
    recorded.expect("it can be recorded");
    server
}

/// How the calls of an attack went.
#[derive(Default)]
struct Tally {
    /// Refused for want of room.
    refused: AtomicUsize,
    /// Answered, or still asking.
    other: AtomicUsize,
}

impl Tally {
    fn count(&self, status: Option<Status>) {
        let refused = status.is_some_and(|status| status.code() == Code::ResourceExhausted);
        let count = if refused { &self.refused } else { &self.other };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("it is short");
    [&[0][..], &length.to_be_bytes(), message].concat()
}

async fn connect(address: SocketAddr) -> SendRequest<Bytes> {
    let stream = TcpStream::connect(address).await.expect("it listens");
    let mut builder = Builder::new();
    // Nothing of any answer is let through.
    let builder = builder
        .initial_window_size(0)
        .initial_max_send_streams(1_000);
    let (send, connection) = builder.handshake(stream).await.expect("it speaks HTTP/2");
    tokio::spawn(connection);
    send
}

/// Begins a call, sends as much of the body as is taken, and holds whatever comes for as long as
/// the attack lasts.
async fn hold(
    (send, here): (SendRequest<Bytes>, SocketAddr),
    method: &'static str,
    body: Bytes,
    end: bool,
    tally: Arc<Tally>,
) {
    let Ok(mut send) = send.ready().await else {
        return;
    };
    let request = Request::post(format!("http://{here}/standing.v1.{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("a request");
    let Ok((response, mut sending)) = send.send_request(request, false) else {
        return;
    };
    // What does not fit the window waits here.
    let _ = sending.send_data(body, end);
    let response = response.await.ok();
    let status = response
        .as_ref()
        .and_then(|response| Status::from_header_map(response.headers()));
    tally.count(status);
    std::future::pending::<()>().await;
    drop((response, sending));
}

/// Attacks over so many connections with so many calls each, until it has refused as many as it has
/// to; returns how much more than before the server held, and how many of the calls it refused.
fn attack(
    server: &Server,
    idle: u64,
    (connections, calls): (usize, usize),
    method: &'static str,
    body: &Bytes,
    (end, least): (bool, usize),
) -> (u64, usize) {
    let runtime = runtime();
    let (address, tally) = (server.address(), Arc::new(Tally::default()));
    let mut most = 0;
    runtime.block_on(async {
        let mut attackers = JoinSet::new();
        for _ in 0..connections {
            let send = connect(address).await;
            for _ in 0..calls {
                let (send, tally) = (send.clone(), Arc::clone(&tally));
                attackers.spawn(hold((send, address), method, body.clone(), end, tally));
            }
        }
        let begun = Instant::now();
        let refused = || tally.refused.load(Ordering::Relaxed);
        // A busy machine takes longer to make as many calls.
        while begun.elapsed() < WHILE || (refused() < least && begun.elapsed() < PATIENCE) {
            most = server.resident().max(most);
            sleep(Duration::from_millis(20)).await;
        }
    });
    let refused = tally.refused.load(Ordering::Relaxed);
    let above = most.saturating_sub(idle);
    println!(
        "{method}: {} calls, {refused} refused, {} MiB above",
        connections * calls,
        above >> 20
    );
    runtime.shutdown_background();
    (above, refused)
}

#[test]
fn no_caller_makes_a_server_hold_much() {
    let folder = Folder::new();
    let server = wordy(&folder);
    let idle = server.resident();
    let entries = v1::ListEntriesRequest {
        page_size: 1_000,
        ..v1::ListEntriesRequest::default()
    };
    let entries = Bytes::from(framed(&entries.encode_to_vec()));
    let nothing = Bytes::from_static(&[0; 5]);
    // Bodies of 16.5 MiB, each one short of its last byte.
    let mut large = vec![0x12; 16_500 << 10];
    large[..5].copy_from_slice(&[0, 1, 0x10, 0, 0]);
    let large = Bytes::from(large);
    for (size, method, body, end, least) in [
        ((1, 60), "LedgerService/Record", &large, false, 50),
        ((4, 250), "LedgerService/ListEntries", &entries, true, 900),
        ((15, 1_000), "LedgerService/GetHead", &nothing, true, 1_000),
        ((1, 1_000), "ChangeService/WatchEntries", &nothing, true, 0),
    ] {
        let (above, refused) = attack(&server, idle, size, method, body, (end, least));
        assert!(above < ABOVE, "{method}: {} MiB", above >> 20);
        assert!(refused >= least, "{method}: {refused} refused");
    }
    let one =
        r#"{"id":"one","partyRegistered":{"party":"one","kind":"government","country":"kr"}}"#;
    let recorded = server.client().record(&batch("one", one));
    recorded.expect("it records as before");
}
