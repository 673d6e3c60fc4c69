//! A client that asks in canonical JSON and is answered in it, or in the bytes as they came.

use super::Pair;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use serde_json::{Value, json};
use standing_proto::{FILE_DESCRIPTOR_SET, v1};
use standing_tests::Plain;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status, Streaming};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_types::StatusExt as _;

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    channel: Channel,
    token: Option<String>,
    headers: Vec<(&'static str, String)>,
    deadline: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub code: Code,
    /// The reason of its `ErrorInfo`.
    pub reason: String,
    pub message: String,
    /// Every violation of its details: type or field, and what is wrong.
    pub violations: Vec<String>,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let refused = details.precondition_failure().into_iter();
        let refused = refused.flat_map(|failure| &failure.violations);
        let refused = refused.map(|v| format!("{}: {}: {}", v.r#type, v.subject, v.description));
        let malformed = details.bad_request().into_iter();
        let malformed = malformed.flat_map(|request| &request.field_violations);
        let malformed = malformed.map(|v| format!("{}: {}", v.field, v.description));
        Self {
            code: status.code(),
            reason: details
                .error_info()
                .map_or_else(String::new, |info| info.reason.clone()),
            message: status.message().to_owned(),
            violations: refused.chain(malformed).collect(),
        }
    }
}

/// One runtime for all clients: its threads drive the connections, the tests' own threads wait.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let mut builder = Builder::new_multi_thread();
        let builder = builder.worker_threads(1).enable_all();
        builder.build().expect("a runtime can be started")
    });
    &RUNTIME
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self::of(&Endpoint::from_shared(format!("http://{address}")).expect("a URL"))
    }

    /// A client of a server that shows a certificate signed by an authority.
    pub fn encrypting(address: SocketAddr, authority: &Path) -> Self {
        Self::encrypting_as(address, authority, None)
    }

    /// The same, and one that shows a certificate of its own.
    pub fn encrypting_as(address: SocketAddr, authority: &Path, own: Option<&Pair>) -> Self {
        let read = |path: &Path| fs::read(path).expect("the file can be read");
        let authority = Certificate::from_pem(read(authority));
        let mut tls = ClientTlsConfig::new().ca_certificate(authority);
        if let Some(own) = own {
            tls = tls.identity(Identity::from_pem(read(&own.certificate), read(&own.key)));
        }
        let endpoint = Endpoint::from_shared(format!("https://{address}")).expect("a URL");
        Self::of(&endpoint.tls_config(tls).expect("they are certificates"))
    }

    fn of(endpoint: &Endpoint) -> Self {
        let _inside = runtime().enter();
        Self {
            channel: endpoint
                .clone()
                .timeout(Duration::from_mins(1))
                .connect_lazy(),
            token: None,
            headers: Vec::new(),
            deadline: None,
        }
    }

    /// The same client, but with a bearer token.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same client, but with one header more.
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.to_owned()));
        client
    }

    /// The same client, but it tells the server how long it waits.
    pub fn within(&self, deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    /// Asks a question, such as `RollService/GetParty` with `{"party": "kr-busan"}`.
    pub fn ask(&self, method: &str, question: &str) -> Result<Value, Failure> {
        let bytes = self.bytes(method, question)?;
        let output = descriptor(method).output();
        let answer = DynamicMessage::decode(output, &bytes[..]).expect("the answer decodes");
        Ok(serde_json::to_value(answer).expect("the answer is JSON"))
    }

    /// Asks a question that has an answer.
    pub fn answer(&self, method: &str, question: &str) -> Value {
        self.ask(method, question)
            .unwrap_or_else(|failure| panic!("{method} {question}: {failure:#?}"))
    }

    /// Asks a question; returns the bytes of the answer as they came.
    pub fn bytes(&self, method: &str, question: &str) -> Result<Vec<u8>, Failure> {
        let mut deserializer = serde_json::Deserializer::from_str(question);
        let input = descriptor(method).input();
        let question = DynamicMessage::deserialize(input, &mut deserializer)
            .unwrap_or_else(|error| panic!("{method} {question}: {error}"));
        let answer = runtime().block_on(self.send(method, question.encode_to_vec()));
        Ok(answer?)
    }

    /// Records a batch, given as a request; what the law disapproves of is no obstacle.
    pub fn record(&self, request: &v1::RecordRequest) -> Result<v1::RecordResponse, Failure> {
        let answer = self.send("LedgerService/Record", request.encode_to_vec());
        let answer = runtime().block_on(answer)?;
        Ok(v1::RecordResponse::decode(&answer[..]).expect("the answer decodes"))
    }

    /// Returns every entry there is, page by page.
    pub fn entries(&self) -> Vec<Value> {
        let (mut entries, mut token) = (Vec::new(), String::new());
        loop {
            let question = json!({"pageSize": 1000, "pageToken": token}).to_string();
            let answer = self.answer("LedgerService/ListEntries", &question);
            entries.extend_from_slice(super::list(&answer, "entries"));
            super::text(&answer, "nextPageToken").clone_into(&mut token);
            if token.is_empty() {
                return entries;
            }
        }
    }

    /// Returns the last visible position.
    pub fn head(&self) -> u64 {
        let head = self.answer("LedgerService/GetHead", "{}");
        super::number(&head, "head.position")
    }

    /// Returns whether the server says that it serves.
    pub fn is_serving(&self) -> bool {
        self.health("") == Ok(ServingStatus::Serving)
    }

    /// Asks the health service about a service, or about the server as a whole.
    pub fn health(&self, service: &str) -> Result<ServingStatus, Code> {
        let mut client = HealthClient::new(self.channel.clone());
        let service = service.to_owned();
        let answer = runtime().block_on(client.check(HealthCheckRequest { service }));
        let answer: HealthCheckResponse = answer.map_err(|status| status.code())?.into_inner();
        Ok(answer.status())
    }

    /// Begins to watch; returns the messages as they come, for as long as they are asked for.
    pub async fn watch(
        &self,
        method: &str,
        question: &impl prost::Message,
    ) -> Result<Streaming<Vec<u8>>, Status> {
        let (mut client, path) = (self.grpc(), path(method));
        let request = self.request(question.encode_to_vec());
        ready(&mut client).await?;
        let answer = client.server_streaming(request, path, Plain).await?;
        Ok(answer.into_inner())
    }

    /// Sends a message and returns that which answers it, each as the bytes it is.
    pub async fn send(&self, method: &str, question: Vec<u8>) -> Result<Vec<u8>, Status> {
        let (mut client, path) = (self.grpc(), path(method));
        let mut request = self.request(question);
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        ready(&mut client).await?;
        let answer = client.unary(request, path, Plain).await?;
        Ok(answer.into_inner())
    }

    fn grpc(&self) -> Grpc<Channel> {
        Grpc::new(self.channel.clone())
            .max_decoding_message_size(64 << 20)
            .max_encoding_message_size(64 << 20)
    }

    fn request(&self, question: Vec<u8>) -> Request<Vec<u8>> {
        let mut request = Request::new(question);
        if let Some(token) = &self.token {
            let bearer = format!("Bearer {token}").parse().expect("a header");
            request.metadata_mut().insert("authorization", bearer);
        }
        for (name, value) in &self.headers {
            let value = value.parse().expect("a header");
            request.metadata_mut().insert(*name, value);
        }
        request
    }
}

