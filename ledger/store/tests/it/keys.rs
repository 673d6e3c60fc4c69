//! The key file: what survives a restart, what an erasure leaves, what is refused.

use standing_store::keys::{KeyFile, KeyFileError, NewKeys};
use standing_store::seal;
use standing_store::seal::PersonKey;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Keys of persons; every byte of a key is the same.
fn new<const N: usize>(keys: [(&str, u8); N]) -> NewKeys {
    let keys = keys.map(|(person, byte)| (person.to_owned(), PersonKey::new([byte; 32])));
    keys.into()
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// A file of layout 1.
const OLD: &str = "standing-keys 1
digest 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
person p-1 1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b
";

/// The same file in layout 2, and the lines that may follow. The checks were computed elsewhere.
const WHOLE: &str = "standing-keys 2
digest 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a be2a9609
person p-1 1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b bd1eec04
";
const SECOND: &str =
    "person p-2 2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c 2f771156\n";

/// After p-1 was erased and named again.
const ERASED: &str = "standing-keys 2
digest 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a be2a9609
erased p-1 7b61002e
person p-2 2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c 2f771156
person p-1 3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d3d 81dae997
";

fn write(folder: &tempfile::TempDir, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join("keys");
    fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    path
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_text_is_pinned() {
    let folder = folder();
    let path = write(&folder, OLD);
    let keys = KeyFile::open(&path).unwrap();
    assert_eq!(text(&path), OLD, "opening changes nothing");
    assert_eq!(keys.person("p-1"), Some(PersonKey::new([0x1b; 32])));
    keys.add(&new([("p-2", 0x2c)])).unwrap();
    assert_eq!(text(&path), format!("{WHOLE}{SECOND}"));
    assert!(keys.erase("p-1").unwrap());
    keys.add(&new([("p-1", 0x3d)])).unwrap();
    assert_eq!(text(&path), ERASED);

    let keys = KeyFile::open(&path).unwrap();
    assert!(keys.was_erased("p-1") && !keys.was_erased("p-2"));
    assert_eq!(keys.person("p-1"), Some(PersonKey::new([0x3d; 32])));
    assert_eq!(keys.persons(), ["p-1", "p-2"]);
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn keys_survive_a_restart_and_erasure_is_for_ever() {
    let folder = folder();
    let path = folder.path().join("keys");
    let keys = KeyFile::create(&path).unwrap();
    let (first, second) = (PersonKey::random().unwrap(), PersonKey::random().unwrap());
    assert_ne!(first, second);
    let both = [("p-1", &first), ("p-2", &second)].map(|(id, key)| (id.to_owned(), key.clone()));
    keys.add(&both.into()).unwrap();
    keys.add(&new([("p-1", 7)])).unwrap();
    assert_eq!(keys.person("p-1"), Some(first.clone()), "a key stays");
    let sealed = seal::seal(&first, seal::Nonce::random().unwrap(), "p-1", b"a name").unwrap();

    let digest = keys.digest_key().clone();
    drop(keys);
    let keys = KeyFile::open(&path).unwrap();
    assert_eq!(keys.digest_key(), &digest);
    assert_eq!(keys.persons(), ["p-1", "p-2"]);
    let opened = seal::open(&keys.person("p-1").unwrap(), "p-1", &sealed);
    assert_eq!(opened.unwrap(), b"a name");

    assert!(keys.erase("p-1").unwrap());
    assert!(!keys.erase("p-1").unwrap());
    drop(keys);
    let keys = KeyFile::open(&path).unwrap();
    assert_eq!(keys.person("p-1"), None);
    assert!(
        keys.was_erased("p-1"),
        "and is told from a key that is lost"
    );
    assert_eq!(keys.person("p-2"), Some(second));
    // Nothing but the file itself stays in its folder.
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn many_keys_are_one_write() {
    let folder = folder();
    let path = folder.path().join("keys");
    let keys = KeyFile::create(&path).unwrap();
    #[cfg(unix)]
    let file = |path: &Path| {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).unwrap().ino()
    };
    let before = file(&path);
    let many: NewKeys = (0..10_000)
        .map(|n| (format!("p-{n}"), PersonKey::random().unwrap()))
        .collect();
    keys.add(&many).unwrap();
    assert_eq!(file(&path), before, "added, not written anew");
    let again = KeyFile::open(&path).unwrap();
    assert!(
        many.iter()
            .all(|(person, key)| again.person(person).as_ref() == Some(key))
    );
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
    let path = folder.path().join("keys");
    let keys = KeyFile::create(&path).unwrap();
    let before = text(&path);
    for id in ["", "a b", "a\nb", "A", "é", &"a".repeat(65)] {
        let added = keys.add(&new([("good", 1), (id, 2)]));
        assert!(matches!(added, Err(KeyFileError::PersonId)), "{id:?}");
        assert_eq!(keys.person("good"), None);
    }
    assert_eq!(text(&path), before);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path().join("keys");
    let keys = KeyFile::create(&path).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    keys.add(&new([("p-1", 1)])).unwrap();
    assert_eq!(mode(), 0o600);
    keys.erase("p-1").unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::Exposed { mode: 0o644, .. })
    ));
}

