//! Whatever ends in the middle of publishing, in the end the stream holds the log, each entry at
//! the sequence of its position.

use super::{ENTRIES, assert_published, settled, status, until};
use crate::harness::{
    Folder, Nats, NatsCluster, Server, Settings, batch, near_files, number, text,
};
use crate::lifecycle::MORE;
use crate::recording::small_with;

const LEAGUE: &str = "standing-league-entries";

/// Starts to import NEAR; does not wait.
fn import(folder: &Folder, nats: &str, more: &[&str]) -> Server {
    let mut args = vec![
        "--nats".into(),
        nats.into(),
        "--import".into(),
        near_files(),
    ];
    args.extend(more.iter().map(Into::into));
    folder.spawn(&args)
}

/// Waits until the import is over and published, and checks the stream.
fn assert_whole(nats: &str, server: &Server) {
    until("the import is over", || server.client().is_serving());
    settled(server, "CAUGHT_UP");
    assert_published(nats, "near", server.client());
}

#[test]
fn nats_ends_half_way_through_an_import() {
    let mut nats = Nats::start();
    let folder = Folder::new();
    let server = import(&folder, &nats.url(), &[]);
    until("a part is published", || nats.last(ENTRIES) > 200);
    nats.kill();
    // The ledger goes on by itself.
    until("the import is over", || server.client().is_serving());
    settled(&server, "DISCONNECTED");
    nats.restart();
    assert_whole(&nats.url(), &server);
}

#[test]
fn the_writer_ends_half_way_through_an_import() {
    let nats = Nats::start();
    let folder = Folder::new();
    let server = import(&folder, &nats.url(), &[]);
    until("a part is published", || nats.last(ENTRIES) > 200);
    server.kill();
    let server = import(&folder, &nats.url(), &[]);
    assert_whole(&nats.url(), &server);
}

#[test]
fn the_leader_of_a_cluster_ends_half_way_through_an_import() {
    let mut cluster = NatsCluster::start();
    let folder = Folder::new();
    let server = import(&folder, &cluster.urls(), &["--nats-replicas", "3"]);
    until("a part is published", || published(&server) > 200);
    let leader = cluster.leader_of(ENTRIES, None);
    cluster.kill(leader);
    assert_whole(&cluster.urls_besides(leader), &server);
    cluster.restart(leader);
    let copies = number(&status(server.client()), "entriesPosition");
    until("the third has everything too", || {
        cluster.last(leader, ENTRIES) == copies
    });
}

#[test]
fn the_leader_of_a_cluster_hangs_half_way_through_an_import() {
    let cluster = NatsCluster::start();
    let folder = Folder::new();
    let server = import(&folder, &cluster.urls(), &["--nats-replicas", "3"]);
    until("a part is published", || published(&server) > 200);
    let leader = cluster.leader_of(ENTRIES, None);
    cluster.pause(leader);
    assert_whole(&cluster.urls_besides(leader), &server);
    cluster.resume(leader);
    // It has been led by another since, and must not take its own memory for the stream.
    assert_whole(&cluster.urls(), &server);
}

/// How many entries a server knows to be in the stream.
fn published(server: &Server) -> u64 {
    let asked = server.client().ask("ChangeService/GetStreamStatus", "{}");
    asked.map_or(0, |status| number(&status, "entriesPosition"))
}

#[test]
fn a_full_disk_holds_up_publishing_and_not_the_ledger() {
    let mut nats = Nats::start_with(Settings {
        max_file_store: Some(10_000),
        ..Settings::default()
    });
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    let mut problem = String::new();
    until("it says what is wrong", || {
        status(server.client())["problem"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut problem);
        !problem.is_empty()
    });
    assert!(problem.contains("insufficient"), "{problem}");
    assert_ne!(
        text(&status(server.client()), "state"),
        "STREAM_STATE_CAUGHT_UP"
    );
    server.client().record(&batch("more", MORE)).unwrap();
    nats.restart_with(Settings::default());
    settled(&server, "CAUGHT_UP");
    assert_published(&nats.url(), "league", server.client());
}

#[test]
fn a_server_that_starts_before_nats_records_and_publishes_later() {
    let mut nats = Nats::start();
    nats.kill();
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    let status = settled(&server, "DISCONNECTED");
    assert_ne!(text(&status, "problem"), "");
    nats.restart();
    settled(&server, "CAUGHT_UP");
    assert_eq!(nats.last(LEAGUE), 28);
    assert_published(&nats.url(), "league", server.client());
}

#[test]
fn a_server_that_ends_publishes_the_last_of_it_first() {
    let nats = Nats::start();
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    server.client().record(&batch("more", MORE)).unwrap();
    assert!(server.terminate().success());
    assert_eq!(nats.last(LEAGUE), 29);
}

#[test]
fn what_a_server_could_not_publish_before_it_ended_is_published_after_its_next_start() {
    let mut nats = Nats::start();
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    nats.kill();
    server.client().record(&batch("more", MORE)).unwrap();
    assert!(server.terminate().success());
    nats.restart();
    let server = folder.serve_with(&["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    assert_published(&nats.url(), "league", server.client());
}

#[test]
fn streams_that_were_deleted_are_published_anew() {
    let nats = Nats::start();
    let folder = Folder::new();
    let server = small_with(&folder, &["--nats", &nats.url()]);
    settled(&server, "CAUGHT_UP");
    let client = crate::harness::JetStream::new(&nats.url());
    for stream in [LEAGUE, "standing-league-rights"] {
        client.api(&format!("STREAM.DELETE.{stream}"), &serde_json::json!({}));
    }
    server.client().record(&batch("more", MORE)).unwrap();
    until("the stream is back", || nats.last(LEAGUE) == 29);
    settled(&server, "CAUGHT_UP");
    assert_published(&nats.url(), "league", server.client());
}
