//! Serving a ledger: open it, listen, import or catch up, say what it holds, and end in order.

mod backups;
mod callers;
mod ledger;
mod log;
#[cfg(feature = "nats")]
mod names;
#[cfg(feature = "nats")]
mod nats;
mod node;
mod service;
#[cfg(feature = "traces")]
mod traces;
mod welcome;
#[cfg(any(test, not(feature = "nats")))]
#[cfg_attr(
    feature = "nats",
    expect(dead_code, reason = "beside the streams only its test runs")
)]
mod without_nats;
#[cfg(not(feature = "traces"))]
mod without_traces;

use crate::args;
use crate::client::Client;
use crate::failure::Failure;
use crate::import::import;
use crate::output;
use crate::settings;
use ledger::Expected;
use nats::{Publisher, Streams};
use node::Node;
use standing_domain::id::AssociationId;
use standing_server::Inside;
use standing_server::engine::Role;
use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::runtime::Builder;
use traces::Traces;
#[cfg(not(feature = "nats"))]
use without_nats as nats;
#[cfg(not(feature = "traces"))]
use without_traces as traces;

/// Serves a ledger until a signal ends it.
///
/// # Errors
/// The ledger cannot be opened, the address cannot be had, a file cannot be imported, or serving
/// fails.
pub fn serve(args: &args::Serve, said: &settings::Access) -> Result<(), Failure> {
    start(&args.opening, run(args, said))
}

/// Follows a ledger that another node records, and serves it, until a signal ends it.
///
/// # Errors
/// The ledger cannot be opened, the address cannot be had, the stream is not there or is refused,
/// or serving fails.
pub fn replica(args: &args::Replica, said: &settings::Access) -> Result<(), Failure> {
    start(&args.opening, nats::follow(args, said))
}

/// How many threads there are for what takes its time, at most: for every dear question that may be
/// under way (twice [`DearQuestions::under_way`], which wait for their turns there) and as many for
/// what must not wait behind those. Without a bound every watch that comes back after a full disk
/// begins one, and each holds memory of the allocator's for as long as it lives.
///
/// [`DearQuestions::under_way`]: standing_server::DearQuestions::under_way
const BLOCKING: usize = 64;

fn start(
    opening: &args::Opening,
    run: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start").because(&error))?;
    #[cfg(feature = "traces")]
    let traces = {
        let _inside = runtime.enter();
        let started = opening.traces.as_deref().map(Traces::start);
        started.transpose().map_err(Failure::fatal)?
    };
    #[cfg(not(feature = "traces"))]
    let traces: Option<Traces> = None;
    log::start(opening.verbose, opening.log_format, traces.as_ref());
    keep_to_itself();
    let ended = runtime.block_on(run).map_err(Failure::fatal);
    if let Some(traces) = traces {
        traces.stop();
    }
    ended
}

/// Keeps what this process holds from others of the same user, and from files of a crash: keys and
/// tokens are in its memory.
#[cfg(target_os = "linux")]
fn keep_to_itself() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the memory of this process can be read by others of its user");
    }
}

/// Where the system has no such thing, nothing is kept back.
#[cfg(not(target_os = "linux"))]
fn keep_to_itself() {}

async fn run(args: &args::Serve, said: &settings::Access) -> Result<(), Failure> {
    let streams = Streams::of(args)?;
    let association = association(args.association.as_deref())?;
    let expected = Expected {
        association: association.as_ref(),
        accept_clock: args.accept_clock,
    };
    let node = Node::open(&args.opening, said, expected, Role::Writer).await?;
    let (recorder, inside) = (Arc::clone(&node.recorder), node.inside.clone());
    let (address, url) = (node.address, node.url());
    let publish = |streams: Streams| streams.publish(args, Arc::clone(&recorder), url.clone());
    let publisher = streams.map(publish).transpose()?;
    let prepared = async {
        if let Some(publisher) = &publisher {
            publisher.look().await;
        }
        prepare(args, address, &url, &inside).await
    };
    let report = publisher.as_ref().map(Publisher::report);
    node.serve(report, prepared, pending()).await?;
    if let Some(publisher) = publisher {
        publisher.stop().await;
    }
    node::ended(recorder.ledger());
    Ok(())
}

fn association(named: Option<&str>) -> Result<Option<AssociationId>, Failure> {
    let named = named.map(AssociationId::new).transpose();
    named.map_err(|error| Failure::failed("--association").because(&error))
}

/// Imports what there is to import, and says what the ledger holds.
async fn prepare(
    args: &args::Serve,
    address: SocketAddr,
    url: &str,
    inside: &Inside,
) -> Result<(), Failure> {
    // A way in that nobody else has: whoever asks there is this process, whoever is let in besides.
    let client = Client::inside(inside).await?;
    let imported = if args.import.is_empty() {
        String::new()
    } else {
        format!("imported: {}\n", import(&client, &args.import).await?)
    };
    let elsewhere =
        (address.to_string() != args::LISTEN || !url.starts_with("http:")).then_some(url);
    let welcome = welcome::welcome(&client, elsewhere).await?;
    let data = args.opening.data.display();
    output::say(&format!("serving {data} at {url}\n{imported}\n{welcome}"))
}

/// Returns where a server that listens everywhere is found from this machine.
fn url(listen: SocketAddr, is_tls: bool) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let scheme = if is_tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(ip, listen.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_found_on_loopback() {
        for (listen, found) in [
            ("0.0.0.0:7420", "http://127.0.0.1:7420"),
            ("[::]:7420", "http://[::1]:7420"),
            ("10.1.2.3:80", "http://10.1.2.3:80"),
        ] {
            assert_eq!(url(listen.parse().unwrap(), false), found);
        }
    }

    #[tokio::test]
    async fn an_address_in_use_is_named() {
        let first = node::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = first.local_addr().unwrap();
        let failure = node::listen(address).await.unwrap_err().to_string();
        assert!(
            failure.starts_with(&format!("cannot listen on {address}: ")),
            "{failure}"
        );
    }
}
