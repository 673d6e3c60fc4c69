use super::*;
use crate::access::tests::tokens;
use crate::{Audited, Reads};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;

/// A party that is a natural person.
const SECRETARY: &str = r#"{"id":"s","personNamed":{"person":"s-7","names":[{"language":"en","text":"Ada Example"}]}}
{"id":"m","partyRegistered":{"party":"member","kind":"natural-person","person":"s-7"}}"#;

async fn audited(of: Audited, folder: &Path) -> World {
    let reads = Reads::open(&folder.join("reads"), of, 1 << 20).unwrap();
    let config = Config {
        access: tokens("sesame clerk/7 roles=recorder,auditor\nopen clerk/8 roles=reader\n")
            .unwrap(),
        reads: Some(Arc::new(reads)),
        ..Config::default()
    };
    let mut world = empty(config).await;
    for (id, text) in [("league", LEAGUE), ("secretary", SECRETARY)] {
        world
            .ledger
            .record(by("sesame", batch(id, text)))
            .await
            .unwrap();
    }
    world
}

fn by<T>(token: &str, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    request
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("reads")).unwrap();
    assert!(!text.contains("Ada"), "{text}");
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn member() -> v1::GetPartyRequest {
    v1::GetPartyRequest {
        party: "member".to_owned(),
        ..v1::GetPartyRequest::default()
    }
}

#[tokio::test]
async fn account_is_kept_of_every_question_and_on_what_it_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = audited(Audited::All, folder.path()).await;
    let party = world.roll.get_party(by("open", member())).await.unwrap();
    let basis = party.into_inner().basis.unwrap();
    let unknown = v1::GetPartyRequest {
        party: "nobody".to_owned(),
        ..v1::GetPartyRequest::default()
    };
    world.roll.get_party(by("open", unknown)).await.unwrap_err();
    let lines = lines(folder.path());
    // What is recorded stands in the log.
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["actor"], "clerk/8");
    assert_eq!(lines[0]["method"], "RollService/GetParty");
    assert_eq!(lines[0]["asked"]["party"], "member");
    assert_eq!(lines[0]["basis"]["position"], basis.position);
    assert_eq!(lines[0]["basis"]["on"], basis.on.as_str());
    assert_eq!(
        (&lines[0]["names"], &lines[0]["code"]),
        (&false.into(), &0.into())
    );
    assert_eq!(lines[1]["code"], i32::from(Code::NotFound));
}

#[tokio::test]
async fn account_is_kept_of_whose_answers_name_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = audited(Audited::Names, folder.path()).await;
    let shown = world.roll.get_party(by("open", member())).await.unwrap();
    assert!(shown.into_inner().party.unwrap().person_names.is_empty());
    assert_eq!(lines(folder.path()).len(), 0);
    let shown = world.roll.get_party(by("sesame", member())).await.unwrap();
    assert_eq!(
        shown.into_inner().party.unwrap().person_names[0].text,
        "Ada Example"
    );
    let head = world
        .ledger
        .get_head(by("sesame", v1::GetHeadRequest {}))
        .await;
    head.unwrap();
    let by_name = |token| {
        by(
            token,
            v1::ListPartiesRequest {
                name: "Ada Example".to_owned(),
                ..v1::ListPartiesRequest::default()
            },
        )
    };
    let found = world.roll.list_parties(by_name("sesame")).await.unwrap();
    assert_eq!(found.into_inner().parties.len(), 1);
    // Who may not read names finds nobody by one, and nothing tells that there is somebody.
    let found = world.roll.list_parties(by_name("open")).await.unwrap();
    assert_eq!(found.into_inner().parties.len(), 0);
    let lines = lines(folder.path());
    let methods: Vec<_> = lines
        .iter()
        .map(|line| line["method"].as_str().unwrap())
        .collect();
    assert_eq!(methods, ["RollService/GetParty", "RollService/ListParties"]);
    assert!(
        lines
            .iter()
            .all(|line| line["names"] == true && line["actor"] == "clerk/7")
    );
}
