//! Names and origins, over the wire.

use super::*;
use crate::Hosts;

const HEAD: &str = "/standing.v1.LedgerService/GetHead";

/// What is said: the name that the server is called by, the page that calls, and what comes of it:
/// `yes`, or whether the name or the page is refused. `PORT` is that of the server.
const SAID: &str = "
    127.0.0.1:PORT               | -                              | yes
    localhost:PORT               | -                              | yes
    LOCALHOST:PORT               | -                              | yes
    [::1]:PORT                   | -                              | yes
    ledger.example               | -                              | yes
    ledger.example:PORT          | -                              | yes
    127.0.0.1:PORT               | http://127.0.0.1:PORT          | yes
    localhost:PORT               | http://localhost:PORT          | yes
    ledger.example               | https://site.example           | yes
    evil.example                 | -                              | host
    evil.example:PORT            | -                              | host
    localhost                    | -                              | host
    localhost:1                  | -                              | host
    localhost:PORT.evil.example  | -                              | host
    127.0.0.1.evil.example:PORT  | -                              | host
    ledger.example.evil.example  | -                              | host
    evil.example                 | https://site.example           | host
    evil.example:PORT            | http://evil.example:PORT       | host
    127.0.0.1:PORT               | http://evil.example            | origin
    127.0.0.1:PORT               | http://localhost:PORT          | origin
    127.0.0.1:PORT               | http://127.0.0.1:3000          | origin
    localhost:PORT               | http://localhost:3000          | origin
    localhost:PORT               | https://localhost:PORT         | origin
    127.0.0.1:PORT               | null                           | origin
    127.0.0.1:PORT               | https://site.example.evil.example | origin
";

fn said(port: u16) -> Vec<(String, Option<String>, String)> {
    let table = SAID.replace("PORT", &port.to_string());
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
            let origin = (cells[1] != "-").then(|| cells[1].clone());
            (cells[0].clone(), origin, cells[2].clone())
        })
        .collect()
}

/// Serves to everybody who has a token, under a name besides its own, for a page of another site.
async fn named() -> World {
    let folder = tempfile::tempdir().unwrap();
    let hosts = ["ledger.example".to_owned()];
    let config = Config {
        access: Access::read(&options(&folder, TOKENS)).unwrap(),
        hosts: Hosts::new(&hosts, &["https://site.example".to_owned()]).unwrap(),
        ..Config::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    serving(folder, engine, config).await
}

fn reason(expected: &str) -> &str {
    match expected {
        "host" => "HOST_REFUSED",
        "origin" => "ORIGIN_REFUSED",
        expected => expected,
    }
}

fn headers(host: &str, origin: Option<&String>) -> Vec<(&'static str, String)> {
    let mut headers = bearing(Some("reader"));
    headers.push(("host", host.to_owned()));
    headers.extend(origin.map(|origin| ("origin", origin.clone())));
    headers
}

#[tokio::test]
async fn over_http_1_a_server_is_called_by_its_names_from_its_pages() {
    let world = named().await;
    for (host, origin, expected) in said(world.address.port()) {
        let headers = headers(&host, origin.as_ref());
        let answer = web(world.address, HEAD, &headers, &[]).await;
        assert_eq!(answer.told(), reason(&expected), "{host} from {origin:?}");
        for path in ["/metrics", "/healthz", "/nowhere"] {
            let head = head_of("GET", path, &headers);
            let answer = sent(world.address, head.as_bytes()).await;
            let is_refused = answer.status == 403;
            assert_eq!(
                is_refused,
                expected != "yes",
                "{path} {host} from {origin:?}"
            );
            if is_refused {
                let body = String::from_utf8(answer.body).unwrap();
                assert!(
                    !body.contains("standing_") && !body.contains("position"),
                    "{body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn over_http_2_a_server_is_called_by_its_names_from_its_pages() {
    let world = named().await;
    for (host, origin, expected) in said(world.address.port()) {
        if host.contains(".evil.example") && host.starts_with("localhost:") {
            // It is no authority that this client would send.
            continue;
        }
        let stream = TcpStream::connect(world.address).await.unwrap();
        let raw = Raw::over(stream, &host, WINDOW).await;
        let mut headers = bearing(Some("reader"));
        headers.extend(origin.clone().map(|origin| ("origin", origin)));
        let answer = asked(&raw, HEAD, &headers, &[]).await;
        assert_eq!(answer, reason(&expected), "{host} from {origin:?}");
        if origin.is_none() {
            for path in ["/metrics", "/healthz"] {
                let status = raw.get(path).await.status();
                assert_eq!(status == 403, expected != "yes", "{path} {host}: {status}");
            }
        }
    }
}

#[tokio::test]
async fn who_calls_no_name_two_or_different_ones_is_refused() {
    let world = named().await;
    let here = world.address;
    for (lines, expected) in [
        (format!("GET /metrics HTTP/1.1\r\nhost: {here}\r\n"), 200),
        (
            format!("GET http://{here}/metrics HTTP/1.1\r\nhost: {here}\r\n"),
            200,
        ),
        ("GET /metrics HTTP/1.1\r\n".to_owned(), 403),
        ("GET /metrics HTTP/1.0\r\n".to_owned(), 403),
        ("GET /metrics HTTP/1.1\r\nhost:\r\n".to_owned(), 403),
        (
            format!("GET /metrics HTTP/1.1\r\nhost: {here}\r\nhost: {here}\r\n"),
            403,
        ),
        (
            format!("GET /metrics HTTP/1.1\r\nhost: {here}\r\nhost: evil.example\r\n"),
            403,
        ),
        (
            format!("GET http://evil.example/metrics HTTP/1.1\r\nhost: {here}\r\n"),
            403,
        ),
        (
            format!("GET http://{here}/metrics HTTP/1.1\r\nhost: evil.example\r\n"),
            403,
        ),
        (
            format!("GET http://a@{here}/metrics HTTP/1.1\r\nhost: {here}\r\n"),
            403,
        ),
        (
            format!("GET /metrics HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: {here}\r\n"),
            403,
        ),
        (
            format!(
                "GET /metrics HTTP/1.1\r\nhost: {here}\r\norigin: http://{here}\r\norigin: http://{here}\r\n"
            ),
            403,
        ),
    ] {
        let request = format!("{lines}connection: close\r\n\r\n");
        let answer = sent(here, request.as_bytes()).await;
        assert_eq!(answer.status, expected, "{lines}");
    }
}

#[tokio::test]
async fn a_page_of_this_machine_is_nobody_where_nobody_is_configured() {
    let mut world = empty(Config::default()).await;
    let own = format!("http://{}", world.address);
    let message = prost::Message::encode_to_vec(&batch("league", LEAGUE));
    let record = "/standing.v1.LedgerService/Record";
    for (name, value) in [
        ("origin", &*own),
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-mode", "cors"),
        ("cookie", "a=b"),
        ("x-forwarded-for", "192.0.2.7"),
        ("forwarded", "for=192.0.2.7"),
        ("via", "1.1 proxy"),
        ("x-real-ip", "192.0.2.7"),
    ] {
        let headers = [(name, value.to_owned())];
        let raw = Raw::connect(&world, WINDOW).await;
        for (path, message) in [(HEAD, &[][..]), (record, &message)] {
            assert_eq!(
                asked(&raw, path, &headers, message).await,
                "TOKEN_MISSING",
                "{name}"
            );
            let answer = web(world.address, path, &headers, message).await;
            assert_eq!(answer.told(), "TOKEN_MISSING", "{name}");
        }
    }
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    assert_eq!(head.into_inner().head.unwrap().position, 0);
}
