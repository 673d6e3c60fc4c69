//! The NATS servers of the tests do what the tests take for granted.

use crate::harness::{
    Access, Certificates, Creds, Folder, JetStream, Message, Nats, NatsCluster, Settings, Tls, text,
};
use serde_json::{Map, json};

fn messages(count: u8) -> Vec<Message> {
    let made = (1..=count).map(|number| Message {
        sequence: number.into(),
        subject: "test.a".to_owned(),
        headers: Map::from_iter([("ce-id".to_owned(), json!(number.to_string()))]),
        payload: vec![number, 0, 255],
    });
    made.collect()
}

#[test]
fn a_server_that_is_killed_has_every_acknowledged_message_when_it_is_back() {
    let mut nats = Nats::start();
    let client = JetStream::new(&nats.url());
    client.create(&json!({"name": "test", "subjects": ["test.>"]}));
    let acks = client.publish(&messages(3));
    assert_eq!(acks[2], json!({"stream": "test", "sequence": 3}));
    nats.kill();
    nats.restart();
    assert_eq!(client.read("test"), messages(3));
    assert_eq!(nats.last("test"), 3);
}

#[test]
fn a_cluster_goes_on_without_its_leader() {
    let mut cluster = NatsCluster::start();
    let client = JetStream::new(&cluster.urls());
    client.create(&json!({"name": "test", "subjects": ["test.>"], "num_replicas": 3}));
    let leader = cluster.leader_of("test", None);
    cluster.kill(leader);
    let next = cluster.leader_of("test", Some(leader));
    assert_ne!(leader, next);
    let acks = client.publish(&messages(2));
    assert_eq!(acks[1]["sequence"], 2, "{acks:?}");
    cluster.restart(leader);
    // Whoever is in its way does not answer: so this one is back.
    cluster.pause(next);
    let last = cluster.leader_of("test", Some(next));
    cluster.resume(next);
    assert_ne!(last, next);
    assert_eq!(client.read("test"), messages(2));
}

#[test]
fn a_server_full_of_messages_takes_no_more_until_it_has_room() {
    let mut nats = Nats::start_with(Settings {
        max_file_store: Some(100),
        ..Settings::default()
    });
    let client = JetStream::new(&nats.url());
    client.create(&json!({"name": "test", "subjects": ["test.>"]}));
    let acks = client.publish(&messages(9));
    let refused = text(acks.last().unwrap(), "error");
    assert!(refused.contains("insufficient"), "{acks:?}");
    nats.restart_with(Settings::default());
    let acks = client.publish(&messages(1));
    assert_eq!(acks[0].get("error"), None);
}

#[test]
fn a_server_with_tls_and_a_password_lets_in_who_has_both() {
    let folder = Folder::new();
    let files = Certificates::new(&folder, "nats");
    let nats = Nats::start_with(Settings {
        access: Access::Password("writer", "secret"),
        tls: Some(Tls {
            files: files.clone(),
            mutual: false,
        }),
        ..Settings::default()
    });
    let authority = files.authority.to_str().unwrap();
    let client = JetStream::new(&nats.url());
    let client = client.with(&[
        "--user",
        "writer",
        "--password",
        "secret",
        "--ca",
        authority,
    ]);
    client.create(&json!({"name": "test", "subjects": ["test.>"]}));
    assert_eq!(client.read("test"), []);
}

#[test]
fn an_account_of_a_credentials_file_has_streams() {
    let creds = Creds::new();
    assert!(creds.file.contains("USER NKEY SEED"));
    let nats = Nats::start_with(Settings {
        access: Access::Creds(creds),
        ..Settings::default()
    });
    assert_eq!(nats.stream("test"), None);
}
