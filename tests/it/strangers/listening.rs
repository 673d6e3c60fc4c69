//! Where a server listens, and what it refuses to say there in clear.

use super::*;
use crate::harness::{get, near_files};
use std::collections::BTreeSet;

#[test]
fn what_others_could_read_is_not_spoken_in_clear_unless_that_is_meant() {
    let folder = Folder::new();
    for listen in ["0.0.0.0:0", "[::]:0", "[::ffff:0.0.0.0]:0"] {
        let said = in_vain(&folder, &["--listen", listen]);
        for part in ["nothing is encrypted", "--tls-cert", "--insecure"] {
            assert!(said.contains(part), "{listen}: {said}");
        }
    }
    let node = Node::start(&folder, &["--listen", "0.0.0.0:0", "--insecure"]);
    let (status, healthz) = get(node.port(), "/healthz").expect("it answers");
    assert_eq!(status, 200, "{healthz}");
    assert!(
        healthz.contains("insecure: others than this machine"),
        "{healthz}"
    );
    drop(node);
    let node = Node::start(&folder, &["--listen", "127.0.0.1:0"]);
    let (_, healthz) = get(node.port(), "/healthz").expect("it answers");
    assert!(healthz.contains("\"warnings\":[]"), "{healthz}");
    drop(node);
    let pair = Authority::new("ours").serves(&folder, "server");
    let args = [
        encrypting(&pair),
        vec!["--listen".into(), "0.0.0.0:0".into()],
    ]
    .concat();
    Node::start(&folder, &args);
}

/// The addresses on which a process listens, by the system's own tables.
fn listened_on(pid: u32) -> BTreeSet<String> {
    let files = fs::read_dir(format!("/proc/{pid}/fd"));
    let links = files.into_iter().flatten().flatten();
    let sockets: BTreeSet<String> = links
        .filter_map(|file| fs::read_link(file.path()).ok())
        .filter_map(|link| {
            let link = link.to_string_lossy().into_owned();
            let inode = link.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let mut found = BTreeSet::new();
    for table in ["tcp", "tcp6"] {
        let rows = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for row in rows.lines().skip(1) {
            let cells: Vec<&str> = row.split_whitespace().collect();
            let [_, local, _, state, ..] = cells[..] else {
                continue;
            };
            if state == "0A" && cells.get(9).is_some_and(|inode| sockets.contains(*inode)) {
                found.insert(local.to_owned());
            }
        }
    }
    found
}

#[test]
fn while_it_imports_a_server_listens_on_its_own_port_alone() {
    let folder = Folder::new();
    let tokens = folder.secret("tokens", "sesame clerk/1 roles=reader\n");
    let log = folder.path().join("import.log");
    let mut command = serve(&folder);
    command.args([
        "--listen",
        "127.0.0.1:0",
        "--tokens",
        text(&tokens),
        "--import",
    ]);
    let file = File::create(&log).expect("a log can be written");
    let child = command
        .arg(near_files())
        .stdout(file.try_clone().expect("a file has a second handle"))
        .stderr(file)
        .spawn();
    let mut node = Node {
        child: child.expect("the binary runs"),
        log,
        url: String::new(),
    };
    let mut seen = BTreeSet::new();
    let mut looks = 0;
    until("it has imported", || {
        assert!(node.is_running(), "{}", node.said());
        let now = listened_on(node.child.id());
        looks += usize::from(!now.is_empty());
        seen.extend(now);
        node.url = node.listens().unwrap_or_default();
        !node.url.is_empty()
    });
    assert!(looks > 10, "it was looked at while it imported: {looks}");
    assert_eq!(
        seen,
        BTreeSet::from([format!("0100007F:{:04X}", node.port())])
    );
    // What was imported is the operator's; who has no token is nobody.
    assert!(
        node.ask(&["head"])
            .fails(1)
            .contains("every caller needs a token")
    );
    let token = folder.secret("token", "sesame\n");
    let by = ["--token-file", text(&token)];
    node.ask(&[&["head"][..], &by].concat()).ok();
    let entry = node.ask(&[&["entry", "1"][..], &by].concat()).ok();
    assert!(entry.contains("local/operator"), "{entry}");
}
