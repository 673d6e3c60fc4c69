//! Calls over loopback, and the least a server can do: answer nothing, or commit the bytes of a
//! call to redb.

use crate::bare::Bare;
use crate::served::Served;
use standing_bench::Outcome;
use standing_bench::rounds::rate;
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tonic::codegen::{Body, BoxFuture, Service, StdError, http};
use tonic::server::{NamedService, UnaryService};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// How many connections the callers share.
pub const CONNECTIONS: usize = 4;

/// How many callers call at a time.
pub const CALLERS: usize = 64;

impl Served {
    /// Starts the least that a server can be.
    pub fn bare(bare: Arc<Bare>) -> Outcome<Self> {
        Self::start(|listener| async move {
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            let server = Server::builder().add_service(BareService(bare));
            Ok(server.serve_with_incoming(incoming).await?)
        })
    }
}

/// Callers in a runtime of their own.
pub struct Callers {
    runtime: tokio::runtime::Runtime,
    channels: Vec<Channel>,
    count: usize,
}

impl Callers {
    pub fn of(address: SocketAddr) -> Outcome<Self> {
        Self::over(CONNECTIONS, CALLERS, address)
    }

    /// Connects so many callers over so many connections.
    pub fn over(connections: usize, count: usize, address: SocketAddr) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
        let connect = async { futures_of(connections, || endpoint.connect()).await };
        let channels = runtime.block_on(connect)?;
        Ok(Self {
            runtime,
            channels,
            count,
        })
    }

    /// Lets every caller make so many calls; returns how many a second. `make` makes what is called
    /// with, beforehand.
    pub fn calls<T, F>(
        &self,
        each: usize,
        mut make: impl FnMut() -> Outcome<T>,
        call: impl Fn(Channel, T) -> F + Copy + Send + 'static,
    ) -> Outcome<f64>
    where
        T: Send + 'static,
        F: Future<Output = Outcome> + Send,
    {
        let mut made = || (0..each).map(|_| make()).collect::<Outcome<Vec<T>>>();
        let made = (0..self.count)
            .map(|_| made())
            .collect::<Outcome<Vec<_>>>()?;
        let start = Instant::now();
        let callers = made.into_iter().zip(self.channels.iter().cycle());
        let tasks: Vec<_> = callers
            .map(|(made, channel)| {
                let channel = channel.clone();
                self.runtime.spawn(async move {
                    for made in made {
                        call(channel.clone(), made).await?;
                    }
                    Outcome::Ok(())
                })
            })
            .collect();
        for task in tasks {
            self.runtime.block_on(task)??;
        }
        Ok(rate((self.count * each) as u64, start.elapsed()))
    }
}

async fn futures_of<F, T, E>(count: usize, make: impl Fn() -> F) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
{
    let mut made = Vec::with_capacity(count);
    for _ in 0..count {
        made.push(make().await?);
    }
    Ok(made)
}

/// Calls the bare server: with bytes, to have them committed.
pub async fn append(channel: Channel, bytes: Vec<u8>) -> Outcome {
    unary::<Vec<u8>, u64>(channel, "/bench.Bare/Append", bytes).await?;
    Ok(())
}

/// Calls the bare server with nothing, for nothing.
pub async fn empty(channel: Channel, (): ()) -> Outcome {
    unary::<(), ()>(channel, "/bench.Bare/Empty", ()).await?;
    Ok(())
}

async fn unary<Q: Message, A: Message>(
    channel: Channel,
    path: &'static str,
    question: Q,
) -> Outcome<A> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await?;
    let codec = ProstCodec::<Q, A>::default();
    let path = http::uri::PathAndQuery::from_static(path);
    Ok(client
        .unary(Request::new(question), path, codec)
        .await?
        .into_inner())
}

/// What the bare server is sent and sends: prost's own messages of one value.
trait Message: prost::Message + Default + Send + Sync + 'static {}
impl<M: prost::Message + Default + Send + Sync + 'static> Message for M {}

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
