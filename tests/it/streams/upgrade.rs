//! A ledger of an earlier release, with its replicas: exchanged one after the other, as
//! deploy/UPGRADING.md says.

use super::replicas::assert_same;
use super::settled;
use crate::harness::{Folder, Nats, Server, batch, data};
use crate::questions::SMALL;
use std::fs;

/// Puts the ledger and the keys of an earlier release into a folder.
fn earlier() -> Folder {
    let folder = Folder::new();
    fs::copy(data("earlier/standing.redb"), folder.ledger()).unwrap();
    let keys = fs::read(data("earlier/standing.keys")).unwrap();
    folder.write("standing.keys", keys);
    restrict(&folder);
    folder
}

#[cfg(unix)]
fn restrict(folder: &Folder) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder.keys(), fs::Permissions::from_mode(0o600)).unwrap();
}

/// Records a batch, and waits until everybody has it.
fn record(number: u32, writer: &Server, replicas: [&Server; 2]) {
    let name = format!("seat-{number}");
    let line = format!(
        r#"{{"id": "{name}", "effective": {{"date": "2012-01-0{number}"}}, "seatPlaced": {{"place": "Birch {number}"}}}}"#
    );
    writer.client().record(&batch(&name, &line)).unwrap();
    settled(writer, "CAUGHT_UP");
    for replica in replicas {
        super::until("a replica has it", || {
            replica.client().head() == writer.client().head()
        });
        assert_same(writer.client(), replica.client(), SMALL, &[None, Some(28)]);
    }
}

#[test]
fn a_writer_and_two_replicas_are_exchanged_one_after_the_other() {
    let nats = Nats::start();
    let url = nats.url();
    let folders = [earlier(), earlier(), Folder::new()];
    let serve = |head| {
        let expected = ["--association", "league", "--expect-head", head];
        let server = folders[0].serve_with(&[&["--nats", &*url][..], &expected].concat());
        settled(&server, "CAUGHT_UP");
        server
    };
    // What is left of the earlier release: the replicas' files, and nothing of the stream.
    let writer = serve("28");
    let [mut one, mut two] = [1, 2].map(|at| folders[at].replica(&url));
    record(1, &writer, [&one, &two]);
    assert!(one.terminate().success());
    one = folders[1].replica(&url);
    record(2, &writer, [&one, &two]);
    assert!(two.terminate().success());
    two = folders[2].replica(&url);
    record(3, &writer, [&one, &two]);
    assert!(writer.terminate().success());
    // They go on to answer.
    assert_eq!([&one, &two].map(|replica| replica.client().head()), [31; 2]);
    let writer = serve("31");
    record(4, &writer, [&one, &two]);
    assert_eq!(nats.last("standing-league-entries"), 32);
}
