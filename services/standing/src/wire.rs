//! How a server is reached: over the network, by TLS or on this machine, over a Unix socket, or in
//! this process.

use crate::args::Connection;
use crate::failure::Failure;
use hyper_util::rt::TokioIo;
use standing_server::Inside;
use std::fs;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity, Uri};
use tower_service::Service;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What stands before the path of a Unix socket.
const SOCKET: &str = "unix:";

/// What a server in this process, or at the other end of a socket, is called: by nothing that is
/// looked up.
const UNNAMED: &str = "http://localhost";

/// Connects to a server as the arguments say.
///
/// # Errors
/// The address is none, what is sent would be read by others than its user believes, a certificate
/// cannot be used, or nobody answers there.
pub async fn connect(connection: &Connection, has_token: bool) -> Result<Channel, Failure> {
    let server = connection.server.as_str();
    // It is printed where something is wrong with it.
    if server.contains('@') {
        let said = "--server says who calls, which no server asks for: write https://HOST:PORT, and --token-file FILE";
        return Err(Failure::failed(said));
    }
    if let Some(path) = server.strip_prefix(SOCKET) {
        let through = Through::Socket(PathBuf::from(path));
        return through.connect(server).await;
    }
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|error| {
        Failure::failed(format!("{server} is not an address of a server")).because(&error)
    })?;
    let is_tls = endpoint.uri().scheme_str() == Some("https");
    let endpoint = if is_tls {
        let tls = tls(connection)?;
        let set = endpoint.tls_config(tls);
        set.map_err(|error| Failure::failed("cannot use the certificates").because(&error))?
    } else {
        refuse_in_clear(server, endpoint.uri(), connection, has_token)?;
        endpoint
    };
    let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT);
    endpoint
        .connect()
        .await
        .map_err(|error| away(server, &error))
}

/// Connects to the server of this process.
///
/// # Errors
/// It has ended.
pub async fn connect_inside(inside: &Inside) -> Result<Channel, Failure> {
    Through::Inside(inside.clone())
        .connect("this process")
        .await
}

fn away(server: &str, error: &(dyn std::error::Error + 'static)) -> Failure {
    let failure = Failure::failed(format!("no server answers at {server}")).because(error);
    failure.detail("start one with `standing serve`, or name another with --server")
}

/// Reads what TLS is spoken with.
fn tls(connection: &Connection) -> Result<ClientTlsConfig, Failure> {
    let read = |path: &Path| {
        fs::read(path).map_err(|error| {
            Failure::failed(format!("cannot read {}", path.display())).because(&error)
        })
    };
    let mut tls = ClientTlsConfig::new();
    tls = match &connection.ca {
        // Then no other authority can stand for the server.
        Some(path) => tls.ca_certificate(Certificate::from_pem(read(path)?)),
        None => tls.with_native_roots(),
    };
    if let (Some(certificate), Some(key)) = (&connection.cert, &connection.key) {
        tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
    }
    Ok(tls)
}

/// Refuses an address at which what is sent would be read by others than its user believes: a token
/// in clear is everybody's whom it passes.
fn refuse_in_clear(
    server: &str,
    uri: &Uri,
    connection: &Connection,
    has_token: bool,
) -> Result<(), Failure> {
    if connection.ca.is_some() || connection.cert.is_some() {
        let said = format!("{server} is spoken to in clear, so that no certificate is looked at");
        return Err(Failure::failed(said).detail("write https:// to speak TLS"));
    }
    if has_token && !is_loopback(uri.host().unwrap_or_default()) {
        let said = format!("the token would go to {server} in clear: it is sent to loopback alone");
        return Err(Failure::failed(said).detail("write https:// to speak TLS"));
    }
    Ok(())
}

/// Returns whether a host of an address is this machine itself, whatever a name service says.
fn is_loopback(host: &str) -> bool {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let address = literal
        .parse::<IpAddr>()
        .map(|address| address.to_canonical());
    address.map_or(host.eq_ignore_ascii_case("localhost"), |address| {
        address.is_loopback()
    })
}

/// A way to a server that is no address.
#[derive(Clone)]
enum Through {
    Socket(PathBuf),
    Inside(Inside),
}

/// A connection, whatever it is over.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Through {
    async fn connect(self, told: &str) -> Result<Channel, Failure> {
        let endpoint = Endpoint::from_static(UNNAMED).connect_timeout(CONNECT_TIMEOUT);
        let connected = endpoint.connect_with_connector(self).await;
        connected.map_err(|error| away(told, &error))
    }

    async fn open(self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Socket(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(not(unix))]
            Self::Socket(_) => Err(io::Error::other("this system has no Unix sockets")),
            Self::Inside(inside) => Ok(Box::new(inside.connect().await?)),
        }
    }
}

impl Service<Uri> for Through {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let through = self.clone();
        Box::pin(async move { Ok(TokioIo::new(through.open().await?)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(server: &str, has_token: bool, ca: Option<&str>) -> Option<String> {
        let connection = Connection {
            server: server.to_owned(),
            token_file: None,
            ca: ca.map(PathBuf::from),
            cert: None,
            key: None,
        };
        let uri: Uri = server.parse().expect("an address");
        let refused = refuse_in_clear(server, &uri, &connection, has_token);
        refused.err().map(|failure| failure.to_string())
    }

    #[test]
    fn a_token_in_clear_goes_to_loopback_alone() {
        for server in [
            "http://127.0.0.1:7470",
            "http://127.8.8.8",
            "http://[::1]:7470",
            "http://[::ffff:127.0.0.1]:7470",
            "http://localhost:7470",
            "http://LocalHost",
        ] {
            assert_eq!(refused(server, true, None), None, "{server}");
        }
        for server in [
            "http://192.0.2.7:7470",
            "http://[2001:db8::1]:7470",
            "http://ledger.example:7470",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://0.0.0.0:7470",
        ] {
            assert!(refused(server, true, None).is_some(), "{server}");
            assert_eq!(refused(server, false, None), None, "{server}");
        }
    }

    #[test]
    fn a_certificate_that_would_not_be_looked_at_is_refused() {
        let told = refused("http://127.0.0.1:7470", false, Some("ca.pem"));
        assert!(told.is_some_and(|told| told.contains("in clear")));
    }
}
