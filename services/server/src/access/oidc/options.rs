//! What is said about an issuer, and what is wrong with it.

use super::algorithm::Algorithm;
use http::Uri;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

/// The most seconds by which clocks may differ: a token lasts so much longer than it says.
const MOST_SKEW: u64 = 300;

/// Where an issuer describes itself, below its own address.
const WELL_KNOWN: &str = ".well-known/openid-configuration";

/// How callers are known by tokens that an issuer signs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OidcOptions {
    /// The issuer, exactly as it calls itself: an address, `https` unless it is on this machine.
    pub issuer: String,
    /// What the issuer writes into the `aud` of tokens for this service.
    pub audience: String,
    /// The algorithms that tokens may be signed with, each with a public key.
    #[serde(default = "default_algorithms")]
    pub algorithms: Vec<String>,
    /// By how many seconds the issuer's clock and ours may differ, 300 at most.
    #[serde(default = "default_skew_seconds")]
    pub skew_seconds: u64,
    /// The certificates, in PEM, of an authority that the issuer's own may be signed by, besides
    /// those that the system trusts.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

fn default_algorithms() -> Vec<String> {
    ["RS256", "ES256", "EdDSA"].map(String::from).to_vec()
}

fn default_skew_seconds() -> u64 {
    60
}

/// Why options are refused.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The issuer is not an address that keys may be asked from.
    #[error("the issuer {issuer:?} {what}: write it as it calls itself, as in https://id.example")]
    Issuer {
        /// The issuer.
        issuer: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No audience is named.
    #[error("the audience is empty: write what the issuer puts into `aud` for this service")]
    Audience,
    /// No algorithm is named.
    #[error("no algorithm is listed: leave `algorithms` out for RS256, ES256 and EdDSA")]
    NoAlgorithm,
    /// The algorithm signs with a secret that we would have too.
    #[error("{0} signs with a shared secret: write one with a public key, such as RS256")]
    Secret(String),
    /// The algorithm signs nothing.
    #[error("algorithm {0:?} is no signature at all: write one with a public key, such as RS256")]
    Unsigned(String),
    /// The algorithm is not known.
    #[error(
        "algorithm {0:?} is not known: write RS256, RS384, RS512, PS256, PS384, PS512, ES256, \
         ES384 or EdDSA"
    )]
    Algorithm(String),
    /// Clocks do not differ so much.
    #[error("a skew of {0} seconds is too much: write at most 300, and set the clocks right")]
    Skew(u64),
    /// The certificates cannot be read.
    #[error("cannot read certificates in PEM from {path}")]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// The file has no certificate.
    #[error("{path} has no certificate: write the authority's, in PEM")]
    NoCa {
        /// The file.
        path: PathBuf,
    },
    /// TLS is not to be had, or not with these certificates.
    #[error("TLS cannot be used with these certificates")]
    Tls(#[from] rustls::Error),
}

impl OidcOptions {
    /// Returns where the issuer describes itself.
    pub(super) fn discovery(&self) -> Result<Uri, OidcError> {
        let refuse = |what| OidcError::Issuer {
            issuer: self.issuer.clone(),
            what,
        };
        if self.issuer.contains('?') {
            return Err(refuse("has a query"));
        }
        address(&self.issuer, true).map_err(refuse)?;
        let base = self.issuer.strip_suffix('/').unwrap_or(&self.issuer);
        address(&format!("{base}/{WELL_KNOWN}"), true).map_err(refuse)
    }

    pub(super) fn audience(&self) -> Result<String, OidcError> {
        let audience = Some(self.audience.clone()).filter(|audience| !audience.is_empty());
        audience.ok_or(OidcError::Audience)
    }

    pub(super) fn algorithms(&self) -> Result<Vec<Algorithm>, OidcError> {
        if self.algorithms.is_empty() {
            return Err(OidcError::NoAlgorithm);
        }
        let algorithms = self.algorithms.iter().map(|name| {
            Algorithm::named(name).ok_or_else(|| {
                let (name, upper) = (name.clone(), name.to_ascii_uppercase());
                match upper.as_str() {
                    "NONE" => OidcError::Unsigned(name),
                    upper if upper.starts_with("HS") => OidcError::Secret(name),
                    _ => OidcError::Algorithm(name),
                }
            })
        });
        algorithms.collect()
    }

    pub(super) fn skew(&self) -> Result<Duration, OidcError> {
        match self.skew_seconds {
            seconds if seconds > MOST_SKEW => Err(OidcError::Skew(seconds)),
            seconds => Ok(Duration::from_secs(seconds)),
        }
    }
}

/// Reads an address that an issuer's word may come from: over TLS, or on this machine where that is
/// allowed.
pub(super) fn address(text: &str, plain: bool) -> Result<Uri, &'static str> {
    if text.contains('#') {
        return Err("has a fragment");
    }
    let uri: Uri = text.parse().map_err(|_| "is no address")?;
    let host = uri.host().filter(|host| !host.is_empty());
    let host = host.ok_or("names no host")?;
    if uri
        .authority()
        .is_some_and(|all| all.as_str().contains('@'))
    {
        return Err("names a user");
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if !is_here(host) => Err("is http to another machine"),
        Some("http") if plain => Ok(uri),
        Some("http") => Err("is http where https was spoken before"),
        _ => Err("is not https"),
    }
}

/// Whether a host is this machine by its very name, whatever a resolver says.
fn is_here(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare {
        Some(address) => address.parse() == Ok(Ipv6Addr::LOCALHOST),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host
                    .parse()
                    .is_ok_and(|address: Ipv4Addr| address.is_loopback())
        }
    }
}
