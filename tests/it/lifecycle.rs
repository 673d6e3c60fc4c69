//! How a server begins, ends, and begins again; and who may call it.

mod settings;

use crate::harness::{Client, Folder, batch, data, near, number, pick, text};
use crate::house::tidy::root;
use crate::questions;
use crate::questions::{NEAR, SMALL};
use crate::recording::small;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

#[test]
fn a_second_process_on_the_same_ledger_is_turned_away() {
    let folder = Folder::new();
    let server = small(&folder);
    let before = questions::bytes(server.client(), SMALL, None);
    let complaint = folder.serve_in_vain(&[] as &[&str]).fails(1);
    for part in ["standing.redb", "in use", "another process"] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
    // The first does not notice.
    let after = questions::bytes(server.client(), SMALL, None);
    questions::assert_same(&before, &after);
    server.client().record(&batch("more", MORE)).unwrap();
}

#[test]
fn the_smallest_law_says_who_has_the_vote_and_why() {
    let folder = Folder::new();
    let server = folder.serve();
    let file = root().join("deploy/smallest.jsonl");
    let record = server.cli(["record".as_ref(), file.as_os_str()]).ok();
    assert!(record.contains("recorded at positions 1 to 10"), "{record}");
    let ask = |on| {
        let asked = [
            "rights", "north", "--right", "vote", "--body", "assembly", "--why", "--on", on,
        ];
        server.cli(asked).ok()
    };
    let before = ask("2019-12-31");
    assert!(
        before.contains("north does not hold vote in assembly"),
        "{before}"
    );
    let held = ask("2020-01-01");
    for part in ["north holds vote in assembly", "charter"] {
        assert!(held.contains(part), "no {part}: {held}");
    }
    let party = server.cli(["party", "north", "--on", "2020-06-01"]).ok();
    assert!(
        party.contains("member since 2020-01-01, founder"),
        "{party}"
    );
}

/// Something more to record in the small ledger.
pub const MORE: &str =
    r#"{"id": "more", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;

/// Where redb keeps the version of its format: at the start of each of its two commit slots.
const REDB_VERSION: usize = 64;

#[test]
fn a_file_that_is_no_ledger_is_named_and_left_as_it_was() {
    let folder = Folder::new();
    assert!(small(&folder).terminate().success());
    let whole = fs::read(folder.ledger()).unwrap();
    let mut newer = whole.clone();
    newer[REDB_VERSION] = 9;
    let half = whole[..whole.len() / 2].to_vec();
    let mut empty_of_sense = whole.clone();
    empty_of_sense[..9].fill(0);
    for (content, what) in [
        (half, "truncated"),
        (whole[..100].to_vec(), "truncated"),
        (newer, "newer"),
        (b"SQLite format 3\0 and so on".to_vec(), "is not a log"),
        (empty_of_sense, "is not a log"),
        (Vec::new(), "empty"),
    ] {
        fs::write(folder.ledger(), &content).unwrap();
        let keys = fs::read(folder.keys()).unwrap();
        let complaint = folder.serve_in_vain(&[] as &[&str]).fails(1);
        for part in ["standing.redb", what] {
            assert!(complaint.contains(part), "no {part}: {complaint}");
        }
        let left = fs::read(folder.ledger()).unwrap();
        assert!(left == content, "{what}: the file is changed");
        assert_eq!(fs::read(folder.keys()).unwrap(), keys);
    }
    // The ledger itself is none the worse.
    fs::write(folder.ledger(), &whole).unwrap();
    assert_eq!(folder.serve().client().head(), 28);
}

#[test]
fn a_ledger_without_its_keys_is_not_opened() {
    let folder = Folder::new();
    assert!(small(&folder).terminate().success());
    let before = fs::read(folder.ledger()).unwrap();
    let path = folder.keys();
    let keys = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let complaint = folder.serve_in_vain(&[] as &[&str]).fails(1);
    assert!(complaint.contains("standing.keys"), "{complaint}");
    assert!(!path.exists(), "new keys would read no name");
    assert!(fs::read(folder.ledger()).unwrap() == before);
    fs::write(&path, keys).unwrap();
    set_mode(&path, 0o600);
    assert_eq!(folder.serve().client().head(), 28);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let folder = Folder::new();
    let taken = near().address().to_string();
    let arguments = ["--listen", &taken].map(String::from);
    let data = folder.ledger().to_str().unwrap().to_owned();
    let serve = ["serve".to_owned(), "--data".to_owned(), data];
    let complaint = crate::harness::cli(serve.into_iter().chain(arguments)).fails(1);
    assert!(complaint.contains(&taken), "{complaint}");
}

