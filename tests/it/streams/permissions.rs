//! What deploy/STREAMS.md lets the users of NATS do is what a writer and a replica need, and no
//! more.

use super::near::{ENTRIES, RIGHTS};
use super::settled;
use crate::harness::{Access, Folder, Nats, Settings, near_files};
use crate::house::tidy::root;
use serde_json::json;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The configuration of nats-server that the document shows, with passwords.
fn documented() -> String {
    let document = fs::read_to_string(root().join("deploy/STREAMS.md")).expect("it is there");
    let config = document
        .split("```\n")
        .find(|part| part.starts_with("authorization {"));
    let config = config.expect("it shows a configuration");
    config.replace("$WRITER", "w").replace("$REPLICA", "r")
}

/// A node's arguments to connect as a user.
fn login(folder: &Folder, user: &str, password: &str) -> [String; 4] {
    let file = folder.write(user, password);
    let file = file.to_str().expect("UTF-8").to_owned();
    [
        "--nats-user".into(),
        user.into(),
        "--nats-password-file".into(),
        file,
    ]
}

/// Whether nats-server lets a user publish to a subject.
fn may(nats: &Nats, user: &str, password: &str, subject: &str) -> bool {
    let address = nats.url().replace("nats://", "");
    let mut connection = TcpStream::connect(address).expect("it listens");
    let patience = Some(Duration::from_secs(10));
    connection.set_read_timeout(patience).expect("a socket");
    let who = json!({"user": user, "pass": password, "verbose": false, "pedantic": false});
    write!(
        connection,
        "CONNECT {who}\r\nPUB {subject} 0\r\n\r\nPING\r\n"
    )
    .expect("it is sent");
    let mut allowed = true;
    for line in BufReader::new(connection).lines() {
        let line = line.expect("it answers");
        if line == "PONG" {
            return allowed;
        }
        assert!(!line.contains("Authorization"), "{line}");
        allowed &= !line.contains("Permissions Violation");
    }
    panic!("it ended the connection");
}

#[test]
fn a_writer_and_a_replica_need_what_the_document_lets_them_do_and_no_more() {
    let nats = Nats::start_with(Settings {
        access: Access::Config(documented()),
        ..Settings::default()
    });
    let url = nats.url();
    let folder = Folder::new();
    let near = near_files();
    let near = near.to_str().expect("UTF-8");
    let login_writer = login(&folder, "writer", "w");
    let args: Vec<&str> = ["--import", near, "--nats", &url]
        .into_iter()
        .chain(login_writer.iter().map(String::as_str))
        .collect();
    let writer = folder.serve_with(&args);
    settled(&writer, "CAUGHT_UP");
    // Started anew it reads what the streams hold.
    assert!(writer.terminate().success());
    let writer = folder.serve_with(&args);
    settled(&writer, "CAUGHT_UP");

    let other = Folder::new();
    let login_replica = login(&other, "replica", "r");
    let login_replica: Vec<&str> = login_replica.iter().map(String::as_str).collect();
    let replica = other.replica_with(&url, &login_replica);
    settled(&replica, "CAUGHT_UP");
    assert_eq!(replica.client().entries(), writer.client().entries());

    for (subject, by_writer) in [
        (
            "standing.near.entry.memberAdmitted.cn-jilin".to_owned(),
            true,
        ),
        ("standing.near.rights._._".to_owned(), true),
        (
            "standing.other.entry.memberAdmitted.cn-jilin".to_owned(),
            false,
        ),
        (format!("$JS.API.STREAM.CREATE.{ENTRIES}"), true),
        ("$JS.API.STREAM.CREATE.other".to_owned(), false),
        (format!("$JS.API.STREAM.UPDATE.{ENTRIES}"), true),
        ("$JS.API.STREAM.UPDATE.other".to_owned(), false),
        (format!("$JS.API.STREAM.PURGE.{ENTRIES}"), false),
        (format!("$JS.API.STREAM.DELETE.{RIGHTS}"), false),
        (format!("$JS.API.STREAM.MSG.DELETE.{ENTRIES}"), false),
        (format!("$JS.API.STREAM.RESTORE.{ENTRIES}"), false),
    ] {
        // What the writer is let publish is not tried: a message that is not its own would end it.
        assert!(!may(&nats, "replica", "r", &subject), "{subject}");
        if !by_writer {
            assert!(!may(&nats, "writer", "w", &subject), "{subject}");
        }
    }
    assert!(may(
        &nats,
        "replica",
        "r",
        &format!("$JS.API.STREAM.INFO.{ENTRIES}")
    ));
    settled(&writer, "CAUGHT_UP");
}
