//! The keys of natural persons, for a replica.

use crate::call::errors::Problem;
use crate::call::served::Served;
use standing_engine::{RecordError, Role};
use standing_proto::v1;
use tonic::Code;

/// How many keys one answer has at most.
const PAGE: usize = 10_000;

/// Returns the keys after a person, unless nothing has changed since the caller asked before.
/// Nobody reads along on a private connection.
pub(crate) fn fetch(
    served: &Served,
    asked: &v1::FetchKeysRequest,
    is_private: bool,
) -> Result<v1::FetchKeysResponse, Problem> {
    if served.recorder.role() == Role::Follower {
        return Err(served.not_recorded(RecordError::Follower));
    }
    if !is_private {
        let message = "keys are given over TLS, or on the machine of this server, alone";
        return Err(Problem::new(Code::FailedPrecondition, "IN_CLEAR", message));
    }
    let (mut keys, version) = served.recorder.keys(&asked.after_person, PAGE + 1);
    if asked.after_person.is_empty() && asked.known_version == version {
        return Ok(v1::FetchKeysResponse {
            version,
            ..v1::FetchKeysResponse::default()
        });
    }
    let more = keys.len() > PAGE;
    keys.truncate(PAGE);
    let next = keys.last().filter(|_| more);
    Ok(v1::FetchKeysResponse {
        version,
        next_after_person: next.map(|(person, _)| person.clone()).unwrap_or_default(),
        keys: keys
            .into_iter()
            .map(|(person, key)| v1::PersonKey {
                person,
                key: key.secret().to_vec(),
            })
            .collect(),
    })
}
