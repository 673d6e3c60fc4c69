//! Asking the issuer: where its keys are, and which.

use super::key::{JwkSet, Keys};
use super::options::{OidcError, address};
use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long all of it may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// The most bytes of an answer.
const MOST: usize = 1 << 20;

/// The most characters of what the issuer says that go into the log.
const QUOTED: usize = 200;

/// Who asks.
const AGENT: &str = concat!("standing/", env!("CARGO_PKG_VERSION"));

/// Fetches the keys of an issuer.
pub(super) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    discovery: Uri,
    issuer: String,
}

/// Why keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("the issuer did not answer within {} seconds", DEADLINE.as_secs())]
    Late,
    #[error("{uri} cannot be asked: {what}")]
    Away { uri: Uri, what: String },
    #[error("{uri} answered {status}")]
    Status { uri: Uri, status: StatusCode },
    #[error("the answer of {uri} is longer than 1 MiB")]
    TooLong { uri: Uri },
    #[error("the answer of {uri} is not what was asked for: {source}")]
    Unreadable { uri: Uri, source: serde_json::Error },
    #[error("the issuer calls itself {0}")]
    OtherIssuer(String),
    #[error("the address of the issuer's keys {what}: {uri}")]
    Address { uri: String, what: &'static str },
}

/// What an issuer says about itself, as far as it matters.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    /// Reads the certificates that are trusted.
    pub fn new(discovery: Uri, issuer: String, ca: Option<&Path>) -> Result<Self, OidcError> {
        // Named, not the process's default: that is whoever's came first.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(trusted(ca)?)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .build();
        // It is asked once an hour; no connection waits for that.
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self {
            client,
            discovery,
            issuer,
        })
    }

    /// Asks the issuer where its keys are, and then for them.
    pub async fn fetch(&self) -> Result<Keys, FetchError> {
        let fetched = timeout(DEADLINE, self.fetch_all()).await;
        fetched.unwrap_or(Err(FetchError::Late))
    }

    async fn fetch_all(&self) -> Result<Keys, FetchError> {
        let found: Discovery = self.get(&self.discovery).await?;
        if found.issuer != self.issuer {
            return Err(FetchError::OtherIssuer(quoted(&found.issuer)));
        }
        let plain = self.discovery.scheme_str() == Some("http");
        let uri = address(&found.jwks_uri, plain).map_err(|what| FetchError::Address {
            uri: quoted(&found.jwks_uri),
            what,
        })?;
        let set: JwkSet = self.get(&uri).await?;
        Ok(Keys::read(set))
    }

    /// Gets what is said at an address. An answer that sends elsewhere is none.
    async fn get<T: DeserializeOwned>(&self, uri: &Uri) -> Result<T, FetchError> {
        let away = |error: &dyn Error| FetchError::Away {
            uri: uri.clone(),
            what: whole(error),
        };
        let request = Request::get(uri.clone())
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, AGENT)
            .body(Empty::new())
            .map_err(|error| away(&error))?;
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| away(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Status {
                uri: uri.clone(),
                status: answer.status(),
            });
        }
        let body = Limited::new(answer.into_body(), MOST).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return FetchError::TooLong { uri: uri.clone() };
            }
            away(error.as_ref())
        })?;
        serde_json::from_slice(&body.to_bytes()).map_err(|source| FetchError::Unreadable {
            uri: uri.clone(),
            source,
        })
    }
}

/// Returns whose certificates are trusted: those of the system, and of the file.
fn trusted(ca: Option<&Path>) -> Result<RootCertStore, OidcError> {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in system.errors {
        tracing::warn!(%error, "certificates that the system trusts cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    let Some(path) = ca else {
        return Ok(roots);
    };
    let unreadable = |source| OidcError::Ca {
        path: path.to_owned(),
        source,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let mut count = 0_usize;
    for certificate in certificates {
        roots.add(certificate.map_err(unreadable)?)?;
        count += 1;
    }
    if count == 0 {
        return Err(OidcError::NoCa {
            path: path.to_owned(),
        });
    }
    Ok(roots)
}

/// Returns an error with what it came of.
fn whole(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// Returns a text as it may stand in a log.
fn quoted(text: &str) -> String {
    let beginning: String = text.chars().take(QUOTED).collect();
    format!("{beginning:?}")
}
