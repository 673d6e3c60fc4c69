//! A file that is damaged, another's, or old: named before anything is served.

use crate::harness::{Folder, cli};
use crate::recording::small;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;

fn verify(folder: &Folder, args: &[&str]) -> crate::harness::Output {
    let ledger = folder.ledger();
    let given = args.iter().map(OsStr::new);
    cli([OsStr::new("verify"), ledger.as_os_str()]
        .into_iter()
        .chain(given))
}

#[test]
fn a_file_is_verified_and_left_as_it_was() {
    let folder = Folder::new();
    let server = small(&folder);
    let in_use = verify(&folder, &[]).fails(1);
    assert!(in_use.contains("in use"), "{in_use}");
    // As a crash leaves it.
    server.kill();
    let unclosed = fs::read(folder.ledger()).unwrap();
    let sound = verify(&folder, &[]).ok();
    for part in [
        "standing.redb: sound",
        "28 entries",
        "position 28",
        "format 2",
    ] {
        assert!(sound.contains(part), "no {part}: {sound}");
    }
    assert!(fs::read(folder.ledger()).unwrap() == unclosed);
    assert!(folder.serve().terminate().success());

    // A bit of the last entry's bytes, where the file has them.
    let whole = fs::read(folder.ledger()).unwrap();
    let needle = b"local/operator";
    let at = whole.windows(needle.len()).rposition(|part| part == needle);
    let mut flipped = whole.clone();
    flipped[at.unwrap() + 3] ^= 1;
    fs::write(folder.ledger(), &flipped).unwrap();
    let scratch = folder.path().join("scratch");
    fs::create_dir(&scratch).unwrap();
    let output = verify(&folder, &["--json", "--scratch", scratch.to_str().unwrap()]);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["sound"], false, "{report}");
    assert!(report["pages"].is_string(), "{report}");
    let found = report["problems"].as_array().unwrap();
    assert!(
        found
            .iter()
            .any(|problem| problem["problem"].as_str().unwrap().contains("hash")),
        "{report}"
    );
    // The report is an answer, and the file fails all the same.
    assert_eq!(output.code, Some(1));
    assert!(output.stderr.contains("not sound"), "{output:?}");
    assert!(fs::read(folder.ledger()).unwrap() == flipped);
    assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0);
    // And such a file is served to nobody, checked page by page or not.
    for check in ["always", "never"] {
        let refused = folder.serve_in_vain(&["--check", check]).fails(1);
        assert!(refused.contains("cannot open the ledger"), "{refused}");
    }

    fs::write(folder.ledger(), b"no ledger at all").unwrap();
    let foreign = verify(&folder, &["--json"]);
    let report: Value = serde_json::from_str(&foreign.stdout).unwrap();
    assert_eq!(report["sound"], false, "{report}");
    assert!(!foreign.stdout.contains("standing-verify-"), "{report}");
    assert_eq!(foreign.code, Some(1));
}

#[test]
fn another_associations_ledger_and_an_older_copy_are_refused_by_name() {
    let folder = Folder::new();
    // What is expected of a ledger that is not there is not met by making one.
    let nothing = folder.serve_in_vain(&["--expect-head", "28"]).fails(1);
    assert!(nothing.contains("--expect-head 28"), "{nothing}");
    assert!(!folder.ledger().exists() && !folder.keys().exists());

    let own = ["--association", "league", "--expect-head", "28"];
    let server = folder.serve_with(&["--association", "league"]);
    let lines = fs::read_to_string(crate::harness::data("small.jsonl")).unwrap();
    let request = crate::harness::batch("small", &lines);
    server.client().record(&request).unwrap();
    assert!(server.terminate().success());

    let other = folder.serve_in_vain(&["--association", "near"]).fails(1);
    for part in ["association league", "not of near", "--association"] {
        assert!(other.contains(part), "no {part}: {other}");
    }
    let older = folder.serve_in_vain(&["--expect-head", "29"]).fails(1);
    for part in ["ends at position 28", "before 29", "older copy"] {
        assert!(older.contains(part), "no {part}: {older}");
    }
    let no_id = folder.serve_in_vain(&["--association", "B B"]).fails(1);
    assert!(no_id.contains("--association"), "{no_id}");
    let nats = ["--nats", "nats://127.0.0.1:9", "--association", "near"];
    let replica = folder.replica_in_vain(&nats).fails(1);
    assert!(replica.contains("association league"), "{replica}");
    assert_eq!(folder.serve_with(&own).client().head(), 28);
}