#[test]
fn a_restart_answers_in_the_same_bytes() {
    let folder = Folder::new();
    let files = crate::harness::near_files();
    let server = folder.serve_with(&["--import".into(), files]);
    let moments = [None, Some(300), Some(640)];
    let ask = |client: &Client| moments.map(|known_at| questions::bytes(client, NEAR, known_at));
    let live = ask(server.client());
    assert!(server.terminate().success());
    let server = folder.serve();
    for (live, replayed) in live.iter().zip(&ask(server.client())) {
        questions::assert_same(live, replayed);
    }
    // After a crash as well.
    server.kill();
    let server = folder.serve();
    for (live, replayed) in live.iter().zip(&ask(server.client())) {
        questions::assert_same(live, replayed);
    }
}

#[test]
fn asked_to_end_a_server_ends_well_and_loses_nothing() {
    let folder = Folder::new();
    let server = small(&folder);
    server.client().record(&batch("more", MORE)).unwrap();
    let status = server.terminate();
    assert_eq!(status.code(), Some(0));
    // redb notes in its header that the file was not closed; this one was.
    let header = fs::read(folder.ledger()).unwrap();
    assert_eq!(header[9] & 2, 0, "the file was not closed");
    let server = folder.serve();
    assert_eq!(server.client().head(), 29);
    // What was recorded is still the same request.
    let again = server.client().record(&batch("more", MORE)).unwrap();
    assert!(again.replayed);
}

#[test]
fn every_service_reports_its_health() {
    for service in [
        "",
        "LedgerService",
        "RightsService",
        "RollService",
        "LawService",
    ] {
        let service = match service {
            "" => String::new(),
            name => format!("standing.v1.{name}"),
        };
        let health = near().client().health(&service);
        assert_eq!(health, Ok(ServingStatus::Serving), "{service}");
    }
    let health = near().client().health("standing.v1.NoService");
    assert_eq!(health, Err(Code::NotFound));
}

#[test]
fn a_server_says_what_it_loaded_and_what_to_ask_next() {
    let said = near().said();
    let head = near().client().head().to_string();
    for part in [&*near().address().to_string(), &head, "standing "] {
        assert!(said.contains(part), "no {part}: {said}");
    }
}

