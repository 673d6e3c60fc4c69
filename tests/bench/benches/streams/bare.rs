//! What a bare JetStream does: no ledger, nothing compared, nothing decoded.

use async_nats::Message;
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{DeliverPolicy, pull, push};
use async_nats::jetstream::context::PublishAckFuture;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, Stream};
use futures_util::StreamExt as _;
use standing_bench::Outcome;
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::time::Instant;

/// How many messages may be on their way: as many as the publisher lets.
const WINDOW: usize = 256;

/// A stream as it was published: how it was made, and all that it holds, with the headers that put
/// a condition on each message.
#[derive(Clone)]
pub struct Copied {
    pub config: Config,
    pub messages: Vec<Message>,
}

impl Copied {
    /// Reads a stream.
    pub async fn of(context: &Context, name: &str) -> Outcome<Self> {
        let stream = context.get_stream(name).await?;
        let mut messages = Vec::new();
        read(&stream, |message| messages.push(message)).await?;
        Ok(Self {
            config: stream.cached_info().config.clone(),
            messages,
        })
    }
}

/// Reads a whole stream by the kind of consumer that a follower has.
pub async fn read(stream: &Stream, mut each: impl FnMut(Message)) -> Outcome {
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::All,
        ..pull::OrderedConfig::default()
    };
    let last = stream.cached_info().state.last_sequence;
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    for _ in 0..last {
        let message = messages.next().await.ok_or("the stream ended")??;
        each(message.message);
    }
    Ok(())
}

/// Makes a stream and publishes what it is to hold: many messages at once, each on the condition
/// that its predecessor is the last.
pub async fn publish(context: Context, copied: Copied) -> Outcome {
    let Copied { config, messages } = copied;
    context.create_stream(config).await?;
    let mut under_way = VecDeque::with_capacity(WINDOW);
    for (sequence, message) in (1..).zip(messages) {
        if under_way.len() >= WINDOW {
            confirm(under_way.pop_front()).await?;
        }
        under_way.push_back((sequence, send(&context, message).await?));
    }
    while !under_way.is_empty() {
        confirm(under_way.pop_front()).await?;
    }
    Ok(())
}

/// Sends a message as it is; what it returns waits for the acknowledgement.
pub async fn send(context: &Context, message: Message) -> Outcome<PublishAckFuture> {
    let publish = PublishMessage::build()
        .headers(message.headers.unwrap_or_default())
        .payload(message.payload);
    Ok(context.send_publish(message.subject, publish).await?)
}

async fn confirm(sent: Option<(u64, PublishAckFuture)>) -> Outcome {
    let Some((sequence, ack)) = sent else {
        return Ok(());
    };
    let ack = ack.await?;
    if ack.sequence != sequence || ack.duplicate {
        return Err(format!("message {sequence} was taken as {}", ack.sequence).into());
    }
    Ok(())
}

/// Subscribes to what comes next, in order, and tells each message's sequence and when it came.
pub async fn subscribe(
    context: Context,
    stream: &str,
    told: Sender<(u64, Instant)>,
) -> Outcome<impl Future<Output = Outcome> + Send + 'static> {
    let stream = context.get_stream(stream).await?;
    let config = push::OrderedConfig {
        deliver_subject: context.client().new_inbox(),
        deliver_policy: DeliverPolicy::New,
        ..push::OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let mut messages = consumer.messages().await?;
    Ok(async move {
        while let Some(message) = messages.next().await {
            let (came, message) = (Instant::now(), message?);
            let sequence = message.info()?.stream_sequence;
            if told.send((sequence, came)).is_err() {
                break;
            }
        }
        Ok(())
    })
}
