//! Tokens that an issuer signs: what is made of one at the door, and what is told of it where.

use super::*;
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::SystemTime;

/// A key of an issuer.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let (of, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(of, &random).expect("a key is made");
        let key = EcdsaKeyPair::from_pkcs8(of, key.as_ref(), &random);
        Self(key.expect("it is a key"))
    }

    /// The public half, as the issuer shows it.
    fn shown(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "k", "use": "sig"})
    }

    fn token(&self, claims: &Value) -> String {
        let said = unsigned("ES256", claims);
        let signed = self.0.sign(&SystemRandom::new(), said.as_bytes());
        let signature = BASE64URL_NOPAD.encode(signed.expect("it is signed").as_ref());
        format!("{said}.{signature}")
    }
}

/// What is signed of a token.
fn unsigned(algorithm: &str, claims: &Value) -> String {
    let header = json!({"alg": algorithm, "kid": "k", "typ": "JWT"});
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(&header), part(claims))
}

/// An issuer on loopback, which shows its keys for as long as the test runs; returns its name.
fn issuer(keys: &Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let name = format!(
        "http://{}",
        listener.local_addr().expect("it has an address")
    );
    let keys = json!({"keys": keys}).to_string();
    let described =
        json!({"issuer": name, "jwks_uri": format!("{name}/keys"), "response_types": []});
    let described = described.to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            // The head ends with an empty line.
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            let body = if first.contains(" /keys ") {
                &keys
            } else {
                &described
            };
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            // Whoever asked may be gone.
            let _ = (&stream).write_all(format!("{head}{body}").as_bytes());
        }
    });
    name
}

/// What an issuer says of somebody who may ask for an hour.
fn claims(issuer: &str) -> Value {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    json!({"iss": issuer, "aud": "standing", "sub": "ada", "iat": now, "exp": now + 3_600})
}

/// The same, but for one claim.
fn but(claims: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[name] = value.into();
    claims
}

/// A server that believes an issuer.
fn believing(folder: &Folder, issuer: &str) -> Node {
    let tokens = folder.secret("tokens", "sesame clerk/9 roles=reader\n");
    let settings = format!(
        "[oidc]\nissuer = \"{issuer}\"\naudience = \"standing\"\n\
         [[identities]]\nactor = \"clerk/1\"\nroles = [\"reader\", \"recorder\"]\nsubject = \"ada\"\n\
         [[identities]]\nactor = \"clerk/2\"\nroles = [\"operator\"]\nsubject = \"bob\"\n"
    );
    let config = folder.write("standing.toml", settings);
    Node::start(
        folder,
        &["--config", text(&config), "--tokens", text(&tokens)],
    )
}

fn head(folder: &Folder, node: &Node, token: &str) -> Output {
    let file = folder.secret("token", token);
    node.ask(&["head", "--token-file", text(&file)])
}

#[test]
fn a_token_of_the_issuer_is_whom_an_identity_says() {
    let (folder, signer) = (Folder::new(), Signer::new());
    let issuer = issuer(&json!([signer.shown()]));
    let node = believing(&folder, &issuer);
    let claims = claims(&issuer);
    head(&folder, &node, &signer.token(&claims)).ok();
    let file = folder.secret("token", signer.token(&claims));
    let (small, by) = (crate::harness::data("small.jsonl"), text(&file));
    node.ask(&["record", text(&small), "--token-file", by]).ok();
    let entry = node.ask(&["entry", "1", "--token-file", by]).ok();
    assert!(entry.contains("clerk/1"), "{entry}");
    let several = but(&claims, "aud", json!(["other", "standing"]));
    head(&folder, &node, &signer.token(&several)).ok();
    let bob = head(&folder, &node, &signer.token(&but(&claims, "sub", "bob"))).fails(3);
    assert!(bob.contains("no role of yours"), "{bob}");
    // Tokens of the file count beside them.
    head(&folder, &node, "sesame").ok();
}

/// Tokens that are none, and what the log says of each.
fn none(issuer: &str, signer: &Signer) -> Vec<(&'static str, String, &'static str)> {
    let claims = claims(issuer);
    let public = signer.0.public_key().as_ref().to_vec();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &public);
    let said = unsigned("HS256", &claims);
    let tag = BASE64URL_NOPAD.encode(hmac::sign(&secret, said.as_bytes()).as_ref());
    let mut cut = signer.token(&claims);
    cut.truncate(cut.len() - 4);
    vec![
        (
            "expired",
            signer.token(&but(&claims, "exp", 1_000_000_000)),
            "has expired",
        ),
        (
            "not yet",
            signer.token(&but(&claims, "nbf", 4_000_000_000_u64)),
            "not valid yet",
        ),
        (
            "for another",
            signer.token(&but(&claims, "aud", "other")),
            "another audience",
        ),
        (
            "for nobody",
            signer.token(&but(&claims, "aud", Value::Null)),
            "the token is",
        ),
        (
            "of another",
            signer.token(&but(&claims, "iss", "http://a.example")),
            "another issuer",
        ),
        (
            "unknown",
            signer.token(&but(&claims, "sub", "eve")),
            "no identity names the subject",
        ),
        (
            "without an end",
            signer.token(&but(&claims, "exp", Value::Null)),
            "the token",
        ),
        (
            "of no key",
            format!("{}.", unsigned("none", &claims)),
            "not believed",
        ),
        ("of a shared key", format!("{said}.{tag}"), "algorithm"),
        (
            "of a thief's key",
            Signer::new().token(&claims),
            "signature is wrong",
        ),
        ("cut", cut, "the token"),
    ]
}

#[test]
fn a_token_that_is_none_is_told_nothing_and_the_log_says_why_without_it() {
    let (folder, signer) = (Folder::new(), Signer::new());
    let issuer = issuer(&json!([signer.shown()]));
    for (what, token, logged) in none(&issuer, &signer) {
        // Of several in a row the log tells the first, so each has a server of its own.
        let node = believing(&folder, &issuer);
        let said = head(&folder, &node, &token).fails(1);
        assert!(
            said.contains("who calls is not known here"),
            "{what}: {said}"
        );
        node.says("it is not known who calls");
        let log = node.said();
        assert!(log.contains(logged), "{what}: {log}");
        let parts = token.split('.').filter(|part| part.len() > 8);
        for part in parts {
            assert!(!log.contains(part) && !said.contains(part), "{what}: {log}");
        }
    }
}

#[test]
fn a_server_without_its_issuer_knows_those_of_its_file() {
    let (folder, signer) = (Folder::new(), Signer::new());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let away = format!(
        "http://{}",
        listener.local_addr().expect("it has an address")
    );
    drop(listener);
    let node = believing(&folder, &away);
    let said = head(&folder, &node, &signer.token(&claims(&away))).fails(1);
    assert!(said.contains("who calls is not known here"), "{said}");
    node.says("the issuer's keys are away");
    head(&folder, &node, "sesame").ok();
}
