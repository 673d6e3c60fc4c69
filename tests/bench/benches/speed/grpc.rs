//! Callers over loopback.

use standing_bench::Outcome;
use standing_bench::rounds::rate;
use standing_bench::wire::endpoint;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Instant;
use tonic::transport::{Channel, Endpoint};

/// How many connections the callers share.
pub const CONNECTIONS: usize = 4;

/// How many callers call at a time.
pub const CALLERS: usize = 64;

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
        Self::through(&endpoint(address)?, connections, count)
    }

    /// The same, to a server that is reached in a way of its own.
    pub fn through(endpoint: &Endpoint, connections: usize, count: usize) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
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
