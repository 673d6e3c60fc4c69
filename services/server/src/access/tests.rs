use super::*;
use expect_test::expect;
use futures_util::FutureExt as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Writes a token file that nobody else may read.
pub(crate) fn token_file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("tokens");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path
}

/// Reads a token file with such lines.
pub(crate) fn tokens(text: &str) -> Result<Access, AccessError> {
    with_tokens(text, AccessOptions::default())
}

fn with_tokens(text: &str, options: AccessOptions) -> Result<Access, AccessError> {
    let folder = tempfile::tempdir().unwrap();
    Access::read(&AccessOptions {
        tokens: Some(token_file(&folder, text)),
        ..options
    })
}

/// Returns who calls, where nothing has to be fetched for that.
fn asked(identity: impl Future<Output = Result<Identity, Unknown>>) -> Result<Identity, Unknown> {
    identity.now_or_never().unwrap()
}

/// The operator of this machine.
pub(crate) fn operator() -> Identity {
    asked(Access::default().identify(&HeaderMap::new(), &Peer::Inside, || false)).unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn peer(address: &str) -> Peer {
    Peer::Network {
        address: address.parse().unwrap(),
        certificate: None,
    }
}

/// Calls from an address with headers; returns the actor, or why the call is turned away.
fn call(access: &Access, from: &str, pairs: &[(&'static str, &str)]) -> String {
    match asked(access.identify(&headers(pairs), &peer(from), || false)) {
        Ok(identity) => identity.actor.to_string(),
        Err(Unknown::Missing(_)) => "missing".to_owned(),
        Err(Unknown::Malformed(_)) => "malformed".to_owned(),
        Err(Unknown::Refused(_) | Unknown::Unverified(_)) => "refused".to_owned(),
    }
}

const HERE: &str = "127.0.0.1:5000";
const AWAY: &str = "192.0.2.7:5000";

#[test]
fn without_anything_configured_this_machine_is_the_operator_and_no_page_is() {
    let access = Access::default();
    for (from, pairs, outcome) in [
        (HERE, &[][..], LOCAL_OPERATOR),
        ("127.9.9.9:5000", &[], LOCAL_OPERATOR),
        ("[::1]:5000", &[], LOCAL_OPERATOR),
        ("[::ffff:127.0.0.1]:5000", &[], LOCAL_OPERATOR),
        (AWAY, &[], "missing"),
        ("[::ffff:192.0.2.7]:5000", &[], "missing"),
        (HERE, &[("authorization", "Bearer x")], "refused"),
        // Behind a proxy.
        (HERE, &[("forwarded", "for=192.0.2.7")], "missing"),
        (HERE, &[("x-forwarded-for", "192.0.2.7")], "missing"),
        (HERE, &[("x-forwarded-host", "a")], "missing"),
        (HERE, &[("x-forwarded-proto", "https")], "missing"),
        (HERE, &[("via", "1.1 proxy")], "missing"),
        (HERE, &[("x-real-ip", "192.0.2.7")], "missing"),
        (HERE, &[("x-client-ip", "192.0.2.7")], "missing"),
        (HERE, &[("true-client-ip", "192.0.2.7")], "missing"),
        (HERE, &[("cf-connecting-ip", "192.0.2.7")], "missing"),
        (
            HERE,
            &[("x-envoy-external-address", "192.0.2.7")],
            "missing",
        ),
        // In a browser, whosever page it is.
        (HERE, &[("origin", "http://localhost:5000")], "missing"),
        (HERE, &[("origin", "")], "missing"),
        (HERE, &[("sec-fetch-site", "same-origin")], "missing"),
        (HERE, &[("sec-fetch-mode", "cors")], "missing"),
        (HERE, &[("cookie", "a=b")], "missing"),
    ] {
        assert_eq!(call(&access, from, pairs), outcome, "{from} {pairs:?}");
    }
}

#[test]
fn once_anything_is_configured_nobody_is_anybody_for_being_here() {
    let identity = IdentityOptions {
        actor: "replica/1".to_owned(),
        subject: Some("someone".to_owned()),
        ..IdentityOptions::default()
    };
    let closed = AccessOptions {
        is_closed: true,
        ..AccessOptions::default()
    };
    let named = AccessOptions {
        identities: vec![identity],
        ..AccessOptions::default()
    };
    for access in [
        tokens("").unwrap(),
        Access::read(&closed).unwrap(),
        Access::read(&named).unwrap(),
    ] {
        assert_eq!(call(&access, HERE, &[]), "missing");
        assert_eq!(call(&access, "[::1]:5000", &[]), "missing");
        let inside = asked(access.identify(&HeaderMap::new(), &Peer::Inside, || false));
        assert_eq!(inside.unwrap().actor.as_str(), LOCAL_OPERATOR);
    }
}

#[test]
fn a_token_is_an_actor_to_the_letter() {
    let access = tokens("# people\n\nSesame clerk/7 roles=reader label=laptop\n").unwrap();
    let by = |text: &str| call(&access, AWAY, &[("authorization", text)]);
    assert_eq!(by("Bearer Sesame"), "clerk/7");
    assert_eq!(by("bearer Sesame"), "clerk/7");
    assert_eq!(by("BEARER  Sesame "), "clerk/7");
    for text in [
        "Bearer sesame",
        "Bearer SESAME",
        "Bearer Sesam",
        "Bearer Sesamee",
        "Bearer Sesame.",
        "Bearer U2VzYW1l",
        "Bearer %53esame",
        "Bearer \"Sesame\"",
        "Bearer Sesame,",
    ] {
        assert_eq!(by(text), "refused", "{text}");
    }
    let long = format!("Bearer {}", "S".repeat(1 << 20));
    for text in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer\tSesame",
        "Bearer Sesame\tx",
        "Bearer Sesame Sesame",
        "Basic Sesame",
        "Sesame",
        " Bearer Sesame",
        "Bearer,Sesame",
        long.as_str(),
    ] {
        assert_eq!(by(text), "malformed", "{}", &text[..text.len().min(40)]);
    }
    let twice = [
        ("authorization", "Bearer Sesame"),
        ("authorization", "Bearer Sesame"),
    ];
    assert_eq!(call(&access, AWAY, &twice), "malformed");
}

#[test]
fn a_token_has_roles_an_end_and_may_stand_as_its_digest() {
    let access = tokens(
        "a clerk/1 roles=reader,operator expires=2001-01-01\n\
         b clerk/2 roles=auditor expires=2199-01-01\n\
         sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD clerk/3 roles=operator\n",
    )
    .unwrap();
    let by = |text: &str| call(&access, AWAY, &[("authorization", text)]);
    assert_eq!(by("Bearer a"), "refused");
    assert_eq!(by("Bearer b"), "clerk/2");
    // It is the digest of "abc".
    assert_eq!(by("Bearer abc"), "clerk/3");
    let bearer = headers(&[("authorization", "Bearer b")]);
    let found = asked(access.identify(&bearer, &peer(AWAY), || false)).unwrap();
    assert!(found.grants.hold(Grant::ReadNames) && !found.grants.hold(Grant::Operate));
    assert!(found.expires.is_some());
}

#[test]
fn a_token_file_is_refused_by_line_and_without_its_token() {
    let said = |text: &str| match tokens(text).unwrap_err() {
        AccessError::Tokens(error) => {
            let error = error.to_string();
            assert!(!error.contains("sesame"), "{error}");
            error.split_once("tokens:").unwrap().1.to_owned()
        }
        other => panic!("{other}"),
    };
    expect![[r"
        1: there is no actor: expected `<token> <actor> roles=<role>,...`, and after it `expires=YYYY-MM-DD` and `label=<word>` if they are wanted; the actor is 1 to 64 of a-z, 0-9, / and -"]]
    .assert_eq(&said("sesame\n"));
    let what = |text: &str| said(text).split(": expected").next().unwrap().to_owned();
    assert_eq!(
        what("# x\nsesame Clerk@example\n"),
        "2: the second word is no actor"
    );
    assert_eq!(
        what("sesame a"),
        "1: it says no roles, and what is not listed is not allowed"
    );
    assert_eq!(
        what("sesame a roles=king"),
        "1: there is no role \"king\", only auditor, operator, reader, recorder, replica"
    );
    assert_eq!(
        what("sesame a roles=reader expires=soon"),
        "1: expires=soon is no day after 1970"
    );
    assert!(what("sesame a roles=reader b").starts_with("1: a word after the actor"));
    assert!(what("sha256:12 a roles=reader").starts_with("1: what follows sha256:"));
    assert_eq!(
        said("sesame a roles=reader\nsesame b roles=reader\n"),
        "2: the token stands on an earlier line too"
    );
}

#[cfg(unix)]
#[test]
fn a_token_file_open_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = token_file(&folder, "sesame a roles=reader\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    let options = |path: PathBuf| AccessOptions {
        tokens: Some(path),
        ..AccessOptions::default()
    };
    assert!(matches!(
        Access::read(&options(path)),
        Err(AccessError::Tokens(TokenFileError::Exposed(Exposed {
            mode: 0o604,
            ..
        })))
    ));
    assert!(matches!(
        Access::read(&options(folder.path().join("none"))),
        Err(AccessError::Tokens(TokenFileError::Io { .. }))
    ));
}

fn identity(actor: &str) -> IdentityOptions {
    IdentityOptions {
        actor: actor.to_owned(),
        roles: vec!["reader".to_owned()],
        ..IdentityOptions::default()
    }
}

#[test]
fn a_certificate_is_known_by_one_of_its_names_to_the_letter() {
    let known = |actor: &str, name: &str| IdentityOptions {
        certificate: Some(name.to_owned()),
        ..identity(actor)
    };
    let access = Access::read(&AccessOptions {
        identities: vec![
            known("clerk/1", "clerk.example"),
            known("clerk/2", "spiffe://a.example/replica"),
        ],
        ..AccessOptions::default()
    })
    .unwrap();
    let shows = |names: &[&str], ends: SystemTime| {
        let shown = Shown {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ends,
        };
        let peer = Peer::Network {
            address: AWAY.parse().unwrap(),
            certificate: Some(Arc::new(shown)),
        };
        match asked(access.identify(&HeaderMap::new(), &peer, || false)) {
            Ok(identity) => identity.actor.to_string(),
            Err(unknown) => format!("{unknown:?}"),
        }
    };
    let later = SystemTime::now() + Duration::from_mins(1);
    assert_eq!(shows(&["clerk.example"], later), "clerk/1");
    assert_eq!(shows(&["other.example", "clerk.example"], later), "clerk/1");
    assert_eq!(shows(&["spiffe://a.example/replica"], later), "clerk/2");
    for names in [
        &["Clerk.example"][..],
        &["clerk.example."],
        &["*.example"],
        &["a.clerk.example"],
        &["clerk.example\0"],
        &["spiffe://a.example/replica/"],
        &[],
        &["clerk.example", "spiffe://a.example/replica"],
    ] {
        assert!(shows(names, later).starts_with("Refused"), "{names:?}");
    }
    assert!(shows(&["clerk.example"], SystemTime::UNIX_EPOCH).contains("expired"));
}

#[test]
fn a_process_is_known_by_its_user() {
    let access = Access::read(&AccessOptions {
        identities: vec![IdentityOptions {
            user: Some(54_321),
            ..identity("clerk/1")
        }],
        ..AccessOptions::default()
    })
    .unwrap();
    let who =
        |user| match asked(access.identify(&HeaderMap::new(), &Peer::Socket { user }, || false)) {
            Ok(identity) => identity.actor.to_string(),
            Err(unknown) => format!("{unknown:?}"),
        };
    assert_eq!(who(Some(54_321)), "clerk/1");
    assert!(who(Some(54_322)).starts_with("Refused"));
    assert!(who(None).starts_with("Missing"));
    #[cfg(unix)]
    {
        assert_eq!(
            who(Some(rustix::process::geteuid().as_raw())),
            LOCAL_OPERATOR
        );
        assert_eq!(who(Some(0)), LOCAL_OPERATOR);
    }
}

#[test]
fn what_is_configured_wrong_is_named() {
    let said = |options: AccessOptions| Access::read(&options).unwrap_err().to_string();
    let roles = |permissions: &[&str]| {
        let permissions = permissions.iter().map(|word| (*word).to_owned()).collect();
        RoleOptions { permissions }
    };
    let with_role = |name: &str, role: RoleOptions| AccessOptions {
        roles: [(name.to_owned(), role)].into(),
        ..AccessOptions::default()
    };
    let with = |identity: IdentityOptions| AccessOptions {
        identities: vec![identity],
        ..AccessOptions::default()
    };
    expect![[r#"the role x holds "raed", which is no permission: there are read, read-names, operate, fetch-keys, backup, record-money, record-membership, record-law, record-sessions, record-offices"#]]
        .assert_eq(&said(with_role("x", roles(&["raed"]))));
    expect!["the role reader is there already: give it another name"]
        .assert_eq(&said(with_role("reader", roles(&["read"]))));
    expect!["identity 1: it says one of certificate, user and subject, and only one"]
        .assert_eq(&said(with(identity("a"))));
    let star = IdentityOptions {
        certificate: Some("*.example".to_owned()),
        ..identity("a")
    };
    expect![[
        r#"identity 1: "*.example" may be many names: a certificate is known by one, to the letter"#
    ]]
    .assert_eq(&said(with(star)));
    let mail = IdentityOptions {
        user: Some(1),
        ..identity("someone@a.example")
    };
    assert!(said(with(mail)).starts_with("identity 1: actor \"someone@a.example\""));
    let role = IdentityOptions {
        user: Some(1),
        roles: vec!["king".to_owned()],
        ..identity("a")
    };
    assert!(said(with(role)).starts_with("identity 1: there is no role \"king\""));
    let twice = AccessOptions {
        identities: [1, 1]
            .map(|user| IdentityOptions {
                user: Some(user),
                ..identity("a")
            })
            .into(),
        ..AccessOptions::default()
    };
    expect!["identity 2: 1 stands for somebody already"].assert_eq(&said(twice));
}

#[test]
fn what_is_read_anew_counts_for_those_who_are_known_already() {
    let folder = tempfile::tempdir().unwrap();
    let path = token_file(&folder, "sesame clerk/7 roles=auditor\n");
    let options = AccessOptions {
        tokens: Some(path),
        ..AccessOptions::default()
    };
    let access = Access::read(&options).unwrap();
    let bearer = headers(&[("authorization", "Bearer sesame")]);
    let known = asked(access.identify(&bearer, &peer(AWAY), || false)).unwrap();
    let mut changes = access.changes();
    token_file(&folder, "sesame clerk/7\n");
    assert!(access.reload(&options).is_err());
    assert!(access.again(&known).is_ok() && !changes.has_changed().unwrap());
    token_file(&folder, "sesame clerk/7 roles=reader\n");
    access.reload(&options).unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let now = access.again(&known).unwrap();
    assert!(!now.grants.hold_all(known.grants));
    token_file(&folder, "");
    access.reload(&options).unwrap();
    assert!(matches!(access.again(&known), Err(Unknown::Refused(_))));
}
