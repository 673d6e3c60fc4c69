//! Calls with bytes as they travel.

use prost::bytes::{BufMut as _, Bytes};
use standing_bench::Outcome;
use standing_tests::Plain;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{Body, Service as _, http};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

/// Connects to a server; `window` is how many bytes of an answer it may send before they are taken.
pub async fn connect(url: &str, window: Option<u32>) -> Outcome<Channel> {
    let mut endpoint = Endpoint::from_shared(url.to_owned())?.tcp_nodelay(true);
    endpoint = endpoint.initial_stream_window_size(window);
    Ok(endpoint.connect().await?)
}

/// Adds a token to a request.
pub fn with_token<T>(message: T, token: &str) -> Outcome<Request<T>> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse()?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

/// Calls a method; returns the bytes of its answer.
pub async fn call(
    channel: &Channel,
    method: &'static str,
    token: &str,
    message: &[u8],
) -> Outcome<Result<Vec<u8>, Status>> {
    let mut client = client(channel);
    client.ready().await?;
    let request = with_token(message.to_vec(), token)?;
    let path = PathAndQuery::from_static(method);
    let answer = client.unary(request, path, Plain).await;
    Ok(answer.map(tonic::Response::into_inner))
}

/// Calls a method whose answer may be a stream; nothing of it is read.
pub async fn begin(
    channel: &Channel,
    method: &'static str,
    token: &str,
    message: &[u8],
) -> Outcome<Result<Streaming<Vec<u8>>, Status>> {
    let mut client = client(channel);
    client.ready().await?;
    let request = with_token(message.to_vec(), token)?;
    let path = PathAndQuery::from_static(method);
    let answer = client.server_streaming(request, path, Plain).await;
    Ok(answer.map(tonic::Response::into_inner))
}

fn client(channel: &Channel) -> tonic::client::Grpc<Channel> {
    tonic::client::Grpc::new(channel.clone()).max_decoding_message_size(64 << 20)
}

/// Calls a method with a message that is announced as so long, and is not sent to its end. Waits
/// for as long as the server does.
pub async fn never_end(channel: &Channel, path: &str, token: &str, announced: u32) -> Outcome {
    let mut channel = channel.clone();
    std::future::poll_fn(|context| channel.poll_ready(context)).await?;
    let request = http::Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(tonic::body::Body::new(Unended {
            prefix: Some(announced),
            left: announced as usize - 1,
        }))?;
    let _answer = channel.call(request).await?;
    Ok(())
}

/// A message that lacks its last byte.
struct Unended {
    /// What is announced, until it is.
    prefix: Option<u32>,
    left: usize,
}

impl Body for Unended {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Status>>> {
        static ZEROS: [u8; 1 << 16] = [0; 1 << 16];
        if let Some(announced) = self.prefix.take() {
            let mut prefix = vec![0];
            prefix.put_u32(announced);
            return Poll::Ready(Some(Ok(http_body::Frame::data(prefix.into()))));
        }
        let next = self.left.min(ZEROS.len());
        if next == 0 {
            // Nobody wakes it: it never ends.
            return Poll::Pending;
        }
        self.left -= next;
        let zeros = Bytes::from_static(&ZEROS[..next]);
        Poll::Ready(Some(Ok(http_body::Frame::data(zeros))))
    }
}
