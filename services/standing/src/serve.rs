//! Serving a ledger: open it, listen, import, say what it holds, and end in order.

mod ledger;
mod welcome;

use crate::args;
use crate::client::Client;
use crate::failure::Failure;
use crate::import::import;
use crate::output;
use standing_server::engine::Engine;
use standing_server::{Config, Tokens};
use std::future::pending;
use std::io::{self, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

/// Serves a ledger until a signal ends it.
///
/// # Errors
/// The ledger cannot be opened, the address cannot be had, a file cannot be imported, or serving fails.
pub fn serve(args: &args::Serve) -> Result<(), Failure> {
    log(args.verbose);
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start").because(&error))?;
    runtime.block_on(run(args)).map_err(Failure::fatal)
}

async fn run(args: &args::Serve) -> Result<(), Failure> {
    let tokens = match &args.tokens {
        Some(file) => Tokens::load(file)
            .map_err(|error| Failure::failed("cannot use the tokens").because(&error))?,
        None => Tokens::default(),
    };
    let listener = listen(args.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::failed("cannot listen").because(&error))?;
    let signal = signal()?;
    let engine = Arc::new(ledger::open(args)?);
    let config = Config {
        tokens,
        ..Config::default()
    };

    let (abandon, abandoned) = oneshot::channel();
    let ready = async {
        // What fails here ends the server; until then it is not ready.
        if let Err(failure) = prepare(args, address, Arc::clone(&engine)).await {
            let _ = abandon.send(failure);
            pending::<()>().await;
        }
    };
    let mut failure = None;
    let shutdown = async {
        tokio::select! {
            () = signal => {}
            Ok(found) = abandoned => failure = Some(found),
        }
    };
    let serving =
        standing_server::serve_when_ready(listener, Arc::clone(&engine), config, ready, shutdown);
    Box::pin(serving)
        .await
        .map_err(|error| Failure::failed("the server stopped").because(&error))?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    output::note(&format!("stopped at position {}", engine.head().position));
    Ok(())
}

/// Imports what there is to import, and says what the ledger holds.
async fn prepare(
    args: &args::Serve,
    address: SocketAddr,
    engine: Arc<Engine>,
) -> Result<(), Failure> {
    // A door of its own, always on loopback: whoever asks there is the local operator, wherever others are let in.
    let door = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let inside = door
        .local_addr()
        .map_err(|error| Failure::failed("cannot listen on loopback").because(&error))?;
    let ask = async {
        let client = Client::local(inside).await?;
        let imported = if args.import.is_empty() {
            String::new()
        } else {
            format!("imported: {}\n", import(&client, &args.import).await?)
        };
        let welcome = welcome::welcome(&client, address).await?;
        let data = args.data.display();
        let url = url(address);
        output::say(&format!("serving {data} at {url}\n{imported}\n{welcome}"))
    };
    let (close, closed) = oneshot::channel::<()>();
    let serving = standing_server::serve(door, engine, Config::default(), async {
        // An error is the other end being dropped, which closes as well.
        let _ = closed.await;
    });
    let asking = async {
        let asked = ask.await;
        drop(close);
        asked
    };
    let (served, asked) = tokio::join!(serving, asking);
    asked?;
    served.map_err(|error| Failure::failed("the server stopped").because(&error))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::failed(format!("cannot listen on {address}")).because(&error))
}

/// Returns where a server that listens everywhere is found from this machine.
fn url(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}

/// Returns what ends when the process is asked to end.
#[cfg(unix)]
fn signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| {
        signal(kind).map_err(|error| Failure::failed("cannot listen to signals").because(&error))
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Returns what ends when the process is asked to end.
#[cfg(not(unix))]
fn signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    })
}

/// Sends what happens to the standard error: warnings, and with `verbose` what happens besides. `RUST_LOG` says it more
/// precisely.
fn log(verbose: bool) {
    let level = if verbose {
        "info,standing_server=debug"
    } else {
        "warn"
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    // It fails only where somebody listens already.
    let _ = log.try_init();
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
            assert_eq!(url(listen.parse().unwrap()), found);
        }
    }

    #[tokio::test]
    async fn an_address_in_use_is_named() {
        let first = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = first.local_addr().unwrap();
        let failure = listen(address).await.unwrap_err().to_string();
        assert!(
            failure.starts_with(&format!("cannot listen on {address}: ")),
            "{failure}"
        );
    }
}
