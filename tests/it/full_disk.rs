//! A disk without room: recording fails or is refused, questions are answered, and with room again
//! all goes on without a restart. And whose keys a ledger is opened with.

use crate::harness::{Client, Folder, Server, batch, list, text};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tonic::Code;

/// How many bytes the small disk has.
const SIZE: &str = "6m";

/// How many batches may be recorded before a full disk is noticed.
const MANY: u32 = 2_000;

/// What the disk of a server is made full and free again by.
enum Room {
    /// A file system in memory that only the server has mounted; where this process sees it.
    Disk(PathBuf),
    /// A limit on the length of the server's files, where nothing may be mounted.
    Limit(u32),
}

/// Mounts a small disk for the command it is handed.
const MOUNT: &str = r#"mount -t tmpfs -o size="$1" tmpfs "$0" && shift && exec "$@""#;

/// Lets writes beyond the limit fail instead of ending the process.
const LIMIT: &str = r#"trap "" XFSZ && exec "$@""#;

impl Room {
    /// Starts a server whose disk can be filled; returns it with the folder of its ledger as this
    /// process sees it.
    fn serve(folder: &Folder, args: &[&str]) -> (Server, Self, PathBuf) {
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).unwrap();
        let (ledger, disk_text) = (disk.join("standing.redb"), disk.to_str().unwrap());
        let mount = ["unshare", "-rm", "sh", "-c", MOUNT, disk_text, SIZE];
        let tried = Command::new(mount[0])
            .args(&mount[1..])
            .arg("true")
            .stderr(Stdio::null())
            .status();
        if tried.is_ok_and(|tried| tried.success()) {
            let server = folder.serve_by(&mount, &ledger, args);
            let root = format!("/proc/{}/root", server.id());
            let inside = Path::new(&root).join(disk.strip_prefix("/").unwrap());
            return (server, Self::Disk(inside.clone()), inside);
        }
        let server = folder.serve_by(&["sh", "-c", LIMIT, "sh"], &ledger, args);
        let id = server.id();
        (server, Self::Limit(id), disk)
    }

    /// Leaves no room.
    fn fill(&self, ledger: &Path) {
        match self {
            Self::Disk(inside) => {
                let mut file = File::create(inside.join("filler")).unwrap();
                let mut size = 1 << 20;
                while size > 0 {
                    match file.write(&vec![1; size]) {
                        Ok(written) if written > 0 => {}
                        _ => size /= 2,
                    }
                }
            }
            Self::Limit(_) => {
                let length = fs::metadata(ledger).unwrap().len();
                self.limit(&length.to_string());
            }
        }
    }

    /// Makes room again.
    fn free(&self) {
        match self {
            Self::Disk(inside) => fs::remove_file(inside.join("filler")).unwrap(),
            Self::Limit(_) => self.limit("unlimited"),
        }
    }

    fn limit(&self, size: &str) {
        let Self::Limit(id) = self else { return };
        let limited = Command::new("prlimit")
            .args(["--pid", &id.to_string(), &format!("--fsize={size}:")])
            .status();
        assert!(limited.is_ok_and(|limited| limited.success()));
    }
}

/// A batch that takes some room: a person is named, so that a key is written too.
fn sized(number: u32) -> String {
    let note = "x".repeat(4_000);
    format!(
        r#"{{"id":"n-{number}","note":"{note}","personNamed":{{"person":"p-{number}","names":[{{"language":"en","text":"N {number}"}}]}}}}"#
    )
}

fn ids(client: &Client) -> Vec<String> {
    let mut ids = Vec::new();
    let mut token = String::new();
    loop {
        let question = json!({"pageSize": 100, "pageToken": token}).to_string();
        let answer = client.answer("LedgerService/ListEntries", &question);
        let entries = list(&answer, "entries").iter();
        ids.extend(entries.map(|entry| text(entry, "draft.id").to_owned()));
        token = text(&answer, "nextPageToken").to_owned();
        if token.is_empty() {
            return ids;
        }
    }
}

fn healthz(server: &Server) -> Value {
    use std::io::Read as _;
    let here = server.address();
    let mut stream = std::net::TcpStream::connect(here).unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {here}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn a_full_disk_loses_nothing_and_needs_no_restart() {
    let folder = Folder::new();
    // Without a reserve, so that commits fail.
    let (server, room, disk) = Room::serve(&folder, &["--disk-reserve", "0"]);
    let ledger = disk.join("standing.redb");
    let client = server.client();
    let record = |number: u32| client.record(&batch(&format!("b-{number}"), &sized(number)));
    let mut acknowledged: Vec<String> = Vec::new();
    for number in 0..10 {
        record(number).unwrap();
        acknowledged.push(format!("n-{number}"));
    }

    room.fill(&ledger);
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
    let head = client.head();
    assert!(head >= acknowledged.len() as u64);
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
    let copy = Folder::new();
    fs::copy(&ledger, copy.ledger()).unwrap();
    fs::copy(disk.join("standing.keys"), copy.keys()).unwrap();
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
