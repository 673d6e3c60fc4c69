//! TLS: the certificate that this server shows, those that it asks of its callers, and how both are
//! exchanged while it runs.

use crate::access::peer::Shown;
use crate::access::{Exposed, refuse_exposed};
use arc_swap::ArcSwap;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What is spoken under TLS: HTTP/2, and HTTP/1.1 where a caller has no other.
const SPOKEN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The files that TLS takes, all PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and those between it and one that callers trust, in this order.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Certificates that those of callers are signed by; without them callers show none.
    pub client_ca: Option<PathBuf>,
    /// Which of the callers' certificates are revoked.
    pub client_crl: Option<PathBuf>,
}

/// Why TLS cannot be spoken with such files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is not PEM of what it should be.
    #[error("cannot use {path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Others may read the key.
    #[error("the key is open to others")]
    Exposed(#[from] Exposed),
    /// The certificate and its key, or the certificates of callers, do not fit together.
    #[error("the certificate and the key cannot be used together: {0}")]
    Unfit(String),
    /// The certificate is over, or its time has not come.
    #[error("the certificate in {path} is valid from {from} to {until}, and not now")]
    NotNow {
        /// The file.
        path: PathBuf,
        /// From when on.
        from: String,
        /// Until when.
        until: String,
    },
}

/// What is spoken with at one moment.
struct Spoken {
    config: Arc<ServerConfig>,
    /// What verifies the certificates of callers; none where they show none.
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    /// When the certificate ends.
    ends: SystemTime,
    /// What the files held, to see that they have changed.
    seen: Vec<Vec<u8>>,
}

impl Spoken {
    /// Asks whether a caller that showed such certificates, its own first, could show them now.
    fn takes(&self, chain: &[CertificateDer<'_>]) -> Result<(), rustls::Error> {
        let (Some((own, between)), Some(verifier)) = (chain.split_first(), &self.verifier) else {
            return Ok(());
        };
        let outcome = verifier.verify_client_cert(own, between, UnixTime::now());
        outcome.map(drop)
    }
}

/// TLS as a server speaks it. When it is exchanged, connections that stand go on as they began, but
/// for those whose callers showed a certificate that is none any more.
pub struct Tls {
    files: TlsFiles,
    spoken: ArcSwap<Spoken>,
    exchanged: watch::Sender<()>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tls").field(&self.files).finish()
    }
}

