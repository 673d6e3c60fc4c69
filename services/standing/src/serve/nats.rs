//! Where NATS is, and who connects to it, as the command line says.

use crate::args::Login;
use crate::failure::Failure;
use standing_stream::Connect;

/// Returns the connection that the arguments describe.
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