fn path(method: &str) -> PathAndQuery {
    PathAndQuery::try_from(format!("/standing.v1.{method}")).expect("a path")
}

async fn ready(client: &mut Grpc<Channel>) -> Result<(), Status> {
    let ready = client.ready().await;
    ready.map_err(|error| Status::unavailable(error.to_string()))
}

fn descriptor(method: &str) -> MethodDescriptor {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).expect("the contract"));
    let (service, method) = method.split_once('/').expect("a service and a method");
    let service = POOL.get_service_by_name(&format!("standing.v1.{service}"));
    let mut methods = service
        .iter()
        .flat_map(prost_reflect::ServiceDescriptor::methods);
    methods
        .find(|found| found.name() == method)
        .unwrap_or_else(|| panic!("the contract has no {method}"))
}

/// Makes a batch of lines of JSON, one draft each.
pub fn batch(request_id: &str, lines: &str) -> v1::RecordRequest {
    let drafts = standing_proto::json::parse_jsonl("test", lines)
        .map(|line| line.unwrap_or_else(|error| panic!("{error}")).1);
    v1::RecordRequest {
        request_id: request_id.to_owned(),
        drafts: drafts.collect(),
        irregular: v1::IrregularPolicy::Record.into(),
        ..v1::RecordRequest::default()
    }
}
