//! The connection to NATS: what an operator may choose, and whether it stands.

use crate::error::{Passing, Stop, Trouble};
use crate::retry::Backoff;
use crate::status::Status;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use standing_engine::chain;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;

/// How long a request may take. While a cluster has no leader nobody takes it, or says so: the
/// sooner it is made again, the sooner it is heard of the next.
const REQUEST: Duration = Duration::from_secs(2);

/// How often the server is asked for a sign of life; with the third that it owes, it is left for
/// another.
const PING: Duration = Duration::from_secs(3);

/// How long an acknowledgement may take, and making a connection.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where NATS is, and who connects to it.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    /// The servers, separated by commas: `nats://host:4222`, or `tls://host:4222`.
    pub servers: String,
    /// A credentials file: a JWT and the seed of its key.
    pub credentials: Option<PathBuf>,
    /// A file with the seed of an nkey.
    pub nkey: Option<PathBuf>,
    /// The user.
    pub user: Option<String>,
    /// A file with the user's password.
    pub password: Option<PathBuf>,
    /// A file with the certificates (PEM) that the server's is signed by.
    pub authorities: Option<PathBuf>,
    /// Files with the client's certificate and its key (PEM).
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Never speak without TLS.
    pub require_tls: bool,
}

impl Connect {
    fn servers(&self) -> Result<Vec<ServerAddr>, Stop> {
        let servers = self.servers.split(',').zip(1..);
        servers
            .map(|(server, place)| address(server.trim(), place))
            .collect()
    }

    /// Looks at the addresses before anything connects, so that whoever starts a node learns at
    /// once what is wrong with them.
    ///
    /// # Errors
    /// One is no address of a NATS server, or says who connects. What was given is not repeated, as
    /// it may hold a password.
    pub fn check(&self) -> Result<(), Stop> {
        self.servers().map(drop)
    }

    fn options(&self) -> Result<ConnectOptions, Stop> {
        let mut options = ConnectOptions::new()
            .name("standing")
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(REQUEST))
            .ping_interval(PING)
            .require_tls(self.require_tls);
        if let Some(file) = &self.credentials {
            let credentials = read("--nats-creds", file)?;
            options = options
                .credentials(&credentials)
                .map_err(|error| unusable("--nats-creds", file, &error))?;
        }
        if let Some(file) = &self.nkey {
            options = options.nkey(read("--nats-nkey", file)?.trim().to_owned());
        }
        if let Some(user) = &self.user {
            let password = self.password.as_deref();
            let password = password.map(|file| read("--nats-password-file", file));
            let password = password.transpose()?;
            let password = password.unwrap_or_default();
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            options = options.user_and_password(user.clone(), password);
        }
        if let Some(file) = &self.authorities {
            options = options.add_root_certificates(file.clone());
        }
        if let Some((certificate, key)) = &self.certificate {
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        Ok(options)
    }
}

/// Reads the address of a server, the how-manieth of those given. No text tells what was given.
fn address(server: &str, place: usize) -> Result<ServerAddr, Stop> {
    // The user stands before an @, wherever the rest of the address makes it unreadable.
    if server.contains('@') {
        return Err(Stop::Options(format!(
            "server {place} of --nats says who connects: give `--nats-user NAME` and `--nats-password-file FILE` \
             (or --nats-creds, --nats-nkey), and leave the address as nats://HOST:PORT"
        )));
    }
    let address = server.parse::<ServerAddr>().ok();
    let address = address.filter(|address| !address.host().is_empty());
    address.ok_or_else(|| {
        Stop::Options(format!(
            "server {place} of --nats is no address of a NATS server: write nats://HOST:PORT, or tls://HOST:PORT"
        ))
    })
}

fn read(flag: &str, file: &Path) -> Result<String, Stop> {
    fs::read_to_string(file).map_err(|error| unusable(flag, file, &error))
}

/// Says that a file cannot be used. Callers are told of the status, and learn the flag; the log has
/// the file.
fn unusable(flag: &str, file: &Path, error: &dyn Error) -> Stop {
    let error = chain(error);
    tracing::error!(file = %file.display(), error, "the file of {flag} cannot be used");
    Stop::Options(format!("the file of {flag} cannot be used: {error}"))
}

/// Whether the connection stands.
#[derive(Debug, Clone, Default)]
struct State {
    up: bool,
    /// How often it was made.
    made: u64,
    /// Why it does not stand.
    problem: String,
}