#[cfg(unix)]
#[test]
fn an_erasure_reaches_the_file_that_a_link_leads_to() {
    let folder = folder();
    let (path, link) = (folder.path().join("keys"), folder.path().join("link"));
    KeyFile::create(&path).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let keys = KeyFile::open(&link).unwrap();
    keys.add(&new([("p-1", 1)])).unwrap();
    assert!(text(&path).contains("person p-1"));
    keys.erase("p-1").unwrap();
    assert!(!text(&path).contains("person p-1"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_line_that_is_not_a_key_is_named_without_being_shown() {
    let folder = folder();
    let key = "0".repeat(64);
    let rows = [
        (String::new(), 1),
        ("something else\n".to_owned(), 1),
        ("standing-keys 1\n".to_owned(), 2),
        (format!("{OLD}person p-2 {}\n", &key[1..]), 4),
        (format!("{OLD}person p-2 {key}\nperson p-2 {key}\n"), 5),
        (format!("{OLD}digest {key}\n"), 4),
        (format!("{OLD}person P {key}\n"), 4),
        (format!("{OLD}person p-2 {}g\n", &key[1..]), 4),
        (format!("{OLD}erased p-2\n"), 4),
        (format!("{OLD}\n"), 4),
        (format!("{OLD}pers"), 4),
        ("standing-keys 2\n".to_owned(), 2),
        (format!("{WHOLE}person p-2 {key}\n"), 4),
        (format!("{WHOLE}{SECOND}{SECOND}"), 5),
        (format!("{WHOLE}\n"), 4),
        (format!("{WHOLE}pers\n{SECOND}"), 4),
        (OLD.replace("keys 1", "keys 2"), 2),
    ];
    for (text, line) in rows {
        let path = write(&folder, &text);
        match KeyFile::open(&path) {
            Err(error @ KeyFileError::Malformed { line: found, .. }) => {
                assert_eq!(found, line, "{text}");
                assert!(!error.to_string().contains("000"), "{error}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let path = write(&folder, WHOLE.replace("keys 2", "keys 3"));
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::Newer { .. })
    ));
}

#[test]
fn a_flipped_bit_is_refused_wherever_it_is() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let folder = folder();
    let path = write(&folder, ERASED);
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (at, byte) in ERASED.bytes().enumerate() {
        let line = 1 + ERASED[..at].matches('\n').count();
        for bit in 0..8 {
            put(at, byte ^ (1 << bit));
            match KeyFile::open(&path) {
                Err(KeyFileError::Malformed { line: found, .. }) => {
                    assert_eq!(found, line, "byte {at} bit {bit}");
                }
                Err(KeyFileError::Newer { .. }) if line == 1 => {}
                other => panic!("byte {at} bit {bit}: {other:?}"),
            }
        }
        put(at, byte);
    }
    KeyFile::open(&path).unwrap();
}

#[test]
fn a_line_cut_off_by_a_crash_is_passed_over_and_cut_off_by_the_next_write() {
    let folder = folder();
    for end in 0..SECOND.len() {
        let torn = format!("{WHOLE}{}", &SECOND[..end]);
        let path = write(&folder, &torn);
        let keys = KeyFile::open(&path).unwrap();
        assert_eq!(text(&path), torn, "opening changes nothing");
        assert_eq!(keys.person("p-1"), Some(PersonKey::new([0x1b; 32])));
        // Whole but for its end, it counts.
        let counts = end + 1 == SECOND.len();
        assert_eq!(keys.person("p-2").is_some(), counts, "{end}");
        keys.add(&new([("p-2", 0x2c), ("p-3", 9)])).unwrap();
        let keys = KeyFile::open(&path).unwrap();
        assert_eq!(keys.persons(), ["p-1", "p-2", "p-3"]);
        assert!(text(&path).starts_with(&format!("{WHOLE}{SECOND}")));
    }
}

#[test]
fn a_file_that_was_replaced_or_changed_is_not_written_to() {
    let folder = folder();
    let other = folder.path().join("other");
    let changes: [&dyn Fn(&Path); 4] = [
        &|path| fs::remove_file(path).unwrap(),
        &|path| drop(fs::copy(path, &other).and_then(|_| fs::rename(&other, path))),
        &|path| fs::write(path, WHOLE).unwrap(),
        &|path| fs::write(path, format!("{WHOLE}{SECOND}{}", "# a note\n")).unwrap(),
    ];
    for (place, change) in changes.iter().enumerate() {
        let path = write(&folder, format!("{WHOLE}{SECOND}"));
        let keys = KeyFile::open(&path).unwrap();
        change(&path);
        let before = fs::read(&path).ok();
        let refused = [
            keys.add(&new([("p-3", 3)])).unwrap_err(),
            keys.erase("p-1").unwrap_err(),
        ];
        for error in refused {
            assert!(
                matches!(
                    error,
                    KeyFileError::Changed { .. } | KeyFileError::Io { .. }
                ),
                "{place}: {error}"
            );
        }
        assert_eq!(fs::read(&path).ok(), before, "{place}");
        assert_eq!(keys.person("p-3"), None);
        assert!(keys.person("p-1").is_some());
    }
}
