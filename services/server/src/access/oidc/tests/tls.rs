use super::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// An authority, in a file, and what speaks with its word.
fn authority(folder: &TempDir, host: &str) -> (PathBuf, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, authority.pem()).unwrap();

    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([host.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key.into())
        .unwrap();
    (path, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn an_issuer_of_a_named_authority_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, tls) = authority(&folder, "127.0.0.1");
    let world = World::with(Issuer::start(Some(tls)).await, |options| {
        options.ca = Some(ca);
    });
    assert!(world.issuer.name.starts_with("https://"));
    let verified = world.verify(&world.token(&world.rsa)).await.unwrap();
    assert_eq!(verified.subject, "ada");
}

#[tokio::test]
async fn an_issuer_of_another_authority_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (_, tls) = authority(&folder, "127.0.0.1");
    let world = World::with(Issuer::start(Some(tls)).await, |_| {});
    let verified = world.verify(&world.token(&world.rsa)).await;
    assert!(is_away(&verified, "UnknownIssuer"));
    assert_eq!(world.issuer.asked(), 0);
}

#[tokio::test]
async fn an_issuer_of_another_name_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, tls) = authority(&folder, "id.example");
    let world = World::with(Issuer::start(Some(tls)).await, |options| {
        options.ca = Some(ca);
    });
    let verified = world.verify(&world.token(&world.rsa)).await;
    assert!(is_away(&verified, "not valid for name"));
    assert_eq!(world.issuer.asked(), 0);
}

/// Keys over plain HTTP, even from this machine, are not what TLS vouched for.
#[tokio::test]
async fn keys_come_over_tls_where_the_issuer_does() {
    let folder = tempfile::tempdir().unwrap();
    let (ca, tls) = authority(&folder, "127.0.0.1");
    let world = World::with(Issuer::start(Some(tls)).await, |options| {
        options.ca = Some(ca);
    });
    let plain = Issuer::plain().await;
    plain.show([world.rsa.jwk()]);
    world
        .issuer
        .describe(&world.issuer.name, &format!("{}/keys", plain.name));
    let verified = world.verify(&world.token(&world.rsa)).await;
    assert!(is_away(&verified, "is http where https was spoken before"));
    assert_eq!(plain.asked_keys(), 0);
}
