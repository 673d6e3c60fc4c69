//! Reaching NATS, as the arguments say.

use crate::args::Login;
use crate::failure::Failure;
use standing_stream::{Connect, Names, Reach, how_far};
use tokio::runtime::Builder;

/// Returns how NATS is reached.
///
/// # Errors
/// An address is none, or says who connects; it is not repeated.
pub fn connect(servers: &str, login: &Login) -> Result<Connect, Failure> {
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

/// Tells how far the streams hold a history; none where there is none.
///
/// # Errors
/// NATS is not reached, or does not answer.
pub fn reach(connect: &Connect, names: &Names) -> Result<Option<Reach>, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start").because(&error))?;
    let found = runtime.block_on(how_far(connect, names));
    found.map_err(|problem| {
        Failure::failed(format!("cannot learn how far the stream is: {problem}"))
    })
}
