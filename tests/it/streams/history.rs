//! A backup is restored that has not everything: the history is resumed, and whoever follows,
//! watches, reads the streams or holds an answer is told; nobody goes on with another history.

use super::replicas::assert_same;
use super::{settled, until};
use crate::asyncapi::document;
use crate::harness::{
    Client, Folder, JetStream, Nats, Server, batch, binary, cli, number, pick, text,
};
use crate::questions::SMALL;
use crate::recording::small_with;
use prost::Message as _;
use serde_json::{Value, json};
use standing_proto::v1;
use standing_proto::v1::draft::Event;
use standing_proto::v1::expectation::Subject;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use tonic::Code;

/// Records where the seat is, and waits until the stream has it.
fn record(writer: &Server, place: &str) {
    let name = place.to_lowercase();
    let line = format!(
        r#"{{"id": "{name}", "effective": {{"date": "2012-01-01"}}, "order": {}, "seatPlaced": {{"place": "{place}"}}}}"#,
        writer.client().head()
    );
    writer.client().record(&batch(&name, &line)).unwrap();
    settled(writer, "CAUGHT_UP");
}

fn restore(file: &Path, data: &Path, more: &[&str]) -> crate::harness::Output {
    let args = [
        OsStr::new("restore"),
        file.as_os_str(),
        OsStr::new("--data"),
        data.as_os_str(),
    ];
    cli(args.into_iter().chain(more.iter().map(OsStr::new)))
}

