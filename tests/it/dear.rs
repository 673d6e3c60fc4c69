//! Callers that ask much and go away: nothing is worked on for them any more, and meanwhile others
//! are answered.

use crate::harness::{Folder, Server, list, near_files, text};
use prost::Message as _;
use standing_proto::v1;
use standing_proto::v1::audit_service_client::AuditServiceClient;
use standing_proto::v1::rights_service_client::RightsServiceClient;
use std::ffi::OsString;
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

/// How many clients of each kind.
const CLIENTS: usize = 12;

/// The clock ticks in a second, in which the kernel counts a process's time.
const TICKS: u64 = 100;

/// Returns how long a process has run on any processor: the fields after its name in parentheses,
/// from the third on.
fn worked(pid: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u64 = fields[11..=12]
        .iter()
        .map(|of| of.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}

fn bulk(parties: &[String]) -> v1::CheckRightsRequest {
    let questions = parties.iter().cycle().map(|party| v1::RightQuestion {
        party: party.clone(),
        right: "vote".to_owned(),
        body: String::new(),
    });
    v1::CheckRightsRequest {
        questions: questions.take(10_000).collect(),
        ..v1::CheckRightsRequest::default()
    }
}

/// A verdict on the supposition that so many parties more were registered.
fn what_if(parties: &[String], drafts: usize) -> v1::CheckRightRequest {
    let registered = |n| v1::Draft {
        id: format!("new-{n}"),
        event: Some(v1::draft::Event::PartyRegistered(v1::PartyRegistered {
            party: format!("new-{n}"),
            kind: "town".to_owned(),
            ..v1::PartyRegistered::default()
        })),
        ..v1::Draft::default()
    };
    v1::CheckRightRequest {
        question: bulk(parties).questions.pop(),
        at: Some(v1::PointInTime {
            assume: (0..drafts).map(registered).collect(),
            ..v1::PointInTime::default()
        }),
        verdict_only: true,
    }
}

/// Lets clients, each over a connection of its own, ask again and again until they are killed.
fn clients(server: &Server, kind: usize, parties: &[String]) -> Runtime {
    let runtime = Runtime::new().unwrap();
    let (bulk, what_if) = (bulk(parties), what_if(parties, 10_000));
    for _ in 0..CLIENTS {
        let endpoint = Endpoint::from_shared(format!("http://{}", server.address())).unwrap();
        let (bulk, what_if) = (bulk.clone(), what_if.clone());
        runtime.spawn(async move {
            let channel: Channel = endpoint.connect().await.unwrap();
            let mut rights = RightsServiceClient::new(channel.clone());
            let mut audit = AuditServiceClient::new(channel);
            loop {
                // Whether it is answered or refused.
                match kind {
                    0 => drop(rights.check_rights(bulk.clone()).await),
                    1 => drop(
                        audit
                            .list_findings(v1::ListFindingsRequest::default())
                            .await,
                    ),
                    _ => drop(rights.check_right(what_if.clone()).await),
                }
            }
        });
    }
    runtime
}

#[test]
fn killed_clients_leave_the_processor_idle_and_others_are_answered_meanwhile() {
    let folder = Folder::new();
    let import = [OsString::from("--import"), near_files().into()];
    let server = folder.serve_with(&import);
    let listed = server
        .client()
        .answer("RollService/ListParties", r#"{"pageSize": 1000}"#);
    let parties: Vec<String> = list(&listed, "parties")
        .iter()
        .map(|party| text(party, "party").to_owned())
        .collect();
    for kind in 0..3 {
        let runtime = clients(&server, kind, &parties);
        let (before, start) = (worked(server.pid()), Instant::now());
        while worked(server.pid()) < before + Duration::from_millis(500) {
            assert!(
                start.elapsed() < Duration::from_mins(1),
                "{kind}: nothing is asked"
            );
            sleep(Duration::from_millis(10));
        }
        // A cheap question and a record beside them, in a debug build and beside the clients' own
        // work.
        let question = format!(
            r#"{{"question": {{"party": "{}", "right": "vote"}}, "verdictOnly": true}}"#,
            parties[0]
        );
        let start = Instant::now();
        server
            .client()
            .answer("RightsService/CheckRight", &question);
        let lines = format!(
            r#"{{"id": "late-{kind}", "partyRegistered": {{"party": "late-{kind}", "kind": "town"}}}}"#
        );
        let request = crate::harness::batch(&format!("late-{kind}"), &lines);
        server.client().record(&request).unwrap();
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{kind}: {:?}",
            start.elapsed()
        );
        runtime.shutdown_background();
        sleep(Duration::from_secs(1));
        let before = worked(server.pid());
        sleep(Duration::from_secs(1));
        let after = worked(server.pid()).saturating_sub(before);
        assert!(
            after <= Duration::from_millis(100),
            "{kind}: it goes on: {after:?}"
        );
    }
}

#[test]
fn a_bulk_too_large_for_its_answer_reaches_clients_that_take_what_is_usual() {
    let server = crate::harness::near();
    let listed = server
        .client()
        .answer("RollService/ListParties", r#"{"pageSize": 1000}"#);
    let party = text(&list(&listed, "parties")[0], "party").to_owned();
    let runtime = Runtime::new().unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address())).unwrap();
    let response = runtime.block_on(async {
        let channel = endpoint.connect().await.unwrap();
        RightsServiceClient::new(channel)
            .check_rights(bulk(&[party]))
            .await
    });
    let response = response.unwrap().into_inner();
    assert_eq!(response.results.len(), 10_000);
    assert!(response.encoded_len() <= 3 << 20);
}
