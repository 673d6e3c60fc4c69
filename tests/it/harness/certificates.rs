//! Certificates for a server on loopback and for a client of it, by an authority made for one test.

use super::Folder;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::PathBuf;

/// The files, in PEM.
#[derive(Clone)]
pub struct Certificates {
    /// The certificate of the authority.
    pub authority: PathBuf,
    pub server: Identity,
    pub client: Identity,
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Identity {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Certificates {
    /// Writes them into a folder, under names that begin with a word.
    pub fn new(folder: &Folder, word: &str) -> Self {
        let mut params = CertificateParams::default();
        // By its name a client tells it from what it signs.
        params.distinguished_name.push(DnType::CommonName, word);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("an authority is made");
        let write = |name: &str, pem: String| folder.write(&format!("{word}-{name}.pem"), pem);
        let identity = |name: &str| {
            let key = key();
            let names = ["127.0.0.1", "localhost"].map(String::from);
            let params = CertificateParams::new(names).expect("names are valid");
            let certificate = params.signed_by(&key, &issuer).expect("it is signed");
            Identity {
                certificate: write(name, certificate.pem()),
                key: write(&format!("{name}-key"), key.serialize_pem()),
            }
        };
        Self {
            authority: write("authority", issuer.pem()),
            server: identity("server"),
            client: identity("client"),
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key is made")
}
