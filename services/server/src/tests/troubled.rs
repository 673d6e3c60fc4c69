//! What is told of a ledger that records nothing for a while, or no more; and that what is not
//! recorded leaves nothing.

use super::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

const PARTY: &str = r#"{"id":"p","partyRegistered":{"party":"rowers","kind":"club","names":[{"language":"en","text":"Rowers"}]}}"#;

/// Serves a ledger on a disk that has as much room as is said.
pub async fn with_room(room: u64) -> (World, Arc<AtomicU64>) {
    let folder = tempfile::tempdir().unwrap();
    let room = Arc::new(AtomicU64::new(room));
    let told = Arc::clone(&room);
    let options = Options {
        disk_reserve: 1_000,
        free: Some(Arc::new(move || Ok(told.load(Ordering::SeqCst)))),
        ..Options::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    let world = serving(folder, engine, Config::default()).await;
    (world, room)
}

/// Waits until the health of a service is as expected.
async fn becomes(world: &World, service: &str, expected: ServingStatus) {
    let endpoint = Endpoint::from_shared(format!("http://{}", world.address)).unwrap();
    let mut health = HealthClient::new(endpoint.connect().await.unwrap());
    let start = Instant::now();
    loop {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let status = health.check(request).await.unwrap().into_inner().status();
        if status == expected {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{service}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn health(world: &World) -> (u16, serde_json::Value) {
    let (status, body) = world.http("/healthz").await;
    (status, serde_json::from_str(&body).unwrap())
}

#[tokio::test]
async fn a_full_disk_is_told_everywhere_and_ends_by_itself() {
    let (mut world, room) = with_room(1_000).await;
    world.record("league", LEAGUE).await.unwrap();
    becomes(&world, "standing.v1.LedgerService", ServingStatus::Serving).await;
    assert_eq!(world.number("standing_recording").await, 1);
    let full = "standing_trouble{kind=\"disk-full\"}";
    assert_eq!(world.number(full).await, 0);

    room.store(999, Ordering::SeqCst);
    let refused = refused(
        world.ledger.record(batch("party", PARTY)).await,
        Code::ResourceExhausted,
        "DISK_FULL",
    );
    assert_eq!(
        refused.error_info().unwrap().metadata["trouble"],
        "disk-full"
    );
    becomes(
        &world,
        "standing.v1.LedgerService",
        ServingStatus::NotServing,
    )
    .await;
    for service in ["", "standing.v1.RightsService", "standing.stream"] {
        becomes(&world, service, ServingStatus::Serving).await;
    }
    let (status, told) = health(&world).await;
    assert_eq!(status, 200, "questions are answered");
    assert_eq!(told["status"], "not-recording");
    assert_eq!(told["troubles"][0]["kind"], "disk-full");
    let text = told["troubles"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("999 bytes of disk are free"), "{text}");
    let folder = world.folder.path().to_str().unwrap();
    assert!(!text.contains(folder), "{text}");
    assert_eq!(world.number("standing_recording").await, 0);
    assert_eq!(world.number(full).await, 1);
    world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();

    room.store(1_000, Ordering::SeqCst);
    becomes(&world, "standing.v1.LedgerService", ServingStatus::Serving).await;
    world.record("party", PARTY).await.unwrap();
    let (_, told) = health(&world).await;
    assert_eq!(
        (&told["status"], told["troubles"].as_array().unwrap().len()),
        (&"serving".into(), 0)
    );
}

#[tokio::test]
async fn a_replaced_file_is_told_and_refused_for_good() {
    let mut world = league().await;
    let (path, aside) = (
        world.folder.path().join("ledger"),
        world.folder.path().join("aside"),
    );
    std::fs::rename(&path, &aside).unwrap();
    std::fs::copy(&aside, &path).unwrap();
    for id in ["once", "once", "other"] {
        let details = refused(
            world.ledger.record(batch(id, PARTY)).await,
            Code::FailedPrecondition,
            "RECORDING_STOPPED",
        );
        assert_eq!(
            details.error_info().unwrap().metadata["trouble"],
            "replaced"
        );
    }
    assert_eq!(health(&world).await.1["status"], "not-recording");
    assert_eq!(world.number("standing_recording").await, 0);
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    let recorded = LEAGUE.lines().count() as u64;
    assert_eq!(head.into_inner().head.unwrap().position, recorded);
}

/// Every file of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        (name, std::fs::read(file.path()).unwrap())
    });
    files.collect()
}

#[tokio::test]
async fn a_batch_that_is_not_recorded_writes_nothing_whoever_it_names() {
    let mut world = league().await;
    let law = r#"{"id":"i","effective":{"date":"2001-01-01"},"instrumentAdopted":{"instrument":"house"}}
{"id":"k","effective":{"date":"2001-01-01"},"articleEnacted":{"instrument":"house","article":"1","citation":"1","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_TEXT","establishClass":{"class":"full","eligibility":{"partyKind":{"ids":["choir"]}}}}]}}"#;
    world.record("law", law).await.unwrap();
    world.record("party", PARTY).await.unwrap();
    let before = files(world.folder.path());
    assert_eq!(before.len(), 2, "{:?}", before.keys());

    let named = r#"{"id":"n","personNamed":{"person":"somebody","names":[{"language":"en","text":"Some Body"}]}}"#;
    let admission = r#"{"id":"a","effective":{"date":"2012-01-01"},"memberAdmitted":{"party":"rowers","class":"full"}}"#;
    let with = |draft: &str| batch("new", &format!("{named}\n{draft}"));
    let irregular = world.ledger.record(with(admission)).await;
    refused(irregular, Code::FailedPrecondition, "IRREGULAR");
    let wrong = admission.replace("rowers", "nobody");
    let wrong = world.ledger.record(with(&wrong)).await;
    refused(wrong, Code::FailedPrecondition, "REFUSED");
    let mut trial = with("");
    trial.validate_only = true;
    world.ledger.record(trial).await.unwrap();
    assert!(files(world.folder.path()) == before, "a file has changed");
    world.ledger.record(with("")).await.unwrap();
    assert!(files(world.folder.path()) != before);
}
