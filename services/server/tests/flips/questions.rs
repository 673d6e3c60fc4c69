//! Every question there is, on a few days and as known at a few positions; and the answers as the
//! bytes they travel as.

use futures_util::StreamExt as _;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Value, json};
use standing_proto::{FILE_DESCRIPTOR_SET, v1};
use standing_tests::Plain;
use std::sync::LazyLock;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

/// How many questions are asked at a time.
const AT_ONCE: usize = 8;

const PARTIES: [&str; 3] = ["east", "north", "west"];
const DAYS: [&str; 2] = ["2012-07-08", "2023-11-15"];

/// A method with a question in canonical JSON, and both as they travel.
pub struct Question {
    pub text: String,
    path: PathAndQuery,
    bytes: Vec<u8>,
}

/// What came back: an answer's bytes, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Bytes(Vec<u8>),
    Error { code: Code, reason: String },
}

impl From<Status> for Answer {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let reason = details.error_info().map(|info| info.reason.clone());
        Self::Error {
            code: status.code(),
            reason: reason.unwrap_or_default(),
        }
    }
}

/// Returns all questions, as known at these positions.
pub fn all(positions: &[u64]) -> Vec<Question> {
    let mut all = vec![
        question("LedgerService/GetHead", &json!({})),
        question("LedgerService/ListEntries", &json!({"pageSize": 1000})),
        question("LedgerService/ListEntries", &json!({"party": "west"})),
    ];
    for position in positions {
        all.push(question(
            "LedgerService/GetEntry",
            &json!({"position": position}),
        ));
        let everything = DAYS.len() * usize::from(Some(position) == positions.last());
        for day in DAYS.iter().take(everything.max(1)) {
            let at = json!({"on": day, "position": position});
            all.extend(at_a_point(&at));
        }
    }
    all
}

fn at_a_point(at: &Value) -> Vec<Question> {
    let mut asked = Vec::new();
    let mut ask = |method: &str, mut body: Value| {
        body["at"] = at.clone();
        asked.push(question(method, &body));
    };
    let rights = || {
        PARTIES.iter().flat_map(|party| {
            [("vote", "assembly"), ("vote", ""), ("speak", "")]
                .map(|(right, body)| json!({"party": party, "right": right, "body": body}))
        })
    };
    let questions: Vec<Value> = rights().collect();
    for verdict_only in [true, false] {
        ask(
            "RightsService/CheckRights",
            json!({"questions": questions, "verdictOnly": verdict_only}),
        );
    }
    ask(
        "RightsService/CheckRight",
        json!({"question": questions[0]}),
    );
    for party in PARTIES {
        ask("RightsService/GetStanding", json!({"party": party}));
        ask("RollService/GetParty", json!({"party": party}));
        ask("DuesService/GetAccount", json!({"party": party}));
    }
    ask(
        "RightsService/GetTimeline",
        json!({"question": questions[6]}),
    );
    ask(
        "RightsService/ListHolders",
        json!({"right": "vote", "body": "assembly"}),
    );
    ask("RollService/ListParties", json!({}));
    ask("RollService/ListParties", json!({"name": "west"}));
    ask("RollService/ListParties", json!({"query": "wes"}));
    ask("RollService/CountMembers", json!({}));
    for office in ["chair", "secretary"] {
        ask("RollService/ListOfficeHolders", json!({"office": office}));
    }
    ask("RollService/ListSessions", json!({}));
    ask("RollService/GetSession", json!({"session": "assembly/2"}));
    ask("RollService/ListCommittees", json!({}));
    ask("RollService/GetAssociation", json!({}));
    ask("RollService/GetVocabulary", json!({}));
    ask("LawService/GetInstrument", json!({"instrument": "charter"}));
    let article = json!({"instrument": "charter", "article": "9.1"});
    ask("LawService/GetArticle", article.clone());
    ask("LawService/ListArticleVersions", article);
    ask(
        "LawService/CompareInstrument",
        json!({"instrument": "charter", "earlierDate": "2001-01-01"}),
    );
    ask(
        "LawService/CompareArticle",
        json!({"instrument": "charter", "article": "9.1", "earlierDate": "2001-01-01"}),
    );
    ask("DuesService/ListArrears", json!({}));
    ask("AuditService/ListFindings", json!({}));
    when_it_changes(&mut ask);
    asked
}

/// Questions about days, and about what was known when.
fn when_it_changes(ask: &mut dyn FnMut(&str, Value)) {
    ask("RollService/ListChangeDays", json!({"party": "west"}));
    ask("RollService/ListChangeDays", json!({"roll": true}));
    ask("RollService/ListUpcoming", json!({}));
    ask(
        "RightsService/ListHistory",
        json!({"question": {"party": "west", "right": "vote"}}),
    );
    ask(
        "AuditService/CompareKnowledge",
        json!({"before": {"position": 0}}),
    );
}

fn question(method: &str, body: &Value) -> Question {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap());
    let (service, name) = method.split_once('/').unwrap();
    let service = POOL.get_service_by_name(&format!("standing.v1.{service}"));
    let methods = service.unwrap();
    let mut methods = methods.methods();
    let input = methods.find(|found| found.name() == name).unwrap().input();
    let message = DynamicMessage::deserialize(input, body)
        .unwrap_or_else(|error| panic!("{method} {body}: {error}"));
    Question {
        text: format!("{method} {body}"),
        path: PathAndQuery::try_from(format!("/standing.v1.{method}")).unwrap(),
        bytes: message.encode_to_vec(),
    }
}

/// Asks everything; returns the answers in the order of the questions.
pub async fn ask(channel: &Channel, questions: &[Question]) -> Vec<Answer> {
    let asked = questions
        .iter()
        .map(|question| call(channel, question.path.clone(), question.bytes.clone()));
    futures_util::stream::iter(asked)
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Records a batch; returns its answer.
pub async fn record(channel: &Channel, request: &v1::RecordRequest) -> Answer {
    let path = PathAndQuery::from_static("/standing.v1.LedgerService/Record");
    call(channel, path, request.encode_to_vec()).await
}

async fn call(channel: &Channel, path: PathAndQuery, bytes: Vec<u8>) -> Answer {
    let mut client = tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(64 << 20);
    if let Err(error) = client.ready().await {
        return Status::unavailable(error.to_string()).into();
    }
    match client.unary(Request::new(bytes), path, Plain).await {
        Ok(answer) => Answer::Bytes(answer.into_inner()),
        Err(status) => status.into(),
    }
}
