//! The stored bytes of an entry, and of a sealed name.

use crate::golden;
use standing_domain::id::position::Position;
use standing_domain::time::record_time::RecordTime;
use standing_store::digest::RequestDigest;
use standing_store::envelope::{MAX_BATCH, MAX_ENTRY, MAX_RECORD_TIME};
use standing_store::seal::{Nonce, PersonKey, open, seal};
use standing_store::{Envelope, EnvelopeError};

fn sample() -> Envelope<'static> {
    Envelope {
        kind: 0x2b01,
        payload_version: 2,
        rules_version: 0x0a0b_0c0d,
        first: Position::new(0x0102_0304_0506_0708),
        last: Position::new(0x0102_0304_0506_0709),
        record_time: RecordTime::from_micros(1_727_222_400_123_456),
        request_digest: RequestDigest(*b"0123456789abcdef"),
        actor: "local/operator-1",
        request_id: "import:Line_7",
        payload: b"\0payload\xff",
    }
}

fn encoded(envelope: &Envelope<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    envelope.encode(&mut bytes).unwrap();
    assert_eq!(bytes.len(), envelope.encoded_len());
    bytes
}

#[test]
fn format_1_is_pinned() {
    golden::check("envelope-v1.bin", &encoded(&sample()));
    assert_eq!(
        Envelope::decode(&golden::read("envelope-v1.bin")),
        Ok(sample())
    );
}

#[test]
fn sealed_names_of_format_1_are_pinned() {
    let key = PersonKey::new([3; 32]);
    let sealed = seal(&key, Nonce::new([5; 24]), "p-1", "이름".as_bytes()).unwrap();
    golden::check("sealed-name-v1.bin", &sealed);
    let stored = golden::read("sealed-name-v1.bin");
    assert_eq!(open(&key, "p-1", &stored).unwrap(), "이름".as_bytes());
}

#[test]
fn the_shortest_and_the_longest_entry_come_back() {
    let id = "x".repeat(64);
    let payload = vec![7; MAX_ENTRY - 48 - 2 * 65];
    let long = Envelope {
        kind: u16::MAX,
        payload_version: u8::MAX,
        rules_version: u32::MAX,
        first: Position::new(u64::MAX - MAX_BATCH + 1),
        last: Position::MAX,
        record_time: MAX_RECORD_TIME,
        request_digest: RequestDigest([255; 16]),
        actor: &id,
        request_id: &id,
        payload: &payload,
    };
    let bytes = encoded(&long);
    assert_eq!(bytes.len(), MAX_ENTRY);
    assert_eq!(Envelope::decode(&bytes), Ok(long));

    let short = Envelope {
        kind: 0,
        payload_version: 1,
        rules_version: 1,
        first: Position::FIRST,
        last: Position::FIRST,
        record_time: RecordTime::from_micros(0),
        request_digest: RequestDigest([0; 16]),
        actor: "a",
        request_id: "b",
        payload: b"",
    };
    assert_eq!(Envelope::decode(&encoded(&short)), Ok(short));

    let one_more = vec![7; payload.len() + 1];
    let mut out = b"before".to_vec();
    let too_long = Envelope {
        payload: &one_more,
        ..long
    };
    let error = EnvelopeError::TooLong {
        bytes: MAX_ENTRY + 1,
    };
    assert_eq!(too_long.encode(&mut out), Err(error));
    assert_eq!(out, b"before");
    let mut bytes = bytes;
    bytes.push(7);
    assert_eq!(Envelope::decode(&bytes), Err(error));
}

type Change = fn(&mut Envelope<'_>);

#[test]
fn what_is_never_written_is_never_read() {
    let good = sample();
    let long = "x".repeat(65);
    let rows: [(&'static str, Change); 12] = [
        ("payload version", |e| e.payload_version = 0),
        ("rules version", |e| e.rules_version = 0),
        ("first position", |e| {
            (e.first, e.last) = (Position::ZERO, Position::FIRST);
        }),
        ("last position", |e| e.last = e.first.previous()),
        ("last position", |e| e.last = e.first.plus(MAX_BATCH)),
        ("record time", |e| e.record_time = MAX_RECORD_TIME.next()),
        ("actor", |e| e.actor = ""),
        ("actor", |e| e.actor = "Ann"),
        ("actor", |e| e.actor = "a@b"),
        ("request id", |e| e.request_id = ""),
        ("request id", |e| e.request_id = "a b"),
        ("request id", |e| e.request_id = "é"),
    ];
    for (field, change) in rows {
        let mut envelope = good;
        change(&mut envelope);
        never_written(field, &envelope);
    }
    let actor = Envelope {
        actor: &long,
        ..good
    };
    never_written("actor", &actor);
    let request_id = Envelope {
        request_id: &long,
        ..good
    };
    never_written("request id", &request_id);
    // The same bounds hold for what is read, and for text that is not UTF-8.
    let bytes = encoded(&good);
    for (field, at, byte) in [
        ("actor", 49, 0xff),
        ("actor", 49, b'A'),
        ("payload version", 3, 0),
    ] {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        assert_eq!(
            Envelope::decode(&bytes),
            Err(EnvelopeError::Field { field })
        );
    }
}

fn never_written(field: &'static str, envelope: &Envelope<'_>) {
    let mut out = Vec::new();
    assert_eq!(
        envelope.encode(&mut out),
        Err(EnvelopeError::Field { field })
    );
    assert!(out.is_empty());
}

#[test]
fn a_cut_names_the_first_field_that_is_missing() {
    let bytes = encoded(&sample());
    let fields = [
        (0, "format"),
        (1, "kind"),
        (3, "payload version"),
        (4, "rules version"),
        (8, "first position"),
        (16, "last position"),
        (24, "record time"),
        (32, "request digest"),
        (48, "actor"),
        (65, "request id"),
    ];
    let header = bytes.len() - sample().payload.len();
    for cut in 0..header {
        let field = fields
            .iter()
            .rev()
            .find(|(start, _)| *start <= cut)
            .unwrap()
            .1;
        assert_eq!(
            Envelope::decode(&bytes[..cut]),
            Err(EnvelopeError::Truncated { field })
        );
    }
    // From there on the cut shortens the payload, whose own decoder must notice.
    for cut in header..bytes.len() {
        assert!(Envelope::decode(&bytes[..cut]).is_ok());
    }
}

#[test]
fn a_newer_format_is_told_from_damage() {
    let mut bytes = encoded(&sample());
    for found in 2..=255 {
        bytes[0] = found;
        assert_eq!(
            Envelope::decode(&bytes),
            Err(EnvelopeError::NewerFormat { found })
        );
    }
    // A newer format may be longer.
    bytes.resize(MAX_ENTRY + 10, 0);
    assert_eq!(
        Envelope::decode(&bytes),
        Err(EnvelopeError::NewerFormat { found: 255 })
    );
    bytes[0] = 0;
    assert_eq!(
        Envelope::decode(&bytes),
        Err(EnvelopeError::UnknownFormat { found: 0 })
    );
}
