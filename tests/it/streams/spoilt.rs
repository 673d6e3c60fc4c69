//! Messages that do not belong in a stream, or are not what they were.

use super::refusals::stream;
use super::settled;
use crate::harness::{Folder, JetStream, Message, Nats, Server, batch, number, sha256, text};
use crate::lifecycle::MORE;
use crate::questions;
use crate::questions::SMALL;
use crate::recording::small_with;
use prost::Message as _;
use serde_json::{Map, json};
use standing_proto::v1::Entry;

const LEAGUE: &str = "standing-league-entries";

/// Everything a writer publishes of the small ledger and one entry more.
fn messages() -> Vec<Message> {
    let nats = Nats::start();
    let folder = Folder::new();
    let writer = small_with(&folder, &["--nats", &nats.url()]);
    writer.client().record(&batch("more", MORE)).unwrap();
    settled(&writer, "CAUGHT_UP");
    JetStream::new(&nats.url()).read(LEAGUE)
}

/// A stream with the small ledger, copied message by message, and a replica that has taken it.
struct Copied {
    client: JetStream,
    replica: Server,
    /// The entry that comes next.
    next: Message,
    _parts: (Nats, Folder),
}

impl Copied {
    fn new() -> Self {
        let messages = messages();
        let (next, copied) = messages.split_last().unwrap();
        let nats = Nats::start();
        let client = JetStream::new(&nats.url());
        client.create(&stream(&json!({})));
        for (message, ack) in copied.iter().zip(client.publish(copied)) {
            assert_eq!(number(&ack, "sequence"), message.sequence, "{ack}");
        }
        let folder = Folder::new();
        Self {
            client,
            replica: folder.replica(&nats.url()),
            next: next.clone(),
            _parts: (nats, folder),
        }
    }

    /// Appends a message, and checks that the replica stops there, says so, and answers as before.
    fn assert_refused(&self, message: &Message, why: &str) {
        let client = self.replica.client();
        let before = (client.entries(), questions::bytes(client, SMALL, None));
        let acks = self.client.publish([message]);
        assert_eq!(number(&acks[0], "sequence"), 29, "{acks:?}");
        let status = settled(&self.replica, "STOPPED");
        let problem = text(&status, "problem");
        for part in ["29", why] {
            assert!(problem.contains(part), "no {part}: {problem}");
        }
        assert_eq!(client.entries(), before.0);
        questions::assert_same(&before.1, &questions::bytes(client, SMALL, None));
    }
}

/// The same message with its stored bytes changed, and everything else as it must then be.
fn changed(message: &Message, change: impl FnOnce(&mut Entry)) -> Message {
    let mut message = message.clone();
    let mut entry = Entry::decode(&message.payload[..]).unwrap();
    change(&mut entry);
    let digest = sha256(&entry.stored);
    message
        .headers
        .insert("standing-sha256".to_owned(), json!(digest));
    message.payload = entry.encode_to_vec();
    message
}

#[test]
fn a_replica_takes_the_next_entry_as_it_was_published() {
    let copied = Copied::new();
    copied.client.publish([&copied.next]);
    super::until("it has it", || copied.replica.client().head() == 29);
    settled(&copied.replica, "CAUGHT_UP");
}

#[test]
fn a_flipped_bit_is_found_by_the_digest() {
    let copied = Copied::new();
    let mut flipped = copied.next.clone();
    let mut entry = Entry::decode(&flipped.payload[..]).unwrap();
    *entry.stored.last_mut().unwrap() ^= 1;
    flipped.payload = entry.encode_to_vec();
    copied.assert_refused(&flipped, "digest");
}

#[test]
fn a_flipped_bit_under_a_digest_made_to_fit_is_found_by_the_position() {
    let copied = Copied::new();
    // The first position of the batch, which is also beside the stored bytes.
    let flipped = changed(&copied.next, |entry| entry.stored[8] ^= 1);
    copied.assert_refused(&flipped, "first_position");
}

#[test]
fn an_entry_again_is_not_the_next_entry() {
    let copied = Copied::new();
    let mut again = copied.client.read(LEAGUE).pop().unwrap();
    again.headers.retain(|name, _| !name.starts_with("Nats-"));
    copied.assert_refused(&again, "28");
}

#[test]
fn a_message_without_an_entry_is_refused() {
    let copied = Copied::new();
    let foreign = Message {
        sequence: 29,
        subject: "standing.league.entry.greeting._".to_owned(),
        headers: Map::new(),
        payload: b"good morning".to_vec(),
    };
    copied.assert_refused(&foreign, "entry");
}

#[test]
fn an_entry_in_a_newer_envelope_asks_for_a_newer_release() {
    let copied = Copied::new();
    let newer = changed(&copied.next, |entry| entry.stored[0] = 2);
    copied.assert_refused(&newer, "newer release");
}

#[test]
fn an_entry_with_a_newer_payload_asks_for_a_newer_release() {
    let copied = Copied::new();
    let newer = changed(&copied.next, |entry| {
        entry.payload_version = 200;
        entry.stored[3] = 200;
    });
    copied.assert_refused(&newer, "newer release");
}

#[test]
fn a_writer_does_not_publish_behind_a_foreign_message() {
    let nats = Nats::start();
    let client = JetStream::new(&nats.url());
    client.create(&stream(&json!({})));
    let foreign = Message {
        sequence: 1,
        subject: "standing.league.entry.greeting._".to_owned(),
        headers: Map::new(),
        payload: b"good morning".to_vec(),
    };
    client.publish([&foreign]);
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    let status = settled(&server, "STOPPED");
    let problem = text(&status, "problem");
    assert!(problem.contains("message 1 of stream"), "{problem}");
    assert_eq!(nats.last(LEAGUE), 1);
}
