//! As much of UmaDB's protocol as is asked here (its package is `umadb.v1`). Its own client would
//! bring a second TLS and an allocator's worth of crates for five messages.

use standing_bench::Outcome;
use tonic::Request;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

const READ: &str = "/umadb.v1.DCB/Read";

#[derive(Clone, PartialEq, prost::Message)]
pub struct Event {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, repeated, tag = "2")]
    pub tags: Vec<String>,
    #[prost(bytes = "vec", tag = "3")]
    pub data: Vec<u8>,
    #[prost(string, tag = "4")]
    pub id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct AppendRequest {
    #[prost(message, repeated, tag = "1")]
    pub events: Vec<Event>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct AppendResponse {
    #[prost(uint64, tag = "1")]
    pub position: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct HeadRequest {}

#[derive(Clone, PartialEq, prost::Message)]
pub struct HeadResponse {
    #[prost(uint64, optional, tag = "1")]
    pub position: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct QueryItem {
    #[prost(string, repeated, tag = "1")]
    pub types: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub tags: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Query {
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<QueryItem>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ReadRequest {
    #[prost(message, optional, tag = "1")]
    query: Option<Query>,
    #[prost(uint32, optional, tag = "4")]
    limit: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SequencedEvent {
    #[prost(uint64, tag = "1")]
    position: u64,
    #[prost(message, optional, tag = "2")]
    event: Option<Event>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ReadResponse {
    #[prost(message, repeated, tag = "1")]
    events: Vec<SequencedEvent>,
}

/// Reads the events that a query finds, in order, so many at most.
pub async fn read(channel: Channel, query: Query, limit: u32) -> Outcome<Vec<Event>> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await?;
    let codec = ProstCodec::<ReadRequest, ReadResponse>::default();
    let path = PathAndQuery::from_static(READ);
    let request = Request::new(ReadRequest {
        query: Some(query),
        limit: Some(limit),
    });
    let answer = client.server_streaming(request, path, codec).await?;
    let (mut stream, mut events) = (answer.into_inner(), Vec::new());
    while let Some(batch) = stream.message().await? {
        let found = batch.events.into_iter().filter_map(|found| found.event);
        events.extend(found);
    }
    Ok(events)
}
