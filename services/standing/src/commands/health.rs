//! Asking whether a server is well, as probes do.

use crate::args;
use crate::client::Client;
use crate::failure::Failure;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;

/// Tells that a server, or one of its services, is well; fails where it is not.
pub async fn health(client: &Client, args: &args::Health) -> Result<String, Failure> {
    let service = args.service.clone().unwrap_or_default();
    let of = if service.is_empty() {
        String::new()
    } else {
        format!("{service}: ")
    };
    let request = HealthCheckRequest { service };
    let answer = client.health().check(request).await;
    // What is asked for may not be there: to a probe that is no more well than what is.
    let status = answer.map_err(|status| Failure::failed(format!("{of}{}", status.message())))?;
    match status.into_inner().status() {
        ServingStatus::Serving => Ok("serving\n".to_owned()),
        ServingStatus::NotServing => Err(Failure::failed(format!("{of}not serving"))),
        ServingStatus::Unknown | ServingStatus::ServiceUnknown => {
            Err(Failure::failed(format!("{of}not known")))
        }
    }
}
