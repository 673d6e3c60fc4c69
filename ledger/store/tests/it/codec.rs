//! Payloads: every kind is pinned, and what is not a payload is named.

use crate::golden;
use crate::samples;
use crate::samples::past;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::kind::{KINDS, Kind, WITHDRAWAL};
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::envelope::MAX_PAYLOAD;
use standing_store::{CodecError, Envelope, codec};
use std::collections::{BTreeMap, BTreeSet};

fn encoded(content: &Content) -> (&'static Kind, Vec<u8>) {
    let mut bytes = b"before".to_vec();
    let kind = codec::encode(content, &mut bytes).unwrap();
    (kind, bytes.split_off(6))
}

/// Joins payloads into a golden file: each after its length, u16 little-endian.
fn join(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for payload in payloads {
        file.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_le_bytes());
        file.extend_from_slice(payload);
    }
    file
}

fn split(file: &[u8]) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    let mut rest = file;
    while let Some((len, tail)) = rest.split_first_chunk() {
        let (payload, tail) = tail.split_at(usize::from(u16::from_le_bytes(*len)));
        payloads.push(payload.to_vec());
        rest = tail;
    }
    assert!(rest.is_empty());
    payloads
}

#[test]
fn every_kind_is_pinned() {
    let mut samples = BTreeMap::<u16, Vec<Content>>::new();
    for content in samples::all() {
        samples
            .entry(content.kind().number)
            .or_default()
            .push(content);
    }
    let mut files = BTreeSet::from(
        ["backup-v1.bin", "envelope-v1.bin", "sealed-name-v1.bin"].map(str::to_owned),
    );
    for kind in [&WITHDRAWAL].into_iter().chain(KINDS) {
        let name = format!("{}-v{}.bin", kind.stored, kind.version);
        let contents = samples
            .remove(&kind.number)
            .unwrap_or_else(|| panic!("no {name}"));
        let payloads: Vec<_> = contents.iter().map(|content| encoded(content).1).collect();
        golden::check(&name, &join(&payloads));
        let stored = split(&golden::read(&name));
        assert_eq!(stored.len(), contents.len());
        for (payload, content) in stored.iter().zip(contents) {
            assert_eq!(
                codec::decode(kind.number, kind.version, payload).unwrap(),
                content
            );
        }
        // Files of older versions stay, with tests of their own.
        files.extend((1..=kind.version).map(|version| format!("{}-v{version}.bin", kind.stored)));
    }
    assert!(samples.is_empty());
    let found = std::fs::read_dir(golden::path("")).unwrap();
    let found: BTreeSet<_> = found
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, files);
}

#[test]
fn what_an_older_version_holds_says_what_it_always_said() {
    let mut pinned = BTreeSet::new();
    for (name, version, events) in past::versions() {
        let kind = KINDS.iter().find(|kind| kind.stored == name).unwrap();
        let contents: Vec<_> = events.into_iter().flat_map(samples::around).collect();
        let stored = split(&golden::read(&format!("{name}-v{version}.bin")));
        assert_eq!(stored.len(), contents.len(), "{name} {version}");
        for (payload, content) in stored.iter().zip(contents) {
            assert_eq!(
                codec::decode(kind.number, version, payload).unwrap(),
                content
            );
            let (lean, _) = codec::decode_lean(kind.number, version, payload).unwrap();
            assert_eq!(lean.event, content.event);
        }
        assert!(pinned.insert((kind.stored, version)));
    }
    let older = KINDS
        .iter()
        .flat_map(|kind| (1..kind.version).map(|version| (kind.stored, version)));
    assert_eq!(pinned, older.collect());
}

#[test]
fn lean_decoding_leaves_out_the_sources_and_the_notes_and_nothing_else() {
    for content in samples::all() {
        let (kind, payload) = encoded(&content);
        let mut lean = content;
        let id = lean.id.take();
        lean.sources.clear();
        lean.note.clear();
        lean.authority.note.clear();
        let id = id.as_ref().map(|id| id.as_str().as_bytes());
        assert_eq!(
            codec::decode_lean(kind.number, kind.version, &payload).unwrap(),
            (lean, id)
        );
        for cut in 0..payload.len() {
            assert!(codec::decode_lean(kind.number, kind.version, &payload[..cut]).is_err());
        }
    }
}

