//! The ledger's side: its publisher, its server, and how they are waited for.

use crate::nats::Nats;
use standing_bench::Outcome;
use standing_bench::world;
use standing_bench::world::SHORT;
use standing_domain::id::AssociationId;
use standing_engine::{Options, Recorder};
use standing_proto::v1::StreamState;
use standing_server::Config;
use standing_stream::{Connect, Follower, Following, Names, Publisher, Publishing, Status};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// The longest that anything is waited for.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// How often it is looked whether a stream has come far enough.
const LOOK: Duration = Duration::from_millis(1);

/// Returns the names of the association's streams.
pub fn names() -> Outcome<Names> {
    Ok(Names::new(AssociationId::new("bench")?))
}

/// Returns a runtime of the shape that the binary has.
pub fn runtime() -> Outcome<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// Returns options with a clock that stands still just after the last entry, so that no days begin.
pub fn still(entries: u64) -> Options {
    Options {
        clock: Arc::new(move || 1_700_000_000_000_000 + entries),
        ..Options::default()
    }
}

/// Builds a ledger in a folder and opens it; its clock stands still.
pub fn open(folder: &Path, parties: u32) -> Outcome<Arc<Recorder>> {
    let path = folder.join("ledger.redb");
    world::build(&path, parties, SHORT)?;
    // More than the association and its parties make.
    let entries = u64::from(parties) * SHORT.len() as u64 + 10_000;
    Ok(Arc::new(Recorder::open(&path, &still(entries))?))
}

/// Publishes a ledger.
pub fn publish(engine: &Arc<Recorder>, nats: &Nats) -> Outcome<Publisher> {
    let options = Publishing {
        connect: connect(nats),
        replicas: 1,
        advertise: "http://127.0.0.1:7420".to_owned(),
        hook: None,
    };
    Ok(standing_stream::publish(Arc::clone(engine), options)?)
}

/// Follows the association's stream into a ledger.
pub fn follow(runtime: &Runtime, engine: &Arc<Recorder>, nats: &Nats) -> Outcome<Follower> {
    let options = Following {
        connect: connect(nats),
        association: Some(AssociationId::new("bench")?),
    };
    let _entered = runtime.enter();
    Ok(standing_stream::follow(Arc::clone(engine), options))
}

fn connect(nats: &Nats) -> Connect {
    Connect {
        servers: nats.url(),
        ..Connect::default()
    }
}

/// Serves a ledger on a port of its own, from a runtime, until that ends.
pub fn serve(runtime: &Runtime, engine: &Arc<Recorder>) -> Outcome<SocketAddr> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let (address, engine) = (listener.local_addr()?, Arc::clone(engine));
    let never = std::future::pending();
    runtime.spawn(async move {
        let served = standing_server::serve(listener, engine, Config::default(), never);
        if let Err(error) = served.await {
            eprintln!("the server failed: {error}");
        }
    });
    Ok(address)
}

/// Waits until the stream of entries has come to a position; returns when.
pub fn until_entries(status: &Status, position: u64) -> Outcome<Instant> {
    wait(status, |report| report.entries_position >= position)
}

/// Waits until both streams hold everything; returns when.
pub fn until_caught_up(status: &Status) -> Outcome<Instant> {
    wait(status, |report| report.state() == StreamState::CaughtUp)
}

fn wait(
    status: &Status,
    is: impl Fn(&standing_proto::v1::GetStreamStatusResponse) -> bool,
) -> Outcome<Instant> {
    let begun = Instant::now();
    loop {
        let report = status.report();
        if is(&report) {
            return Ok(Instant::now());
        }
        if report.state() == StreamState::Stopped || begun.elapsed() > PATIENCE {
            return Err(format!("the streams do not get there: {report:?}").into());
        }
        sleep(LOOK);
    }
}
