//! How a connection came: what is known of its other end before it says anything.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Peer {
    /// This process itself: nobody else can make such a connection.
    Inside,
    /// Over a Unix socket: a process of this machine, and which user it runs as, where the system
    /// tells.
    Socket {
        /// The user's number.
        user: Option<u32>,
    },
    /// Over the network, this machine's own loopback included.
    Network {
        /// From where.
        address: SocketAddr,
        /// What its verified certificate says; none without a certificate.
        certificate: Option<Arc<Shown>>,
    },
}

/// What a caller's certificate says that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its subject alternative names, to the letter.
    pub names: Vec<String>,
    /// When it ends.
    pub ends: SystemTime,
}

impl Peer {
    /// Returns whether it is this machine, as far as addresses tell that.
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Inside | Self::Socket { .. } => true,
            Self::Network { address, .. } => address.ip().to_canonical().is_loopback(),
        }
    }
}
