//! The streams: what the writer publishes, who follows it, and what happens when something is
//! wrong.

mod consumers;
mod history;
mod interruptions;
mod near;
mod permissions;
mod refusals;
mod replicas;
mod secure;
mod servers;
mod spoilt;
mod upgrade;

use near::ENTRIES;
pub use near::published;

use crate::harness::{Client, Consumer, Server, number, text};
use serde_json::Value;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long streams may take to be as they should. A cluster needs seconds for a new leader, and a
/// client takes a server for gone only after it has been silent for a while.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < PATIENCE, "not yet: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// What a server says about its streams.
fn status(client: &Client) -> Value {
    client.answer("ChangeService/GetStreamStatus", "{}")
}

/// Waits until a server's streams are in a state; returns all it says of them.
fn settled(server: &Server, state: &str) -> Value {
    let start = Instant::now();
    loop {
        let status = status(server.client());
        if text(&status, "state") == format!("STREAM_STATE_{state}") {
            return status;
        }
        let said = server.said();
        assert!(start.elapsed() < PATIENCE, "not {state}: {status}\n{said}");
        sleep(Duration::from_millis(10));
    }
}

/// Checks that a stream holds the log of a server, each entry at the sequence of its position.
pub fn assert_published(nats: &str, association: &str, server: &Client) {
    let entries = server.entries();
    let connection = ["--url", nats];
    let until = entries.len() as u64;
    let read = Consumer::Python.watch(&connection, association, "entries", until, &[]);
    assert_eq!(read.messages.len(), entries.len());
    for (message, entry) in read.messages.iter().zip(&entries) {
        assert_eq!(&message["message"], entry);
        assert_eq!(number(message, "sequence"), number(entry, "position"));
    }
}