impl Tls {
    /// Reads certificates and keys.
    ///
    /// # Errors
    /// A file cannot be used, others may read the key, the key is not that of the certificate, or
    /// the certificate is not valid now.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        Ok(Self {
            spoken: ArcSwap::from_pointee(read(&files)?),
            exchanged: watch::Sender::new(()),
            files,
        })
    }

    /// Reads them anew, and speaks with them from the next connection on. Returns whether they had
    /// changed.
    ///
    /// # Errors
    /// As [`Tls::load`]; then it goes on with what it has.
    pub fn reload(&self) -> Result<bool, TlsError> {
        if contents(&self.files)? == self.spoken.load().seen {
            return Ok(false);
        }
        self.spoken.store(Arc::new(read(&self.files)?));
        self.exchanged.send_replace(());
        Ok(true)
    }

    /// Returns when the certificate ends.
    #[must_use]
    pub fn ends(&self) -> SystemTime {
        self.spoken.load().ends
    }

    /// Returns what the next connection is spoken to with.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.spoken.load().config)
    }

    /// Waits until files were exchanged and certificates that a caller showed, its own first, are
    /// not taken any more: revoked, of an authority that is asked no longer, or over. Returns why.
    /// `spoken` is what they were taken with. For ever, where it showed none.
    pub(crate) async fn distrusts(
        &self,
        chain: &[CertificateDer<'_>],
        spoken: &Arc<ServerConfig>,
    ) -> rustls::Error {
        let mut exchanged = self.exchanged.subscribe();
        loop {
            let now = self.spoken.load_full();
            if !Arc::ptr_eq(&now.config, spoken)
                && let Err(error) = now.takes(chain)
            {
                return error;
            }
            // The sender is part of this.
            let _ = exchanged.changed().await;
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as it is made")]
fn refuse(path: &Path, why: impl ToString) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Reads what all files hold.
fn contents(files: &TlsFiles) -> Result<Vec<Vec<u8>>, TlsError> {
    let optional = [files.client_ca.as_ref(), files.client_crl.as_ref()];
    let all = [Some(&files.certificate), Some(&files.key)]
        .into_iter()
        .chain(optional);
    let read = |path: &PathBuf| fs::read(path).map_err(|error| refuse(path, error));
    all.map(|path| path.map_or(Ok(Vec::new()), read)).collect()
}

fn read(files: &TlsFiles) -> Result<Spoken, TlsError> {
    let metadata = fs::metadata(&files.key).map_err(|error| refuse(&files.key, error))?;
    refuse_exposed(&files.key, &metadata)?;
    let seen = contents(files)?;
    let [certificate, key, client_ca, client_crl] = seen.as_slice() else {
        return Err(TlsError::Unfit("a file is missing".to_owned()));
    };
    let chain = certificates(&files.certificate, certificate)?;
    let ends = valid_now(&files.certificate, &chain)?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
        refuse(
            &files.key,
            format!("{error}; a private key in PEM is expected"),
        )
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(unfit)?;
    let verifier = match &files.client_ca {
        None => None,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(path, client_ca)? {
                roots.add(root).map_err(|error| refuse(path, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = match &files.client_crl {
                None => verifier,
                // One that is out of date says nothing of today.
                Some(path) => verifier
                    .with_crls(revocations(path, client_crl)?)
                    .enforce_revocation_expiration(),
            };
            // Others say who they are by a token.
            let verifier = verifier.allow_unauthenticated().build();
            Some(verifier.map_err(unfit)?)
        }
    };
    let builder = match &verifier {
        None => builder.with_no_client_auth(),
        Some(verifier) => builder.with_client_cert_verifier(Arc::clone(verifier)),
    };
    let mut config = builder.with_single_cert(chain, key).map_err(unfit)?;
    config.alpn_protocols = SPOKEN.map(<[u8]>::to_vec).to_vec();
    Ok(Spoken {
        config: Arc::new(config),
        verifier,
        ends,
        seen,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "as it is made")]
fn unfit(error: impl ToString) -> TlsError {
    TlsError::Unfit(error.to_string())
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| refuse(path, error))?;
    if read.is_empty() {
        return Err(refuse(path, "no certificate in PEM is in it"));
    }
    Ok(read)
}

fn revocations(
    path: &Path,
    pem: &[u8],
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateRevocationListDer::pem_slice_iter(pem).collect();
    let read = read.map_err(|error| refuse(path, error))?;
    if read.is_empty() {
        return Err(refuse(
            path,
            "no list of revoked certificates in PEM is in it",
        ));
    }
    Ok(read)
}

/// Refuses a certificate that callers would refuse for its time; returns when it ends.
fn valid_now(path: &Path, chain: &[CertificateDer<'_>]) -> Result<SystemTime, TlsError> {
    let first = chain.first().map(|first| X509Certificate::from_der(first));
    let Some(Ok((_, certificate))) = first else {
        return Err(refuse(path, "the first certificate cannot be read"));
    };
    let validity = certificate.validity();
    if !validity.is_valid() {
        return Err(TlsError::NotNow {
            path: path.to_owned(),
            from: validity.not_before.to_string(),
            until: validity.not_after.to_string(),
        });
    }
    Ok(instant(validity.not_after.timestamp()))
}

/// Returns what a caller's certificate says. Its common name is none of its names, and what may be
/// many names is none; a name is of the kind that it looks like, so that none passes for another.
pub(super) fn shown(certificate: &CertificateDer<'_>) -> Option<Shown> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let alternative = certificate.subject_alternative_name().ok()??;
    let of = |name: &GeneralName<'_>| {
        let (name, fits) = match name {
            GeneralName::DNSName(name) => (*name, !name.contains(['@', ':', '/'])),
            GeneralName::URI(name) => (*name, name.contains(':')),
            GeneralName::RFC822Name(name) => (*name, name.contains('@') && !name.contains(':')),
            _ => return None,
        };
        (fits && !name.contains('*')).then(|| name.to_owned())
    };
    let names = alternative.value.general_names.iter().filter_map(of);
    Some(Shown {
        names: names.collect(),
        ends: instant(certificate.validity().not_after.timestamp()),
    })
}

fn instant(seconds: i64) -> SystemTime {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
