//! Streams that could lose history, or are not there, or belong to others: named, and left alone.

use super::{settled, status, until};
use crate::harness::{
    Access, Failure, Folder, JetStream, Nats, Server, Settings, batch, data, text,
};
use crate::lifecycle::MORE;
use crate::recording::small_with;
use serde_json::{Value, json};
use tonic::Code;

const LEAGUE: &str = "standing-league-entries";

/// A stream that nothing is wrong with, but for what is set otherwise.
pub fn stream(otherwise: &Value) -> Value {
    let mut config = json!({
        "name": LEAGUE, "subjects": ["standing.league.entry.>"],
        "retention": "limits", "discard": "new", "storage": "file", "num_replicas": 1,
        "max_msgs": -1, "max_bytes": -1, "max_age": 0, "max_msgs_per_subject": -1,
        "deny_delete": true, "deny_purge": true, "allow_direct": true,
    });
    let settings = config.as_object_mut().unwrap();
    for (name, value) in otherwise.as_object().unwrap() {
        settings.insert(name.clone(), value.clone());
    }
    config
}

/// Starts a writer that is expected to stop publishing; returns why it did.
fn stopped(folder: &Folder, args: &[&str]) -> (Server, String) {
    let server = small_with(folder, args);
    let status = settled(&server, "STOPPED");
    let problem = text(&status, "problem").to_owned();
    (server, problem)
}

#[test]
fn each_setting_that_could_lose_history_is_refused_by_its_name() {
    let folder = Folder::new();
    assert!(small_with(&folder, &[]).terminate().success());
    let nats = Nats::start();
    let client = JetStream::new(&nats.url());
    for (otherwise, setting) in [
        (json!({"max_msgs": 100}), "max_msgs"),
        (json!({"max_bytes": 1_000_000}), "max_bytes"),
        (json!({"max_age": 3_600_000_000_000_u64}), "max_age"),
        (json!({"max_msgs_per_subject": 1}), "max_msgs_per_subject"),
        (json!({"max_msg_size": 1_000}), "max_msg_size"),
        (json!({"discard": "old"}), "discard"),
        (json!({"deny_delete": false}), "deny_delete"),
        (json!({"deny_purge": false}), "deny_purge"),
        (
            json!({"deny_purge": false, "allow_rollup_hdrs": true}),
            "allow_rollup_hdrs",
        ),
        (json!({"storage": "memory"}), "storage"),
        (json!({"retention": "workqueue"}), "retention"),
        (json!({"retention": "interest"}), "retention"),
        (json!({"allow_msg_ttl": true}), "allow_msg_ttl"),
        (json!({"first_seq": 10}), "first_seq"),
        (json!({"no_ack": true}), "no_ack"),
        (
            json!({"subjects": ["standing.league.entry.>", "other.>"]}),
            "subjects",
        ),
    ] {
        client.create(&stream(&otherwise));
        let server = folder.serve_with(&["--nats", &nats.url()]);
        let status = settled(&server, "STOPPED");
        let problem = text(&status, "problem");
        for part in [LEAGUE, setting] {
            assert!(problem.contains(part), "no {part}: {problem}");
        }
        let printed = server.cli(["stream", "status"]).ok();
        assert!(printed.contains(setting), "no {setting}: {printed}");
        assert_eq!(nats.last(LEAGUE), first(&otherwise) - 1, "{setting}");
        let deleted = client.api(&format!("STREAM.DELETE.{LEAGUE}"), &json!({}));
        assert_eq!(deleted["success"], true, "{deleted}");
    }
}

fn first(settings: &Value) -> u64 {
    settings["first_seq"].as_u64().unwrap_or(1)
}

#[test]
fn a_stream_with_too_few_copies_is_refused() {
    let nats = Nats::start();
    JetStream::new(&nats.url()).create(&stream(&json!({})));
    let folder = Folder::new();
    let (_server, problem) = stopped(&folder, &["--nats", &nats.url(), "--nats-replicas", "3"]);
    assert!(problem.contains("num_replicas"), "{problem}");
}

#[test]
fn a_stream_of_rights_that_could_lose_history_is_refused() {
    let nats = Nats::start();
    let name = "standing-league-rights";
    let subjects = ["standing.league.rights.>"];
    let settings = stream(&json!({"name": name, "subjects": subjects, "deny_purge": false}));
    JetStream::new(&nats.url()).create(&settings);
    let folder = Folder::new();
    let (_server, problem) = stopped(&folder, &["--nats", &nats.url()]);
    for part in [name, "deny_purge"] {
        assert!(problem.contains(part), "no {part}: {problem}");
    }
    // The entries are published all the same.
    until("the entries are published", || nats.last(LEAGUE) == 28);
}

