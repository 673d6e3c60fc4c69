//! The server's certificate is exchanged while it runs.

use super::*;
use rcgen::date_time_ymd;
use std::os::unix::fs::PermissionsExt as _;

const MORE: &str =
    r#"{"id": "more", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;

/// Puts a certificate and its key in the place of others.
fn put(pair: &Pair, at: &Pair) {
    fs::copy(&pair.certificate, &at.certificate).expect("a file can be written");
    fs::copy(&pair.key, &at.key).expect("a file can be written");
}

fn head(node: &Node, ca: &Path) -> Output {
    node.ask(&["head", "--ca", text(ca)])
}

#[test]
fn a_new_certificate_is_shown_to_new_connections_and_a_watch_goes_on() {
    let folder = Folder::new();
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let (old_ca, new_ca) = (old.file(&folder, "old.pem"), new.file(&folder, "new.pem"));
    let shown = old.serves(&folder, "shown");
    let node = Node::start(&folder, &encrypting(&shown));
    let small = crate::harness::data("small.jsonl");
    node.ask(&["record", text(&small), "--ca", text(&old_ca)])
        .ok();
    let mut watch = Running::watch(&folder, &node, "watch.txt", &["--ca", text(&old_ca)]);
    watch.prints("caughtUp");
    put(&new.serves(&folder, "next"), &shown);
    // Nobody tells it to.
    node.says("certificates were read anew");
    head(&node, &new_ca).ok();
    assert!(head(&node, &old_ca).fails(1).contains("certificate"));
    let more = folder.write("more.jsonl", MORE);
    node.ask(&["record", text(&more), "--ca", text(&new_ca)])
        .ok();
    watch.prints("Birch");
    assert!(watch.is_running());
    // At once, if it is told to.
    put(&old.serves(&folder, "again"), &shown);
    node.hang_up();
    until("it shows the old one again", || {
        head(&node, &old_ca).code == Some(0)
    });
    assert!(watch.is_running());
}

#[test]
fn a_certificate_that_cannot_be_used_leaves_the_old_one_and_is_told() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let ca = ours.file(&folder, "ca.pem");
    let shown = ours.serves(&folder, "shown");
    let node = Node::start(&folder, &encrypting(&shown));
    let (one, other) = (ours.serves(&folder, "one"), ours.serves(&folder, "other"));
    let mut over = for_names(&["127.0.0.1"]);
    over.not_before = date_time_ymd(2019, 1, 1);
    over.not_after = date_time_ymd(2020, 1, 1);
    let over = ours.signs(&folder, "over", &over);
    let garbage = written(&folder, "garbage", "no certificate", "no key");
    let mixed = Pair {
        certificate: one.certificate.clone(),
        key: other.key,
    };
    for (pair, why) in [
        (&mixed, "cannot be used together"),
        (&garbage, "no certificate in PEM"),
        (&over, "valid from"),
    ] {
        put(pair, &shown);
        node.hang_up();
        node.says(why);
        assert!(
            node.said()
                .contains("what was there before goes on to count")
        );
        head(&node, &ca).ok();
    }
    // A file is copied with its mode.
    let mode = |mode| {
        let mode = fs::Permissions::from_mode(mode);
        fs::set_permissions(&one.key, mode).expect("a mode is set");
    };
    mode(0o644);
    put(&one, &shown);
    node.hang_up();
    node.says("open to others");
    fs::remove_file(&shown.key).expect("it is there");
    node.hang_up();
    node.says("No such file");
    head(&node, &ca).ok();
    mode(0o600);
    put(&one, &shown);
    node.hang_up();
    node.says("certificates were read anew");
    head(&node, &ca).ok();
}

#[test]
fn no_server_starts_with_a_certificate_that_cannot_be_used() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let (one, other) = (ours.serves(&folder, "one"), ours.serves(&folder, "other"));
    let garbage = written(&folder, "garbage", "no certificate", "no key");
    let mixed = Pair {
        certificate: one.certificate.clone(),
        key: other.key,
    };
    let open = ours.serves(&folder, "open");
    fs::set_permissions(&open.key, fs::Permissions::from_mode(0o644)).expect("a mode is set");
    for (pair, why) in [
        (mixed, "cannot be used together"),
        (garbage, "no certificate in PEM"),
        (open, "open to others"),
    ] {
        let args = [
            encrypting(&pair),
            vec!["--listen".into(), "127.0.0.1:0".into()],
        ]
        .concat();
        let said = in_vain(&folder, &args);
        assert!(said.contains("TLS") && said.contains(why), "{said}");
    }
}

#[test]
fn tokens_that_cannot_be_read_hold_up_no_certificate() {
    let folder = Folder::new();
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let (old_ca, new_ca) = (old.file(&folder, "old.pem"), new.file(&folder, "new.pem"));
    let shown = old.serves(&folder, "shown");
    let tokens = folder.secret("tokens", "sesame clerk/1 roles=reader\n");
    let mut args = encrypting(&shown);
    args.extend(["--tokens", text(&tokens)].map(String::from));
    let node = Node::start(&folder, &args);
    let token = folder.secret("token", "sesame\n");
    let head = |ca| node.ask(&["head", "--ca", text(ca), "--token-file", text(&token)]);
    head(&old_ca).ok();
    folder.secret("tokens", "sesame\n");
    put(&new.serves(&folder, "next"), &shown);
    node.hang_up();
    node.says("there is no actor");
    until("the new one is shown", || head(&new_ca).code == Some(0));
}
