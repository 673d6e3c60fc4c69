//! Following: the entries by one loop, the days that have begun by another, over one connection.

pub(crate) mod days;
pub(crate) mod entries;

use crate::connect::Link;
use crate::error::{Passing, Trouble};
use crate::names::Names;
use crate::status::Status;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use async_nats::jetstream::stream::Stream;
use standing_engine::Engine;
use std::sync::Arc;

/// What both loops work with.
#[derive(Clone)]
pub(crate) struct Desk {
    pub engine: Arc<Engine>,
    pub status: Arc<Status>,
    pub link: Link,
    pub names: Names,
}

/// Reads a stream in order, without gaps, from some message on.
async fn subscribe(
    stream: &Stream,
    from: DeliverPolicy,
    headers_only: bool,
) -> Result<Ordered, Trouble> {
    let name = &stream.cached_info().config.name;
    let config = OrderedConfig {
        deliver_policy: from,
        headers_only,
        ..OrderedConfig::default()
    };
    let failed = |error: &dyn std::error::Error| {
        Trouble::from(Passing::because(
            format!("cannot follow stream {name}"),
            error,
        ))
    };
    let consumer = stream.create_consumer(config).await;
    let consumer = consumer.map_err(|error| failed(&error))?;
    consumer.messages().await.map_err(|error| failed(&error))
}
