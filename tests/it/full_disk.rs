//! A disk without room: recording fails or is refused, questions are answered, and with room again
//! all goes on without a restart. And whose keys a ledger is opened with.

use crate::harness::{Client, Folder, Server, SmallDisk, batch, get, text};
use serde_json::{Value, json};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tonic::Code;

/// How many bytes the small disk has.
const SIZE: &str = "6m";

/// How many batches may be recorded before a full disk is noticed.
const MANY: u32 = 2_000;

/// A batch that takes some room: a person is named, so that a key is written too.
fn sized(number: u32) -> String {
    let note = "x".repeat(4_000);
    format!(
        r#"{{"id":"n-{number}","note":"{note}","personNamed":{{"person":"p-{number}","names":[{{"language":"en","text":"N {number}"}}]}}}}"#
    )
}

fn ids(client: &Client) -> Vec<String> {
    let entries = client.entries().into_iter();
    entries
        .map(|entry| text(&entry, "draft.id").to_owned())
        .collect()
}

fn healthz(server: &Server) -> Value {
    let (status, body) = get(server.address().port(), "/healthz").unwrap();
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_full_disk_loses_nothing_and_needs_no_restart() {
    let folder = Folder::new();
    // Without a reserve, so that commits fail.
    let disk = SmallDisk::new(&folder, SIZE);
    let mut serve = disk.command("serve");
    serve.args(["--disk-reserve", "0"]);
    let server = folder.run(serve);
    let room = disk.of(&server);
    let client = server.client();
    let record = |number: u32| client.record(&batch(&format!("b-{number}"), &sized(number)));
    let mut acknowledged: Vec<String> = Vec::new();
    for number in 0..10 {
        record(number).unwrap();
        acknowledged.push(format!("n-{number}"));
    }

    room.fill();
    let mut failed = Vec::new();
    for number in 10..MANY {
        match record(number) {
            Ok(_) => acknowledged.push(format!("n-{number}")),
            Err(failure) => {
                assert!(
                    matches!(failure.code, Code::Internal | Code::Unavailable),
                    "{failure:?}"
                );
                assert_eq!(failure.reason, "STORAGE_FAILED", "{failure:?}");
                assert!(!failure.message.contains("standing."), "{failure:?}");
                failed.push(number);
            }
        }
        if failed.len() == 5 {
            break;
        }
    }
    assert_eq!(failed.len(), 5, "the disk is never full");
    // Questions that need no entry are answered.
    assert!(client.head() >= acknowledged.len() as u64);
    let question = json!({"pageSize": 10}).to_string();
    client.answer("RollService/ListParties", &question);
    let told = healthz(&server);
    let position = told["position"].as_u64().unwrap();
    assert!(position >= acknowledged.len() as u64, "{told}");

    room.free();
    let start = Instant::now();
    for number in &failed {
        while let Err(failure) = record(*number) {
            assert!(start.elapsed() < Duration::from_secs(30), "{failure:?}");
            sleep(Duration::from_millis(50));
        }
        acknowledged.push(format!("n-{number}"));
    }
    let told = healthz(&server);
    assert_eq!(told["status"], "serving", "{told}");
    assert_eq!(told["troubles"], json!([]));
    // Each once, whatever was told of it at first.
    let mut found = ids(client);
    found.sort();
    acknowledged.sort();
    assert_eq!(found, acknowledged);

    // As copied while nothing is written, it opens, with every key.
    let copy = room.copied();
    let opened = copy.serve();
    let mut found = ids(opened.client());
    found.sort();
    assert_eq!(found, acknowledged);
    assert_eq!(healthz(&opened)["troubles"], json!([]));
    assert!(server.terminate().success());
}

#[test]
fn below_the_reserve_nothing_is_recorded() {
    let folder = Folder::new();
    let server = folder.serve_with(&["--disk-reserve", &u64::MAX.to_string()]);
    let failure = server.client().record(&batch("b", &sized(1))).unwrap_err();
    assert_eq!(
        (failure.code, &*failure.reason),
        (Code::ResourceExhausted, "DISK_FULL"),
        "{failure:?}"
    );
    assert!(
        failure.message.contains("bytes of disk are free"),
        "{failure:?}"
    );
    let told = healthz(&server);
    assert_eq!(told["status"], "not-recording");
    assert_eq!(told["troubles"][0]["kind"], "disk-full");
    assert_eq!(server.client().head(), 0);
    drop(server);
    let server = folder.serve();
    server.client().record(&batch("b", &sized(1))).unwrap();
}

#[test]
fn the_key_file_of_another_ledger_is_refused() {
    let [one, two] = [(); 2].map(|()| Folder::new());
    for folder in [&one, &two] {
        let server = folder.serve();
        server.client().record(&batch("b", &sized(1))).unwrap();
        assert!(server.terminate().success());
    }
    let other = two.keys();
    let refused = one
        .serve_in_vain(&["--keys", other.to_str().unwrap()])
        .fails(1);
    for part in [
        "is the key file of another ledger",
        "--keys",
        other.to_str().unwrap(),
    ] {
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(one.serve().client().head(), 1);
}

#[test]
fn a_key_that_is_lost_is_told_at_the_start() {
    let folder = Folder::new();
    let server = folder.serve();
    server.client().record(&batch("b", &sized(1))).unwrap();
    assert!(server.terminate().success());
    let keys = fs::read_to_string(folder.keys()).unwrap();
    let without = keys.lines().filter(|line| !line.starts_with("person"));
    let without: Vec<&str> = without.collect();
    fs::write(folder.keys(), without.join("\n") + "\n").unwrap();
    let server = folder.serve();
    let told = healthz(&server);
    assert_eq!(told["status"], "serving");
    assert_eq!(told["troubles"][0]["kind"], "keys-missing");
    assert!(
        server
            .said()
            .contains("1 person has a sealed name and no key"),
        "{}",
        server.said()
    );
    let again = sized(2).replace(r#""p-2""#, r#""p-1""#);
    let failure = server.client().record(&batch("c", &again)).unwrap_err();
    assert_eq!(
        (failure.code, &*failure.reason),
        (Code::FailedPrecondition, "KEY_MISSING"),
        "{failure:?}"
    );
}
