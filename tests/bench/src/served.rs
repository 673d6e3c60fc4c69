//! A server in this process, on a runtime of its own.

use crate::Outcome;
use crate::bare::Bare;
use crate::bare_server;
use standing_engine::Recorder;
use standing_server::Config;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

/// Serves on a port of its own from a runtime of its own until it is dropped.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Served {
    /// Starts a server in a runtime of the shape that the binary has; `serve` is handed the
    /// listener.
    ///
    /// # Errors
    /// There is no runtime, or no port, to be had.
    pub fn start<F>(serve: impl FnOnce(tokio::net::TcpListener) -> F) -> Outcome<Self>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        let serving = serve(listener);
        runtime.spawn(async move {
            if let Err(error) = serving.await {
                eprintln!("the server failed: {error}");
            }
        });
        Ok(Self {
            address,
            _runtime: runtime,
        })
    }

    /// Starts the ledger's server.
    ///
    /// # Errors
    /// There is no runtime, or no port, to be had.
    pub fn standing(engine: Arc<Recorder>) -> Outcome<Self> {
        Self::standing_with(engine, Config::default())
    }

    /// Starts the ledger's server as an operator has it.
    ///
    /// # Errors
    /// There is no runtime, or no port, to be had.
    pub fn standing_with(engine: Arc<Recorder>, config: Config) -> Outcome<Self> {
        Self::start(|listener| async move {
            let never = std::future::pending();
            Ok(standing_server::serve(listener, engine, config, never).await?)
        })
    }
    /// Starts the least that a server can be.
    ///
    /// # Errors
    /// There is no runtime, or no port, to be had.
    pub fn bare(bare: Arc<Bare>) -> Outcome<Self> {
        Self::start(|listener| bare_server::serve(listener, bare))
    }
}