/// A connection, which makes itself anew when it breaks.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// What streams are asked through.
    pub context: Context,
    /// What messages are sent through.
    pub outbox: Context,
    state: watch::Receiver<State>,
}

impl Link {
    /// Connects; tries again, and says why, until it does.
    pub async fn open(connect: &Connect, status: &Status) -> Result<Self, Stop> {
        let mut backoff = Backoff::new();
        loop {
            match Self::once(connect).await {
                Ok(link) => return Ok(link),
                Err(Trouble::Stop(stop)) => return Err(stop),
                Err(Trouble::Passing(problem)) => status.disconnected(&problem.0),
            }
            backoff.wait().await;
        }
    }

    /// Connects, or says why it cannot.
    pub async fn once(connect: &Connect) -> Result<Self, Trouble> {
        let (send, state) = watch::channel(State::default());
        let options = connect.options()?.event_callback(move |event| {
            send.send_modify(|state| note(state, &event));
            std::future::ready(())
        });
        let servers = connect.servers()?;
        let client = options.connect(servers).await.map_err(|error| {
            let what = match error.kind() {
                ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
                    "the NATS server refuses the credentials"
                }
                _ => "the NATS server is not reached",
            };
            Passing(format!("{what}: {}", chain(&error)))
        })?;
        let context = |timeout| ContextBuilder::new().timeout(timeout).build(client.clone());
        Ok(Self {
            context: context(REQUEST),
            outbox: context(TIMEOUT),
            state,
        })
    }

    /// Waits until the connection stands; says why it does not meanwhile. Returns how often it was
    /// made.
    pub async fn up(&mut self, status: &Status) -> Result<u64, Stop> {
        loop {
            let state = self.state.borrow_and_update().clone();
            if state.up {
                return Ok(state.made);
            }
            status.disconnected(&state.problem);
            self.changed().await?;
        }
    }

    /// Waits until a connection is no more the one that was made then.
    pub async fn broken(&mut self, made: u64) -> Trouble {
        loop {
            let state = self.state.borrow_and_update().clone();
            if !state.up || state.made != made {
                return Passing("the connection to the NATS server broke".to_owned()).into();
            }
            if let Err(stop) = self.changed().await {
                return stop.into();
            }
        }
    }

    async fn changed(&mut self) -> Result<(), Stop> {
        let changed = self.state.changed().await;
        changed.map_err(|_| Stop::Options("the NATS client has ended".to_owned()))
    }
}

fn note(state: &mut State, event: &Event) {
    match event {
        Event::Connected => {
            state.up = true;
            state.made += 1;
            state.problem.clear();
        }
        Event::Disconnected | Event::Closed => {
            state.up = false;
            "the NATS server is not reached".clone_into(&mut state.problem);
        }
        Event::ClientError(error) if !state.up => {
            state.problem = format!("the NATS server is not reached: {error}");
        }
        Event::ServerError(error) if !state.up => {
            state.problem = format!("the NATS server refuses the connection: {error}");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(servers: &str) -> String {
        let connect = Connect {
            servers: servers.to_owned(),
            ..Connect::default()
        };
        connect
            .check()
            .map_or_else(|stop| stop.to_string(), |()| String::new())
    }

    #[test]
    fn an_address_with_a_user_is_refused_without_repeating_it() {
        for servers in [
            "nats://writer:geheim@127.0.0.1:4222",
            "nats://writer:geheim@127.0.0.1:port",
            "nats://127.0.0.1:4222, tls://geheim@host",
            "writer:geheim@host",
            "nats://writer:gehe/im@host",
        ] {
            let said = said(servers);
            assert!(said.contains("--nats-password-file"), "{said}");
            assert!(
                !said.contains("geheim") && !said.contains("writer"),
                "{said}"
            );
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused_without_repeating_it() {
        for (servers, place) in [
            ("nats://geheim:port", 1),
            ("nats://host:4222,geheim://x", 2),
            ("", 1),
        ] {
            let said = said(servers);
            assert!(
                said.starts_with(&format!("server {place} of --nats")),
                "{said}"
            );
            assert!(!said.contains("geheim"), "{said}");
        }
        for servers in ["nats://127.0.0.1:4222", "host", "tls://a:1, nats://b:2"] {
            assert_eq!(said(servers), "");
        }
    }
}
