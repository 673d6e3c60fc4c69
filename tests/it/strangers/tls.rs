//! What is spoken to whom over TLS.

use super::*;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[test]
fn a_server_is_believed_that_an_authority_of_ours_has_signed_and_no_other() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let ca = ours.file(&folder, "ca.pem");
    let other = Authority::new("other").file(&folder, "other.pem");
    let node = Node::start(&folder, &encrypting(&ours.serves(&folder, "server")));
    assert!(node.url.starts_with("https://"), "{}", node.url);
    // Encrypted is not known: nobody is configured, and whoever is on this machine operates it.
    node.ask(&["head", "--ca", text(&ca)]).ok();
    let localhost = format!("https://localhost:{}", node.port());
    cli(["head", "--ca", text(&ca), "--server", &localhost]).ok();
    for args in [&["head"][..], &["head", "--ca", text(&other)]] {
        let said = node.ask(args).fails(1);
        assert!(said.contains("certificate"), "{args:?}: {said}");
    }
    let said = node.ask(&["head", "--ca", text(&folder.path().join("none"))]);
    assert!(said.fails(1).contains("cannot read"));
}

#[test]
fn a_server_of_another_name_is_not_believed() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let ca = ours.file(&folder, "ca.pem");
    let pair = ours.signs(&folder, "server", &for_names(&["ledger.example"]));
    let node = Node::start(&folder, &encrypting(&pair));
    let said = node.ask(&["head", "--ca", text(&ca)]).fails(1);
    assert!(said.contains("not valid for name"), "{said}");
}

#[test]
fn a_token_says_who_calls_over_tls() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let ca = ours.file(&folder, "ca.pem");
    let tokens = folder.secret("tokens", "sesame clerk/1 roles=reader\n");
    let mut args = encrypting(&ours.serves(&folder, "server"));
    args.extend(["--tokens".to_owned(), text(&tokens).to_owned()]);
    let node = Node::start(&folder, &args);
    let right = folder.secret("right", "sesame\n");
    let wrong = folder.secret("wrong", "thief\n");
    let head = |args: &[&str]| node.ask(&[&["head", "--ca", text(&ca)][..], args].concat());
    head(&["--token-file", text(&right)]).ok();
    let unknown = head(&["--token-file", text(&wrong)]).fails(1);
    assert!(unknown.contains("not known here"), "{unknown}");
    let missing = head(&[]).fails(1);
    assert!(missing.contains("every caller needs a token"), "{missing}");
}

#[test]
fn whoever_speaks_in_clear_to_a_server_that_encrypts_is_told() {
    let folder = Folder::new();
    let ours = Authority::new("ours");
    let node = Node::start(&folder, &encrypting(&ours.serves(&folder, "server")));
    let plain = node.url.replace("https:", "http:");
    let said = cli(["head", "--server", &plain]).fails(1);
    assert!(said.contains("write https://"), "{said}");
    // Nothing of what is answered in clear comes.
    let mut stream = TcpStream::connect(("127.0.0.1", node.port())).expect("it listens");
    let asked = format!(
        "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n",
        node.port()
    );
    stream.write_all(asked.as_bytes()).expect("it takes bytes");
    let mut answer = Vec::new();
    // However it is ended.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    node.says("encryption was not agreed on");
}
