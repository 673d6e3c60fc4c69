//! The streams beside a node: what it records is published, or what another records is followed.

use super::association;
use super::ledger::Expected;
use super::names;
use super::node::{self, Node};
use crate::args::{self, Login};
use crate::failure::Failure;
use crate::output;
use crate::settings;
use standing_server::StreamReport;
use standing_server::engine::{Recorder, Role};
use standing_stream::{Connect, Following, Publishing, Status};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a node that ends waits until what was recorded is published.
const FLUSH: Duration = Duration::from_secs(2);

/// How long a node that starts waits to learn whether the stream is its own, before it records
/// anything.
const LOOK: Duration = Duration::from_secs(3);

/// Where a node will publish.
pub struct Streams(Connect);

/// What publishes what a node records.
pub struct Publisher(standing_stream::Publisher);

impl Streams {
    /// Returns where the arguments say to publish, if they do.
    ///
    /// # Errors
    /// An address is none, or says who connects; it is not repeated.
    pub fn of(args: &args::Serve) -> Result<Option<Self>, Failure> {
        let nats = args.nats.as_deref();
        let connect = nats.map(|nats| connect(nats, &args.login)).transpose()?;
        Ok(connect.map(Self))
    }

    /// Publishes, and tells replicas to send writes to `writer` unless the arguments say otherwise.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn publish(
        self,
        args: &args::Serve,
        recorder: Arc<Recorder>,
        writer: String,
    ) -> Result<Publisher, Failure> {
        let options = Publishing {
            connect: self.0,
            replicas: args.nats_replicas.into(),
            advertise: args.advertise.clone().unwrap_or(writer),
            hook: None,
        };
        let publisher = standing_stream::publish(recorder, options);
        let publisher = publisher.map(Publisher);
        publisher.map_err(|error| Failure::failed("cannot publish").because(&error))
    }
}

impl Publisher {
    /// Waits a while to learn whether the streams are this ledger's.
    pub async fn look(&self) {
        // Whatever comes of it has been logged; what must not be recorded any more is refused.
        let _ = timeout(LOOK, self.0.status().ready()).await;
    }

    /// Returns what tells how far the streams are.
    pub fn report(&self) -> StreamReport {
        report(self.0.status())
    }

    /// Waits a while until what was recorded is published, and stops.
    pub async fn stop(self) {
        self.0.stop(FLUSH).await;
    }
}

/// Follows what another node records, and serves it, until a signal ends it.
///
/// # Errors
/// The ledger cannot be opened, the address cannot be had, the stream is not there or is refused,
/// or serving fails.
pub async fn follow(args: &args::Replica, said: &settings::Access) -> Result<(), Failure> {
    let association = association(args.association.as_deref())?;
    let connect = connect(&args.nats, &args.login)?;
    let expected = Expected {
        association: association.as_ref(),
        accept_clock: false,
    };
    let node = Node::open(&args.opening, said, expected, Role::Follower).await?;
    let (recorder, url) = (Arc::clone(&node.recorder), node.url());
    let options = Following {
        connect,
        association,
    };
    let follower = standing_stream::follow(Arc::clone(&recorder), options);
    let status = follower.status();
    let caught_up = async {
        status.ready().await.map_err(Failure::failed)?;
        let data = args.opening.data.display();
        let head = recorder.ledger().head().position;
        output::say(&format!(
            "following into {data} at {url}\ncaught up at position {head}\n"
        ))
    };
    let report = report(Arc::clone(&status));
    let names = async {
        match names::source(&args.names) {
            Some(source) => names::hold(source, Arc::clone(&recorder)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = node.serve(Some(report), caught_up) => served?,
        () = names => {}
    }
    drop(follower);
    node::ended(recorder.ledger());
    Ok(())
}

fn report(status: Arc<Status>) -> StreamReport {
    Arc::new(move || status.report())
}

fn connect(servers: &str, login: &Login) -> Result<Connect, Failure> {
    let certificate = login.nats_cert.clone().zip(login.nats_key.clone());
    let connect = Connect {
        servers: servers.to_owned(),
        credentials: login.nats_creds.clone(),
        nkey: login.nats_nkey.clone(),
        user: login.nats_user.clone(),
        password: login.nats_password_file.clone(),
        authorities: login.nats_ca.clone(),
        certificate,
        require_tls: login.nats_tls,
    };
    match connect.check() {
        Ok(()) => Ok(connect),
        Err(stop) => Err(Failure::failed(stop.to_string())),
    }
}
