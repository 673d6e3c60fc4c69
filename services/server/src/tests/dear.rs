use super::stopping::{MANY, many};
use super::*;
use crate::DearQuestions;
use prost::Message;
use standing_proto::v1::audit_service_client::AuditServiceClient;
use standing_proto::v1::check_rights_result::Outcome;
use std::time::{Duration, Instant};
use tonic::Request;

/// What fits into the answer of a bulk.
const ROOM: usize = 3 << 20;

/// Serves the league and many towns.
async fn towns(dear: DearQuestions) -> World {
    let config = Config {
        dear,
        ..Config::default()
    };
    let mut world = empty(config).await;
    world.record("league", LEAGUE).await.unwrap();
    world.record("many", &many(MANY)).await.unwrap();
    world
}

/// Ten thousand questions with grounds: more than fits into an answer, and seconds of work.
fn bulk(of: impl Fn(usize) -> usize) -> v1::CheckRightsRequest {
    let question = |n| v1::RightQuestion {
        party: format!("town-{}", of(n) % MANY),
        right: "vote".to_owned(),
        body: String::new(),
    };
    v1::CheckRightsRequest {
        questions: (0..10_000).map(question).collect(),
        at: on("2012-01-01"),
        verdict_only: false,
    }
}

impl World {
    /// Clients over a connection of their own.
    async fn connect(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        endpoint.connect().await.unwrap()
    }

