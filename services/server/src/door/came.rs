//! Where connections come from: the network, a Unix socket, and this process itself.

use crate::access::wrong::whole;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering};
use tokio::io::DuplexStream;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

/// How much either end of a connection inside this process may be ahead of the other, in bytes.
const AHEAD: usize = 256 << 10;

/// How many connections inside this process may wait to be accepted.
const WAITING: usize = 16;

/// What a server listens on.
#[derive(Debug)]
pub struct Listeners {
    pub(super) network: TcpListener,
    #[cfg(unix)]
    pub(super) socket: Option<UnixListener>,
    /// Where numbers and probes are asked for.
    pub(crate) numbers: Option<TcpListener>,
    pub(super) inside: Option<mpsc::Receiver<DuplexStream>>,
}

impl From<TcpListener> for Listeners {
    fn from(network: TcpListener) -> Self {
        Self {
            network,
            #[cfg(unix)]
            socket: None,
            numbers: None,
            inside: None,
        }
    }
}

impl Listeners {
    /// Listens on a Unix socket too. Whoever the system says is at its other end is known by the
    /// user that they run as.
    #[cfg(unix)]
    #[must_use]
    pub fn and_socket(self, socket: UnixListener) -> Self {
        Self {
            socket: Some(socket),
            ..self
        }
    }

    /// Answers numbers and probes on an address of their own, in clear and to everybody who reaches
    /// it: the numbers then are not told where the services are.
    #[must_use]
    pub fn and_numbers(self, numbers: TcpListener) -> Self {
        Self {
            numbers: Some(numbers),
            ..self
        }
    }

    /// Lets this process connect to its own server, where nobody else can.
    #[must_use]
    pub fn and_inside(self) -> (Self, Inside) {
        let (send, receive) = mpsc::channel(WAITING);
        let listeners = Self {
            inside: Some(receive),
            ..self
        };
        (listeners, Inside(send))
    }

    /// Returns the next connection; the end, where nothing is listened on any more, never comes.
    pub(super) async fn next(&mut self) -> io::Result<Came> {
        #[cfg(unix)]
        {
            let socket = async {
                match &self.socket {
                    Some(socket) => socket.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                accepted = self.network.accept() => accepted.map(|(stream, from)| Came::Network(stream, from)),
                accepted = socket => accepted.map(|(stream, _)| Came::Socket(stream)),
                stream = next_inside(&mut self.inside) => Ok(Came::Inside(stream)),
            }
        }
        #[cfg(not(unix))]
        tokio::select! {
            accepted = self.network.accept() => accepted.map(|(stream, from)| Came::Network(stream, from)),
            stream = next_inside(&mut self.inside) => Ok(Came::Inside(stream)),
        }
    }
}

async fn next_inside(inside: &mut Option<mpsc::Receiver<DuplexStream>>) -> DuplexStream {
    loop {
        match inside {
            Some(waiting) => match waiting.recv().await {
                Some(stream) => return stream,
                None => *inside = None,
            },
            None => std::future::pending().await,
        }
    }
}

/// Connects this process to its own server.
#[derive(Debug, Clone)]
pub struct Inside(mpsc::Sender<DuplexStream>);

impl Inside {
    /// Makes a connection.
    ///
    /// # Errors
    /// The server has ended.
    pub async fn connect(&self) -> io::Result<DuplexStream> {
        let (ours, theirs) = tokio::io::duplex(AHEAD);
        let gone = |_| io::Error::new(io::ErrorKind::ConnectionRefused, "the server has ended");
        self.0.send(theirs).await.map_err(gone)?;
        Ok(ours)
    }
}

/// A connection that has come.
pub(super) enum Came {
    Network(tokio::net::TcpStream, SocketAddr),
    #[cfg(unix)]
    Socket(UnixStream),
    Inside(DuplexStream),
}

impl Came {
    /// Returns the address by which the other end is counted until it is known who it is.
    pub fn address(&self) -> IpAddr {
        match self {
            Self::Network(_, from) => whole(from.ip()),
            #[cfg(unix)]
            Self::Socket(_) => NOWHERE,
            Self::Inside(_) => NOWHERE,
        }
    }
}

/// Stands for those that have no address.
const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// Returns an address that stands for a connection that has none, so that it is told from others.
pub(super) fn stand_in() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    SocketAddr::new(NOWHERE, number)
}
