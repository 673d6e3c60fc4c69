//! Backups: the same bytes from every node, whole or none, made while a server records and is
//! killed; and what is restored of one is the ledger.

use crate::harness::{Folder, Output, Server, batch, cli, near, number, text};
use crate::questions;
use crate::questions::{NEAR, SMALL};
use crate::recording::{small, small_with};
use crate::streams::published;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// As long as this nothing takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Has a backup made of a server.
fn backup(server: &Server, file: &Path) -> Output {
    server.cli(["backup".as_ref(), file.as_os_str()])
}

fn restore(file: &Path, data: &Path, head: u64) -> Output {
    let head = head.to_string();
    let [verb, to, expected] = ["restore", "--data", "--expect-head"];
    let args = [
        verb.as_ref(),
        file.as_os_str(),
        to.as_ref(),
        data.as_os_str(),
    ];
    cli(args.into_iter().chain([expected.as_ref(), head.as_ref()]))
}

/// What a command says of a file, as JSON.
fn told(verb: &str, file: &Path) -> Value {
    let output = cli([verb.as_ref(), file.as_os_str(), "--json".as_ref()]);
    serde_json::from_str(&output.stdout).expect("JSON")
}

/// The stored bytes of every entry up to a position.
fn stored(server: &Server, last: u64) -> Vec<String> {
    let entries = server.client().entries().into_iter();
    let upto = entries.take_while(|entry| number(entry, "position") <= last);
    upto.map(|entry| text(&entry, "stored").to_owned())
        .collect()
}

#[test]
fn a_backup_of_near_is_the_same_from_every_node_and_restores_to_the_same_ledger() {
    let folder = Folder::new();
    let file = folder.path().join("near.backup");
    let said = backup(near(), &file).ok();
    let head = near().client().head();
    assert!(
        said.contains(&format!("everything up to entry {head}")),
        "{said}"
    );
    // A replica that follows a server which imported the same files has other record times: its own
    // writer is asked.
    let other = Folder::new();
    let replica = other.replica(&published().nats.url());
    let (of_writer, of_replica) = (other.path().join("writer"), other.path().join("replica"));
    backup(&published().server, &of_writer).ok();
    backup(&replica, &of_replica).ok();
    assert!(fs::read(of_writer).unwrap() == fs::read(of_replica).unwrap());

    let inspected = told("inspect", &file);
    assert_eq!(text(&inspected, "association"), "near");
    assert_eq!(
        (&inspected["backup"], &inspected["sound"]),
        (&true.into(), &true.into())
    );
    assert_eq!(number(&inspected, "head"), head);
    assert!(
        said.contains(text(&inspected, "root")),
        "{said} {inspected}"
    );

    let restored = Folder::new();
    restore(&file, &restored.ledger(), head).ok();
    // The same entries come to the same root, in whichever file they are.
    assert_eq!(
        told("inspect", &restored.ledger())["root"],
        inspected["root"]
    );
    fs::copy(near().folder().join("standing.keys"), restored.keys()).unwrap();
    let head_given = head.to_string();
    let server = restored.serve_with(&["--association", "near", "--expect-head", &head_given]);
    assert_eq!(stored(&server, head), stored(near(), head));
    for known_at in [None, Some(300)] {
        let [asked, answered] =
            [near(), &server].map(|node| questions::bytes(node.client(), NEAR, known_at));
        questions::assert_same(&asked, &answered);
    }
    let again = restored.path().join("again.backup");
    backup(&server, &again).ok();
    assert!(fs::read(again).unwrap() == fs::read(file).unwrap());
}

#[test]
fn what_is_restored_goes_on_and_answers_a_request_that_was_made_before() {
    let folder = Folder::new();
    let file = folder.path().join("small.backup");
    let server = small(&folder);
    backup(&server, &file).ok();
    let asked = questions::bytes(server.client(), SMALL, None);
    drop(server);
    let restored = Folder::new();
    restore(&file, &restored.ledger(), 28).ok();
    fs::copy(folder.keys(), restored.keys()).unwrap();
    let server = restored.serve();
    questions::assert_same(&asked, &questions::bytes(server.client(), SMALL, None));
    let lines = fs::read_to_string(crate::harness::data("small.jsonl")).unwrap();
    let again = server.client().record(&batch("small", &lines)).unwrap();
    assert!(again.replayed);
    let more =
        r#"{"id": "more", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;
    let recorded = server.client().record(&batch("more", more)).unwrap();
    assert_eq!(recorded.first_position, 29);
}

