//! Calls over loopback.

use crate::Outcome;
use std::net::{SocketAddr, TcpListener};
use tonic::Request;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

/// Returns where a server is called.
///
/// # Errors
/// Never of a socket's address.
pub fn endpoint(address: SocketAddr) -> Outcome<Endpoint> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    Ok(endpoint.tcp_nodelay(true))
}

/// Returns an address of loopback that nobody listens on, for a server that is told where to.
///
/// # Errors
/// There is no port to be had.
pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// What is sent and received: prost's own messages of one value, or derived ones.
pub trait Message: prost::Message + Default + Send + Sync + 'static {}
impl<M: prost::Message + Default + Send + Sync + 'static> Message for M {}

/// Calls a method, named with its service, of one question and one answer.
///
/// # Errors
/// The call failed.
pub async fn unary<Q: Message, A: Message>(
    channel: Channel,
    path: &'static str,
    question: Q,
) -> Outcome<A> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await?;
    let codec = ProstCodec::<Q, A>::default();
    let path = PathAndQuery::from_static(path);
    let answer = client.unary(Request::new(question), path, codec);
    Ok(answer.await?.into_inner())
}
