//! A client of HTTP/2 frames: it sends what no library would, and reads only when it is told to.

use super::World;
use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tonic::Status;

/// How long anything may take that has to come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A connection.
pub struct Raw {
    /// What the server is called.
    here: String,
    send: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

/// A call whose request has been begun.
pub struct Begun {
    pub body: SendStream<Bytes>,
    response: ResponseFuture,
}

impl Raw {
    /// Connects, with so many bytes of each answer accepted before it is read.
    pub async fn connect(world: &World, window: u32) -> Self {
        let stream = TcpStream::connect(world.address).await.unwrap();
        Self::over(stream, &world.address.to_string(), window).await
    }

    /// Speaks over a connection to a server that is called so.
    pub async fn over<S>(stream: S, here: &str, window: u32) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (send, connection) = Builder::new()
            .initial_window_size(window)
            .handshake(stream)
            .await
            .unwrap();
        Self {
            here: here.to_owned(),
            send,
            connection: tokio::spawn(connection),
        }
    }

    /// Begins a call.
    pub async fn begin(&self, method: &str, headers: &[(&str, &str)]) -> Begun {
        let mut request = Request::post(format!("http://{}/{method}", self.here))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut send = timeout(PATIENCE, self.send.clone().ready())
            .await
            .unwrap()
            .unwrap();
        let (response, body) = send.send_request(request.body(()).unwrap(), false).unwrap();
        Begun { body, response }
    }

    /// Asks over plain HTTP, and reads nothing but the head.
    pub async fn get(&self, path: &str) -> Response<RecvStream> {
        let request = Request::get(format!("http://{}{path}", self.here));
        let mut send = timeout(PATIENCE, self.send.clone().ready())
            .await
            .unwrap()
            .unwrap();
        let (response, _) = send.send_request(request.body(()).unwrap(), true).unwrap();
        timeout(PATIENCE, response).await.unwrap().unwrap()
    }

    /// Calls with these bytes as the whole body, and returns how it ended.
    pub async fn call(&self, method: &str, body: &[u8]) -> Status {
        let mut begun = self.begin(method, &[]).await;
        begun.send(body, true);
        begun.status().await
    }

    /// Waits until the other end has closed the connection.
    pub async fn closed(self) {
        drop(self.send);
        let ended = timeout(PATIENCE, self.connection).await;
        // However it ended.
        let _ = ended.unwrap().unwrap();
    }

    /// Returns whether a call can still be begun.
    pub async fn takes_more(&self) -> bool {
        self.send.clone().ready().await.is_ok()
    }

    pub fn is_closed(&self) -> bool {
        self.connection.is_finished()
    }
}

impl Begun {
    pub fn send(&mut self, bytes: &[u8], end: bool) {
        // What does not fit the window waits here.
        self.body
            .send_data(Bytes::copy_from_slice(bytes), end)
            .unwrap();
    }

    /// Waits for the head of the answer, and reads nothing else.
    pub async fn head(self) -> (Response<RecvStream>, SendStream<Bytes>) {
        let response = timeout(PATIENCE, self.response).await.unwrap().unwrap();
        (response, self.body)
    }

    /// Sends bytes one by one until nobody takes them, and returns how it ended.
    pub async fn drip(mut self, pause: Duration) -> Status {
        for _ in 0..100 {
            tokio::time::sleep(pause).await;
            if self
                .body
                .send_data(Bytes::from_static(&[0]), false)
                .is_err()
            {
                break;
            }
        }
        self.status().await
    }

    /// Reads the answer to its end and returns how it ended.
    pub async fn status(self) -> Status {
        let (response, _body) = self.head().await;
        let (parts, mut body) = response.into_parts();
        if let Some(status) = Status::from_header_map(&parts.headers) {
            return status;
        }
        while let Some(bytes) = timeout(PATIENCE, body.data()).await.unwrap() {
            let bytes = bytes.unwrap();
            let _ = body.flow_control().release_capacity(bytes.len());
        }
        let trailers: HeaderMap = body.trailers().await.unwrap().unwrap();
        Status::from_header_map(&trailers).unwrap()
    }
}

/// Puts what gRPC puts before a message.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0][..], &length.to_be_bytes(), message].concat()
}
