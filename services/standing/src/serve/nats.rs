//! Where NATS is, and who connects to it, as the command line says.

use crate::args::Login;
use standing_stream::Connect;

/// Returns the connection that the arguments describe.
pub fn connect(servers: &str, login: &Login) -> Connect {
    let certificate = login.nats_cert.clone().zip(login.nats_key.clone());
    Connect {
        servers: servers.to_owned(),
        credentials: login.nats_creds.clone(),
        nkey: login.nats_nkey.clone(),
        user: login.nats_user.clone(),
        password: login.nats_password_file.clone(),
        authorities: login.nats_ca.clone(),
        certificate,
        require_tls: login.nats_tls,
    }
}