    /// Asks over gRPC-Web by hand, with a deadline that only the server keeps; returns the answer
    /// with its head and trailers.
    async fn web(&self, method: &str, message: &impl Message, timeout: &str) -> String {
        let message = message.encode_to_vec();
        let length = u32::try_from(message.len()).unwrap();
        let mut request = format!(
            "POST /standing.v1.{method} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\
             content-type: application/grpc-web+proto\r\ngrpc-timeout: {timeout}\r\n\
             content-length: {}\r\n\r\n",
            self.address,
            length + 5
        )
        .into_bytes();
        request.push(0);
        request.extend(length.to_be_bytes());
        request.extend(message);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Returns how many dear questions are under way, and how many wait.
    async fn dear(&self) -> (u64, u64) {
        let number = async |state: &str| {
            let name = format!("standing_dear_questions{{state=\"{state}\"}}");
            self.number(&name).await
        };
        (number("under-way").await, number("waiting").await)
    }

    /// Waits until none is under way any more; returns how long that took.
    async fn idle(&self) -> Duration {
        let start = Instant::now();
        while self.dear().await != (0, 0) {
            assert!(start.elapsed() < Duration::from_mins(1), "it goes on");
        }
        start.elapsed()
    }
}

fn within<T>(message: T, timeout: &str) -> Request<T> {
    let mut request = Request::new(message);
    // Not by the client's own means, which would give the call up itself.
    let metadata = request.metadata_mut();
    metadata.insert("grpc-timeout", timeout.parse().unwrap());
    request
}

fn told(results: &[v1::CheckRightsResult]) -> (usize, Vec<(i32, &str)>) {
    let mut errors = Vec::new();
    let mut answers = 0;
    for result in results {
        match result.outcome.as_ref().unwrap() {
            Outcome::Answer(_) => {
                assert!(errors.is_empty(), "an answer stands behind what has none");
                answers += 1;
            }
            Outcome::Error(error) => errors.push((error.code, error.reason.as_str())),
        }
    }
    (answers, errors)
}

#[tokio::test]
async fn a_bulk_has_as_many_results_as_questions_whatever_fits() {
    let mut world = towns(DearQuestions::default()).await;
    // Few parties: the findings on each are looked for once for some questions.
    let request = bulk(|n| n / 64);
    let response = world.rights.check_rights(request.clone()).await;
    let response = response.unwrap().into_inner();
    assert_eq!(response.results.len(), 10_000);
    assert!(response.encoded_len() <= ROOM, "{}", response.encoded_len());
    let (answers, errors) = told(&response.results);
    assert!(answers > 100, "{answers}");
    let full = (Code::ResourceExhausted as i32, "ANSWER_FULL");
    assert!(errors.iter().all(|error| *error == full));
    for (question, result) in request.questions.iter().zip(&response.results) {
        if let Some(Outcome::Answer(answer)) = &result.outcome {
            assert_eq!(answer.question.as_ref(), Some(question));
        }
    }
    // What had no room has some in a call of its own.
    let rest = v1::CheckRightsRequest {
        questions: request.questions[answers..answers + 10].to_vec(),
        ..request
    };
    let rest = world.rights.check_rights(rest).await.unwrap().into_inner();
    assert_eq!(told(&rest.results), (10, vec![]));
}

#[tokio::test]
async fn a_bulk_answers_what_it_has_in_time_and_others_say_that_it_is_over() {
    let world = towns(DearQuestions {
        running: 1,
        ..DearQuestions::default()
    })
    .await;
    // Turns go by connection: with so many beside it, a bulk is over its time long before its
    // answer is full.
    let mut beside = Vec::new();
    for _ in 0..6 {
        let mut rights = RightsServiceClient::new(world.connect().await);
        beside.push(tokio::spawn(async move {
            rights.check_rights(bulk(|n| n)).await
        }));
    }
    let mut rights = RightsServiceClient::new(world.connect().await);
    let response = rights.check_rights(within(bulk(|n| n), "1500m")).await;
    let response = response.unwrap().into_inner();
    assert_eq!(response.results.len(), 10_000);
    let (answers, errors) = told(&response.results);
    let late = (Code::ResourceExhausted as i32, "OUT_OF_TIME");
    assert!(
        answers < 10_000 && errors.iter().all(|error| *error == late),
        "{answers} {:?}",
        errors.first()
    );

    for call in beside {
        call.abort();
    }
    let findings = v1::ListFindingsRequest::default();
    let late = world
        .web("AuditService/ListFindings", &findings, "10m")
        .await;
    let code = format!("grpc-status:{}", Code::DeadlineExceeded as i32);
    let late = late.replace(": ", ":");
    assert!(late.contains(&code), "{late}");
    assert!(world.idle().await < Duration::from_secs(1));
}

#[tokio::test]
async fn what_takes_the_server_too_long_is_refused_with_a_time_to_come_back() {
    let world = towns(DearQuestions {
        longest: Duration::from_millis(5),
        ..DearQuestions::default()
    })
    .await;
    let mut audit = AuditServiceClient::new(world.connect().await);
    let long = audit
        .list_findings(v1::ListFindingsRequest::default())
        .await;
    let details = refused(long, Code::ResourceExhausted, "TOOK_TOO_LONG");
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    // The cheap ones have no such limit.
    let mut rights = world.rights.clone();
    let one = v1::CheckRightRequest {
        question: bulk(|n| n).questions.pop(),
        ..v1::CheckRightRequest::default()
    };
    rights.check_right(one).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_worked_on_for_clients_that_are_gone() {
    let world = towns(DearQuestions::default()).await;
    let mut calls = Vec::new();
    for _ in 0..20 {
        let mut rights = RightsServiceClient::new(world.connect().await);
        calls.push(tokio::spawn(async move {
            let _ = rights.check_rights(bulk(|n| n)).await;
        }));
    }
    while world.dear().await.0 < 4 {}
    for call in &calls {
        call.abort();
    }
    for call in calls {
        let _ = call.await;
    }
    let took = world.idle().await;
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn findings_asked_for_and_given_up_again_and_again_do_not_pile_up() {
    let world = towns(DearQuestions::default()).await;
    let mut audit = AuditServiceClient::new(world.connect().await);
    for n in 0..60 {
        // Not all of one day, which would be worked out once.
        let request = v1::ListFindingsRequest {
            at: on(&format!("20{:02}-01-01", 30 + n % 20)),
            ..v1::ListFindingsRequest::default()
        };
        let asked = tokio::time::timeout(Duration::from_millis(5), audit.list_findings(request));
        assert!(asked.await.is_err(), "findings are dearer than that");
        let (under_way, waiting) = world.dear().await;
        assert!(under_way <= 12 && waiting <= 8, "{under_way} {waiting}");
    }
    let took = world.idle().await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    // And whoever waits is answered.
    let first = audit.list_findings(v1::ListFindingsRequest::default());
    assert!(!first.await.unwrap().into_inner().findings.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cheap_questions_and_recording_do_not_stand_behind_dear_ones() {
    let mut world = towns(DearQuestions {
        running: 1,
        under_way: 1,
        of_actor: 1,
        patience: Duration::from_millis(50),
        // However busy the machine is, what is cheap is taken for it.
        cheap: Duration::from_mins(1),
        ..DearQuestions::default()
    })
    .await;
    let mut other = world.rights.clone();
    let dear = tokio::spawn(async move { other.check_rights(bulk(|n| n)).await });
    while world.dear().await.0 == 0 {}
    let question = bulk(|n| n).questions.pop();
    for verdict_only in [true, false] {
        let one = v1::CheckRightRequest {
            question: question.clone(),
            verdict_only,
            ..v1::CheckRightRequest::default()
        };
        world.rights.check_right(one).await.unwrap();
    }
    let party = v1::GetPartyRequest {
        party: "west".to_owned(),
        ..v1::GetPartyRequest::default()
    };
    world.roll.get_party(party).await.unwrap();
    let text = r#"{"id":"late-1","partyRegistered":{"party":"late","kind":"town"}}"#;
    world.record("late", text).await.unwrap();
    // Another dear one waits for its place, and not for ever.
    let count = v1::CountMembersRequest::default();
    let details = refused(
        world.roll.count_members(count).await,
        Code::ResourceExhausted,
        "BUSY",
    );
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    assert!(!dear.is_finished(), "it is under way all the time");
    dear.abort();
    assert!(world.idle().await < Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_looks_cheap_and_is_not_takes_its_turns() {
    let mut world = towns(DearQuestions {
        under_way: 1,
        of_actor: 1,
        patience: Duration::from_millis(50),
        cheap: Duration::ZERO,
        ..DearQuestions::default()
    })
    .await;
    let mut other = world.rights.clone();
    let dear = tokio::spawn(async move { other.check_rights(bulk(|n| n)).await });
    while world.dear().await.0 == 0 {}
    // With grounds: a roll is taken first, for the decision by which west was admitted.
    let west = |verdict_only| v1::CheckRightRequest {
        question: Some(v1::RightQuestion {
            party: "west".to_owned(),
            right: "vote".to_owned(),
            body: String::new(),
        }),
        verdict_only,
        ..v1::CheckRightRequest::default()
    };
    let waits = world.rights.check_right(west(false)).await;
    refused(waits, Code::ResourceExhausted, "BUSY");
    world.rights.check_right(west(true)).await.unwrap();
    dear.abort();
    assert!(world.idle().await < Duration::from_secs(1));
    let answer = world.rights.check_right(west(false)).await.unwrap();
    assert!(answer.into_inner().answer.unwrap().grounds.is_some());
}

#[tokio::test]
async fn pages_of_findings_are_those_of_the_whole_list() {
    let mut world = towns(DearQuestions::default()).await;
    let mut audit = AuditServiceClient::new(world.connect().await);
    let whole = v1::ListFindingsRequest {
        page_size: 1_000,
        ..v1::ListFindingsRequest::default()
    };
    let whole = audit.list_findings(whole).await.unwrap().into_inner();
    assert!(whole.findings.len() > 3 && whole.next_page_token.is_empty());
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let page = v1::ListFindingsRequest {
            page_size: 2,
            page_token: token.clone(),
            ..v1::ListFindingsRequest::default()
        };
        let page = audit.list_findings(page).await.unwrap().into_inner();
        assert_eq!(page.basis, whole.basis);
        if token.is_empty() {
            // Later pages are of the first one's point in time.
            let text = r#"{"id":"west-east","effective":{"date":"2001-01-01"},"nameTaken":{"party":"west","name":{"language":"en","text":"East"}}}"#;
            world.record("ambiguous", text).await.unwrap();
        }
        found.extend(page.findings);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(found, whole.findings);
    let codes = |findings: Vec<v1::Finding>| -> Vec<String> {
        findings.into_iter().map(|finding| finding.code).collect()
    };
    let now = audit
        .list_findings(v1::ListFindingsRequest::default())
        .await;
    let now = codes(now.unwrap().into_inner().findings);
    assert!(now.contains(&"ambiguous-name".to_owned()), "{now:?}");
}