#[test]
fn a_stream_that_is_set_otherwise_while_it_is_published_to_is_refused() {
    let nats = Nats::start();
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    let settings = stream(&json!({"max_msgs": 28}));
    let client = JetStream::new(&nats.url());
    let updated = client.api(&format!("STREAM.UPDATE.{LEAGUE}"), &settings);
    assert_eq!(updated.get("error"), None, "{updated}");
    let status = settled(&server, "STOPPED");
    assert!(text(&status, "problem").contains("max_msgs"), "{status}");
}

#[test]
fn a_good_stream_that_was_made_beforehand_is_taken() {
    let nats = Nats::start();
    JetStream::new(&nats.url()).create(&stream(&json!({})));
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    assert_eq!(nats.last(LEAGUE), 28);
}

#[test]
fn a_replica_of_a_stream_that_is_not_there_says_so() {
    let nats = Nats::start();
    let url = nats.url();
    let folder = Folder::new();
    let named = ["--nats", &url, "--association", "nowhere"];
    let complaint = folder.replica_in_vain(&named).fails(1);
    assert!(
        complaint.contains("standing-nowhere-entries"),
        "{complaint}"
    );
    let complaint = folder.replica_in_vain(&["--nats", &url]).fails(1);
    assert!(complaint.contains("no stream"), "{complaint}");
}

#[test]
fn a_replica_that_could_follow_several_asks_which() {
    let nats = Nats::start();
    let client = JetStream::new(&nats.url());
    for association in ["one", "two"] {
        let name = format!("standing-{association}-entries");
        let subjects = [format!("standing.{association}.entry.>")];
        client.create(&stream(&json!({"name": name, "subjects": subjects})));
    }
    let folder = Folder::new();
    let complaint = folder.replica_in_vain(&["--nats", &nats.url()]).fails(1);
    for part in ["--association", "one", "two"] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
}

#[test]
fn another_ledger_of_the_same_name_is_not_published_over_it_and_records_no_more() {
    let nats = Nats::start();
    let (first, second) = (Folder::new(), Folder::new());
    let server = small_with(&first, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    // The same drafts, recorded at another time.
    assert!(small_with(&second, &[]).terminate().success());
    let other = second.serve_with(&["--nats", &nats.url()]);
    let status = settled(&other, "STOPPED");
    assert!(
        text(&status, "problem").contains("another ledger"),
        "{status}"
    );
    let refused: Failure = other.client().record(&batch("more", MORE)).unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition, "{refused:?}");
    assert_eq!(nats.last(LEAGUE), 28);
    settled(&server, "CAUGHT_UP");
}

#[test]
fn a_wrong_password_is_told_and_holds_up_nothing_else() {
    let nats = Nats::start_with(Settings {
        access: Access::Password("writer", "secret"),
        ..Settings::default()
    });
    let folder = Folder::new();
    let password = folder.write("password", "wrong\n");
    let login = [
        "--nats-user",
        "writer",
        "--nats-password-file",
        password.to_str().unwrap(),
    ];
    let server = small_with(&folder, &[&["--nats", &*nats.url()][..], &login].concat());
    let mut problem = String::new();
    until("it says what is wrong", || {
        text(&status(server.client()), "problem").clone_into(&mut problem);
        !problem.is_empty()
    });
    assert!(
        problem.to_lowercase().contains("authorization"),
        "{problem}"
    );
    assert_eq!(server.client().head(), 28);
}

#[test]
fn a_file_of_credentials_that_is_not_there_is_named_by_its_flag_and_in_the_log() {
    let nats = Nats::start();
    let folder = Folder::new();
    let missing = folder.path().join("missing.creds");
    let file = data("small.jsonl");
    let args = [
        "--nats",
        &nats.url(),
        "--nats-creds",
        missing.to_str().unwrap(),
    ];
    let args = [&args[..], &["--import", file.to_str().unwrap()]].concat();
    let server = folder.serve_with(&args);
    let status = settled(&server, "STOPPED");
    let problem = text(&status, "problem");
    assert!(problem.contains("--nats-creds"), "{problem}");
    // Where its files lie is the operator's business.
    assert!(!problem.contains("missing.creds"), "{problem}");
    assert!(server.said().contains("missing.creds"), "{}", server.said());
}

#[test]
fn an_address_that_says_who_connects_is_refused_and_not_repeated() {
    let folder = Folder::new();
    for nats in [
        "nats://writer:geheim@127.0.0.1:4222",
        "nats://writer:geheim@127.0.0.1:port",
    ] {
        for complaint in [
            folder.serve_in_vain(&["--nats", nats]).fails(1),
            folder.replica_in_vain(&["--nats", nats]).fails(1),
        ] {
            assert!(complaint.contains("--nats-password-file"), "{complaint}");
            assert!(!complaint.contains("geheim"), "{complaint}");
        }
    }
    let advertised = [
        "--advertise",
        "http://me:geheim@host",
        "--nats",
        "nats://127.0.0.1:1",
    ];
    let complaint = folder.serve_in_vain(&advertised).fails(1);
    assert!(!complaint.contains("geheim"), "{complaint}");
    assert!(!folder.ledger().exists(), "nothing was begun");
}
