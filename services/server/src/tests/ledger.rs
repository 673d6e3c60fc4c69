mod irregular;
mod listed;
mod preview;
mod stream;

use super::*;

const RENAMED: &str = r#"{"id":"renamed","effective":{"date":"2020-01-01"},"nameTaken":{"party":"west","name":{"language":"en","text":"Wild West"}}}"#;

#[tokio::test]
async fn a_batch_is_recorded_once_and_read_back() {
    let mut world = empty(Config::default()).await;
    let first = world.record("league", LEAGUE).await.unwrap();
    let count = LEAGUE.lines().count() as u64;
    assert_eq!((first.first_position, first.last_position), (1, count));
    assert!(first.record_time.is_some() && !first.replayed);

    let again = world.record("league", LEAGUE).await.unwrap();
    assert_eq!(
        v1::RecordResponse {
            replayed: true,
            ..first
        },
        again
    );

    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    let head = head.into_inner().head.unwrap();
    assert_eq!(
        (head.position, head.association.as_str()),
        (count, "league")
    );
    assert_eq!(head.record_time, first.record_time);

    let position = World::position("person");
    let request = v1::GetEntryRequest {
        position,
        epoch: None,
    };
    let entry = world.ledger.get_entry(request).await.unwrap();
    let entry = entry.into_inner().entry.unwrap();
    assert_eq!(
        (entry.kind_number, entry.actor.as_str()),
        (65, "local/operator")
    );
    assert_eq!((entry.first_position, entry.last_position), (1, count));
    let stored = String::from_utf8_lossy(&entry.stored).into_owned();
    assert!(!stored.is_empty() && !stored.contains("A. Person"));
}

