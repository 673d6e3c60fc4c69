//! What the tests share: the real binary, servers over folders of their own, a client, and reading
//! what comes back.

mod binary;
mod certificates;
mod client;
mod disk;
mod http;
mod jetstream;
mod json;
mod nats;
mod sequence;
mod server;
mod tools;
mod watch;

pub use binary::{Output, binary, cli};
pub use certificates::{Authority, Certificates, Pair, called, for_names, key, written};
pub use client::{Client, Failure, batch, runtime};
pub use disk::{Room, SmallDisk};
pub use http::get;
pub use jetstream::{JetStream, Message, lines, sha256};
pub use json::{dates, list, number, pick, position, text, without};
pub use nats::{Access, Creds, Nats, NatsCluster, Settings, Tls};
pub use sequence::Sequence;
pub use server::{Folder, Server, guarded, near, shared};
pub use tools::{node, prometheus, promtool, python, tool};
pub use watch::{CONSUMERS, Consumer, Watched};

use serde_json::Value;
use std::path::PathBuf;

/// Where NEAR's history lies.
pub fn near_files() -> PathBuf {
    crate::house::tidy::root().join("deploy/near")
}

/// A file of this crate.
pub fn data(name: &str) -> PathBuf {
    crate::house::tidy::root().join("tests/data").join(name)
}

/// Reads a file with one JSON value a line.
pub fn json_lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).expect("the file can be read");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect()
}