#[test]
fn nothing_is_written_over_and_nothing_acknowledged_is_lost() {
    let folder = Folder::new();
    let server = small(&folder);
    let file = folder.path().join("small.backup");
    backup(&server, &file).ok();
    let refused = backup(&server, &file).fails(3);
    assert!(refused.contains("is there already"), "{refused}");
    let data = folder.path().join("restored.redb");
    let refused = restore(&file, &data, 29).fails(3);
    assert!(
        refused.contains("ends at entry 28, and 29 was recorded: 1 would be lost"),
        "{refused}"
    );
    let refused = restore(&file, &folder.ledger(), 28).fails(3);
    assert!(refused.contains("is there already"), "{refused}");
    let unwritable = folder.path().join("nowhere/small.backup");
    let failed = backup(&server, &unwritable).fails(1);
    assert!(failed.contains("cannot write"), "{failed}");
    let nobody = cli(["backup", "x.backup", "--server", "http://127.0.0.1:1"]).fails(1);
    assert!(nobody.contains("127.0.0.1:1"), "{nobody}");
    // None of them left anything.
    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let parts: Vec<_> = names.filter(|name| name.starts_with('.')).collect();
    assert!(parts.is_empty() && !data.exists(), "{parts:?}");
}

#[test]
fn a_backup_that_is_not_whole_is_named_and_restored_to_nothing() {
    let folder = Folder::new();
    let server = small(&folder);
    let file = folder.path().join("small.backup");
    backup(&server, &file).ok();
    let sound = cli(["verify".as_ref(), file.as_os_str()]).ok();
    assert!(sound.contains("small.backup: sound"), "{sound}");
    assert!(
        sound.contains("28 entries, the last at position 28; a backup"),
        "{sound}"
    );
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cut = &whole[..whole.len() / 2];
    for (bytes, what) in [(&flipped[..], "checksum"), (cut, "ends in the middle")] {
        fs::write(&file, bytes).unwrap();
        let output = cli(["verify".as_ref(), file.as_os_str()]);
        assert!(output.stdout.contains("NOT SOUND"), "{output:?}");
        assert!(output.stdout.contains(what), "{output:?}");
        // The report is an answer, and the file fails all the same.
        assert_eq!(output.code, Some(1));
        assert!(
            output.stderr.contains("restore another backup"),
            "{output:?}"
        );
        let data = folder.path().join("restored.redb");
        let failed = restore(&file, &data, 0).fails(1);
        assert!(failed.contains(what), "{failed}");
        assert!(!data.exists());
    }
    fs::write(&file, "notes").unwrap();
    let failed = cli(["inspect".as_ref(), file.as_os_str()]).fails(1);
    assert!(failed.contains("cannot be read"), "{failed}");
    let failed = restore(&file, &folder.path().join("restored.redb"), 0).fails(1);
    assert!(failed.contains("this is no backup"), "{failed}");
}

#[test]
fn a_file_that_may_only_be_read_can_be_looked_at() {
    let folder = Folder::new();
    assert!(small_with(&folder, &[]).terminate().success());
    let mut permissions = fs::metadata(folder.ledger()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.ledger(), permissions).unwrap();
    let inspected = cli(["inspect".as_ref(), folder.ledger().as_os_str()]).ok();
    for part in [
        "association    league",
        "head           28",
        "sound          yes",
        "log format 2",
    ] {
        assert!(inspected.contains(part), "no {part}: {inspected}");
    }
}

/// The backups in a folder, in order.
fn made(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut made: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "backup"))
        .collect();
    made.sort();
    made
}

/// Records parties until two more backups were made; returns how many it recorded.
fn record_meanwhile(server: &Server, backups: &Path, recorded: u64) -> u64 {
    let begun = Instant::now();
    let (mut count, mut seen) = (recorded, 0);
    let mut last = made(backups).last().cloned();
    while seen < 2 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.said());
        let line = format!(
            r#"{{"id": "p-{count}", "partyRegistered": {{"party": "xx-{count}", "kind": "town"}}}}"#
        );
        let request = batch(&format!("r-{count}"), &line);
        server.client().record(&request).unwrap();
        count += 1;
        let newest = made(backups).last().cloned();
        seen += usize::from(newest != last);
        last = newest;
    }
    count
}

