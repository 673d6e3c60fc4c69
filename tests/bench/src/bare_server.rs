//! The least a server can do: answer nothing, or commit the bytes of a call to redb.

use crate::Outcome;
use crate::bare::Bare;
use crate::wire::unary;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tonic::codegen::{Body, BoxFuture, Service, StdError, http};
use tonic::server::{NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// Serves until the listener fails.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: TcpListener, bare: Arc<Bare>) -> Outcome {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = Server::builder().add_service(BareService(bare));
    Ok(server.serve_with_incoming(incoming).await?)
}

/// Calls the bare server with bytes, to have them committed; returns their position.
///
/// # Errors
/// The call failed.
pub async fn append(channel: Channel, bytes: Vec<u8>) -> Outcome<u64> {
    unary(channel, "/bench.Bare/Append", bytes).await
}

/// Calls the bare server with nothing, for nothing.
///
/// # Errors
/// The call failed.
pub async fn empty(channel: Channel, (): ()) -> Outcome {
    unary(channel, "/bench.Bare/Empty", ()).await
}

#[derive(Clone)]
struct BareService(Arc<Bare>);

impl NamedService for BareService {
    const NAME: &'static str = "bench.Bare";
}

impl<B> Service<http::Request<B>> for BareService
where
    B: Body + Send + 'static,
    B::Error: Into<StdError> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let bare = Arc::clone(&self.0);
        Box::pin(async move {
            Ok(if request.uri().path().ends_with("Append") {
                let codec = ProstCodec::<u64, Vec<u8>>::default();
                tonic::server::Grpc::new(codec)
                    .unary(Append(bare), request)
                    .await
            } else {
                let codec = ProstCodec::<(), ()>::default();
                tonic::server::Grpc::new(codec).unary(Empty, request).await
            })
        })
    }
}

struct Append(Arc<Bare>);

impl UnaryService<Vec<u8>> for Append {
    type Response = u64;
    type Future = BoxFuture<Response<u64>, Status>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        let (send, receive) = tokio::sync::oneshot::channel();
        self.0.submit(request.into_inner(), move |position| {
            // A caller that is gone wants no answer.
            let _ = send.send(position);
        });
        Box::pin(async move {
            let position = receive.await;
            position
                .map(Response::new)
                .map_err(|_| Status::unavailable("the writer is gone"))
        })
    }
}

struct Empty;

impl UnaryService<()> for Empty {
    type Response = ();
    type Future = BoxFuture<Response<()>, Status>;

    fn call(&mut self, _: Request<()>) -> Self::Future {
        Box::pin(async { Ok(Response::new(())) })
    }
}
