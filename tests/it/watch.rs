//! Watching from the command line.

use crate::harness::{Folder, batch, binary};
use crate::recording::small;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

const MORE: &str =
    r#"{"id": "more", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;

fn lines(text: &str) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).expect("every line is a message");
    text.lines().map(read).collect()
}

#[test]
fn a_watch_tells_the_whole_log_a_message_a_line() {
    let folder = Folder::new();
    let server = small(&folder);
    let everything = ["--after", "0", "--until-caught-up", "--json"];
    let entries = server.cli(["watch", "entries"].iter().chain(&everything));
    let entries = lines(&entries.ok());
    let (last, entries) = entries.split_last().unwrap();
    let head = last["caughtUp"]["position"].as_str().unwrap();
    assert_eq!(head, entries.len().to_string());
    for (entry, position) in entries.iter().zip(1..) {
        assert_eq!(entry["entry"]["position"], position.to_string());
    }

    let rights = server.cli(["watch", "rights"].iter().chain(&everything));
    let rights = lines(&rights.ok());
    assert_eq!(rights.last(), Some(last));
    let change = rights
        .iter()
        .find(|message| !message["event"]["change"].is_null());
    let cursor = &change.expect("somebody got a right")["event"]["cursor"];
    let at = [
        &cursor["position"],
        &cursor["day"],
        &cursor["index"],
        &cursor["count"],
    ];
    let at = at.map(|part| part.to_string().replace('"', "")).join("/");
    let after = [
        "watch",
        "rights",
        "--after",
        &at,
        "--until-caught-up",
        "--json",
    ];
    let rest = lines(&server.cli(after).ok());
    assert!(rights.ends_with(&rest), "{at}");
    assert!(rest.len() < rights.len());
}

#[test]
fn a_watch_ends_with_its_reader_and_says_what_it_cannot_watch() {
    let folder = Folder::new();
    let server = small(&folder);
    let url = format!("http://{}", server.address());
    let mut watch = binary();
    watch.args(["watch", "entries", "--after", "0", "--server", &url]);
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(watch.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    assert!(first.trim_start().starts_with("1  "), "{first}");
    drop(reader);
    // Whoever has nobody to tell any more notices when there is something to tell.
    server.client().record(&batch("more", MORE)).unwrap();
    assert!(watch.wait().unwrap().success());

    let beyond = server
        .cli(["watch", "entries", "--after", "999999"])
        .fails(3);
    assert!(beyond.contains("POSITION_BEYOND_HEAD"), "{beyond}");
    let status = server.cli(["stream", "status"]).ok();
    assert!(status.contains("no streams"), "{status}");
}