#[test]
fn backups_made_every_second_under_load_and_kills_each_restore_to_what_was_recorded() {
    const LIVES: usize = 3;
    const KEPT: usize = 4;
    let folder = Folder::new();
    let backups = folder.path().join("backups");
    let name = backups.to_str().unwrap();
    let args = [
        "--backup-folder",
        name,
        "--backup-every",
        "1",
        "--backup-keep",
        "4",
    ];
    fs::create_dir(&backups).unwrap();
    let mut recorded = 0;
    for _ in 0..LIVES {
        let server = folder.serve_with(&args);
        recorded = record_meanwhile(&server, &backups, recorded);
        assert_eq!(server.client().head(), recorded);
        server.kill();
        assert!(made(&backups).len() <= KEPT + 1);
    }
    let server = folder.serve_with(&args);
    let (begun, newest) = (
        Instant::now(),
        backups.join(format!("{recorded:012}.backup")),
    );
    while made(&backups).len() > KEPT || made(&backups).last() != Some(&newest) {
        assert!(
            begun.elapsed() < PATIENCE,
            "{:?} {}",
            made(&backups),
            server.said()
        );
        sleep(Duration::from_millis(20));
    }
    let all = stored(&server, recorded);
    for file in made(&backups) {
        let head = number(&told("inspect", &file), "head");
        let restored = Folder::new();
        restore(&file, &restored.ledger(), head).ok();
        fs::copy(folder.keys(), restored.keys()).unwrap();
        let restored = restored.serve();
        assert_eq!(restored.client().head(), head);
        let count = usize::try_from(head).unwrap();
        assert!(
            stored(&restored, head) == all[..count],
            "{}",
            file.display()
        );
    }
    // What a process left that was killed in the middle is gone.
    let files = fs::read_dir(&backups).unwrap().count();
    assert_eq!(files, made(&backups).len());
}

/// Waits until a server says something.
fn says(server: &Server, what: &str) {
    let begun = Instant::now();
    while !server.said().contains(what) {
        assert!(begun.elapsed() < PATIENCE, "{}", server.said());
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_older_copy_and_another_ledger_leave_backups_and_keys_as_they_are() {
    let folder = Folder::new();
    let [backups, keys] = ["backups", "keys"].map(|name| folder.path().join(name));
    fs::create_dir(&backups).unwrap();
    fs::create_dir(&keys).unwrap();
    let [given, keys_given] = [&backups, &keys].map(|path| path.to_str().unwrap());
    let args = [
        "--backup-folder",
        given,
        "--backup-every",
        "1",
        "--backup-keys",
        keys_given,
        "--backup-keys-to",
        PUBLIC,
    ];
    let server = small_with(&folder, &args);
    let last = backups.join("000000000028.backup");
    let begun = Instant::now();
    while !last.exists() || fs::read_dir(&keys).unwrap().count() == 0 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.said());
        sleep(Duration::from_millis(20));
    }
    assert!(server.terminate().success());
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = entries
            .map(|path| (fs::read(&path).unwrap(), path))
            .collect();
        files.sort();
        files
    };
    let before = (files(&backups), files(&keys));
    // The disk is lost, and the service begins anew by itself.
    let empty = Folder::new();
    let server = empty.serve_with(&args);
    says(&server, "it is an older copy, or another's");
    // It has come as far, with other entries; and farther.
    let record = |count: u64, first: u64| {
        for number in first..first + count {
            let line = format!(
                r#"{{"id": "p-{number}", "partyRegistered": {{"party": "xx-{number}", "kind": "town"}}}}"#
            );
            server
                .client()
                .record(&batch(&format!("r-{number}"), &line))
                .unwrap();
        }
    };
    record(28, 1);
    says(&server, "up to entry 28 it is another history");
    record(1, 29);
    sleep(Duration::from_secs(2));
    // In order: one that is killed while it compares leaves what it had written so far.
    assert!(server.terminate().success());
    assert!((files(&backups), files(&keys)) == before);
    // The right one goes on, and a copy of the keys that is lost is made again.
    fs::remove_dir_all(&keys).unwrap();
    fs::create_dir(&keys).unwrap();
    let server = folder.serve_with(&args);
    let begun = Instant::now();
    while fs::read_dir(&keys).unwrap().count() == 0 {
        assert!(begun.elapsed() < PATIENCE, "{}", server.said());
        sleep(Duration::from_millis(20));
    }
    assert_eq!(made(&backups), [last]);
}