/// A watch in a process of its own.
fn watch(server: &Server, what: &str) -> Child {
    let url = format!("http://{}", server.address());
    let mut command = binary();
    command.args(["watch", what, "--after", "28", "--json", "--server", &url]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// What a client is told whose knowledge is of another history.
fn changed(client: &Client, method: &str, question: &str) {
    let failure = client.ask(method, question).unwrap_err();
    let told = (failure.code, &*failure.reason);
    assert_eq!(
        told,
        (Code::Aborted, "HISTORY_CHANGED"),
        "{method}: {failure:?}"
    );
    assert!(
        failure.message.contains("resumed after position 29"),
        "{failure:?}"
    );
}

fn standing(at: &Value) -> String {
    json!({"party": "aa-alder", "at": at}).to_string()
}

/// A writer with a backup of its first 29 entries, and two more, of which one replica knows.
struct Lost {
    nats: Nats,
    writer: Folder,
    backup: std::path::PathBuf,
}

impl Lost {
    /// Returns it with the writer that runs on.
    fn with_writer() -> (Self, Server) {
        let (nats, writer) = (Nats::start(), Folder::new());
        let server = small_with(&writer, &["--nats", &nats.url()]);
        record(&server, "Alder");
        let backup = writer.path().join("a.backup");
        server.cli([OsStr::new("backup"), backup.as_os_str()]).ok();
        (
            Self {
                nats,
                writer,
                backup,
            },
            server,
        )
    }
}

#[test]
fn a_restore_that_loses_entries_is_told_to_replicas_watches_consumers_and_clients() {
    let (lost, server) = Lost::with_writer();
    let url = lost.nats.url();
    let [behind, ahead] = [Folder::new(), Folder::new()];
    // One follows only what is kept.
    assert!(behind.replica(&url).terminate().success());
    record(&server, "Birch");
    record(&server, "Cedar");
    let replica = ahead.replica(&url);
    let watches = ["entries", "rights"].map(|what| watch(&replica, what));
    let first = server
        .client()
        .answer("LedgerService/ListEntries", r#"{"pageSize": 5}"#);
    let token = text(&first, "nextPageToken").to_owned();
    assert!(server.terminate().success());

    let data = Folder::new();
    let refused = restore(&lost.backup, &data.ledger(), &["--expect-head", "31"]).fails(3);
    assert!(refused.contains("2 would be lost"), "{refused}");
    let nats = ["--expect-head", "29", "--nats", &url];
    let refused = restore(&lost.backup, &data.ledger(), &nats).fails(3);
    assert!(
        refused.contains("holds 31 entries") && refused.contains("standing replica --data"),
        "{refused}"
    );
    let accepted = ["--accept-loss", "--nats", &url];
    let said = restore(&lost.backup, &data.ledger(), &accepted).ok();
    assert!(said.contains("the head is 30"), "{said}");
    fs::copy(lost.writer.keys(), data.keys()).unwrap();

    let server = data.serve_with(&["--nats", &url, "--expect-head", "30"]);
    let status = settled(&server, "CAUGHT_UP");
    let head = server.client().answer("LedgerService/GetHead", "{}");
    let epoch = number(&head, "head.epoch");
    let stream = format!("standing-league-entries_{epoch}");
    assert_eq!(text(&status, "entriesStream"), stream);
    assert_eq!(lost.nats.last(&stream), 30);

    consumers_are_told(&lost.nats, epoch);
    replicas_begin_anew(&lost.nats, &server, &replica, [&behind, &ahead], epoch);
    for watch in watches {
        let ended = watch.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(
            !ended.status.success() && told.contains("HISTORY_CHANGED"),
            "{told}"
        );
        // Nothing of the other history came over it.
        assert!(
            !String::from_utf8(ended.stdout)
                .unwrap()
                .contains(&epoch.to_string())
        );
    }
    for node in [&server, &replica] {
        clients_are_told(node.client(), &token, epoch);
    }
    nobody_is_blamed(&server);
    the_other_writer_records_nothing(&lost);
    assert!(server.terminate().success());
    let verified = cli([OsStr::new("inspect"), data.ledger().as_os_str()]).ok();
    assert!(
        verified.contains(&format!("epoch          {epoch}")),
        "{verified}"
    );
}

/// The last message of the streams of what was lost says where the history goes on.
fn consumers_are_told(nats: &Nats, epoch: u64) {
    let read = |stream: &str| JetStream::new(&nats.url()).read(stream).pop().unwrap();
    let said = pick(document(), "x-end.headers").as_object().unwrap();
    for what in ["entries", "rights"] {
        let last = read(&format!("standing-league-{what}"));
        let goes_on = format!("standing-league-{what}_{epoch}");
        assert!(said.keys().all(|header| last.headers.contains_key(header)));
        let subject = text(document(), &format!("x-end.{what}.subject"));
        assert_eq!(last.subject, subject.replace("{association}", "league"));
        assert_eq!(last.headers["standing-goes-on"], *goes_on);
        assert_eq!(last.headers["standing-kept"], "29");
        assert_eq!(last.headers["standing-epoch"], *epoch.to_string());
    }
    let entry = read("standing-league-entries");
    assert_eq!(
        (entry.sequence, &*entry.subject),
        (32, "standing.league.entry.history_resumed._")
    );
    let entry = v1::Entry::decode(&*entry.payload).unwrap();
    let Some(Event::HistoryResumed(resumed)) = entry.draft.unwrap().event else {
        panic!("another entry");
    };
    assert_eq!(
        (entry.position, resumed.epoch, resumed.kept_position),
        (30, epoch, 29)
    );
    let event = v1::RightsEvent::decode(&*read("standing-league-rights").payload).unwrap();
    let end = event.end.unwrap();
    assert_eq!((end.epoch, end.kept_position), (epoch, 29));
    assert_eq!(event.cursor, None);
}

/// A replica that has what was lost sets it aside and begins anew; one that has not goes on.
fn replicas_begin_anew(
    nats: &Nats,
    writer: &Server,
    replica: &Server,
    [behind, ahead]: [&Folder; 2],
    epoch: u64,
) {
    let is_there = |replica: &Server| {
        let same = |of: &Server| of.client().ask("LedgerService/GetHead", "{}").ok();
        until("a replica has taken over the other history", || {
            same(replica).is_some_and(|head| Some(head) == same(writer))
        });
        assert_same(writer.client(), replica.client(), SMALL, &[None, Some(28)]);
    };
    is_there(replica);
    let aside = |folder: &Folder| folder.path().join(format!("standing.redb.before-{epoch}"));
    assert!(aside(ahead).exists());
    let other = behind.replica(&nats.url());
    is_there(&other);
    assert!(!aside(behind).exists());
    record(writer, "Dogwood");
    is_there(replica);
    is_there(&other);
    // One that begins with nothing finds the streams that count.
    is_there(&Folder::new().replica(&nats.url()));
}

/// Whoever holds a position of what was lost is told, whatever they ask with it.
fn clients_are_told(client: &Client, token: &str, epoch: u64) {
    let known_at = |position: u64, epoch: u64| {
        standing(&json!({"position": position.to_string(), "epoch": epoch.to_string()}))
    };
    let at_least = |position: u64, epoch: u64| {
        standing(&json!({"minPosition": position.to_string(), "epoch": epoch.to_string()}))
    };
    let method = "RightsService/GetStanding";
    for position in [30, 31, 99] {
        changed(client, method, &known_at(position, 0));
        changed(client, method, &at_least(position, 0));
    }
    let page = json!({"pageSize": 5, "pageToken": token}).to_string();
    changed(client, "LedgerService/ListEntries", &page);
    changed(
        client,
        "LedgerService/GetEntry",
        r#"{"position": 31, "epoch": 0}"#,
    );
    // What is kept is the same in both, and says so.
    for (question, said) in [
        (known_at(29, 0), 0),
        (known_at(29, epoch), 0),
        (at_least(29, 0), epoch),
        (known_at(31, epoch), epoch),
        (at_least(31, epoch), epoch),
        (standing(&json!({})), epoch),
    ] {
        let answer = client.answer(method, &question);
        let basis = &answer["basis"];
        let found = basis
            .get("epoch")
            .map_or("0", |epoch| epoch.as_str().unwrap());
        assert_eq!(found, said.to_string(), "{question}: {basis}");
    }
    // Of a history that never was here nothing is known.
    let strange = client.ask(method, &known_at(29, 7)).unwrap_err();
    assert_eq!(
        (strange.code, &*strange.reason),
        (Code::Aborted, "HISTORY_CHANGED")
    );
}

/// An expectation of what was lost holds for nothing; and that the history was resumed is nobody's
/// fault, and no draft.
fn nobody_is_blamed(server: &Server) {
    let client = server.client();
    let mut request = batch(
        "late",
        r#"{"id": "late", "effective": {"date": "2013-01-01"}, "seatPlaced": {"place": "Elm"}}"#,
    );
    let head = client.head();
    request.expectations = vec![v1::Expectation {
        subject: Some(Subject::Log(true)),
        position: head,
        epoch: 0,
    }];
    let failure = client.record(&request).unwrap_err();
    assert_eq!(
        (failure.code, &*failure.reason),
        (Code::Aborted, "HISTORY_CHANGED")
    );
    let mut withdrawn = batch("gone", r#"{"id": "gone", "corrects": {"position": "30"}}"#);
    // Who names an entry says of which history it is.
    let failure = client.record(&withdrawn).unwrap_err();
    assert_eq!(failure.reason, "HISTORY_CHANGED", "{failure:?}");
    let answer = client.answer("LedgerService/GetHead", "{}");
    let epoch = number(&answer, "head.epoch");
    withdrawn.epoch = epoch;
    let failure = client.record(&withdrawn).unwrap_err();
    assert!(
        failure.violations[0].starts_with("BY_RESTORE"),
        "{failure:?}"
    );
    request.expectations[0].epoch = epoch;
    let recorded = client.record(&request).unwrap();
    assert_eq!((recorded.first_position, recorded.epoch), (head + 1, epoch));
    let findings = client.answer("AuditService/ListFindings", r#"{"pageSize": 1000}"#);
    assert!(!findings.to_string().contains("resumed"), "{findings}");
}

/// The writer whose end was given up is told by its stream, and records nothing any more.
fn the_other_writer_records_nothing(lost: &Lost) {
    let writer = lost.writer.serve_with(&["--nats", &lost.nats.url()]);
    let status = settled(&writer, "STOPPED");
    let problem = text(&status, "problem");
    assert!(
        problem.contains("resumed elsewhere after entry 29"),
        "{status}"
    );
    let line = r#"{"id": "elm", "effective": {"date": "2012-01-01"}, "order": 99, "seatPlaced": {"place": "Elm"}}"#;
    let failure = writer.client().record(&batch("elm", line)).unwrap_err();
    assert_eq!(failure.reason, "RECORDING_STOPPED", "{failure:?}");
}

#[test]
fn what_the_stream_holds_is_followed_back_instead() {
    let (lost, server) = Lost::with_writer();
    record(&server, "Birch");
    assert!(server.terminate().success());
    let data = Folder::new();
    assert!(data.replica(&lost.nats.url()).terminate().success());
    fs::copy(lost.writer.keys(), data.keys()).unwrap();
    let server = data.serve_with(&["--nats", &lost.nats.url(), "--expect-head", "30"]);
    settled(&server, "CAUGHT_UP");
    record(&server, "Cedar");
    assert_eq!(lost.nats.last("standing-league-entries"), 31);
}

/// Serves what is restored of a backup, which is resumed; returns the server and its epoch.
fn resumed(backup: &Path, keys: &Path, data: &Folder, nats: &str) -> (Server, u64) {
    restore(backup, &data.ledger(), &["--accept-loss"]).ok();
    fs::copy(keys, data.keys()).unwrap();
    let server = data.serve_with(&["--nats", nats]);
    settled(&server, "CAUGHT_UP");
    let head = server.client().answer("LedgerService/GetHead", "{}");
    (server, number(&head, "head.epoch"))
}

/// A second restore, of a later backup of the same ledger, is told apart from the first; each
/// stream says up to where it is the same as the last.
#[test]
fn a_history_that_is_resumed_twice_ends_the_streams_of_both() {
    let (lost, server) = Lost::with_writer();
    let url = lost.nats.url();
    record(&server, "Birch");
    let later = lost.writer.path().join("later.backup");
    server.cli([OsStr::new("backup"), later.as_os_str()]).ok();
    record(&server, "Cedar");
    assert!(server.terminate().success());
    let keys = lost.writer.keys();
    let [first, second] = [Folder::new(), Folder::new()];
    let (server, one) = resumed(&lost.backup, &keys, &first, &url);
    record(&server, "Dogwood");
    let follower = Folder::new();
    let replica = follower.replica(&url);
    assert!(server.terminate().success());
    let (server, two) = resumed(&later, &keys, &second, &url);
    record(&server, "Elm");
    let ends = [
        ("standing-league-entries".to_owned(), "30"),
        (format!("standing-league-entries_{one}"), "29"),
    ];
    for (stream, kept) in ends {
        let end = JetStream::new(&url).read(&stream).pop().unwrap();
        let said = ["standing-epoch", "standing-kept"].map(|name| end.headers[name].as_str());
        assert_eq!(said, [Some(&*two.to_string()), Some(kept)], "{stream}");
    }
    // Whoever followed the first begins anew; whoever begins with nothing finds the second, and
    // so does one that names the association.
    let head = || server.client().answer("LedgerService/GetHead", "{}");
    until("the replica has the second", || {
        let other = replica.client().ask("LedgerService/GetHead", "{}");
        other.is_ok_and(|other| other == head())
    });
    let replica = Folder::new().replica_with(&url, &["--association", "league"]);
    assert_eq!(
        replica.client().answer("LedgerService/GetHead", "{}"),
        head()
    );
}

/// What is published for the first time after a restore is found by those who followed before.
#[test]
fn a_stream_of_the_first_epoch_need_not_be_there() {
    let (lost, server) = Lost::with_writer();
    record(&server, "Birch");
    let behind = Folder::new();
    assert!(behind.replica(&lost.nats.url()).terminate().success());
    assert!(server.terminate().success());
    let (other, data) = (Nats::start(), Folder::new());
    let (server, epoch) = resumed(&lost.backup, &lost.writer.keys(), &data, &other.url());
    let replica = behind.replica(&other.url());
    let head = |of: &Server| of.client().answer("LedgerService/GetHead", "{}");
    until("the replica has begun anew", || {
        let found = replica.client().ask("LedgerService/GetHead", "{}");
        found.is_ok_and(|found| found == head(&server))
    });
    let aside = format!("standing.redb.before-{epoch}");
    assert!(behind.path().join(aside).exists());
    // A terminal that asks a second question asks it of the same history.
    for command in [
        &["party", "aa-alder"][..],
        &["rights", "aa-alder"],
        &["rights", "aa-alder", "--right", "vote", "--why"],
        &["chairs"],
        &["roll"],
        &["history", "aa-alder"],
        &["findings"],
        &["session", "assembly/1"],
    ] {
        let output = server.cli(command);
        assert!(
            !output.stderr.contains("HISTORY_CHANGED"),
            "{command:?}: {output:?}"
        );
    }
}