#[test]
fn a_browser_reaches_it_over_http_1() {
    // A frame: not compressed, no bytes.
    let body = [0_u8; 5];
    let mut stream = TcpStream::connect(near().address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let head = format!(
        "POST /standing.v1.LedgerService/GetHead HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: application/grpc-web+proto\r\nAccept: application/grpc-web+proto\r\n\
         X-Grpc-Web: 1\r\nContent-Length: {}\r\n\r\n",
        near().address(),
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let said = String::from_utf8_lossy(&answer).to_lowercase();
    for part in [
        "http/1.1 200",
        "content-type: application/grpc-web+proto",
        // The trailers are part of the body.
        "grpc-status:0",
        // The association's id, of the answer itself.
        "near",
    ] {
        assert!(said.contains(part), "no {part}: {said}");
    }
}

/// Who may call, and what they are called in the log.
const TOKENS: &str = "# Who may call.\n\ntoken-of-ada office/ada roles=recorder\n\
     token-of-ben office/ben roles=recorder label=laptop\n\
     token-of-cleo office/cleo roles=recorder,operator\n";

fn private(folder: &Folder, content: &str) -> std::path::PathBuf {
    let path = folder.write("tokens", content);
    set_mode(&path, 0o600);
    path
}

fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_actor_of_an_entry_is_whoever_the_token_stands_for() {
    let folder = Folder::new();
    let tokens = private(&folder, TOKENS);
    let server = folder.serve_with(&["--tokens".into(), tokens]);
    let lines = fs::read_to_string(data("small.jsonl")).unwrap();
    let operator = &server.client().with_token("token-of-cleo");
    operator.record(&batch("small", &lines)).unwrap();
    let [ada, ben] = ["ada", "ben"].map(|name| operator.with_token(&format!("token-of-{name}")));
    ada.record(&batch("more", MORE)).unwrap();
    let actor = |position: u64| {
        let question = json!({"position": position}).to_string();
        let entry = ben.answer("LedgerService/GetEntry", &question);
        text(&entry, "entry.actor").to_owned()
    };
    assert_eq!(actor(28), "office/cleo");
    assert_eq!(actor(29), "office/ada");
    // A request is its actor's: another with the same id and content is another request.
    assert!(ada.record(&batch("more", MORE)).unwrap().replayed);
    for other in [&ben, operator] {
        let failure = other.record(&batch("more", MORE)).unwrap_err();
        assert_eq!(
            (failure.code, &*failure.reason),
            (Code::AlreadyExists, "REQUEST_ID_REUSED")
        );
    }
    // No token of a call, and no name of a person, is in an entry.
    let stored = fs::read(folder.ledger()).unwrap();
    let token = b"token-of-ada";
    assert!(!stored.windows(token.len()).any(|window| window == token));
}

#[test]
fn a_wrong_token_is_turned_away_and_writes_nothing() {
    let folder = Folder::new();
    let tokens = private(&folder, TOKENS);
    let server = folder.serve_with(&["--tokens".into(), tokens]);
    for wrong in [
        "token-of-eve",
        "",
        "token-of-ada token-of-ben",
        "TOKEN-OF-ADA",
    ] {
        let eve = server.client().with_token(wrong);
        for failure in [
            eve.ask("LedgerService/GetHead", "{}").unwrap_err(),
            eve.record(&batch("more", MORE)).unwrap_err(),
        ] {
            assert_eq!(failure.code, Code::Unauthenticated, "{failure:?}");
            assert!(failure.reason.starts_with("TOKEN_"), "{failure:?}");
            assert!(
                !failure.message.contains("token-of"),
                "a token is repeated: {failure:?}"
            );
        }
    }
    let ada = server.client().with_token("token-of-ada");
    assert_eq!(ada.head(), 0);
    let file = folder.write("eve", "token-of-eve\n");
    let arguments = ["head".as_ref(), "--token-file".as_ref(), file.as_os_str()];
    let complaint = server.cli(arguments).fails(1);
    assert!(complaint.contains("TOKEN_UNKNOWN"), "{complaint}");
    let file = folder.write("ada", "token-of-ada\n");
    server
        .cli(["head".as_ref(), "--token-file".as_ref(), file.as_os_str()])
        .ok();
}

#[test]
fn a_token_file_that_others_may_read_or_nobody_can_is_refused() {
    let folder = Folder::new();
    let path = private(&folder, TOKENS);
    let serve = || folder.serve_in_vain(&["--tokens".into(), path.clone()]);
    set_mode(&path, 0o644);
    let complaint = serve().fails(1);
    assert!(
        complaint.contains("tokens") && complaint.contains("644"),
        "{complaint}"
    );
    private(
        &folder,
        "token-of-ada office/ada roles=reader\ntoken-of-ben\n",
    );
    let complaint = serve().fails(1);
    assert!(complaint.contains("tokens:2"), "{complaint}");
    assert!(!complaint.contains("token-of"), "{complaint}");
}

/// Names of natural persons are sealed; nothing of them stands in the ledger's file.
#[test]
fn no_name_of_a_person_is_in_the_file() {
    let folder = Folder::new();
    let server = small(&folder);
    let named = r#"{"id": "p", "personNamed": {"person": "sg-1", "names": [{"language": "en", "text": "Ada Unmistakable"}]}}
{"id": "sg", "effective": {"date": "2012-01-01"}, "officeAssumed": {"office": "auditor", "holder": {"person": "sg-1"}}}"#;
    server.client().record(&batch("person", named)).unwrap();
    let question = json!({"position": 29}).to_string();
    let answer: Value = server.client().answer("LedgerService/GetEntry", &question);
    assert!(!answer.to_string().contains("Unmistakable"), "{answer:#}");
    assert_eq!(
        pick(&answer, "entry.draft.personNamed.person"),
        &json!("sg-1")
    );
    let auditors = r#"{"office": "auditor"}"#;
    let answer = server
        .client()
        .answer("RollService/ListOfficeHolders", auditors);
    assert_eq!(text(&answer, "terms.0.holder.person"), "sg-1");
    assert_eq!(number(&answer, "terms.0.position"), 30);
    assert!(server.terminate().success());
    let stored = fs::read(folder.ledger()).unwrap();
    let name = b"Unmistakable";
    assert!(!stored.windows(name.len()).any(|window| window == name));
}
