//! An entry as a message, and back: the stored bytes decide, and everything beside them must agree with them.

use crate::names::{CLOUD_EVENTS, Names, PROTOBUF, header};
use async_nats::HeaderMap;
use prost::Message as _;
use prost_types::Timestamp;
use sha2::{Digest as _, Sha256};
use standing_domain::book::Ref;
use standing_domain::day::Day;
use standing_domain::event::{Content, Position};
use standing_domain::id::PartyId;
use standing_domain::principal::principal;
use standing_domain::refs::each_ref;
use standing_domain::when::When;
use standing_engine::StoredEntry;
use standing_engine::store::{Envelope, EnvelopeError};
use standing_proto::entry::write_entry;
use standing_proto::kind::Kind;
use standing_proto::time::timestamp;
use standing_proto::v1;

/// A message to publish.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub subject: String,
    pub headers: HeaderMap,
    pub payload: Vec<u8>,
}

/// An entry as a message brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The last position of its batch.
    pub last: Position,
    /// The digest of its stored bytes.
    pub digest: String,
    /// The digest of the stored bytes of the entry before, as its publisher had it; none at the first.
    pub previous: Option<String>,
    /// The bytes as stored.
    pub stored: Vec<u8>,
}

/// Why a message of the stream of entries is not the entry that belongs there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// It stands under a subject of something else.
    #[error("it is on subject {0}, which is none of an entry")]
    Subject(String),
    /// Its payload is no entry of the contract.
    #[error("its payload is not an entry")]
    NotAnEntry,
    /// It has another position than its place in the stream.
    #[error("it is entry {0}, and stands at another place")]
    Position(Position),
    /// It has no digest.
    #[error("it has no header {header}", header = header::SHA256)]
    NoDigest,
    /// Its stored bytes do not have the digest that stands in its header.
    #[error("its bytes do not have the digest in its header: it is damaged")]
    Digest,
    /// Its publisher had another entry before it than the one there.
    #[error("its publisher had another entry before it: two writers have published here")]
    Previous,
    /// Its stored bytes are no entry, or of a newer release.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A field that was read from the stored bytes says otherwise than they do.
    #[error("its field {0} is not what its stored bytes say: it is damaged")]
    Field(&'static str),
}

impl BadMessage {
    /// Returns whether a newer release wrote it, so that nothing is wrong but the age of this one.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Envelope(EnvelopeError::NewerFormat { .. }))
    }
}

/// Writes an entry as a message. `digest` is that of its stored bytes, `previous` that of the entry before; none at the first.
pub(crate) fn write(
    names: &Names,
    read: StoredEntry,
    digest: String,
    previous: Option<String>,
) -> Outgoing {
    let StoredEntry {
        entry,
        stored,
        payload_version,
        ..
    } = read;
    let position = entry.position;
    let party = principal(&entry.content);
    let recorded = timestamp(entry.record_time);
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: String| headers.insert(name, value);
    set(header::ID, format!("{}/{position}", names.association()));
    set(header::TYPE, "standing.v1.Entry".to_owned());
    set(header::TIME, time(effective_day(&entry.content), &recorded));
    set(header::SHA256, digest);
    if let Some(previous) = previous {
        set(header::PREVIOUS, previous);
    }
    if let Some(party) = party {
        set(header::SUBJECT, party.to_string());
    }
    let parties = parties(&entry.content);
    if !parties.is_empty() {
        set(header::PARTIES, parties);
    }
    common(names, &mut headers, &recorded, position);
    let subject = names.entry_subject(Kind::from(&entry.content), party);
    let payload = write_entry(&entry, payload_version, stored).encode_to_vec();
    Outgoing {
        subject,
        headers,
        payload,
    }
}

/// Sets the headers that every message has.
pub(crate) fn common(names: &Names, headers: &mut HeaderMap, recorded: &Timestamp, sequence: u64) {
    headers.insert(header::SPEC_VERSION, CLOUD_EVENTS);
    headers.insert(header::SOURCE, names.source());
    headers.insert(header::RECORDED_TIME, recorded.to_string());
    headers.insert(header::SEQUENCE, format!("{sequence:020}"));
    headers.insert(header::DATA_CONTENT_TYPE, PROTOBUF);
    headers.insert(header::CONTENT_TYPE, PROTOBUF);
}

/// Writes midnight of a day, or the record time where there is none.
pub(crate) fn time(day: Option<Day>, recorded: &Timestamp) -> String {
    day.map_or_else(|| recorded.to_string(), |day| format!("{day}T00:00:00Z"))
}

fn effective_day(content: &Content) -> Option<Day> {
    match content.effective {
        Some(When::Window(window)) if window.is_day() => Some(window.earliest),
        _ => None,
    }
}

fn parties(content: &Content) -> String {
    let mut parties: Vec<PartyId> = Vec::new();
    each_ref(content, &mut |what| {
        if let Ref::Party(party) = what {
            parties.push(party);
        }
    });
    let mut seen = std::collections::BTreeSet::new();
    parties.retain(|party| seen.insert(party.clone()));
    let parties: Vec<_> = parties.iter().map(PartyId::as_str).collect();
    parties.join(",")
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes);
    let mut text = String::with_capacity(64);
    for byte in digest {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads the entry that a message at a place of the stream should be.
///
/// # Errors
/// It is none, is another, is damaged, or a newer release wrote it.
pub(crate) fn read(
    names: &Names,
    sequence: u64,
    subject: &str,
    headers: Option<&HeaderMap>,
    payload: &[u8],
) -> Result<Taken, BadMessage> {
    let subjects = names.entries_subjects();
    if !subject.starts_with(subjects.trim_end_matches('>')) {
        return Err(BadMessage::Subject(subject.to_owned()));
    }
    let entry = v1::Entry::decode(payload).map_err(|_| BadMessage::NotAnEntry)?;
    let digest = headers.and_then(|headers| headers.get(header::SHA256));
    let digest = digest.ok_or(BadMessage::NoDigest)?;
    if digest.as_str() != sha256(&entry.stored) {
        return Err(BadMessage::Digest);
    }
    if entry.position != sequence {
        return Err(BadMessage::Position(entry.position));
    }
    let last = agrees(&entry)?;
    let previous = headers.and_then(|headers| headers.get(header::PREVIOUS));
    Ok(Taken {
        last,
        digest: digest.as_str().to_owned(),
        previous: previous.map(|previous| previous.as_str().to_owned()),
        stored: entry.stored,
    })
}

/// Checks that the fields say what the stored bytes do, and returns the last position of the batch.
fn agrees(entry: &v1::Entry) -> Result<Position, BadMessage> {
    let envelope = Envelope::decode(&entry.stored)?;
    let recorded = i64::try_from(envelope.record_time).ok().map(timestamp);
    for (field, same) in [
        ("record_time", entry.record_time == recorded),
        ("actor", entry.actor == envelope.actor),
        ("request_id", entry.request_id == envelope.request_id),
        ("first_position", entry.first_position == envelope.first),
        ("last_position", entry.last_position == envelope.last),
        ("kind", entry.kind == u32::from(envelope.kind)),
        (
            "payload_version",
            entry.payload_version == u32::from(envelope.payload_version),
        ),
    ] {
        if !same {
            return Err(BadMessage::Field(field));
        }
    }
    Ok(envelope.last)
}
