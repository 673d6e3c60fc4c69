//! Replicas: the same entries, the same answers, and no writing.

use super::{published, settled, until};
use crate::harness::{Client, Folder, Nats, batch, number, text};
use crate::lifecycle::MORE;
use crate::questions;
use crate::questions::{NEAR, SMALL};
use crate::recording::small_with;
use serde_json::json;
use std::fs;
use tonic::Code;

/// Checks that two servers have the same bytes, and answer with the same.
pub fn assert_same(writer: &Client, replica: &Client, table: &str, moments: &[Option<u64>]) {
    assert_eq!(writer.entries(), replica.entries());
    for known_at in moments {
        let [asked, answered] =
            [writer, replica].map(|client| questions::bytes(client, table, *known_at));
        questions::assert_same(&asked, &answered);
    }
}

#[test]
fn a_replica_from_nothing_is_the_same_ledger() {
    let writer = &published().server;
    let folder = Folder::new();
    // Names of persons are sealed under keys that no stream carries.
    fs::copy(writer.folder().join("standing.keys"), folder.keys()).unwrap();
    let replica = folder.replica(&published().nats.url());
    let moments = [None, Some(300), Some(640)];
    assert_same(writer.client(), replica.client(), NEAR, &moments);
}

#[test]
fn a_replica_without_keys_answers_the_same_but_for_names_of_persons() {
    let folder = Folder::new();
    let replica = folder.replica(&published().nats.url());
    let [asked, answered] = [published().server.client(), replica.client()]
        .map(|client| questions::contents(client, NEAR, &["displayName"]));
    for ((question, asked), (_, answered)) in asked.iter().zip(&answered) {
        assert!(asked == answered, "{question}");
    }
    let asked = r#"{"office": "secretary-general", "at": {"on": "2024-01-01"}}"#;
    let office = replica
        .client()
        .answer("RollService/ListOfficeHolders", asked);
    assert_eq!(text(&office, "terms.0.displayName"), "", "{office}");
}

#[test]
fn a_replica_that_fetches_the_keys_shows_the_names_and_keeps_none_on_disk() {
    let folder = Folder::new();
    let writer = format!("http://{}", published().server.address());
    let replica = folder.replica_with(&published().nats.url(), &["--keys-from", &writer]);
    let asked = r#"{"office": "secretary-general", "at": {"on": "2024-01-01"}}"#;
    let shown = |client: &Client| {
        let office = client.answer("RollService/ListOfficeHolders", asked);
        text(&office, "terms.0.displayName").to_owned()
    };
    let expected = shown(published().server.client());
    assert!(!expected.is_empty());
    until("names are shown", || shown(replica.client()) == expected);
    assert!(!folder.ledger().with_extension("keys").exists());
    let refused = replica.client().ask("LedgerService/FetchKeys", "{}");
    assert_eq!(refused.unwrap_err().reason, "READ_ONLY");
}

#[test]
fn a_replica_from_an_old_copy_takes_what_is_new() {
    let nats = Nats::start();
    let folder = Folder::new();
    let nats_url = nats.url();
    let args = ["--nats", &nats_url];
    assert!(small_with(&folder, &args).terminate().success());
    let copy = Folder::new();
    fs::copy(folder.ledger(), copy.ledger()).unwrap();
    let writer = folder.serve_with(&args);
    writer.client().record(&batch("more", MORE)).unwrap();
    settled(&writer, "CAUGHT_UP");
    let replica = copy.replica(&nats.url());
    assert_same(writer.client(), replica.client(), SMALL, &[None, Some(28)]);
}

#[test]
fn a_replica_that_was_killed_goes_on_where_it_was() {
    let nats = Nats::start();
    let folder = Folder::new();
    let writer = small_with(&folder, &["--nats", &nats.url()]);
    settled(&writer, "CAUGHT_UP");
    let following = Folder::new();
    following.replica(&nats.url()).kill();
    writer.client().record(&batch("more", MORE)).unwrap();
    settled(&writer, "CAUGHT_UP");
    let replica = following.replica(&nats.url());
    assert_same(writer.client(), replica.client(), SMALL, &[None]);
}

#[test]
fn who_asks_a_replica_for_a_position_is_answered_there() {
    let nats = Nats::start();
    let folder = Folder::new();
    let writer = small_with(&folder, &["--nats", &nats.url()]);
    settled(&writer, "CAUGHT_UP");
    let following = Folder::new();
    let replica = following.replica(&nats.url());
    let recorded = writer.client().record(&batch("more", MORE)).unwrap();
    let at = json!({"on": "2012-01-01", "minPosition": recorded.last_position});
    let answer = replica
        .client()
        .answer("RollService/CountMembers", &json!({"at": at}).to_string());
    assert_eq!(number(&answer, "basis.position"), 29);
    assert_eq!(
        text(&super::status(replica.client()), "role"),
        "STREAM_ROLE_REPLICA"
    );
}

#[test]
fn a_replica_records_nothing_and_names_the_writer() {
    let nats = Nats::start();
    let folder = Folder::new();
    let url = "http://writer.example:7420";
    let writer = small_with(&folder, &["--nats", &nats.url(), "--advertise", url]);
    settled(&writer, "CAUGHT_UP");
    let following = Folder::new();
    let replica = following.replica(&nats.url());
    let refused = replica.client().record(&batch("more", MORE)).unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition, "{refused:?}");
    assert!(refused.message.contains(url), "{refused:?}");
    assert_eq!(text(&super::status(replica.client()), "writer"), url);
    assert_eq!(replica.client().head(), 28);
}

#[test]
fn a_replica_answers_without_nats_and_follows_again_when_it_is_back() {
    let mut nats = Nats::start();
    let folder = Folder::new();
    let writer = small_with(&folder, &["--nats", &nats.url()]);
    settled(&writer, "CAUGHT_UP");
    let following = Folder::new();
    let replica = following.replica(&nats.url());
    nats.kill();
    settled(&replica, "DISCONNECTED");
    writer.client().record(&batch("more", MORE)).unwrap();
    assert_eq!(replica.client().head(), 28);
    nats.restart();
    until("the replica has it too", || replica.client().head() == 29);
    settled(&replica, "CAUGHT_UP");
    assert_same(writer.client(), replica.client(), SMALL, &[None]);
}

#[test]
fn a_file_of_another_history_is_not_made_a_replica() {
    let nats = Nats::start();
    let folder = Folder::new();
    let writer = small_with(&folder, &["--nats", &nats.url()]);
    settled(&writer, "CAUGHT_UP");
    // The same drafts, recorded at another time.
    let other = Folder::new();
    assert!(small_with(&other, &[]).terminate().success());
    let before = other.serve().client().entries();
    let complaint = other.replica_in_vain(&["--nats", &nats.url()]).fails(1);
    assert!(complaint.contains("not a copy"), "{complaint}");
    assert_eq!(other.serve().client().entries(), before);
}
