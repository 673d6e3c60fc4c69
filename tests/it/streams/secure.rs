//! Connections that a server asks more of.

use super::{settled, status, until};
use crate::harness::{Access, Certificates, Creds, Folder, Nats, Settings, Tls, text};
use crate::recording::small_with;
use std::path::Path;

const LEAGUE: &str = "standing-league-entries";

/// Checks that a writer with these arguments publishes.
fn assert_publishes(nats: &Nats, folder: &Folder, login: &[&str]) {
    let url = nats.url();
    let args = [&["--nats", &*url][..], login].concat();
    let server = small_with(folder, &args);
    settled(&server, "CAUGHT_UP");
    assert_eq!(nats.last(LEAGUE), 28);
}

fn path(file: &Path) -> &str {
    file.to_str().expect("UTF-8")
}

fn tls(files: &Certificates, mutual: bool) -> Nats {
    let files = files.clone();
    Nats::start_with(Settings {
        tls: Some(Tls { files, mutual }),
        ..Settings::default()
    })
}

#[test]
fn a_user_and_a_password_from_a_file() {
    let nats = Nats::start_with(Settings {
        access: Access::Password("writer", "secret"),
        ..Settings::default()
    });
    let folder = Folder::new();
    let file = folder.write("password", "secret\n");
    let login = ["--nats-user", "writer", "--nats-password-file", path(&file)];
    assert_publishes(&nats, &folder, &login);
}

#[test]
fn a_file_of_credentials() {
    let creds = Creds::new();
    let folder = Folder::new();
    let file = folder.write("writer.creds", &creds.file);
    let nats = Nats::start_with(Settings {
        access: Access::Creds(creds),
        ..Settings::default()
    });
    assert_publishes(&nats, &folder, &["--nats-creds", path(&file)]);
}

#[test]
fn a_server_whose_certificate_an_authority_of_our_own_has_signed() {
    let folder = Folder::new();
    let files = Certificates::new(&folder, "nats");
    let login = ["--nats-ca", path(&files.authority)];
    assert_publishes(&tls(&files, false), &folder, &login);
}

#[test]
fn a_server_that_wants_a_certificate_too() {
    let folder = Folder::new();
    let files = Certificates::new(&folder, "nats");
    let login = [
        "--nats-ca",
        path(&files.authority),
        "--nats-cert",
        path(&files.client.certificate),
        "--nats-key",
        path(&files.client.key),
    ];
    assert_publishes(&tls(&files, true), &folder, &login);
}

#[test]
fn a_server_whose_certificate_somebody_else_has_signed_is_not_spoken_to() {
    let folder = Folder::new();
    let files = Certificates::new(&folder, "nats");
    let others = Certificates::new(&folder, "other");
    let nats = tls(&files, false);
    let url = nats.url();
    let server = small_with(
        &folder,
        &["--nats", &url, "--nats-ca", path(&others.authority)],
    );
    let mut problem = String::new();
    until("it says what is wrong", || {
        text(&status(server.client()), "problem").clone_into(&mut problem);
        !problem.is_empty()
    });
    assert!(problem.contains("certificate"), "{problem}");
    assert_eq!(nats.last(LEAGUE), 0);
}
