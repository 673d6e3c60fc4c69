//! Who calls, and what they get, over real connections by every door.

mod backups;
mod hosts;
mod kinds;
mod limits;
mod methods;
mod names;
mod paths;
mod withdrawn;

use super::raw::{PATIENCE, Raw, framed};
use super::*;
use crate::access::tests::token_file;
use crate::access::{Access, AccessOptions, RoleOptions};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;
use tonic::Request;

/// Somebody of each role; their tokens are called as the roles are.
const TOKENS: &str = "
reader who/reader roles=reader
auditor who/auditor roles=auditor
recorder who/recorder roles=recorder
money who/money roles=money
both who/both roles=money,membership
operator who/operator roles=operator
replica who/replica roles=replica
";

/// The bytes of an answer that are taken before it is read.
const WINDOW: u32 = 1 << 20;

/// A server that knows its callers by tokens, and what it knows them by.
struct Guarded {
    world: World,
    options: AccessOptions,
    access: Access,
}

/// What says who calls: a token file in a folder, and roles of one permission each.
fn options(folder: &TempDir, tokens: &str) -> AccessOptions {
    let role = |name: &str, permissions: &[&str]| {
        let permissions = permissions.iter().map(|word| (*word).to_owned()).collect();
        (name.to_owned(), RoleOptions { permissions })
    };
    AccessOptions {
        tokens: Some(token_file(folder, tokens)),
        roles: [
            role("money", &["record-money"]),
            role("membership", &["record-membership"]),
            role("names", &["read-names"]),
        ]
        .into(),
        ..AccessOptions::default()
    }
}

/// Serves an empty ledger to those with tokens.
async fn guarded(tokens: &str) -> Guarded {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, tokens);
    let access = Access::read(&options).unwrap();
    let config = Config {
        access: access.clone(),
        ..Config::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &Options::default()).unwrap();
    Guarded {
        world: serving(folder, engine, config).await,
        options,
        access,
    }
}

impl Guarded {
    /// Records the drafts of a text as one batch, as somebody.
    async fn record(
        &mut self,
        token: &str,
        id: &str,
        text: &str,
    ) -> Result<v1::RecordResponse, Status> {
        let request = by(token, batch(id, text));
        Ok(self.world.ledger.record(request).await?.into_inner())
    }

    /// Returns the position of the last entry.
    async fn head(&mut self) -> u64 {
        let request = by("reader", v1::GetHeadRequest {});
        let head = self.world.ledger.get_head(request).await.unwrap();
        head.into_inner().head.unwrap().position
    }

    /// Writes the token file anew, and has it read.
    fn exchange(&self, tokens: &str) {
        token_file(&self.world.folder, tokens);
        self.access.reload(&self.options).unwrap();
    }
}

/// A request of somebody who has a token.
fn by<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    request
}

/// The headers that carry a token, if there is one.
fn bearing(token: Option<&str>) -> Vec<(&'static str, String)> {
    let bearer = token.map(|token| ("authorization", format!("Bearer {token}")));
    bearer.into_iter().collect()
}

/// Returns why a call is refused for who calls, or `yes`, whatever it is answered otherwise.
fn told(status: Option<&Status>) -> String {
    let Some(status) = status else {
        return "yes".to_owned();
    };
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => {
            let info = status.get_details_error_info();
            info.map_or_else(|| format!("{status:?}"), |info| info.reason)
        }
        Code::Unimplemented => "UNIMPLEMENTED".to_owned(),
        _ => "yes".to_owned(),
    }
}

/// Calls over HTTP/2, and reads no more than the head of the answer.
async fn asked(raw: &Raw, path: &str, headers: &[(&str, String)], message: &[u8]) -> String {
    let headers: Vec<_> = headers.iter().map(|(name, of)| (*name, &**of)).collect();
    let mut call = raw.begin(path.trim_start_matches('/'), &headers).await;
    call.send(&framed(message), true);
    let (response, _body) = call.head().await;
    if response.status() != 200 {
        return format!("HTTP {}", response.status().as_u16());
    }
    told(Status::from_header_map(response.headers()).as_ref())
}

/// What came back over HTTP/1.1, as far as it was waited for.
#[derive(Debug)]
struct Answered {
    /// 0 if the connection was ended without a word.
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answered {
    /// Reads the head, and what is there of the body.
    fn of(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = match end {
            Some(end) => (&bytes[..end], &bytes[end + 4..]),
            None => (bytes, &[][..]),
        };
        let head = String::from_utf8_lossy(head);
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let headers = lines.filter_map(|(name, value)| {
            let name: HeaderName = name.parse().ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        });
        Self {
            status: status.unwrap_or_default(),
            headers: headers.collect(),
            body: body.to_vec(),
        }
    }

    /// Returns why a call of gRPC-Web is refused for who calls, or `yes`.
    fn told(&self) -> String {
        match self.status {
            200 => told(Status::from_header_map(&self.headers).as_ref()),
            0 => "closed".to_owned(),
            status => format!("HTTP {status}"),
        }
    }
}

/// Sends bytes over a connection of its own and reads until the head has come, and a while longer.
async fn sent(address: SocketAddr, bytes: &[u8]) -> Answered {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The other end may close before all of it has been sent.
    let _ = stream.write_all(bytes).await;
    let mut came = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let is_head = came.windows(4).any(|four| four == b"\r\n\r\n");
        let patience = if is_head {
            Duration::from_millis(200)
        } else {
            PATIENCE
        };
        match timeout(patience, stream.read(&mut buffer)).await {
            Ok(Ok(read)) if read > 0 => came.extend(&buffer[..read]),
            Err(late) if !is_head => panic!("{late}: {:?}", String::from_utf8_lossy(bytes)),
            _ => return Answered::of(&came),
        }
    }
}

/// The head of a request over HTTP/1.1, the last of its connection.
fn head_of(method: &str, path: &str, headers: &[(&str, String)]) -> String {
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let lines = lines.concat();
    format!("{method} {path} HTTP/1.1\r\n{lines}connection: close\r\n\r\n")
}

/// Calls by gRPC-Web, over HTTP/1.1.
async fn web(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, String)],
    message: &[u8],
) -> Answered {
    let body = framed(message);
    let mut headers = headers.to_vec();
    if !headers.iter().any(|(name, _)| *name == "host") {
        headers.push(("host", address.to_string()));
    }
    headers.push(("content-type", "application/grpc-web+proto".to_owned()));
    headers.push(("content-length", body.len().to_string()));
    let head = head_of("POST", path, &headers);
    sent(address, &[head.as_bytes(), &body].concat()).await
}
