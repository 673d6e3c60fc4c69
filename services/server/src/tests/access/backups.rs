//! Backups over a connection: piece by piece, of what there was at the beginning, and for as long
//! as the caller may.

use super::*;
use standing_domain::id::position::Position;
use standing_engine::store::backup;
use standing_engine::store::backup::BackupError;
use std::time::Instant;
use tonic::Streaming;

/// More than a connection takes that is not read.
const ENTRIES: usize = 3_000;

const WHO: &str = "
sesame who/1 roles=operator,recorder,reader
reader who/2 roles=reader
second who/3 roles=operator
third who/4 roles=operator
";

/// A ledger of many bytes.
async fn wordy() -> Guarded {
    let mut guarded = guarded(WHO).await;
    let note = "n".repeat(4_000);
    for batch in 0..3 {
        let lines = (0..ENTRIES / 3).map(|n| {
            format!(
                r#"{{"note":"{note}","id":"p-{batch}-{n}","partyRegistered":{{"party":"p-{batch}-{n}","kind":"government","country":"kr"}}}}"#
            ) + "\n"
        });
        let lines: String = lines.collect();
        let id = format!("batch-{batch}");
        guarded.record("sesame", &id, &lines).await.unwrap();
    }
    guarded
}

async fn begin(
    guarded: &mut Guarded,
    token: &str,
) -> Result<Streaming<v1::BackupResponse>, Status> {
    let asked = by(token, v1::BackupRequest {});
    Ok(guarded.world.ledger.backup(asked).await?.into_inner())
}

#[tokio::test]
async fn a_backup_is_of_what_there_was_when_it_began_and_is_whole() {
    let mut guarded = wordy().await;
    let mut pieces = begin(&mut guarded, "sesame").await.unwrap();
    let mut file = pieces.message().await.unwrap().unwrap().piece;
    guarded.record("sesame", "league", LEAGUE).await.unwrap();
    while let Some(message) = pieces.message().await.unwrap() {
        assert!(message.piece.len() <= 256 << 10);
        file.extend(message.piece);
    }
    assert!(file.len() > ENTRIES * 4_000);
    let mut read = 0;
    let trailer = backup::read(&*file, |_, _| {
        read += 1;
        Ok::<_, BackupError>(())
    });
    assert_eq!(trailer.unwrap().head, Position::new(ENTRIES as u64));
    assert_eq!(read, ENTRIES);
    assert!(guarded.head().await > ENTRIES as u64);
}

#[tokio::test]
async fn two_are_made_at_a_time_one_of_each_actor_and_one_that_nobody_waits_for_makes_room() {
    let mut guarded = wordy().await;
    let first = begin(&mut guarded, "sesame").await.unwrap();
    let refused = begin(&mut guarded, "sesame").await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let _second = begin(&mut guarded, "second").await.unwrap();
    for token in ["second", "third"] {
        let refused = begin(&mut guarded, token).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted, "{token}");
        let info = refused.get_details_error_info().unwrap();
        assert_eq!(info.reason, "BACKUPS");
    }
    drop(first);
    let begun = Instant::now();
    while begin(&mut guarded, "third").await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "there is no room again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_backup_ends_when_its_caller_may_no_longer() {
    let mut guarded = wordy().await;
    let mut pieces = begin(&mut guarded, "sesame").await.unwrap();
    pieces.message().await.unwrap().unwrap();
    guarded.exchange("sesame who/1 roles=recorder,reader\nreader who/2 roles=reader\n");
    let ended = loop {
        match pieces.message().await {
            Ok(piece) => assert!(piece.is_some(), "it was made to its end"),
            Err(status) => break status,
        }
    };
    assert_eq!(told(Some(&ended)), "PERMISSION_WITHDRAWN");
}
