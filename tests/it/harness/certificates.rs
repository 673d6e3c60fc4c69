//! Certificates for servers on loopback and for clients of them, by authorities made for one test.

use super::Folder;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DistinguishedName, DnType, IsCa, KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use std::path::PathBuf;

/// Who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in files.
#[derive(Clone)]
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        // By its name a client tells it from what it signs.
        params.distinguished_name = called(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key());
        Self(issuer.expect("an authority is made"))
    }

    /// Writes its certificate.
    pub fn file(&self, folder: &Folder, name: &str) -> PathBuf {
        folder.write(name, self.0.pem())
    }

    /// Signs a certificate, and writes it and its key.
    pub fn signs(&self, folder: &Folder, name: &str, params: &CertificateParams) -> Pair {
        let key = key();
        let signed = params.signed_by(&key, &self.0).expect("it is signed");
        written(folder, name, &signed.pem(), &key.serialize_pem())
    }

    /// Signs a certificate for a server on loopback.
    pub fn serves(&self, folder: &Folder, name: &str) -> Pair {
        self.signs(folder, name, &for_names(&["127.0.0.1", "localhost"]))
    }

    /// Writes which serial numbers it has revoked.
    pub fn revokes(&self, folder: &Folder, name: &str, numbers: &[u64]) -> PathBuf {
        let revoked = numbers.iter().map(|number| RevokedCertParams {
            serial_number: SerialNumber::from(*number),
            revocation_time: date_time_ymd(2021, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2021, 1, 1),
            next_update: date_time_ymd(2190, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.0).expect("it is signed");
        folder.write(name, list.pem().expect("PEM"))
    }
}

pub fn written(folder: &Folder, name: &str, certificate: &str, key: &str) -> Pair {
    Pair {
        certificate: folder.write(&format!("{name}.pem"), certificate),
        key: folder.secret(&format!("{name}-key.pem"), key),
    }
}

pub fn key() -> KeyPair {
    KeyPair::generate().expect("a key is made")
}

pub fn called(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

pub fn for_names(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names are valid")
}

/// The files of both ends of a connection that is encrypted.
#[derive(Clone)]
pub struct Certificates {
    /// The certificate of the authority.
    pub authority: PathBuf,
    pub server: Pair,
    pub client: Pair,
}

impl Certificates {
    /// Writes them into a folder, under names that begin with a word.
    pub fn new(folder: &Folder, word: &str) -> Self {
        let authority = Authority::new(word);
        Self {
            authority: authority.file(folder, &format!("{word}-authority.pem")),
            server: authority.serves(folder, &format!("{word}-server")),
            client: authority.serves(folder, &format!("{word}-client")),
        }
    }
}
