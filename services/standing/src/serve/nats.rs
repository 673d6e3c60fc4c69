//! The streams beside a node: what it records is published, or what another records is followed.

use super::association;
use super::ledger::Expected;
use super::names;
use super::node::{self, Ended, Node};
use crate::args;
use crate::failure::Failure;
use crate::nats::connect;
use crate::output;
use crate::settings;
use standing_server::StreamReport;
use standing_server::engine::{Recorder, Role};
use standing_stream::{Connect, End, Following, Publishing, Status};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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

/// Follows what another node records, and serves it, until a signal ends it. Where the history is
/// resumed elsewhere, without entries that this node has, it sets its file aside and begins anew.
///
/// # Errors
/// The ledger cannot be opened, the address cannot be had, the stream is not there or is refused,
/// or serving fails.
pub async fn follow(args: &args::Replica, said: &settings::Access) -> Result<(), Failure> {
    let mut opening = args.opening.clone();
    while let Some((end, address)) = follow_one(args, &opening, said).await? {
        set_aside(&opening.data, &end)?;
        // Who followed it finds it again, and its file begins with nothing.
        opening.listen = address;
        opening.expect_head = None;
    }
    Ok(())
}

/// Follows one history; returns where it goes on if it is resumed elsewhere, and the address that
/// was listened on.
async fn follow_one(
    args: &args::Replica,
    opening: &args::Opening,
    said: &settings::Access,
) -> Result<Option<(End, SocketAddr)>, Failure> {
    let association = association(args.association.as_deref())?;
    let connect = connect(&args.nats, &args.login)?;
    let expected = Expected {
        association: association.as_ref(),
        accept_clock: false,
    };
    let node = Node::open(opening, said, expected, Role::Follower).await?;
    let (recorder, url, address) = (Arc::clone(&node.recorder), node.url(), node.address);
    let options = Following {
        connect,
        association,
    };
    let follower = standing_stream::follow(Arc::clone(&recorder), options);
    let status = follower.status();
    let caught_up = async {
        status.ready().await.map_err(Failure::failed)?;
        let data = opening.data.display();
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
    let mut resumed = None;
    let over = async { resumed = Some(status.resumed().await) };
    let ended = tokio::select! {
        served = node.serve(Some(report), caught_up, over) => served?,
        () = names => Ended::Asked,
    };
    drop(follower);
    node::ended(recorder.ledger());
    let resumed = resumed.filter(|_| ended == Ended::Over);
    Ok(resumed.map(|end| (end, address)))
}

/// Sets the file of a history aside that was resumed elsewhere: what it has and the other has not
/// is nowhere else.
fn set_aside(data: &Path, end: &End) -> Result<(), Failure> {
    let (epoch, kept) = (end.epoch, end.kept);
    let mut aside = data.as_os_str().to_owned();
    aside.push(format!(".before-{epoch}"));
    let aside = PathBuf::from(aside);
    let shown = aside.display();
    if aside.exists() {
        return Err(Failure::failed(format!("{shown} is there already"))
            .detail("the history was resumed elsewhere, and the file of the one before is set aside there: move it away"));
    }
    fs::rename(data, &aside).map_err(|error| {
        Failure::failed(format!("cannot set {} aside", data.display())).because(&error)
    })?;
    output::note(&format!(
        "the history was resumed after position {kept}, in epoch {epoch}: what was followed until now is in {shown}, and everything is followed anew"
    ));
    Ok(())
}

fn report(status: Arc<Status>) -> StreamReport {
    Arc::new(move || status.report())
}
