use crate::call::errors::{Problem, shortened};
use standing_domain::id::position::Position;
use standing_domain::judge::refusal::{Reason, Refusal};
use standing_engine::store::ReadError;
use standing_engine::{EntryError, RecordError};
use standing_proto::{FieldViolation, Malformed};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The bytes of a status in the headers: the message percent-encoded, the details in base64.
fn header_bytes(status: &Status) -> usize {
    let plain = |b: &u8| (0x20..0x7f).contains(b) && *b != b'%';
    let message = status.message().as_bytes();
    let escaped = message.iter().filter(|b| !plain(b)).count() * 2;
    message.len() + escaped + status.details().len().div_ceil(3) * 4
}

#[test]
fn a_status_fits_the_headers_whatever_is_wrong() {
    let refusal = |draft| {
        Refusal::new(draft, Reason::Impossible, "子".repeat(20), "나".repeat(100))
            .with((1..200).map(Position::new).collect())
    };
    let refusals: Vec<Refusal> = (0..5_000).map(refusal).collect();
    let status = Status::from(Problem::from(RecordError::Refused(refusals)));
    assert!(header_bytes(&status) < 7_800, "{}", header_bytes(&status));
    let details = status.get_error_details();
    let shown = details.precondition_failure().unwrap().violations.len();
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(metadata["refusals"], "5000");
    assert_eq!(metadata["more"], (5_000 - shown).to_string());
    assert!(shown > 3 && metadata.contains_key("draft_1"));

    let violations = (0..10_000).map(|index| FieldViolation {
        field: format!("drafts[{index}].member_admitted.party"),
        reason: "NOT_AN_ID".to_owned(),
        description: "ж".repeat(5_000),
    });
    let violations = violations.collect();
    let status = Status::from(Problem::from(Malformed { violations }));
    assert!(header_bytes(&status) < 7_800, "{}", header_bytes(&status));
}

#[test]
fn stored_bytes_that_do_not_verify_are_data_loss_at_their_position() {
    let damaged = || ReadError::Damaged {
        position: Position::new(17),
        what: "they do not have the hash that was stored with them".to_owned(),
    };
    let what = "the stored bytes at position 17 do not verify; restore a backup";
    let problems: [Problem; 5] = [
        damaged().into(),
        ReadError::Gap {
            position: Position::new(17),
        }
        .into(),
        EntryError::from(damaged()).into(),
        RecordError::from(damaged()).into(),
        RecordError::Damaged {
            position: Some(Position::new(17)),
            what: what.into(),
        }
        .into(),
    ];
    for problem in problems {
        let status = Status::from(problem);
        assert_eq!(status.code(), Code::DataLoss);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(info.reason, "STORED_BYTES");
        assert_eq!(info.metadata["position"], "17");
    }
    // A log that is being opened again will answer soon.
    let closed = Status::from(Problem::from(ReadError::Closed));
    assert_eq!(closed.code(), Code::Unavailable);
}

#[test]
fn a_text_is_cut_between_characters() {
    assert_eq!(shortened("short", 5), "short");
    assert_eq!(shortened("동쪽동쪽", 8), "동…");
}

#[test]
fn what_failed_is_for_the_log_and_not_for_the_caller() {
    let chain = "cannot use the key file /data/x.keys: permission denied at path \"/data/x.keys\"";
    let error = std::io::Error::other(chain);
    let sentence = "the storage failed; the log of the server says why";
    let problem = Problem::failed(Code::Internal, "STORAGE_FAILED", sentence, &error);
    let status = Status::from(problem);
    assert_eq!(status.code(), Code::Internal);
    let told = format!("{status:?}");
    assert!(
        !told.contains("/data") && !told.contains("key file"),
        "{told}"
    );
    assert_eq!(status.message(), sentence);
}
