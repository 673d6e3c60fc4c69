//! The names of natural persons on a replica: it fetches the keys that open them from the writer,
//! and holds them in memory, so that what is erased there is erased here.

use crate::args;
use crate::args::Connection;
use crate::client::Client;
use crate::failure::Failure;
use standing_proto::v1::FetchKeysRequest;
use standing_server::engine::Recorder;
use standing_server::engine::store::keys::NewKeys;
use standing_server::engine::store::seal::PersonKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

/// How often the writer is asked whether its keys are others.
const LOOK: Duration = Duration::from_secs(5);

/// How many failures one after the other are told once.
const REST: u32 = 60;

/// After how many failures one after the other the keys are forgotten: ten minutes. What was erased
/// meanwhile is not shown for longer.
const FORGOTTEN: u32 = 120;

/// How long fetching may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Returns where keys are fetched from, if the arguments say so.
pub fn source(args: &args::Names) -> Option<Connection> {
    args.keys_from.as_ref().map(|server| Connection {
        server: server.clone(),
        token_file: args.keys_token_file.clone(),
        ca: args.keys_ca.clone(),
        cert: args.keys_cert.clone(),
        key: args.keys_key.clone(),
    })
}

/// Holds the writer's keys for as long as this is awaited.
pub async fn hold(source: Connection, recorder: Arc<Recorder>) {
    let (mut client, mut version, mut failed) = (None, 0, 0);
    loop {
        let fetched = timeout(PATIENCE, fetch(&source, &mut client, version, &recorder));
        let fetched = fetched
            .await
            .unwrap_or_else(|_| Err(Failure::failed("the writer took too long to answer")));
        match fetched {
            Ok(now) => (version, failed) = (now, 0),
            Err(failure) => {
                if failed % REST == 0 {
                    tracing::error!("the keys of names were not fetched: {failure}");
                }
                failed += 1;
                if failed == FORGOTTEN && recorder.hold_keys(NewKeys::new()) {
                    tracing::error!("the keys of names are forgotten until they can be fetched");
                    version = 0;
                }
                // Whatever became of the connection, or of the token's file.
                client = None;
            }
        }
        sleep(LOOK).await;
    }
}

/// Fetches all keys, if they are others than those of a version; returns theirs.
async fn fetch(
    source: &Connection,
    client: &mut Option<Client>,
    known_version: u64,
    recorder: &Arc<Recorder>,
) -> Result<u64, Failure> {
    let client = match client {
        Some(client) => client,
        none => none.insert(Client::connect(source).await?),
    };
    let mut request = FetchKeysRequest {
        known_version,
        after_person: String::new(),
    };
    let (mut keys, mut version) = (NewKeys::new(), None);
    loop {
        let page = client.ledger().fetch_keys(request.clone()).await?;
        let page = page.into_inner();
        if request.after_person.is_empty() && page.version == known_version {
            return Ok(known_version);
        }
        if *version.get_or_insert(page.version) != page.version {
            // They changed between two pages: from the beginning, at the next look.
            return Ok(known_version);
        }
        for key in page.keys {
            let secret: Result<[u8; 32], _> = key.key.try_into();
            let secret = secret.map_err(|_| Failure::failed("a key is not of 32 bytes"))?;
            keys.insert(key.person, PersonKey::new(secret));
        }
        if page.next_after_person.is_empty() {
            break;
        }
        request.after_person = page.next_after_person;
    }
    // All names are opened to be found by.
    let recorder = Arc::clone(recorder);
    let held = spawn_blocking(move || recorder.hold_keys(keys)).await;
    if !held.map_err(|error| Failure::failed("keys were not taken over").because(&error))? {
        let said = "there is a key file beside the ledger, which counts: leave --keys-from out, or remove it";
        return Err(Failure::failed(said));
    }
    Ok(version.unwrap_or_default())
}