#[test]
fn an_unknown_kind_and_a_newer_version_are_told_from_damage() {
    let (kind, payload) = encoded(&samples::all()[2]);
    assert!(matches!(
        codec::decode(1, 1, &payload),
        Err(CodecError::UnknownKind { kind: 1 })
    ));
    assert!(matches!(
        codec::decode(kind.number, kind.version + 1, &payload),
        Err(CodecError::NewerVersion {
            found: 2,
            supported: 1,
            ..
        })
    ));
}

#[test]
fn every_byte_of_a_payload_is_needed() {
    for content in samples::all() {
        let (kind, payload) = encoded(&content);
        for cut in 0..payload.len() {
            let error = codec::decode(kind.number, kind.version, &payload[..cut]).unwrap_err();
            assert!(
                matches!(error, CodecError::Malformed { .. }),
                "{content:?} at {cut}"
            );
        }
        let mut longer = payload;
        longer.extend([0, 0]);
        let error = codec::decode(kind.number, kind.version, &longer).unwrap_err();
        assert!(
            matches!(error, CodecError::Remainder { bytes: 2, .. }),
            "{content:?}"
        );
    }
}

#[test]
fn a_flipped_bit_never_panics() {
    for content in samples::all() {
        let (kind, payload) = encoded(&content);
        for at in 0..payload.len() {
            for bit in 0..8 {
                let mut flipped = payload.clone();
                flipped[at] ^= 1 << bit;
                let _ = codec::decode(kind.number, kind.version, &flipped);
            }
        }
    }
}

#[test]
fn the_longest_payload_fits_and_one_byte_more_does_not() {
    let mut content = samples::bare(Some(Event::RulesAdopted { rules_version: 1 }));
    content.note = "n".repeat(MAX_PAYLOAD);
    let mut out = b"before".to_vec();
    let error = codec::encode(&content, &mut out).unwrap_err();
    let CodecError::TooLong { bytes, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(out, b"before");

    content.note.truncate(MAX_PAYLOAD - (bytes - MAX_PAYLOAD));
    let (kind, payload) = encoded(&content);
    assert_eq!(payload.len(), MAX_PAYLOAD);
    let id = "x".repeat(64);
    let envelope = Envelope {
        actor: &id,
        request_id: &id,
        ..envelope(kind, &payload)
    };
    envelope.encode(&mut out).unwrap();
    content.note.push('n');
    let error = codec::encode(&content, &mut out).unwrap_err();
    assert!(matches!(error, CodecError::TooLong { .. }), "{error}");
}

fn envelope<'a>(kind: &Kind, payload: &'a [u8]) -> Envelope<'a> {
    Envelope {
        kind: kind.number,
        payload_version: kind.version,
        rules_version: 1,
        first: Position::new(3),
        last: Position::new(5),
        record_time: RecordTime::from_micros(1_727_222_400_123_456),
        request_digest: RequestDigest([0; 16]),
        actor: "local/operator",
        request_id: "line-7",
        payload,
    }
}

#[test]
fn an_entry_is_what_its_envelope_and_its_payload_say() {
    let content = samples::all().pop().unwrap();
    let (kind, payload) = encoded(&content);
    let envelope = envelope(kind, &payload);
    let entry = codec::entry(Position::new(4), &envelope).unwrap();
    assert_eq!(
        [entry.position, entry.batch.first, entry.batch.last],
        [4, 3, 5].map(Position::new)
    );
    assert_eq!(entry.record_time.micros(), 1_727_222_400_123_456);
    assert_eq!(
        (entry.actor.as_str(), entry.request.as_str()),
        ("local/operator", "line-7")
    );
    assert_eq!(entry.content, content);
    for position in [2, 6] {
        let error = codec::entry(Position::new(position), &envelope).unwrap_err();
        assert!(matches!(error, CodecError::Batch { .. }), "{error}");
    }
    let odd = Envelope {
        request_id: "Line_7",
        ..envelope
    };
    assert!(matches!(
        codec::entry(Position::new(4), &odd),
        Err(CodecError::Id(_))
    ));
}