#[tokio::test]
async fn entries_are_paged_and_pages_keep_to_the_head_of_the_first() {
    let mut world = league().await;
    let question = |token: &str| v1::ListEntriesRequest {
        party: "west".to_owned(),
        page_size: 3,
        page_token: token.to_owned(),
        ..v1::ListEntriesRequest::default()
    };
    let (mut positions, mut heads) = (Vec::new(), Vec::new());
    let mut token = String::new();
    loop {
        let page = world.ledger.list_entries(question(&token)).await;
        let page = page.unwrap().into_inner();
        assert!(page.entries.len() <= 3);
        positions.extend(page.entries.iter().map(|entry| entry.position));
        heads.push(page.head);
        if token.is_empty() {
            world.record("late", RENAMED).await.unwrap();
        }
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert!(heads.iter().all(|head| *head == heads[0]));
    let expected = [
        "west",
        "assembly-2",
        "attendance",
        "west-observer",
        "west-full",
        "chair-2",
        "coordinator",
    ];
    assert_eq!(positions, expected.map(World::position));
}

#[tokio::test]
async fn what_is_not_there_or_malformed_is_said() {
    let mut world = league().await;
    let entry = |position| v1::GetEntryRequest {
        position,
        epoch: None,
    };
    let none = world.ledger.get_entry(entry(99)).await;
    let details = refused(none, Code::NotFound, "UNKNOWN_ENTRY");
    assert_eq!(details.error_info().unwrap().metadata["position"], "99");
    let zero = world.ledger.get_entry(entry(0)).await;
    refused(zero, Code::InvalidArgument, "MALFORMED");

    let list = v1::ListEntriesRequest {
        last_position: 99,
        ..v1::ListEntriesRequest::default()
    };
    let list = world.ledger.list_entries(list).await;
    refused(list, Code::InvalidArgument, "KNOWN_AT_FUTURE");
    let stranger = v1::ListEntriesRequest {
        party: "south".to_owned(),
        ..v1::ListEntriesRequest::default()
    };
    let stranger = world.ledger.list_entries(stranger).await;
    refused(stranger, Code::NotFound, "UNKNOWN_PARTY");
}

#[tokio::test]
async fn every_malformed_field_of_a_batch_is_named() {
    let mut world = empty(Config::default()).await;
    let mut request = batch("Not An Id", LEAGUE);
    request.drafts.truncate(2);
    request.drafts[0].effective = None;
    request.expectations = vec![v1::Expectation::default()];
    request.irregular = 9;
    let outcome = world.ledger.record(request).await;
    let details = refused(outcome, Code::InvalidArgument, "MALFORMED");
    assert_eq!(
        fields(&details),
        [
            "request_id",
            "drafts[0].effective",
            "expectations[0]",
            "irregular"
        ]
    );
}

#[tokio::test]
async fn a_refused_batch_names_every_reason_and_writes_nothing() {
    let mut world = league().await;
    let text = r#"
{"id":"a","effective":{"date":"2013-01-01"},"memberAdmitted":{"party":"south","class":"full"}}
{"id":"b","effective":{"date":"2013-01-01"},"memberAdmitted":{"party":"west","class":"golden"}}
{"id":"c","effective":{"date":"2000-01-01"},"memberAdmitted":{"party":"east","class":"observer"}}
"#;
    let head = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    let details = refused(
        world.record("bad", text).await,
        Code::FailedPrecondition,
        "REFUSED",
    );
    let violations = &details.precondition_failure().unwrap().violations;
    let told: Vec<(&str, &str)> = violations
        .iter()
        .map(|v| (v.r#type.as_str(), v.subject.as_str()))
        .collect();
    assert_eq!(
        &told[..2],
        [("UNKNOWN_PARTY", "south"), ("UNKNOWN_CLASS", "golden")]
    );
    assert_eq!(told[2].0, "ORDER_MISSING");
    let collided = World::position("east-full").to_string();
    assert!(violations[2].description.contains("draft 3"));
    assert!(violations[2].description.contains(&collided));
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(
        (&*metadata["refusals"], &*metadata["draft_2"]),
        ("3", "UNKNOWN_CLASS")
    );
    let after = world.ledger.get_head(v1::GetHeadRequest {}).await.unwrap();
    assert_eq!(head.into_inner().head, after.into_inner().head);
}

#[tokio::test]
async fn a_request_id_binds_and_an_expectation_must_hold() {
    let mut world = league().await;
    let other = world
        .record("league", &LEAGUE.replace("East Hall", "Old Hall"))
        .await;
    let details = refused(other, Code::AlreadyExists, "REQUEST_ID_REUSED");
    assert_eq!(details.error_info().unwrap().metadata["position"], "1");

    let mut request = batch("x", RENAMED);
    request.expectations = vec![v1::Expectation {
        subject: Some(v1::expectation::Subject::Party("west".to_owned())),
        position: 3,
        epoch: 0,
    }];
    let outcome = world.ledger.record(request.clone()).await;
    let details = refused(outcome, Code::Aborted, "STALE_POSITION");
    let found = &details.error_info().unwrap().metadata["found"];
    request.expectations[0].position = found.parse().unwrap();
    request.validate_only = true;
    let judged = world.ledger.record(request).await.unwrap().into_inner();
    assert_eq!(judged, v1::RecordResponse::default());
}

#[tokio::test]
async fn a_batch_of_too_many_drafts_or_bytes_is_refused() {
    let mut world = empty(Config::default()).await;
    let outcome = world.ledger.record(batch("none", "")).await;
    assert_eq!(
        fields(&refused(outcome, Code::InvalidArgument, "MALFORMED")),
        ["drafts"]
    );

    let mut request = batch("many", LEAGUE.lines().next().unwrap());
    request.drafts = vec![request.drafts[0].clone(); 10_001];
    let outcome = world.ledger.record(request.clone()).await;
    assert_eq!(
        fields(&refused(outcome, Code::InvalidArgument, "MALFORMED")),
        ["drafts"]
    );

    request.drafts.truncate(17);
    for draft in &mut request.drafts {
        draft.note = "x".repeat(1_000_000);
    }
    let outcome = world.ledger.record(request).await;
    refused(outcome, Code::InvalidArgument, "TOO_LARGE");
}
