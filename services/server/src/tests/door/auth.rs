use super::*;
use crate::call::auth::{Auth, LOCAL_OPERATOR, caller};
use crate::{TokenFileError, Tokens};
use std::fs;
use std::path::PathBuf;
use tonic::service::Interceptor as _;
use tonic::transport::server::TcpConnectInfo;

fn token_file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("tokens");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    path
}

fn tokens(text: &str) -> Result<Tokens, TokenFileError> {
    let folder = tempfile::tempdir().unwrap();
    Tokens::load(&token_file(&folder, text))
}

/// Calls from an address with headers; returns the actor, or the reason to turn the call away.
fn call(tokens: &Tokens, peer: &str, headers: &[(&'static str, &str)]) -> String {
    let mut request = tonic::Request::new(());
    request.extensions_mut().insert(TcpConnectInfo {
        local_addr: None,
        remote_addr: Some(peer.parse().unwrap()),
    });
    for (name, value) in headers {
        request.metadata_mut().insert(*name, value.parse().unwrap());
    }
    match Auth::new(tokens.clone()).call(request) {
        Ok(request) => caller(&request).unwrap().to_string(),
        Err(status) => {
            assert_eq!(status.code(), Code::Unauthenticated);
            status
                .get_error_details()
                .error_info()
                .unwrap()
                .reason
                .clone()
        }
    }
}

const HERE: &str = "127.0.0.1:5000";
const AWAY: &str = "192.0.2.7:5000";

#[test]
fn a_token_is_an_actor_and_this_machine_is_the_operator() {
    let some = tokens("# people\n\nsesame clerk/7\n").unwrap();
    let bearer = |token| [("authorization", token)];
    for (peer, headers, outcome) in [
        (AWAY, &bearer("Bearer sesame")[..], "clerk/7"),
        (HERE, &bearer("bearer sesame")[..], "clerk/7"),
        (AWAY, &bearer("Bearer sesam")[..], "TOKEN_UNKNOWN"),
        (HERE, &bearer("Bearer sesam")[..], "TOKEN_UNKNOWN"),
        (AWAY, &bearer("Basic sesame")[..], "TOKEN_MALFORMED"),
        (AWAY, &[][..], "TOKEN_MISSING"),
        (HERE, &[][..], LOCAL_OPERATOR),
        ("[::1]:5000", &[][..], LOCAL_OPERATOR),
        ("[::ffff:127.0.0.1]:5000", &[][..], LOCAL_OPERATOR),
        (
            HERE,
            &[("x-forwarded-for", "192.0.2.7")][..],
            "TOKEN_MISSING",
        ),
        (
            HERE,
            &[("origin", "http://evil.example:5000")][..],
            "TOKEN_MISSING",
        ),
        (HERE, &[("origin", "null")][..], "TOKEN_MISSING"),
        (
            HERE,
            &[("origin", "http://localhost:8080")][..],
            LOCAL_OPERATOR,
        ),
        (HERE, &[("origin", "http://[::1]:8080")][..], LOCAL_OPERATOR),
    ] {
        assert_eq!(call(&some, peer, headers), outcome, "{peer} {headers:?}");
    }
    let none = Tokens::default();
    assert_eq!(call(&none, HERE, &[]), LOCAL_OPERATOR);
    assert_eq!(call(&none, AWAY, &[]), "TOKEN_MISSING");
    assert_eq!(call(&none, AWAY, &bearer("Bearer x")), "TOKEN_UNKNOWN");
}

#[test]
fn a_token_file_is_refused_by_line_and_without_its_token() {
    let said = |text: &str| tokens(text).unwrap_err().to_string();
    assert!(said("sesame\n").contains("tokens:1:"));
    assert!(said("# x\nsesame Clerk@example\n").contains("tokens:2:"));
    assert!(!said("sesame a b\n").contains("sesame"));
    assert!(said("sesame a\nsesame b\n").contains("tokens:2:"));
    assert_eq!(format!("{:?}", tokens("sesame a").unwrap()), "Tokens(1)");
}

#[cfg(unix)]
#[test]
fn a_token_file_open_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = token_file(&folder, "sesame a\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
    assert!(matches!(
        Tokens::load(&path),
        Err(TokenFileError::Exposed { mode: 0o604, .. })
    ));
    assert!(matches!(
        Tokens::load(&folder.path().join("none")),
        Err(TokenFileError::Io { .. })
    ));
}

#[tokio::test]
async fn the_actor_of_an_entry_is_the_caller() {
    let config = Config {
        tokens: tokens("sesame clerk/7\n").unwrap(),
        ..Config::default()
    };
    let mut world = empty(config).await;
    let mut request = tonic::Request::new(batch("league", LEAGUE));
    request
        .metadata_mut()
        .insert("authorization", "Bearer sesame".parse().unwrap());
    world.ledger.record(request).await.unwrap();
    let entry = world
        .ledger
        .get_entry(v1::GetEntryRequest { position: 1 })
        .await
        .unwrap();
    assert_eq!(entry.into_inner().entry.unwrap().actor, "clerk/7");

    let mut request = tonic::Request::new(v1::GetHeadRequest {});
    request
        .metadata_mut()
        .insert("authorization", "Bearer thief".parse().unwrap());
    refused(
        world.ledger.get_head(request).await,
        Code::Unauthenticated,
        "TOKEN_UNKNOWN",
    );
}
