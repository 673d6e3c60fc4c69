//! What a key file says: text, one key a line, mode 0600.
//!
//! ```text
//! standing-keys 2
//! digest KEY CHECK
//! erased PERSON CHECK
//! person PERSON KEY CHECK
//! ```
//!
//! A key is 64 hex digits. CHECK is the first 8 hex digits of SHA-256 over the line before it,
//! without the space: a flipped bit is noticed, and the line named. A person who was erased and
//! named again has both lines. Layout 1 had neither checks nor erased persons.

use super::Persons;
use crate::digest::DigestKey;
use crate::seal::PersonKey;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};

/// The first line; the number changes with the layout.
const HEADER: &str = "standing-keys 2";
/// The first line before lines had checks.
const HEADER_1: &str = "standing-keys 1";
/// What a first line of any version starts with.
const HEADER_NAME: &str = "standing-keys ";

/// What a key file holds.
pub(super) struct Found {
    pub digest: DigestKey,
    pub persons: Persons,
    /// How many bytes count; a line that a crash cut off stands behind them.
    pub length: usize,
    /// Whether it has to be written anew before lines can be added.
    pub is_old: bool,
}

/// Why a text is no key file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A newer release wrote it.
    Newer,
    /// The line, from 1, is not one of a key file, or is damaged.
    Line(usize),
}

/// Writes a whole file.
pub(super) fn write(digest: &DigestKey, persons: &Persons) -> String {
    let mut text = format!("{HEADER}\n");
    text.push_str(&line(&format!("digest {}", HEXLOWER.encode(&digest.0))));
    for erased in &persons.erased {
        text.push_str(&line(&format!("erased {erased}")));
    }
    for (id, key) in &persons.keys {
        text.push_str(&person(id, key));
    }
    text
}

/// Writes the line of a person's key.
pub(super) fn person(person: &str, key: &PersonKey) -> String {
    line(&format!("person {person} {}", HEXLOWER.encode(&key.0)))
}

fn line(said: &str) -> String {
    format!("{said} {}\n", check(said))
}

fn check(said: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(said)[..4])
}

/// Reads a whole file.
pub(super) fn read(bytes: &[u8]) -> Result<Found, Flaw> {
    let mut digest = None;
    let mut persons = Persons::default();
    let (mut length, mut is_old, mut has_checks) = (0, false, true);
    let mut number = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        number += 1;
        let flaw = || Flaw::Line(number);
        let ended = line.strip_suffix(b"\n");
        let said = ended.unwrap_or(line);
        let said = said.strip_suffix(b"\r").unwrap_or(said);
        if number == 1 {
            match std::str::from_utf8(said) {
                Ok(HEADER) => {}
                Ok(HEADER_1) => (is_old, has_checks) = (true, false),
                Ok(newer) if newer.starts_with(HEADER_NAME) => return Err(Flaw::Newer),
                _ => return Err(flaw()),
            }
        } else {
            let read = if has_checks {
                checked(said)
            } else {
                plain(said)
            };
            match read.and_then(Said::read) {
                Some(Said::Digest(key)) if digest.is_none() => digest = Some(key),
                Some(Said::Erased(person)) if has_checks && !persons.erased.contains(person) => {
                    persons.erased.insert(person.to_owned());
                }
                Some(Said::Person(person, key)) if !persons.keys.contains_key(person) => {
                    persons.keys.insert(person.to_owned(), key);
                }
                None if ended.is_none() && is_torn(said) && has_checks && digest.is_some() => {
                    break;
                }
                _ => return Err(flaw()),
            }
        }
        // Whole but for its end: to write a line behind it, it is written anew.
        is_old |= ended.is_none();
        length += line.len();
    }
    let digest = digest.ok_or(Flaw::Line(number + 1))?;
    Ok(Found {
        digest,
        persons,
        length,
        is_old,
    })
}

/// A line without its check.
enum Said<'a> {
    Digest(DigestKey),
    Erased(&'a str),
    Person(&'a str, PersonKey),
}

impl<'a> Said<'a> {
    fn read(said: &'a str) -> Option<Self> {
        let mut words = said.split(' ');
        match (words.next()?, words.next()?, words.next(), words.next()) {
            ("digest", key, None, None) => Some(Self::Digest(DigestKey::new(unhex(key)?))),
            ("erased", person, None, None) if is_person(person) => Some(Self::Erased(person)),
            ("person", person, Some(key), None) if is_person(person) => {
                Some(Self::Person(person, PersonKey::new(unhex(key)?)))
            }
            _ => None,
        }
    }
}

fn plain(line: &[u8]) -> Option<&str> {
    std::str::from_utf8(line).ok()
}

/// Returns what a line says before its check; none if the check is another.
fn checked(line: &[u8]) -> Option<&str> {
    let (said, found) = plain(line)?.rsplit_once(' ')?;
    (found == check(said)).then_some(said)
}

/// Returns whether a line without an end, that does not read, was cut off while it was written. A
/// whole line with one byte behind it was not: that byte was its end.
fn is_torn(line: &[u8]) -> bool {
    let before = line.split_last().map(|(_, before)| before);
    before.and_then(checked).is_none()
}

/// Returns whether an id may stand in a key file: 1 to 64 characters of `[a-z0-9-]`.
pub(super) fn is_person(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    bytes.try_into().ok()
}
