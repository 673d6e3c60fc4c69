use super::super::OidcError;
use super::*;
use std::path::PathBuf;

fn refused(change: impl FnOnce(&mut OidcOptions)) -> OidcError {
    let mut options = options("https://id.example");
    change(&mut options);
    match Oidc::new(options) {
        Ok(_) => panic!("the options are taken"),
        Err(error) => error,
    }
}

#[test]
fn only_issuer_and_audience_have_to_be_said() {
    let least = options("https://id.example");
    assert_eq!(least.algorithms, ["RS256", "ES256", "EdDSA"]);
    assert_eq!((least.skew_seconds, &least.ca), (60, &None));
    assert!(Oidc::new(least).is_ok());

    let read = serde_json::from_value::<OidcOptions>;
    let all = json!({
        "issuer": "https://id.example", "audience": "a", "algorithms": ["PS256"],
        "skew-seconds": 0, "ca": "ca.pem",
    });
    assert_eq!(read(all.clone()).unwrap().ca, Some(PathBuf::from("ca.pem")));
    for change in [
        json!({ "issuer": null }),
        json!({ "audience": null }),
        json!({ "skew_seconds": 1 }),
        json!({ "algorithms": "RS256" }),
    ] {
        assert!(
            read(changed(all.clone(), change.clone())).is_err(),
            "{change}"
        );
    }
}

#[test]
fn an_issuer_speaks_tls_unless_it_is_here() {
    let find = |issuer: &str| {
        let discovery = options(issuer).discovery();
        discovery
            .map(|uri| uri.to_string())
            .map_err(|error| match error {
                OidcError::Issuer { what, .. } => what,
                error => panic!("{error}"),
            })
    };
    let well_known = ".well-known/openid-configuration";
    for issuer in [
        "https://id.example",
        "https://id.example:8443/realms/one",
        "http://127.0.0.1:80",
        "http://127.255.255.254",
        "http://[::1]:8080",
        "http://localhost:8080/x",
        "http://LOCALHOST",
    ] {
        let found = find(issuer).unwrap().to_ascii_lowercase();
        assert_eq!(found, format!("{issuer}/{well_known}").to_ascii_lowercase());
        assert_eq!(find(&format!("{issuer}/")), find(issuer));
    }
    for (issuer, what) in [
        ("http://id.example", "is http to another machine"),
        ("http://128.0.0.1", "is http to another machine"),
        ("http://127.1", "is http to another machine"),
        ("http://[::2]", "is http to another machine"),
        ("http://localhost.example", "is http to another machine"),
        ("http://127.0.0.1.example", "is http to another machine"),
        ("http://localhost@id.example", "names a user"),
        ("https://me@id.example", "names a user"),
        ("https://id.example?x=1", "has a query"),
        ("https://id.example#x", "has a fragment"),
        ("ftp://id.example", "is not https"),
        ("id.example", "is not https"),
        ("/realms", "names no host"),
        ("https://", "is no address"),
        ("https://id example", "is no address"),
        ("", "is no address"),
    ] {
        assert_eq!(find(issuer), Err(what), "{issuer}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let algorithm = |name: &str| refused(|options| options.algorithms = vec![name.to_owned()]);
    assert!(matches!(
        refused(|options| options.audience.clear()),
        OidcError::Audience
    ));
    assert!(matches!(
        refused(|options| options.algorithms.clear()),
        OidcError::NoAlgorithm
    ));
    assert!(matches!(
        refused(|options| options.skew_seconds = 301),
        OidcError::Skew(301)
    ));
    for secret in ["HS256", "HS384", "HS512", "hs256"] {
        assert!(
            matches!(algorithm(secret), OidcError::Secret(_)),
            "{secret}"
        );
    }
    for unsigned in ["none", "None", "NONE"] {
        assert!(
            matches!(algorithm(unsigned), OidcError::Unsigned(_)),
            "{unsigned}"
        );
    }
    for unknown in ["rs256", "RS256 ", "ES512", "ES256K", ""] {
        assert!(
            matches!(algorithm(unknown), OidcError::Algorithm(_)),
            "{unknown}"
        );
    }
    let said = refused(|options| options.issuer = "http://id.example".into()).to_string();
    assert_eq!(
        said,
        "the issuer \"http://id.example\" is http to another machine: write it as it calls itself, \
         as in https://id.example"
    );
    let all = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];
    let mut every = options("https://id.example");
    (every.algorithms, every.skew_seconds) = (all.map(String::from).to_vec(), 300);
    assert!(Oidc::new(every).is_ok());
}

#[test]
fn certificates_are_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).unwrap();
        refused(|options| options.ca = Some(path))
    };
    let gone = folder.path().join("gone.pem");
    assert!(matches!(
        refused(|options| options.ca = Some(gone)),
        OidcError::Ca { .. }
    ));
    assert!(matches!(write(""), OidcError::NoCa { .. }));
    assert!(matches!(
        write(signer::RSA_PUBLIC_PEM),
        OidcError::NoCa { .. }
    ));
    let begin = "-----BEGIN CERTIFICATE-----\n";
    assert!(matches!(write(begin), OidcError::Ca { .. }));
    let end = "-----END CERTIFICATE-----\n";
    assert!(matches!(
        write(&format!("{begin}AAAA\n{end}")),
        OidcError::Tls(_)
    ));
}
