//! An entry as a message, and back: the stored bytes decide, and everything beside them must agree
//! with them.

use crate::names::{CLOUD_EVENTS, Names, PROTOBUF, header};
use async_nats::header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_STREAM};
use async_nats::{HeaderMap, HeaderName};
use data_encoding::HEXLOWER;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use standing_domain::entry::Content;
use standing_domain::entry::gathered::each_ref;
use standing_domain::entry::principal::principal;
use standing_domain::entry::slot::Ref;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::when::When;
use standing_engine::StoredEntry;
use standing_engine::store::{Envelope, EnvelopeError};
use standing_proto::entry::write_entry;
use standing_proto::time::timestamp;
use standing_proto::v1;
use std::collections::BTreeSet;

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
    /// The digest of the stored bytes of the entry before, as its publisher had it; none at the
    /// first.
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

/// The headers of one kind of message: what they have in common, and room for the rest. A map that
/// grows while it is filled costs more than filling it.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub names: Names,
    /// Those that are the same in every message.
    common: HeaderMap,
    /// Those, and an empty one under every other name that a message has.
    whole: HeaderMap,
}

impl Form {
    /// Returns the form of messages of a type of the contract. `own` are the names that its
    /// messages have beside those which all have.
    pub fn new(names: &Names, message: &str, own: &[&'static str]) -> Self {
        let mut common = HeaderMap::new();
        let mut set = |name, value: &str| common.insert(HeaderName::from_static(name), value);
        set(header::SPEC_VERSION, CLOUD_EVENTS);
        set(header::SOURCE, &names.source());
        set(header::TYPE, message);
        set(header::DATA_CONTENT_TYPE, PROTOBUF);
        set(header::CONTENT_TYPE, PROTOBUF);
        let mut whole = common.clone();
        let every = [
            header::ID,
            header::SUBJECT,
            header::TIME,
            header::RECORDED_TIME,
            header::SEQUENCE,
            header::SHA256,
            header::PARTIES,
        ];
        for name in every.iter().chain(own) {
            whole.insert(HeaderName::from_static(name), "");
        }
        // Set when it is sent.
        for name in [NATS_EXPECTED_STREAM, NATS_EXPECTED_LAST_SEQUENCE] {
            whole.insert(name, "");
        }
        let names = names.clone();
        Self {
            names,
            common,
            whole,
        }
    }

    /// Returns the headers to begin with. `whole` says that every other one will be set, or it
    /// would be sent empty.
    pub fn headers(&self, whole: bool) -> Headers {
        let headers = if whole { &self.whole } else { &self.common };
        Headers(headers.clone())
    }
}

/// Headers that are being written.
pub(crate) struct Headers(pub HeaderMap);

impl Headers {
    /// Sets one.
    pub fn set(&mut self, name: &'static str, value: String) {
        self.0.insert(HeaderName::from_static(name), value);
    }
}

/// Returns the form of the messages of entries.
pub(crate) fn form(names: &Names) -> Form {
    Form::new(names, "standing.v1.Entry", &[header::PREVIOUS])
}

/// Writes an entry as a message. `digest` is that of its stored bytes, `previous` that of the entry
/// before; none at the first.
pub(crate) fn write(
    form: &Form,
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
    let party = entry.content.event.as_ref().and_then(principal);
    let parties = parties(&entry.content);
    let recorded = timestamp(entry.record_time).to_string();
    let is_whole = previous.is_some() && party.is_some() && !parties.is_empty();
    let mut headers = form.headers(is_whole);
    let association = form.names.association();
    headers.set(header::ID, format!("{association}/{position}"));
    if let Some(party) = party {
        headers.set(header::SUBJECT, party.to_string());
    }
    headers.set(header::TIME, time(effective_day(&entry.content), &recorded));
    headers.set(header::RECORDED_TIME, recorded);
    headers.set(header::SEQUENCE, sequence(position.number()));
    headers.set(header::SHA256, digest);
    if let Some(previous) = previous {
        headers.set(header::PREVIOUS, previous);
    }
    if !parties.is_empty() {
        headers.set(header::PARTIES, parties);
    }
    let kind = entry.content.kind();
    Outgoing {
        subject: form.names.entry_subject(kind, party),
        headers: headers.0,
        payload: write_entry(&entry, payload_version, stored).encode_to_vec(),
    }
}

/// Writes a place of a stream so that it sorts as text.
pub(crate) fn sequence(place: u64) -> String {
    format!("{place:020}")
}

/// Writes midnight of a day, or the record time where there is none.
pub(crate) fn time(day: Option<Day>, recorded: &str) -> String {
    day.map_or_else(|| recorded.to_owned(), |day| format!("{day}T00:00:00Z"))
}

fn effective_day(content: &Content) -> Option<Day> {
    match content.effective {
        Some(When::Window(window)) if window.is_day() => Some(window.earliest),
        _ => None,
    }
}

fn parties(content: &Content) -> String {
    let mut parties: Vec<PartyId> = Vec::new();
    let mut seen = BTreeSet::new();
    each_ref(content, &mut |what| {
        if let Ref::Party(party) = what
            && seen.insert(party.clone())
        {
            parties.push(party);
        }
    });
    let parties: Vec<_> = parties.iter().map(PartyId::as_str).collect();
    parties.join(",")
}

/// Returns the SHA-256 of bytes in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Reads the entry that a message at a place of the stream should be.
///
/// # Errors
/// It is none, is another, is damaged, or a newer release wrote it.
pub(crate) fn read(
    names: &Names,
    position: Position,
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
    let said = Position::new(entry.position);
    if said != position {
        return Err(BadMessage::Position(said));
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
    let recorded = Some(timestamp(envelope.record_time));
    for (field, same) in [
        ("record_time", entry.record_time == recorded),
        ("actor", entry.actor == envelope.actor),
        ("request_id", entry.request_id == envelope.request_id),
        (
            "first_position",
            entry.first_position == envelope.first.number(),
        ),
        (
            "last_position",
            entry.last_position == envelope.last.number(),
        ),
        ("kind_number", entry.kind_number == u32::from(envelope.kind)),
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
