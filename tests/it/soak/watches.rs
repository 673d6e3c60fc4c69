//! A thousand watches, coming and going: each checks that what it is told has no gap.

use super::scene::Node;
use crate::harness::{Client, Failure, Sequence, runtime};
use standing_proto::v1;
use standing_proto::v1::watch_entries_response::Message as Told;
use standing_proto::v1::{watch_entries_request, watch_rights_request};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tonic::{Status, Streaming};

/// How many there are at a time, over both nodes.
const WATCHES: u64 = 1_000;

/// Of so many one watches rights.
const RIGHTS: u64 = 4;

/// How far back entries are watched from, at most.
const BACK: u64 = 200;

/// What it goes on with until it is stopped.
pub struct Watches {
    tasks: Vec<JoinHandle<()>>,
    stopped: Arc<AtomicBool>,
}

impl Watches {
    /// Begins all of them; each goes after so many seconds at most, and another comes.
    pub fn begin(nodes: &[Arc<Node>; 2], seconds: u64) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let begin = |number: u64| {
            let node = Arc::clone(&nodes[usize::from(number % 2 == 1)]);
            let stopped = Arc::clone(&stopped);
            runtime().spawn(async move {
                let mut lives = Sequence(number);
                while !stopped.load(Ordering::Relaxed) {
                    let lasts = Duration::from_millis(100 + lives.below(seconds * 1_000));
                    let client = node.watcher(number);
                    let result = if (number / 2).is_multiple_of(RIGHTS) {
                        rights(client, lasts).await
                    } else {
                        entries(client, lasts, lives.below(BACK)).await
                    };
                    node.tally.watched(result.messages);
                    if let Err(status) = result.end {
                        let full = node.tally.is_full();
                        node.tally.failed("watch", &Failure::from(status), full);
                        sleep(Duration::from_millis(500)).await;
                    }
                }
            })
        };
        let tasks = (0..WATCHES).map(begin).collect();
        Self { tasks, stopped }
    }

    /// Lets those that are there come to their end.
    pub fn stop(mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        for task in self.tasks.drain(..) {
            runtime().block_on(task).expect("no watch panics");
        }
    }
}

impl Drop for Watches {
    /// Lets nothing go on, and no node live on with it, in whichever way the run ends.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What came over a watch, and how it ended.
struct Life {
    messages: u64,
    end: Result<(), Status>,
}

/// Watches entries from a position on, which has to be the first that comes, and each after it the
/// next.
async fn entries(client: &Client, lasts: Duration, back: u64) -> Life {
    let mut messages = 0;
    let end = async {
        let until = Instant::now() + lasts;
        let mut last = head(client).await?.saturating_sub(back);
        let start = watch_entries_request::Start::AfterPosition(last);
        let question = v1::WatchEntriesRequest {
            start: Some(start),
            ..v1::WatchEntriesRequest::default()
        };
        let mut told = client
            .watch("ChangeService/WatchEntries", &question)
            .await?;
        while let Some(message) = next(&mut told, until).await? {
            messages += 1;
            let message: v1::WatchEntriesResponse = decoded(&message)?;
            match message.message {
                Some(Told::Entry(entry)) => {
                    if entry.position != last + 1 {
                        let gap = format!("{} after {last}", entry.position);
                        return Err(Status::data_loss(gap));
                    }
                    last = entry.position;
                }
                // Again whenever it had fallen behind.
                Some(Told::CaughtUp(told)) if told.position == last => {}
                Some(Told::Progress(_) | Told::Heartbeat(_)) => {}
                other => return Err(Status::data_loss(format!("after {last}: {other:?}"))),
            }
        }
        Ok(())
    };
    let end = end.await;
    Life { messages, end }
}

/// Watches rights from now on, whose positions never go back.
async fn rights(client: &Client, lasts: Duration) -> Life {
    let mut messages = 0;
    let end = async {
        let until = Instant::now() + lasts;
        let question = v1::WatchRightsRequest {
            start: Some(watch_rights_request::Start::FromNow(true)),
            ..v1::WatchRightsRequest::default()
        };
        let mut told = client.watch("ChangeService/WatchRights", &question).await?;
        let mut last = 0;
        while let Some(message) = next(&mut told, until).await? {
            messages += 1;
            let message: v1::WatchRightsResponse = decoded(&message)?;
            if let Some(v1::watch_rights_response::Message::Event(event)) = message.message {
                let position = event.cursor.map_or(0, |cursor| cursor.position);
                if position < last {
                    return Err(Status::data_loss(format!("{position} after {last}")));
                }
                last = position;
            }
        }
        Ok(())
    };
    let end = end.await;
    Life { messages, end }
}

/// Returns what comes next; none when the time is over. A watch does not end by itself.
async fn next(told: &mut Streaming<Vec<u8>>, until: Instant) -> Result<Option<Vec<u8>>, Status> {
    match timeout_at(until, told.message()).await {
        Err(_) => Ok(None),
        Ok(Ok(None)) => Err(Status::data_loss("the watch has ended")),
        Ok(message) => message,
    }
}

async fn head(client: &Client) -> Result<u64, Status> {
    let answer = client.send("LedgerService/GetHead", Vec::new()).await?;
    let answer: v1::GetHeadResponse = decoded(&answer)?;
    Ok(answer.head.map_or(0, |head| head.position))
}

fn decoded<M: prost::Message + Default>(bytes: &[u8]) -> Result<M, Status> {
    M::decode(bytes).map_err(|error| Status::data_loss(error.to_string()))
}
