//! Kill -9 during an import, at many points: what was acknowledged is there, nothing is there
//! twice, and the import goes on to the same ledger.

use crate::harness::{Client, Folder, Sequence, Server, near, near_files, number, text, without};
use crate::questions;
use crate::questions::NEAR;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// What two ledgers of one content may differ in: when they learned it, and what follows from that.
const OF_THEIR_OWN: &[&str] = &["recordTime", "stored"];

/// How many kills one import suffers.
const KILLS: u64 = 6;

/// Waits until the ledger has reached a position; returns the position it was seen at.
fn wait_for(server: &Server, target: u64) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(1) {
        let head = server.client().ask("LedgerService/GetHead", "{}");
        let head = head.map_or(0, |head| number(&head, "head.position"));
        if head >= target {
            return head;
        }
    }
    panic!("position {target} is never reached:\n{}", server.said());
}

fn assert_is_near(client: &Client) {
    let undisturbed = near().client().entries();
    let found = client.entries();
    assert_eq!(client.head(), near().client().head());
    assert_eq!(found.len(), undisturbed.len());
    let ids: BTreeSet<_> = found.iter().map(|entry| text(entry, "draft.id")).collect();
    assert_eq!(ids.len(), found.len(), "an entry is there twice");
    for (found, expected) in found.into_iter().zip(undisturbed) {
        assert_eq!(
            without(found, OF_THEIR_OWN),
            without(expected, OF_THEIR_OWN)
        );
    }
    let answers = |client| questions::contents(client, NEAR, OF_THEIR_OWN);
    for (found, expected) in answers(client).into_iter().zip(answers(near().client())) {
        assert_eq!(found, expected);
    }
}

#[test]
fn a_server_killed_while_it_imports_goes_on_where_it_was() {
    let folder = Folder::new();
    let import = ["--import".into(), near_files()];
    let whole = near().client().head();
    let mut points = Sequence(2_024);
    let mut acknowledged = 0;
    let mut on_the_way = 0;
    for kill in 0..KILLS {
        let step = whole / (KILLS + 1);
        let target = kill * step + points.below(step);
        let server = folder.spawn(&import);
        // A visible entry is an acknowledged one: it outlives the process.
        let seen = wait_for(&server, target.max(acknowledged));
        server.kill();
        acknowledged = seen;
        on_the_way += u64::from(seen < whole);
    }
    assert!(
        on_the_way > KILLS / 2,
        "only {on_the_way} kills came in time"
    );
    let server = folder.serve();
    let left = server.client().head();
    assert!(
        left >= acknowledged && acknowledged > 0,
        "{left} is left of {acknowledged}"
    );
    for (place, entry) in (1..).zip(server.client().entries()) {
        assert_eq!(number(&entry, "position"), place, "positions have no gaps");
    }
    server.kill();
    let server = folder.serve_with(&import);
    assert_is_near(server.client());
    server.kill();
    // Nothing is left to import, and that changes nothing.
    let server = folder.serve_with(&import);
    assert_is_near(server.client());
}

#[test]
fn an_import_killed_on_its_way_is_resumed() {
    let folder = Folder::new();
    let server = folder.serve();
    let whole = near().client().head();
    let mut points = Sequence(1_996);
    for third in 0..2 {
        let target = third * whole / 3 + points.below(whole / 3);
        let mut import = crate::harness::binary()
            .arg("import")
            .arg(near_files())
            .args(["--server", &format!("http://{}", server.address())])
            .stderr(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        wait_for(&server, target);
        import.kill().unwrap();
        import.wait().unwrap();
    }
    assert!(server.client().head() < whole, "the import was faster");
    let files = near_files();
    let import = || server.cli(["import".as_ref(), files.as_os_str()]);
    let report = import();
    assert_eq!(report.code, Some(0), "{report:#?}");
    assert_is_near(server.client());
    let report = import();
    let said = format!("{}{}", report.stdout, report.stderr);
    assert!(
        said.contains("0 recorded") && said.contains(&format!("{whole} already there")),
        "{said}"
    );
    assert_is_near(server.client());
}
