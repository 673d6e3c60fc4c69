//! A crowd of clients, in a process of their own: each watches all entries, and together they tell
//! when all of them have received one.

use crate::ledger;
use standing_bench::Outcome;
use standing_proto::v1;
use standing_proto::v1::change_service_client::ChangeServiceClient;
use standing_proto::v1::watch_entries_request::Start;
use standing_proto::v1::watch_entries_response::Message;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};

/// What makes this binary a process full of clients; the server's address follows.
pub const CHILD_FLAG: &str = "--watch-and-tell";

/// What is told when everybody watches.
pub const ALL_WATCH: &str = "all watch";

/// What is told, with the position, when everybody has received an entry.
pub const ALL_RECEIVED: &str = "all received ";

/// The most entries that are counted.
const COUNTED: usize = 1 << 16;

/// How many of all have come so far.
struct Crowd {
    size: usize,
    watching: AtomicUsize,
    received: Vec<AtomicUsize>,
}

/// Watches until the process is ended.
pub fn watch_and_tell(address: String, size: usize, connections: usize) -> Outcome {
    ledger::runtime()?.block_on(watch_all(address, size, connections))
}

async fn watch_all(address: String, size: usize, connections: usize) -> Outcome {
    let crowd = Arc::new(Crowd {
        size,
        watching: AtomicUsize::new(0),
        received: std::iter::repeat_with(AtomicUsize::default)
            .take(COUNTED)
            .collect(),
    });
    let endpoint = Endpoint::from_shared(address)?.tcp_nodelay(true);
    let mut channels = Vec::with_capacity(connections);
    for _ in 0..connections {
        channels.push(endpoint.connect().await?);
    }
    let mut watching = JoinSet::new();
    for channel in channels.iter().cycle().take(size) {
        watching.spawn(watch(channel.clone(), Arc::clone(&crowd)));
    }
    // None of them ends well.
    let ended = watching.join_next().await;
    ended.ok_or("nobody watches")??
}

/// Watches all entries from now on.
pub async fn watch_from_now(channel: Channel) -> Outcome<Streaming<v1::WatchEntriesResponse>> {
    let request = v1::WatchEntriesRequest {
        start: Some(Start::FromNow(true)),
        ..v1::WatchEntriesRequest::default()
    };
    let answer = ChangeServiceClient::new(channel)
        .watch_entries(request)
        .await?;
    Ok(answer.into_inner())
}

async fn watch(channel: Channel, crowd: Arc<Crowd>) -> Outcome {
    let mut messages = watch_from_now(channel).await?;
    let (mut first, mut next) = (0, 0);
    while let Some(message) = messages.message().await? {
        match message.message {
            Some(Message::CaughtUp(caught_up)) if next == 0 => {
                (first, next) = (caught_up.position + 1, caught_up.position + 1);
                if crowd.is_last(&crowd.watching) {
                    println!("{ALL_WATCH}");
                }
            }
            Some(Message::Entry(entry)) if entry.position == next => {
                next += 1;
                let count = crowd.received.get(usize::try_from(entry.position - first)?);
                if count.is_some_and(|count| crowd.is_last(count)) {
                    println!("{ALL_RECEIVED}{}", entry.position);
                }
            }
            Some(Message::Entry(entry)) => {
                return Err(format!("{} came where {next} was due", entry.position).into());
            }
            _ => {}
        }
    }
    Err("a watch has ended".into())
}

impl Crowd {
    /// Counts one more; returns whether that was the last of all.
    fn is_last(&self, count: &AtomicUsize) -> bool {
        count.fetch_add(1, Ordering::Relaxed) + 1 == self.size
    }
}
