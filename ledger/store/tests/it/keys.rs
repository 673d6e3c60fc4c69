//! The key file: what survives a restart, what an erasure leaves, what is refused.

use standing_store::{
    keys::{KeyFile, KeyFileError},
    seal,
};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn keys_survive_a_restart_and_erasure_is_for_ever() {
    let folder = folder();
    let path = folder.path().join("keys");
    let mut keys = KeyFile::create(&path).unwrap();
    let first = keys.person_or_new("p-1").unwrap();
    let second = keys.person_or_new("p-2").unwrap();
    assert_ne!(first, second);
    assert_eq!(keys.person_or_new("p-1").unwrap(), first);
    let sealed = seal::seal(&first, seal::Nonce::random().unwrap(), "p-1", b"a name").unwrap();

    let digest = keys.digest_key().clone();
    drop(keys);
    let mut keys = KeyFile::open(&path).unwrap();
    assert_eq!(keys.digest_key(), &digest);
    assert_eq!(keys.persons().collect::<Vec<_>>(), ["p-1", "p-2"]);
    assert_eq!(
        seal::open(keys.person("p-1").unwrap(), "p-1", &sealed).unwrap(),
        b"a name"
    );

    assert!(keys.erase("p-1").unwrap());
    assert!(!keys.erase("p-1").unwrap());
    drop(keys);
    let mut keys = KeyFile::open(&path).unwrap();
    assert_eq!(keys.person("p-1"), None);
    assert_eq!(keys.person("p-2"), Some(&second));
    let fresh = keys.person_or_new("p-1").unwrap();
    assert_eq!(
        seal::open(&fresh, "p-1", &sealed),
        Err(seal::SealError::DoesNotOpen)
    );
    // Nothing but the file itself stays in its folder.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_fresh_file_never_replaces_one() {
    let folder = folder();
    let path = folder.path().join("keys");
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::Missing { .. })
    ));
    let keys = KeyFile::create(&path).unwrap();
    assert!(matches!(
        KeyFile::create(&path),
        Err(KeyFileError::Exists { .. })
    ));
    assert_eq!(
        KeyFile::open(&path).unwrap().digest_key(),
        keys.digest_key()
    );
}

#[test]
fn a_person_id_that_would_break_a_line_is_refused() {
    let folder = folder();
    let mut keys = KeyFile::create(folder.path().join("keys")).unwrap();
    for id in ["", "a b", "a\nb", "A", "é", &"a".repeat(65)] {
        assert!(
            matches!(keys.person_or_new(id), Err(KeyFileError::PersonId)),
            "{id:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};
    let folder = folder();
    let path = folder.path().join("keys");
    let mut keys = KeyFile::create(&path).unwrap();
    let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    keys.person_or_new("p-1").unwrap();
    assert_eq!(mode(), 0o600);
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::Exposed { mode: 0o644, .. })
    ));
}

#[test]
fn a_line_that_is_not_a_key_is_named_without_being_shown() {
    let folder = folder();
    let path = folder.path().join("keys");
    KeyFile::create(&path).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    let key = "0".repeat(64);
    let rows = [
        (String::new(), 1),
        ("something else\n".to_owned(), 1),
        ("standing-keys 1\n".to_owned(), 2),
        (format!("{good}person p-1 {}\n", &key[1..]), 3),
        (format!("{good}person p-1 {key}\nperson p-1 {key}\n"), 4),
        (format!("{good}digest {key}\n"), 3),
        (format!("{good}person P {key}\n"), 3),
        (format!("{good}person p-1 {}g\n", &key[1..]), 3),
        (format!("{good}\n"), 3),
    ];
    for (text, line) in rows {
        std::fs::write(&path, &text).unwrap();
        match KeyFile::open(&path) {
            Err(error @ KeyFileError::Malformed { line: found, .. }) => {
                assert_eq!(found, line, "{text}");
                assert!(!error.to_string().contains("000"), "{error}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    std::fs::write(&path, good.replace("standing-keys 1", "standing-keys 2")).unwrap();
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::Newer { .. })
    ));
}
