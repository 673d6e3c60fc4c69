//! Spellings of a path and of a token that mean something else elsewhere.

use super::*;
use prost::Message as _;

/// Spellings of `/standing.v1.LedgerService/Record` that are not it.
const SPELLINGS: [&str; 24] = [
    "//standing.v1.LedgerService/Record",
    "///standing.v1.LedgerService/Record",
    "/standing.v1.LedgerService//Record",
    "/standing.v1.LedgerService/%52ecord",
    "/standing.v1%2ELedgerService/Record",
    "/standing.v1.LedgerService%2FRecord",
    "/standing.v1.LedgerService%2fRecord",
    "/Standing.v1.LedgerService/Record",
    "/standing.v1.LedgerService/record",
    "/STANDING.V1.LEDGERSERVICE/RECORD",
    "/standing.v1.LedgerService/Record/",
    "/standing.v1.LedgerService/Record//",
    "/./standing.v1.LedgerService/Record",
    "/standing.v1.LedgerService/./Record",
    "/grpc.health.v1.Health/../standing.v1.LedgerService/Record",
    "/grpc.health.v1.Health/%2e%2e/standing.v1.LedgerService/Record",
    "/standing.v1.LedgerService/Record%00",
    "/standing.v1.LedgerService/Record%20",
    "/standing.v1.LedgerService/Record;x",
    "/standing.v1.LedgerService",
    "/Record",
    "/standing.v1.RightsService/Record",
    "/grpc.health.v1.Health/Record",
    "/standing.v1.LedgerService.Record",
];

fn message() -> Vec<u8> {
    let text = r#"{"id":"x","partyRegistered":{"party":"x","kind":"club"}}"#;
    batch("x", text).encode_to_vec()
}

/// Who may be told what of a path that is none: it is not there, whoever asks.
#[track_caller]
fn leads_nowhere(answer: &str, token: Option<&str>, path: &str) {
    let is_closed = answer == "closed" || answer.starts_with("HTTP 4");
    let is_asked_who = token.is_none() && answer == "TOKEN_MISSING";
    let leads_nowhere = is_closed || is_asked_who || answer == "UNIMPLEMENTED";
    assert!(leads_nowhere, "{path} as {token:?}: {answer}");
}

#[tokio::test]
async fn no_other_spelling_of_a_path_leads_to_the_method() {
    let mut guarded = guarded(TOKENS).await;
    let address = guarded.world.address;
    let message = message();
    for path in SPELLINGS {
        for token in [None, Some("reader"), Some("recorder")] {
            let raw = Raw::connect(&guarded.world, WINDOW).await;
            // What is before the path is no part of it.
            let headers = bearing(token);
            let headers: Vec<_> = headers.iter().map(|(name, of)| (*name, &**of)).collect();
            let mut call = raw.begin(&path[1..], &headers).await;
            call.send(&framed(&message), true);
            let (response, _body) = call.head().await;
            let answer = match response.status().as_u16() {
                200 => told(Status::from_header_map(response.headers()).as_ref()),
                status => format!("HTTP {status}"),
            };
            leads_nowhere(&answer, token, path);
            let answer = web(address, path, &bearing(token), &message).await;
            leads_nowhere(&answer.told(), token, path);
        }
    }
    for path in ["standing.v1.LedgerService/Record", "*", ""] {
        let answer = web(address, path, &bearing(Some("recorder")), &message).await;
        leads_nowhere(&answer.told(), Some("recorder"), path);
    }
    assert_eq!(guarded.head().await, 0);
}

#[tokio::test]
async fn what_follows_a_path_changes_nothing() {
    let mut guarded = guarded(TOKENS).await;
    let address = guarded.world.address;
    let message = message();
    for path in [
        "/standing.v1.LedgerService/Record",
        "/standing.v1.LedgerService/Record?x",
        "/standing.v1.LedgerService/Record?/standing.v1.LedgerService/GetHead",
    ] {
        for (token, expected) in [
            (None, "TOKEN_MISSING"),
            (Some("thief"), "TOKEN_UNKNOWN"),
            (Some("reader"), "PERMISSION_MISSING"),
        ] {
            let raw = Raw::connect(&guarded.world, WINDOW).await;
            assert_eq!(asked(&raw, path, &bearing(token), &message).await, expected);
            let answer = web(address, path, &bearing(token), &message).await;
            assert_eq!(answer.told(), expected, "{path} as {token:?}");
        }
    }
    assert_eq!(guarded.head().await, 0);
}

#[tokio::test]
async fn no_other_spelling_of_a_token_is_one() {
    let guarded = guarded(TOKENS).await;
    let (address, path) = (guarded.world.address, "/standing.v1.LedgerService/GetHead");
    let long = format!("authorization: Bearer {}", "r".repeat(1 << 20));
    for (lines, expected) in [
        ("authorization: Bearer reader", "yes"),
        ("Authorization:Bearer reader", "yes"),
        (
            "authorization: Bearer reader\r\nauthorization: Bearer reader",
            "TOKEN_MALFORMED",
        ),
        (
            "authorization: Bearer thief\r\nauthorization: Bearer reader",
            "TOKEN_MALFORMED",
        ),
        (
            "authorization: Bearer reader, Bearer reader",
            "TOKEN_MALFORMED",
        ),
        ("authorization: Bearer reader\0", "HTTP 400"),
        ("authorization: Bearer\0reader", "HTTP 400"),
        ("authorization: Bearer\r\n reader", "HTTP 400"),
        ("authorization: Bearer\rreader", "HTTP 400"),
        ("authorization : Bearer reader", "HTTP 400"),
        ("authorization: Bearer \u{e9}reader", "TOKEN_MALFORMED"),
        ("proxy-authorization: Bearer reader", "TOKEN_MISSING"),
        ("x-authorization: Bearer reader", "TOKEN_MISSING"),
        ("cookie: authorization=Bearer reader", "TOKEN_MISSING"),
        (&*long, "HTTP 431"),
    ] {
        let body = framed(&[]);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\n{lines}\r\ncontent-type: application/grpc-web+proto\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let answer = sent(address, &[head.as_bytes(), &body].concat())
            .await
            .told();
        let shown = &lines[..lines.len().min(60)];
        // A server that has refused may close before the client has sent all that it sends.
        let is_cut = lines.len() > 1 << 20 && answer == "closed";
        assert!(answer == expected || is_cut, "{shown:?}: {answer}");
    }
}
