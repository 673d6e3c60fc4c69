//! A Unix socket: who comes over it, and what stands in its place.

use super::*;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

fn head(socket: &Path) -> Output {
    cli(["head", "--server", &format!("unix:{}", text(socket))])
}

#[test]
fn whoever_operates_the_machine_comes_over_the_socket_and_over_nothing_else() {
    let folder = Folder::new();
    let socket = folder.path().join("socket");
    let mut node = Node::start(&folder, &["--socket", text(&socket)]);
    let mode = fs::metadata(&socket)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o660);
    head(&socket).ok();
    let small = crate::harness::data("small.jsonl");
    let server = format!("unix:{}", text(&socket));
    cli(["record", text(&small), "--server", &server]).ok();
    assert!(head(&socket).ok().contains("28"));
    let entry = cli(["entry", "1", "--server", &server]).ok();
    assert!(entry.contains("local/operator"), "{entry}");
    let said = node.ask(&["head"]).fails(1);
    assert!(said.contains("every caller needs a token"), "{said}");
    node.signal("-TERM");
    until("it ends", || !node.is_running());
    assert!(!socket.exists(), "it goes with its server");
    assert!(
        head(&socket)
            .fails(1)
            .contains("no server answers at unix:")
    );
}

#[test]
fn an_identity_says_what_a_user_of_the_socket_may() {
    let folder = Folder::new();
    let socket = folder.path().join("socket");
    let user = fs::metadata(folder.path()).map(|data| std::os::unix::fs::MetadataExt::uid(&data));
    let user = user.expect("it has an owner");
    let config = folder.write(
        "standing.toml",
        format!("[[identities]]\nactor = \"clerk/1\"\nroles = [\"operator\"]\nuser = {user}\n"),
    );
    let args = ["--socket", text(&socket), "--config", text(&config)];
    let _node = Node::start(&folder, &args);
    assert!(head(&socket).fails(3).contains("no role of yours"));
}

#[test]
fn a_socket_that_nobody_listens_on_is_replaced() {
    let folder = Folder::new();
    let socket = folder.path().join("socket");
    let mut node = Node::start(&folder, &["--socket", text(&socket)]);
    node.signal("-KILL");
    until("it ends", || !node.is_running());
    let left = fs::symlink_metadata(&socket).expect("it is left behind");
    assert!(left.file_type().is_socket());
    let _node = Node::start(&folder, &["--socket", text(&socket)]);
    head(&socket).ok();
}

#[test]
fn what_is_there_already_and_is_in_use_is_left_alone() {
    let folder = Folder::new();
    let path = folder.path().join("socket");
    let args = ["--listen", "127.0.0.1:0", "--socket", text(&path)];
    let _live = UnixListener::bind(&path).expect("it is free");
    let said = in_vain(&folder, &args);
    assert!(said.contains("another server listens on"), "{said}");
    fs::remove_file(&path).expect("it is there");

    fs::write(&path, "precious").expect("a file can be written");
    let said = in_vain(&folder, &args);
    assert!(said.contains("is there and is no socket"), "{said}");
    assert_eq!(fs::read(&path).expect("it is there"), b"precious");
    fs::remove_file(&path).expect("it is there");

    // Nor is what a link leads to.
    let precious = folder.write("precious", "precious");
    std::os::unix::fs::symlink(&precious, &path).expect("a link can be made");
    assert!(in_vain(&folder, &args).contains("is there and is no socket"));
    assert_eq!(fs::read(&precious).expect("it is there"), b"precious");
    fs::remove_file(&path).expect("it is there");

    // A server that gives up takes nothing with it that is another's.
    let other = Folder::new();
    let _node = Node::start(&other, &["--socket", text(&path)]);
    in_vain(&folder, &args);
    head(&path).ok();
}