/// A key pair of age that guards nothing.
const PUBLIC: &str = "age14un7fh7f60qeclnvdu6l4uhk2x6em9fzsas4khychzg2hn9c2cxqapq4ss";
const SECRET: &str = "# created for the tests\nAGE-SECRET-KEY-1U28CLQJEPXTNEJEA98GHJFZRXD78XG0DKL9T80JAXZVSHV8XZJ2SULXTZY\n";

#[test]
fn the_keys_are_kept_apart_and_only_their_reader_gets_the_names_back() {
    let folder = Folder::new();
    let near = crate::harness::near_files();
    let server = folder.serve_with(&["--import", near.to_str().unwrap()]);
    let head = server.client().head();
    assert!(server.terminate().success());
    let [backups, apart] = ["backups", "apart"].map(|name| folder.path().join(name));
    fs::create_dir(&backups).unwrap();
    fs::create_dir(&apart).unwrap();
    let [given, apart_given] = [&backups, &apart].map(|path| path.to_str().unwrap());
    let server = folder.serve_with(&[
        "--backup-folder",
        given,
        "--backup-keys",
        apart_given,
        "--backup-keys-to",
        PUBLIC,
    ]);
    let newest = backups.join(format!("{head:012}.backup"));
    let copies = || {
        fs::read_dir(&apart)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let is_copy = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "age");
    let begun = Instant::now();
    let keys = loop {
        match copies().find(is_copy) {
            Some(keys) if newest.exists() => break keys,
            _ => assert!(begun.elapsed() < PATIENCE, "{}", server.said()),
        }
        sleep(Duration::from_millis(20));
    };
    let own = fs::read(folder.keys()).unwrap();
    let copy = fs::read(&keys).unwrap();
    assert!(copy.starts_with(b"age-encryption.org/v1\n"));
    let identity = folder.write("identity", SECRET);
    let other = folder.write("other", "AGE-SECRET-KEY-1\n");
    let restored = Folder::new();
    let restore = |identity: &Path| {
        let (data, head) = (restored.ledger(), head.to_string());
        let args = [
            "restore".as_ref(),
            newest.as_os_str(),
            "--data".as_ref(),
            data.as_os_str(),
            "--expect-head".as_ref(),
            head.as_ref(),
            "--keys".as_ref(),
            keys.as_os_str(),
            "--identity".as_ref(),
            identity.as_os_str(),
        ];
        cli(args)
    };
    let refused = restore(&other).fails(1);
    assert!(refused.contains("holds no secret key of age"), "{refused}");
    assert!(!refused.contains("AGE-SECRET-KEY-1\n"), "{refused}");
    assert!(!restored.ledger().exists() && !restored.keys().exists());
    restore(&identity).ok();
    assert!(fs::read(restored.keys()).unwrap() == own);
    let again = restored.serve();
    let asked = r#"{"office": "secretary-general", "at": {"on": "2024-01-01"}}"#;
    let [before, after] = [&server, &again].map(|node| {
        let office = node.client().answer("RollService/ListOfficeHolders", asked);
        text(&office, "terms.0.displayName").to_owned()
    });
    assert!(!before.is_empty());
    assert_eq!(before, after);
}

#[test]
fn whom_the_copy_of_the_keys_is_for_is_checked_before_anything_is_served() {
    let folder = Folder::new();
    let backups = folder.path().join("backups");
    let args = |to| {
        [
            "--backup-folder",
            backups.to_str().unwrap(),
            "--backup-keys",
            "x.age",
            "--backup-keys-to",
            to,
        ]
    };
    let wrong = folder.serve_in_vain(&args("age1nobody")).fails(2);
    assert!(wrong.contains("a public key of age is expected"), "{wrong}");
    let alone = folder.serve_in_vain(&["--backup-keys", "x.age"]).fails(2);
    assert!(alone.contains("--backup-keys-to"), "{alone}");
    assert!(!folder.ledger().exists());
    // It may be on a disk that is not there yet.
    let nowhere = folder.serve_in_vain(&args(PUBLIC)).fails(1);
    assert!(
        nowhere.contains("--backup-folder") && nowhere.contains("is no folder"),
        "{nowhere}"
    );
    assert!(!backups.exists());
}
